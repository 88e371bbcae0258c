"""What training finds in a split: the same in a folder and in RecordIO, and reasons where it cannot."""

from __future__ import annotations

import errno
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.unit.serving.packs import image_record
from tests.unit.training.staged import COUNTS, make_staged
from training.data import SPLITS, at_once, load_images, sizes_of
from training.listing import list_images, some_of_each_class
from training.manifest import DatasetError
from training.staging.formats import Images, RecordIO

IMAGES = 2 * COUNTS["train"]


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_staged(tmp_path_factory.mktemp("staged") / "images", sides=(16, 20))


@pytest.fixture
def packed(staged: Path, tmp_path: Path) -> Path:
    for split in SPLITS:
        RecordIO().write(tmp_path, split, Images().read(staged, split))
    return tmp_path


@pytest.mark.parametrize("without", [(), ("lst",), ("idx",), ("lst", "idx")])
def test_recordio_trains_as_its_images_do(staged: Path, packed: Path, without: tuple[str, ...]) -> None:
    for ending in without:
        (packed / f"train.{ending}").unlink()
    listed, plain = list_images(packed, "train", 2), list_images(staged, "train", 2)
    read, expected = load_images(listed, (16, 16)), load_images(plain, (16, 16))
    assert np.array_equal(read.images, expected.images)
    assert read.labels.tolist() == expected.labels.tolist()
    assert np.array_equal(read.sizes, expected.sizes)
    assert np.array_equal(sizes_of(listed), read.sizes)
    names = [image.path.relative_to(packed) for image in listed]
    by_id = [Path("train") / str(number) for number in range(IMAGES)]
    assert names == (by_id if "lst" in without else [image.path.relative_to(staged) for image in plain])


@pytest.mark.parametrize("in_recordio", [False, True])
def test_what_pictures_belong_to_is_read_from_beside_the_list(
    staged: Path, packed: Path, in_recordio: bool
) -> None:
    folder = packed if in_recordio else packed / "images"
    if not in_recordio:
        shutil.copytree(staged, folder)
    (folder / "train.groups").write_text("3\tanna\n\n0\tbo b\n7\tanna\n")
    listed = list_images(folder, "train", 2)
    assert [image.group for image in listed[:8]] == ["bo b", None, None, "anna", None, None, None, "anna"]
    assert load_images(listed, (16, 16)).groups == [image.group for image in listed]
    assert load_images(list_images(folder, "test", 2), (16, 16)).groups == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3 anna\n", "train.groups, line 1: expected an index"),
        ("3\tanna\n3\tbob\n", "train.groups, line 2: expected an index, once each"),
        ("24\tanna\n", "train.groups names the picture 24, which is not there"),
    ],
)
def test_groups_that_make_no_sense_are_refused(packed: Path, text: str, reason: str) -> None:
    (packed / "train.groups").write_text(text)
    with pytest.raises(DatasetError, match=reason):
        list_images(packed, "train", 2)


def test_a_channel_has_its_recordio_in_it_or_beside_it(packed: Path) -> None:
    (packed / "train").mkdir()
    assert len(list_images(packed / "train", "train", 2)) == IMAGES
    for ending in ("rec", "lst"):
        (packed / f"train.{ending}").rename(packed / "train" / f"train.{ending}")
    assert len(list_images(packed / "train", "train", 2)) == IMAGES


def test_some_of_each_class_are_its_first_in_the_order_of_classes(staged: Path) -> None:
    listed = list_images(staged, "train", 2)
    chosen = some_of_each_class(listed, 2)
    assert [image.label for image in chosen] == [0, 0, 1, 1]
    assert chosen[2:] == [image for image in listed if image.label == 1][:2]
    assert len(some_of_each_class(listed, 1_000)) == len(listed)


RECORD = image_record(b"no picture", 1.0, 24)


@pytest.mark.parametrize(
    ("change", "with_list", "reason"),
    [
        (lambda pack: b"\x89PNG" + pack, True, "train.rec: byte 0: no RecordIO magic"),
        (
            lambda pack: pack + RECORD[:-1],
            True,
            "byte {size}: a part of 34 bytes runs past the end",
        ),
        (lambda pack: pack + struct.pack("<II", 0xCED7230A, 1 << 29), True, "ends in the middle of a record"),
        (lambda pack: pack + RECORD, True, "byte {size}: the picture 24 with the label 1 is not in"),
        (lambda pack: pack + image_record(b"", 1.0, 0), True, "byte {size}: the picture 0 with the label 1"),
        (lambda pack: pack[: len(image_record(b"", 0.0))], True, "runs past the end"),
        (lambda _pack: RECORD, True, "byte 0: the picture 24"),
        (lambda _pack: b"", True, "lacks 24 of the pictures in"),
        (lambda _pack: b"", False, "train.rec lists no images"),
        (
            lambda pack: pack + image_record(b"", 0.7),
            False,
            "byte {size}: the label 0.69.* is no whole",
        ),
        (lambda pack: pack + image_record(b"", float("inf")), False, "the label inf is no whole number"),
        (lambda pack: pack + image_record(b"", 2.0), False, "the label is 2.0, but there are 2 classes"),
        (lambda pack: pack + image_record(b"", [0.0, 1.0]), False, "byte {size}: the picture has 2 labels"),
        (
            lambda pack: pack + struct.pack("<III", 0xCED7230A, 4, 9),
            False,
            "byte {size}: the record has 4",
        ),
    ],
)
def test_recordio_that_cannot_be_trained_on_is_refused_before_a_picture_is_decoded(
    packed: Path, change: Callable[[bytes], bytes], with_list: bool, reason: str
) -> None:
    file = packed / "train.rec"
    pack = file.read_bytes()
    file.write_bytes(change(pack))
    if not with_list:
        (packed / "train.lst").unlink()
    with pytest.raises(DatasetError, match=reason.format(size=len(pack))):
        list_images(packed, "train", 2)


def test_a_picture_in_recordio_that_is_none_is_named_with_its_byte(packed: Path) -> None:
    (packed / "test.lst").unlink()
    file = packed / "test.rec"
    size = len(file.read_bytes())
    with file.open("ab") as pack:
        pack.write(image_record(b"no picture", 1.0, 99))
    listed = list_images(packed, "test", 2)
    with pytest.raises(DatasetError, match=rf"99 \(byte {size} of .*test.rec\) is refused: UnsupportedImage"):
        load_images(listed, (16, 16))
    file.unlink()
    with pytest.raises(DatasetError, match="is listed but not there"):
        load_images(listed, (16, 16))


def test_pixels_in_a_file_are_those_in_memory_and_no_room_for_them_is_said_at_once(
    staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = list_images(staged, "test", 2)
    loaded = load_images(listed, (16, 16), tmp_path / "pictures.npy")
    assert np.array_equal(loaded.images, load_images(listed, (16, 16)).images)
    assert np.array_equal(np.load(tmp_path / "pictures.npy"), loaded.images)

    def full(_file: int, _start: int, size: int) -> None:
        assert size > loaded.images.nbytes
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        load_images(listed, (16, 16), tmp_path / "more.npy")


@pytest.mark.parametrize(
    ("size", "count"), [((32, 32), 256), ((16, 20), 256), ((64, 64), 64), ((96, 128), 21), ((2048, 2048), 1)]
)
def test_the_larger_the_images_the_fewer_at_once(size: tuple[int, int], count: int) -> None:
    assert at_once(size, 256) == count
