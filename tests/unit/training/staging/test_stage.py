"""Staging as a whole: the same folder for the same arguments, and nothing at all when it fails."""

from __future__ import annotations

import errno
import json
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.unit.training.staging.cifar.archives import members, write_archive
from training.staging.example import Example, Examples, Progress, StagingError
from training.staging.sources import Cifar100, Drawn
from training.staging.stage import StageRequest, stage

TWO = ("bicycle", "motorcycle")
FIVE = ("bicycle", "motorcycle", "scooter", "car", "truck")


def request(folder: Path, classes: tuple[str, ...] = TWO, **options: Any) -> StageRequest:
    return StageRequest(classes=classes, folder=folder, **options)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path in it, hidden ones too."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def rows(folder: Path, split: str) -> list[tuple[int, int, str]]:
    lines = (line.split("\t") for line in (folder / f"{split}.lst").read_text().splitlines())
    return [(int(index), int(label), path) for index, label, path in lines]


def picture(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)


@dataclass
class Given:
    """A source of pictures made by the test; the order in which it lists them is random."""

    train: list[Example]
    test: list[Example]
    name: str = "given"
    shuffle: random.Random = field(default_factory=random.Random)

    @classmethod
    def plain(cls, per_class: int = 20) -> Given:
        """Pictures of two classes, all different."""
        return cls(
            [Example(f"t{n}.png", n % 2, picture(n)) for n in range(2 * per_class)],
            [Example(f"t{n}.png", n % 2, picture(n + 10_000)) for n in range(10)],
        )

    def identity(self) -> dict[str, Any]:
        return {"dataset": self.name}

    def describe(self) -> str:
        return "a test"

    def check_classes(self, classes: tuple[str, ...]) -> None:
        pass

    def examples(self, _classes: tuple[str, ...], _progress: Progress) -> Examples:
        return Examples(self._shuffled(self.train), self._shuffled(self.test))

    def _shuffled(self, examples: list[Example]) -> list[Example]:
        return self.shuffle.sample(examples, len(examples))


def test_five_drawn_classes_from_pictures_to_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    manifest = stage(Drawn(images=50), request(folder, FIVE, validation_share=0.2)).manifest
    assert manifest == json.loads((folder / "manifest.json").read_text())
    assert manifest["classes"] == list(FIVE)
    assert manifest["counts"] == {
        "train": dict.fromkeys(FIVE, 32),
        "validation": dict.fromkeys(FIVE, 8),
        "test": dict.fromkeys(FIVE, 10),
    }
    assert manifest["image"] == {"width": 32, "height": 32}
    for split, count in (("train", 160), ("validation", 40), ("test", 50)):
        listed = rows(folder, split)
        assert [index for index, _, _ in listed] == list(range(count))
        assert listed == sorted(listed, key=lambda row: row[2])
        assert {path for _, _, path in listed} == {f"{split}/{p.name}" for p in (folder / split).iterdir()}
        for _, label, path in listed:
            assert Path(path).name.startswith(FIVE[label] + "_s_")
            with Image.open(folder / path) as image:
                assert (image.format, image.mode, image.size) == ("PNG", "RGB", (32, 32))


def by_group(group_of: Callable[[int], str]) -> list[Example]:
    return [Example(f"t{n}.png", n % 2, picture(n), group_of(n)) for n in range(120)]


def test_no_group_is_in_two_splits_whatever_the_order(tmp_path: Path) -> None:
    source = Given(by_group(lambda n: f"g{n // 10:02d}"), Given.plain().test)
    found = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        stage(source, request(folder, validation_share=0.25, seed=3))
        numbers = {
            split: {int(Path(path).stem[1:]) // 10 for _, _, path in rows(folder, split)}
            for split in ("train", "validation")
        }
        assert not numbers["train"] & numbers["validation"]
        assert (len(numbers["train"]), len(numbers["validation"])) == (9, 3)
        found.append(contents(folder))
    assert found[0] == found[1]


def test_a_group_that_the_source_itself_has_in_two_parts_is_refused(tmp_path: Path) -> None:
    train = by_group(lambda n: f"g{n // 10:02d}")
    test = [Example(f"u{n}.png", n % 2, picture(n + 500), "g03") for n in range(10)]
    with pytest.raises(StagingError, match="In the training and in the test part: g03"):
        stage(Given(train, test), request(tmp_path / "a"))
    assert not list(tmp_path.iterdir())


def test_the_order_of_the_classes_gives_the_label(tmp_path: Path) -> None:
    archive = Cifar100(write_archive(tmp_path / "a.tar.gz", members()), tmp_path / "unused")
    labels = {}
    for classes in (TWO, TWO[::-1]):
        folder = tmp_path / classes[0]
        stage(archive, request(folder, classes))
        labels[classes] = {(folder / p).read_bytes(): classes[n] for _, n, p in rows(folder, "test")}
    assert labels[TWO] == labels[TWO[::-1]]
    assert len(labels[TWO]) == 40


def test_names_that_occur_in_both_classes_and_parts_overwrite_nothing(tmp_path: Path) -> None:
    archive = Cifar100(write_archive(tmp_path / "a.tar.gz", members()), tmp_path / "unused")
    folder = tmp_path / "data"
    manifest = stage(archive, request(folder)).manifest
    assert manifest["counts"]["test"] == {"bicycle": 20, "motorcycle": 20}
    for split, counts in manifest["counts"].items():
        assert len(list((folder / split).glob("*.png"))) == sum(counts.values())
    assert (folder / "test/bike_s_000003-bicycle.png").exists()
    assert (folder / "test/bike_s_000003-motorcycle.png").exists()


def test_file_names_of_a_source_stay_inside_the_folder(tmp_path: Path) -> None:
    source = Given.plain()
    hostile = [
        "../../evil.png",
        "/etc/evil",
        "..",
        "",
        "a/b.PNG",
        "A_B.png",
        "ü" * 300,
        "nul\0.png",
        "x\ty\n.png",
    ]
    source.train += [Example(name, 0, picture(500 + n)) for n, name in enumerate(hostile)]
    folder = tmp_path / "data"
    stage(source, request(folder))
    listed = [path for split in ("train", "validation") for _, _, path in rows(folder, split)]
    assert len(listed) == len(set(map(str.casefold, listed))) == 40 + len(hostile)
    assert all((folder / path).resolve().is_relative_to(folder) for path in listed)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_the_same_pictures_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (stage(Given.plain(), request(tmp_path / name, seed=3)) for name in "ab")
    assert contents(first.folder) == contents(second.folder)
    other = stage(Given.plain(), request(tmp_path / "c", seed=4))
    assert rows(other.folder, "test") == rows(first.folder, "test")
    assert rows(other.folder, "validation") != rows(first.folder, "validation")


def test_no_picture_is_in_two_splits_or_under_two_labels_in_training(tmp_path: Path) -> None:
    source = Given.plain()
    source.train += [
        Example("copy.png", 0, source.test[0].pixels),
        Example("copy2.png", 1, source.test[0].pixels),
    ]
    source.train += [Example(f"again{n}.png", 0, source.train[0].pixels) for n in range(3)]
    source.train += [Example("other.png", 0, source.train[1].pixels)]
    source.test += [Example("twice.png", source.test[1].label, source.test[1].pixels)]
    folder = tmp_path / "data"
    manifest = stage(source, request(folder)).manifest
    assert manifest["left_out"] == {"also_in_test": 2, "contradictory": 2, "repeated": 4}
    assert manifest["left_out_examples"] == {
        "also_in_test": "copy.png",
        "contradictory": "other.png",
        "repeated": "twice.png",
    }
    assert sum(sum(counts.values()) for counts in manifest["counts"].values()) == 49
    pixels = [
        (folder / path).read_bytes() for split in manifest["counts"] for _, _, path in rows(folder, split)
    ]
    assert len(pixels) == len(set(pixels)) == 49


def test_near_repeats_across_splits_are_told_of_given_pictures_too(tmp_path: Path) -> None:
    source = Given.plain()
    source.test += [Example("near.png", 0, source.train[0].pixels // 2)]
    near = stage(source, request(tmp_path / "data")).manifest["near_repeats"]
    assert near["test"] == 1
    assert ["near.png", source.train[0].name] in near["examples"]


def test_staging_twice_does_nothing(tmp_path: Path) -> None:
    source, folder = Drawn(images=30), tmp_path / "data"
    first = stage(source, request(folder))
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    for again in (request(folder), request(folder, force=True)):
        second = stage(source, again)
        assert (first.fresh, second.fresh) == (True, False)
        assert second.manifest == first.manifest
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == times


@pytest.mark.parametrize(
    ("source", "options", "named"),
    [
        (Drawn(images=30, seed=1), {}, "drawing_seed"),
        (Drawn(images=31), {}, "images"),
        (Drawn(images=30), {"seed": 1}, "seed"),
        (Drawn(images=30), {"classes": TWO[::-1]}, "classes"),
        (Drawn(images=30), {"validation_share": 0.2}, "validation_share"),
    ],
)
def test_other_arguments_replace_a_data_set_only_by_force(
    tmp_path: Path, source: Drawn, options: dict[str, Any], named: str
) -> None:
    folder = tmp_path / "data"
    stage(Drawn(images=30), request(folder))
    before = contents(folder)
    with pytest.raises(StagingError, match=rf"different arguments \({named}\).*--force"):
        stage(source, request(folder, **options))
    assert contents(folder) == before
    assert stage(source, request(folder, **options, force=True)).fresh
    assert contents(folder) != before
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_damaged_data_set_is_noticed_and_replaced_only_by_force(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    stage(Drawn(images=30), request(folder))
    before = contents(folder)
    first, second = sorted((folder / "train").iterdir())[:2]
    for damage, reason in (
        (lambda: first.unlink(), "damaged"),
        (lambda: first.write_bytes(b"no picture"), "damaged"),
        (lambda: first.write_bytes(huge(second.read_bytes())), "damaged"),
        (lambda: first.write_bytes(second.read_bytes()), "was changed"),
        (lambda: (folder / "train.lst").write_text("nonsense\n"), "damaged"),
    ):
        damage()
        with pytest.raises(StagingError, match=f"{reason}.*--force"):
            stage(Drawn(images=30), request(folder))
        assert stage(Drawn(images=30), request(folder, force=True)).fresh
        assert contents(folder) == before


def huge(png: bytes) -> bytes:
    """The same picture with a header that claims 60,000 pixels a side."""
    header = b"IHDR" + struct.pack(">II", 60_000, 60_000) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


def test_a_folder_that_is_no_data_set_is_never_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "letter.txt").write_text("dear")
    (tmp_path / "file").write_text("x")
    for place in (folder, tmp_path / "file", tmp_path / "file/below"):
        with pytest.raises(StagingError, match=r"not a staged data set|file: File exists"):
            stage(Drawn(images=30), request(place, force=True))
    assert contents(tmp_path) == {"file": b"x", "home/letter.txt": b"dear"}


@pytest.mark.parametrize(
    ("classes", "reason"),
    [
        (("bicycle",), "1 class.*2 to 100"),
        ((), "0 class"),
        (tuple(f"c{n}" for n in range(101)), "101 class"),
        (("car", "truck", "car"), "more than once: car"),
        (("bicycle", "motorbike"), r"'motorbike' \(did you mean motorcycle\?\).*all 5.*--list-classes"),
        (("bicycle", "zzz"), "no class 'zzz'"),
    ],
)
def test_classes_that_cannot_be_staged(tmp_path: Path, classes: tuple[str, ...], reason: str) -> None:
    with pytest.raises(StagingError, match=reason):
        stage(Drawn(images=30), request(tmp_path / "data", classes))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("share", [0.0, 0.6, -1.0, float("nan")])
def test_a_validation_share_out_of_range(tmp_path: Path, share: float) -> None:
    with pytest.raises(StagingError, match=r"outside 0\.01 to 0\.5"):
        stage(Drawn(images=30), request(tmp_path / "data", validation_share=share))


def test_a_class_with_too_few_pictures(tmp_path: Path) -> None:
    archive = Cifar100(write_archive(tmp_path / "a.tar.gz", members(per_class=4)), tmp_path / "unused")
    with pytest.raises(StagingError, match=r"Too few.*bicycle: 3 in train \(at least 5\); motorcycle: 3"):
        stage(archive, request(tmp_path / "data"))
    with pytest.raises(StagingError, match="29 pictures a class is outside 30"):
        stage(Drawn(images=29), request(tmp_path / "data"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


def interrupt(_path: Path, _body: bytes) -> None:
    raise KeyboardInterrupt


def fill_the_disk(path: Path, _body: bytes) -> None:
    path.touch()
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("fail", [interrupt, fill_the_disk])
@pytest.mark.parametrize("present", [False, True])
def test_a_failure_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail: Callable[..., None], present: bool
) -> None:
    folder = tmp_path / "data"
    if present:
        stage(Drawn(images=30), request(folder))
    before = contents(tmp_path)
    monkeypatch.setattr(Path, "write_bytes", fail)
    expected = KeyboardInterrupt if fail is interrupt else StagingError
    reason = None if fail is interrupt else "No space left to stage into"
    with pytest.raises(expected, match=reason):
        stage(Drawn(images=30, seed=1), request(folder, force=True))
    assert contents(tmp_path) == before
    assert len(list(tmp_path.iterdir())) == present
