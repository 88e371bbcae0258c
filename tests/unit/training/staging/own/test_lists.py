"""Lists and manifests: which pictures of which class they name, and what each wrong line is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.written_text import Line, written_lines
from tests.unit.training.staging.own.photos import found
from training.staging.example import StagingError
from training.staging.own.groups import read_group_by
from training.staging.own.lists import ListSource
from training.staging.own.manifests import ManifestSource
from training.staging.own.place import DiskFolder
from training.staging.sample import Sample


def lines(text: str | bytes) -> Callable[[], Iterator[Line]]:
    content = text if isinstance(text, bytes) else text.encode()
    return lambda: written_lines([content], "a.lst")


def listed(root: Path, text: str | bytes, **options: Any) -> list[Sample]:
    return found(ListSource("a", "a.lst", lines(text), DiskFolder(root), **options))[0]


def manifested(root: Path, text: str | bytes, **options: Any) -> list[Sample]:
    source = ManifestSource("a", "a.lst", lines(text), DiskFolder(root), str.encode, **options)
    return found(source)[0]


def test_a_windows_list_is_read_as_im2rec_writes_it(tmp_path: Path) -> None:
    (tmp_path / "c1").mkdir()
    (tmp_path / "c1" / "b.jpg").write_bytes(b"B")
    text = "7\t1.000000\tc1\\b.jpg\r\n\r\n3\t0\t.\\c0\\ä.jpg\r\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        samples = listed(tmp_path, text.encode(encoding), classes=("safe", "texting"))
        assert [(one.name, one.class_name) for one in samples] == [
            ("c1/b.jpg", "texting"),
            ("c0/ä.jpg", "safe"),
        ]
    assert samples[0].read() == b"B"
    assert [one.class_name for one in listed(tmp_path, text)] == ["1", "0"]


def test_one_of_several_labels_is_the_class(tmp_path: Path) -> None:
    text = "0\t5\t1\ta.jpg\n"
    with pytest.raises(StagingError, match="line 1: there are 2 labels; --label-at N"):
        listed(tmp_path, text)
    assert [one.class_name for one in listed(tmp_path, text, label_at=2)] == ["1"]
    with pytest.raises(StagingError, match="there are 2 labels, but --label-at is 3"):
        listed(tmp_path, text, label_at=3)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0\t0.7\ta.jpg", "the label 0.7 is no whole number"),
        ("0\t-0.5\ta.jpg", "the label -0.5 is no whole number"),
        ("0\tinf\ta.jpg", "the label inf is no whole number"),
        ("0\tnan\ta.jpg", "the label nan is no whole number"),
        ("0\tcat\ta.jpg", "the label 'cat' is no number"),
        ("0\t2\ta.jpg", "the label is 2, but there are 2 classes, 0 to 1"),
        ("0\t-1\ta.jpg", "the label is -1, but there are 2 classes"),
        ("0 0 a.jpg", "expected index, label and path, separated by tabs"),
        ("0\t0\t../../etc/passwd", "leaves the pictures' folder"),
        ("0\t0\tc0\\..\\..\\x", "leaves the pictures' folder"),
        ("0\t0\t/etc/passwd", "is absolute"),
        ("0\t0\tC:\\pictures\\a.jpg", "is absolute"),
        ("0\t0\t\\\\host\\share\\a.jpg", "is absolute"),
        ("0\t0\t" + "ä" * 2_000, "has 4,000 bytes, at most 1,024"),
        ("0\t0\t ", "names no file"),
    ],
)
def test_a_wrong_line_of_a_list_is_an_error_with_its_number(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(StagingError, match=r"a\.lst, line 2: ") as refused:
        listed(tmp_path, f"0\t0\tfirst.jpg\n{line}\n", classes=("cat", "dog"))
    assert words in str(refused.value)


def augmented(**fields: Any) -> str:
    return json.dumps({"source-ref": "s3://bucket/in/a.jpg"} | fields)


def test_an_augmented_manifest_names_its_classes(tmp_path: Path) -> None:
    labelled = {"animal": 1, "animal-metadata": {"class-name": "dog", "type": "groundtruth/image"}}
    text = "\n".join([augmented(**labelled, worker="w1"), "", augmented(animal=0, worker="w2")])
    samples = manifested(tmp_path, text, attribute="animal", group_by=read_group_by("worker"))
    assert [(one.name, one.class_name, one.group, one.read()) for one in samples] == [
        ("in/a.jpg", "dog", "w1", b"s3://bucket/in/a.jpg"),
        ("in/a.jpg", "0", "w2", b"s3://bucket/in/a.jpg"),
    ]
    assert [one.class_name for one in manifested(tmp_path, augmented(**labelled, other=3))] == ["dog"]
    assert [one.class_name for one in manifested(tmp_path, augmented(y=1), classes=("a", "b"))] == ["b"]
    assert [one.class_name for one in manifested(tmp_path, augmented(kind="cat"))] == ["cat"]


@pytest.mark.parametrize(
    "text",
    [
        "class,path\ncat,in/a.jpg\ndog,s3://bucket/b.jpg\n",
        "Label;Image\r\ncat;in\\a.jpg\r\ndog;s3://bucket/b.jpg",
        "in/a.jpg,cat\ns3://bucket/b.jpg,dog\n",
    ],
)
def test_a_csv_of_path_and_class_is_a_manifest(tmp_path: Path, text: str) -> None:
    assert [(one.name, one.class_name) for one in manifested(tmp_path, text)] == [
        ("in/a.jpg", "cat"),
        ("b.jpg", "dog"),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (augmented(a=1, b=2), "which of a, b is the class? --attribute NAME says it"),
        (augmented(), "which of no fields is the class"),
        (augmented(a=0.7), "the label 0.7 is no whole number"),
        (augmented(a=None), "a is null, no class"),
        (augmented(a=True), "a is true, no class"),
        (augmented(a=float("inf")), "the label inf is no whole number"),
        ('{"source": "x"}', 'expected {"source-ref": "s3://…"}'),
        ("[" * 3_000, "expected"),
        (json.dumps({"source-ref": "../a.jpg", "a": 1}), "leaves the pictures' folder"),
    ],
)
def test_a_wrong_line_of_a_manifest_is_an_error_with_its_number(
    tmp_path: Path, line: str, words: str
) -> None:
    with pytest.raises(StagingError, match=r"a\.lst, line 2: ") as refused:
        manifested(tmp_path, augmented(a=0) + "\n" + line)
    assert words in str(refused.value)
    assert manifested(tmp_path, "\n") == []


def test_a_row_of_another_length_is_an_error_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(StagingError, match="line 3: 1 fields, not 2"):
        manifested(tmp_path, "path,class\na,b\nc\n")
