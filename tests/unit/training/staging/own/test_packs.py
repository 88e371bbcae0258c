"""RecordIO of others as a source: with and without index and list, and refused with byte and reason."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.unit.serving.packs import image_record
from training.staging.example import StagingError
from training.staging.own.groups import read_group_by
from training.staging.own.packs import DiskPack, PackSource
from training.staging.sample import LeftOut, Sample

RECORDS = [image_record(b"one", 1.0, 7), image_record(b"second", 0.0, 3), image_record(b"", [2.0, 2.0], 0)]
STARTS = [0, len(RECORDS[0]), len(RECORDS[0] + RECORDS[1])]
"""The last is what some tools write before or after the pictures: how many there are."""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "birds.rec"
    path.write_bytes(b"".join(RECORDS))
    return path


def listed(source: PackSource) -> tuple[list[Sample], LeftOut]:
    left_out = LeftOut()
    return list(source.samples(left_out)), left_out


def test_a_pack_alone_has_its_labels_and_ids(pack: Path) -> None:
    samples, left_out = listed(PackSource(DiskPack(pack)))
    assert [(one.name, one.class_name, one.read()) for one in samples] == [
        ("birds/7", "1", b"one"),
        ("birds/3", "0", b"second"),
    ]
    assert left_out.counts == {"a record without a picture": 1}
    assert left_out.examples == {"a record without a picture": f"birds/0 (byte {STARTS[2]})"}
    assert PackSource(DiskPack(pack)).name == "birds"


def test_a_list_gives_paths_and_groups_and_class_names_are_those_asked_for(pack: Path) -> None:
    pack.with_suffix(".lst").write_bytes(b"7\t1.0\tsong\\\xc3\xa9\\a.jpg\r\n\r\n3\t0\tsong/b/b.jpg\r\n")
    samples, _ = listed(PackSource(DiskPack(pack), ("owl", "robin"), group_by=read_group_by("part:2")))
    assert [(one.name, one.class_name, one.group) for one in samples] == [
        ("song/\xe9/a.jpg", "robin", "\xe9"),
        ("song/b/b.jpg", "owl", "b"),
    ]


def test_an_index_says_which_records_are_pictures_and_their_keys(pack: Path) -> None:
    pack.with_suffix(".idx").write_text(f"11\t{STARTS[1]}\r\n\r\n")
    pack.with_suffix(".lst").write_text("11\t0.000000\tb.jpg\n")
    samples, left_out = listed(PackSource(DiskPack(pack)))
    assert [(one.name, one.read()) for one in samples] == [("b.jpg", b"second")]
    assert left_out.counts == {"not in the index": 2}


def test_one_of_several_labels_is_the_class_when_it_is_said_which(pack: Path) -> None:
    pack.write_bytes(image_record(b"one", [5.0, 1.0], 7))
    with pytest.raises(StagingError, match=r"birds.rec: byte 0: there are 2 labels; --label-at N says which"):
        listed(PackSource(DiskPack(pack)))
    assert [one.class_name for one in listed(PackSource(DiskPack(pack), label_at=2))[0]] == ["1"]
    with pytest.raises(StagingError, match="there are 2 labels, but --label-at is 3"):
        listed(PackSource(DiskPack(pack), label_at=3))


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (b"RIFF", "birds.rec: byte {size}: 4 bytes left"),
        (b"RIFF and more", "birds.rec: byte {size}: no RecordIO magic"),
        (
            struct.pack("<II", 0xCED7230A, 0x1FFFFFFF),
            "byte {size}: a part of 536870911 bytes runs past",
        ),
        (struct.pack("<II", 0xCED7230A, 6 << 29), "part of unknown kind 6"),
        (struct.pack("<II", 0xCED7230A, 2 << 29), "byte {size}: a part of kind 2 where a record starts"),
        (struct.pack("<II", 0xCED7230A, 1 << 29), "ends in the middle of a record"),
        (struct.pack("<II", 0xCED7230A, 0), "byte {size}: the record has 0 bytes"),
        (struct.pack("<IIIfQQ", 0xCED7230A, 24, 2**32 - 1, 0, 0, 0), "announces 4294967295 labels"),
        (image_record(b"x", 0.7), "byte {size}: the label 0.7 is no whole number"),
        (image_record(b"x", -0.5), "the label -0.5 is no whole number"),
        (image_record(b"x", float("inf")), "the label inf is no whole number"),
        (image_record(b"x", float("nan")), "the label nan is no whole number"),
        (image_record(b"x", 2.0), "the label is 2, but there are 2 classes, 0 to 1"),
    ],
)
def test_what_no_pictures_loss_mends_is_refused_with_its_byte(pack: Path, end: bytes, reason: str) -> None:
    size = pack.stat().st_size
    with pack.open("ab") as file:
        file.write(end)
    with pytest.raises(StagingError, match=reason.format(size=size)):
        listed(PackSource(DiskPack(pack), ("owl", "robin")))


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("birds.idx", b"7\t4\n", r"birds.idx says that 7 is at byte 4, where no record begins. Remove"),
        ("birds.idx", b"7\t0\n7\t36\n", "birds.idx, line 2: the key 7 is there twice"),
        ("birds.idx", b"7\t0\n8\t0\n", "birds.idx has two keys for byte 0: 7 and 8"),
        ("birds.idx", b"7 0\n", "birds.idx, line 1: expected key and offset"),
        ("birds.idx", b"7\t-4\n", "birds.idx, line 1: expected key and offset"),
        ("birds.idx", b"7\t" + b"9" * 30 + b"\n", "birds.idx, line 1: expected key and offset"),
        ("birds.lst", b"7\t1\t../a.jpg\n", "birds.lst, line 1: the path '../a.jpg' leaves"),
        ("birds.lst", b"7\ta.jpg\n", "birds.lst, line 1: expected index, label and path"),
        ("birds.lst", b"7\t1\t\xe9.jpg\n", "birds.lst, line 1: byte 5 is not UTF-8; as CP1252 the line can"),
    ],
)
def test_an_index_or_a_list_that_is_none_is_refused_with_its_line(
    pack: Path, name: str, text: bytes, reason: str
) -> None:
    (pack.parent / name).write_bytes(text)
    with pytest.raises(StagingError, match=reason):
        listed(PackSource(DiskPack(pack)))


def test_no_pack_is_explained(tmp_path: Path) -> None:
    for path in (tmp_path / "birds.rec", tmp_path, Path("/dev/zero")):
        with pytest.raises(StagingError, match=f"There is no file {path}"):
            listed(PackSource(DiskPack(path)))
