"""A person's pictures as a data set: splits that tell the truth, files as they were, all or nothing."""

from __future__ import annotations

import io
import json
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.unit.training.staging.own.photos import by_class, photo, write_photos
from training.data import SPLITS, load_images, sizes_of
from training.listing import list_images
from training.manifest import DatasetError, read_manifest
from training.staging.example import StagingError
from training.staging.own import place as places
from training.staging.own.folder import FolderSource
from training.staging.own.groups import read_group_by
from training.staging.own.place import DiskFolder
from training.staging.own.splits import Shares
from training.staging.own.stage import OwnRequest, stage_own
from training.staging.stage import Staged


def staged(root: Path, group_by: str | None = None, **options: Any) -> Staged:
    """The folder `root` staged beside it, in `data` unless told otherwise."""
    rule = read_group_by(group_by) if group_by else None
    options.setdefault("folder", root.parent / "data")
    return stage_own(FolderSource(DiskFolder(root), rule), OwnRequest(**options))


def rows(folder: Path, split: str) -> list[tuple[int, str]]:
    lines = (line.split("\t") for line in (folder / f"{split}.lst").read_text().splitlines())
    return [(int(label), path) for _, label, path in lines]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_photos(tmp_path / "pets", by_class(each=20))


def test_a_folder_becomes_a_data_set_of_its_own_files(root: Path) -> None:
    (root / "cat" / "0.png").rename(root / "cat" / "0.JPEG")
    (root / "cat" / "0.JPEG").write_bytes(photo(0, "JPEG"))
    result = staged(root)
    manifest, folder = result.manifest, result.folder
    assert manifest == json.loads((folder / "manifest.json").read_text())
    assert (manifest["name"], manifest["classes"]) == ("pets", ["cat", "dog"])
    assert manifest["counts"] == {
        "train": {"cat": 14, "dog": 14},
        "validation": {"cat": 2, "dog": 2},
        "test": {"cat": 4, "dog": 4},
    }
    assert manifest["image"] == {"width": 24, "height": 18}
    kept = {
        (label, (folder / path).read_bytes())
        for part in manifest["counts"]
        for label, path in rows(folder, part)
    }
    given = {(int(path.parent.name == "dog"), path.read_bytes()) for path in root.rglob("*.*")}
    assert kept == given
    assert {Path(path).suffix for part in manifest["counts"] for _, path in rows(folder, part)} == {
        ".png",
        ".jpg",
    }


def test_the_same_arguments_give_the_same_bytes_and_staging_again_does_nothing(root: Path) -> None:
    first = staged(root)
    again = staged(root)
    assert (first.fresh, again.fresh, again.manifest) == (True, False, first.manifest)
    other = staged(root, folder=root.parent / "other")
    assert contents(first.folder) == contents(other.folder)
    assert rows(staged(root, folder=root.parent / "third", seed=1).folder, "test") != rows(
        other.folder, "test"
    )
    (root / "cat" / "21.png").write_bytes(photo(21))
    with pytest.raises(StagingError, match=r"different arguments \(pictures\).*--force"):
        staged(root)
    assert staged(root, force=True).fresh


def test_no_group_is_in_two_splits(tmp_path: Path) -> None:
    files = {
        f"c{label}/p{who:02}/{n}.png": photo(10_000 * label + 100 * who + n)
        for label in range(3)
        for who in range(12)
        for n in range(1 + (who + label) % 3)
    }
    root = write_photos(tmp_path / "drivers", files)
    for seed in range(3):
        result = staged(root, "part:2", folder=tmp_path / str(seed), seed=seed)
        groups = {}
        for part in ("train", "validation", "test"):
            known = {(result.folder / path).read_bytes() for _, path in rows(result.folder, part)}
            groups[part] = {name.split("/")[1] for name, content in files.items() if content in known}
            assert len(groups[part]) == result.manifest["groups"][part]
            assert groups[part] == {image.group for image in list_images(result.folder, part, 3)}
        assert sum(map(len, groups.values())) == len(set.union(*groups.values())) == 12
        shares = {
            part: sum(counts.values()) / len(files) for part, counts in result.manifest["counts"].items()
        }
        assert shares["test"] == pytest.approx(0.2, abs=0.08)
        assert shares["validation"] == pytest.approx(0.08, abs=0.07)


@pytest.mark.parametrize(("people", "group_by"), [(3, "part:2"), (5, "part:2"), (3, "match:(c./p.)")])
def test_few_people_are_split_without_asking_for_shares(tmp_path: Path, people: int, group_by: str) -> None:
    """Also where each of them is in one class only."""
    files = {
        f"c{label}/p{who}/{n}.png": photo(10_000 * label + 100 * who + n)
        for label in range(2)
        for who in range(people)
        for n in range(5)
    }
    root = write_photos(tmp_path / "drivers", files)
    for seed in range(3):
        result = staged(root, group_by, folder=tmp_path / str(seed), seed=seed)
        groups = [{one.group for one in list_images(result.folder, part, 2)} for part in SPLITS]
        assert sum(map(len, groups)) == len(set.union(*groups))
        assert all(min(counts.values()) >= 5 for counts in result.manifest["counts"].values())


def test_what_to_do_about_a_picture_is_said_whole(tmp_path: Path) -> None:
    """However long its name is, and also where nothing can be staged."""
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
    root = write_photos(tmp_path / "pets", by_class(each=20) | {f"cat/{'long' * 40}.heic": heic})
    example = staged(root).manifest["left_out_examples"]["a HEIC image"]
    assert example.startswith("cat/long")
    assert example.endswith(
        "or let the camera save JPEG (iPhone: Settings, Camera, Formats, Most Compatible))"
    )
    with pytest.raises(StagingError, match=r"or groups \(left out: 1 a HEIC image\)\.$"):
        staged(root, "match:(cat|dog)", folder=tmp_path / "no")


def test_every_step_is_shown_to_its_end_also_where_pictures_are_left_out(root: Path) -> None:
    (root / "dog" / "notes.png").write_text("no picture")
    told: dict[str, tuple[int, int]] = {}
    request = OwnRequest(folder=root.parent / "data")
    stage_own(FolderSource(DiskFolder(root)), request, lambda step, *counts: told.update({step: counts}))
    assert told == {
        "listing pictures": (41, 41),
        "looking at pictures": (41, 41),
        "writing pictures": (40, 40),
    }


def test_a_sources_own_test_part_stays_and_its_pictures_are_not_trained_on(tmp_path: Path) -> None:
    tested = {"test/cat/0.png": photo(5_000), "test/dog/0.png": photo(5_001)}
    files = by_class(each=10, below="train/") | tested | {"train/cat/again.png": photo(5_000)}
    result = staged(write_photos(tmp_path / "parted", files))
    assert {(result.folder / path).read_bytes() for _, path in rows(result.folder, "test")} == set(
        tested.values()
    )
    assert result.manifest["left_out"] == {"also_in_test": 1}
    assert result.manifest["left_out_examples"] == {"also_in_test": "train/cat/again.png"}


def test_pictures_of_a_tested_group_are_not_trained_on(tmp_path: Path) -> None:
    files = {
        f"train/{c}/p{n % 8}-{n}.png": photo(100 * i + n)
        for i, c in enumerate(("cat", "dog"))
        for n in range(24)
    }
    files |= {f"test/{c}/p0-t.png": photo(900 + i) for i, c in enumerate(("cat", "dog"))}
    result = staged(write_photos(tmp_path / "g", files), r"match:/(p\d)-")
    assert result.manifest["left_out"] == {"group_also_in_test": 6}
    assert "(group p0)" in result.manifest["left_out_examples"]["group_also_in_test"]
    assert result.manifest["counts"]["test"] == {"cat": 1, "dog": 1}
    assert result.manifest["groups"]["test"] == 1


def metadata(number: int) -> bytes:
    """The pixels of photo(number) in another file."""
    file = io.BytesIO()
    Image.open(io.BytesIO(photo(number))).save(file, format="PNG", compress_level=0, dpi=(72, 72))
    return file.getvalue()


def test_repeats_and_contradictions_are_told_by_pixels(root: Path) -> None:
    write_photos(
        root, {"cat/copy.png": metadata(0), "dog/contrary.png": metadata(1), "cat/same.png": photo(2)}
    )
    manifest = staged(root).manifest
    assert manifest["left_out"] == {"contradictory": 2, "repeated": 2}
    assert sum(sum(counts.values()) for counts in manifest["counts"].values()) == 39


def test_near_repeats_across_splits_are_told(tmp_path: Path) -> None:
    names = list(by_class(each=10))
    files = {f"train/{name}": photo(number, "PNG", (48, 36)) for number, name in enumerate(names)}
    files |= {f"test/{name}": photo(number, "JPEG", (48, 36)) for number, name in enumerate(names[:7])}
    files |= {f"test/dog/own{number}.png": photo(500 + number) for number in range(5)}
    near = staged(write_photos(tmp_path / "near", files)).manifest["near_repeats"]
    assert (near["validation"], near["test"]) == (0, 7)
    assert near["examples"][0] == ["test/cat/0.png", "train/cat/0.png"]


def test_larger_pictures_are_made_to_fit_and_others_left_alone(root: Path) -> None:
    write_photos(
        root, {"cat/wide.jpg": photo(80, "JPEG", (200, 50)), "dog/high.png": photo(81, "PNG", (40, 120))}
    )
    result = staged(root, size=(40, 30))
    files = contents(result.folder)
    sizes = Counter(
        Image.open(io.BytesIO(files[path])).size for path in files if path.endswith((".png", ".jpg"))
    )
    assert sizes == {(24, 18): 40, (40, 10): 1, (10, 30): 1}
    assert not any(path.endswith("wide.jpg") for path in files)
    assert sum(path.endswith("wide.png") for path in files) == 1
    assert {content for path, content in files.items() if path.endswith(".png")} >= {photo(3), photo(1_003)}
    assert result.manifest["image"] == {"widths": [10, 40], "heights": [10, 30]}


def test_names_for_people_are_beside_the_labels(root: Path) -> None:
    names = {"cat": "a cat", "dog": "ein Hund"}
    assert staged(root, names=names).manifest["names"] == names


def test_unreadable_pictures_are_left_out_by_reason(root: Path) -> None:
    write_photos(
        root,
        {
            "cat/half.jpg": photo(90, "JPEG", (200, 200))[:900],
            "cat/a.gif": b"GIF89a" + bytes(20),
            "cat/notes.txt": b"notes",
            "cat/empty.png": b"",
        },
    )
    manifest = staged(root).manifest
    assert manifest["left_out"] == {"a GIF image": 1, "damaged": 1, "neither PNG nor JPEG nor WebP": 2}
    assert "% of the picture is there" in manifest["left_out_examples"]["damaged"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"classes": ("cat", "dgo")}, r"no picture of 'dgo' \(did you mean dog\?\)"),
        ({"classes": ("cat",)}, "classes has 1 names, 2 to 100"),
        ({"classes": ("cat", "cat")}, "more than once: cat"),
        ({"names": {"cow": "a cow"}}, "--names: there is no class 'cow'"),
        ({"names": {"cat": " "}}, "a name has letters"),
        ({"names": {"cat": "a\u202ecat"}}, "a name has letters"),
        ({"names": {"cat": "x" * 61}}, "the name of cat has 61 characters, 60 are possible"),
        ({"names": {"cat": "pet", "dog": "pet"}}, "more than one class is called pet"),
        ({"names": {"cat": "dog"}}, "more than one class is called dog"),
        ({"names": {"cat": "{{resolve:ssm:key}}"}}, "a template would take"),
        ({"names": {"cat": "${LABEL}"}}, "a template would take"),
        ({"shares": Shares(0.6, 0.1)}, r"A validation share of 0\.6 is outside 0\.01 to 0\.5"),
        ({"shares": Shares(0.1, float("nan"))}, "A test share of nan is outside"),
        ({"size": (4, 400)}, "--size 4x400: a side has 8 to 4,096"),
        ({"group_by": "part:1"}, "Too few pictures of a class"),
    ],
)
def test_what_cannot_be_staged_says_why_and_leaves_nothing(
    root: Path, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(StagingError, match=words):
        staged(root, **options)
    assert [path.name for path in root.parent.iterdir()] == ["pets"]


def test_class_names_are_checked_before_anything_is_read(tmp_path: Path) -> None:
    long = {f"{letter * 200}{n}/{m}.png": photo(m) for n in range(9) for letter in "ab" for m in (0,)}
    with pytest.raises(StagingError, match=r"its class names take .* bytes, more than the 3,500"):
        staged(write_photos(tmp_path / "long", long))


def test_more_pictures_than_a_data_set_may_have_are_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MAX_FILES", 10)
    with pytest.raises(StagingError, match="more than 10 pictures"):
        staged(root)


def test_a_picture_that_changes_meanwhile_ends_it_with_nothing_left(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: Counter[str] = Counter()
    read = DiskFolder.read

    def changing(place: DiskFolder, name: str) -> bytes:
        reads[name] += 1
        return read(place, name) + bytes(reads[name] > 1)

    monkeypatch.setattr(DiskFolder, "read", changing)
    with pytest.raises(StagingError, match="was changed while it was staged"):
        staged(root)
    assert [path.name for path in root.parent.iterdir()] == ["pets"]


@pytest.mark.parametrize("at", [10, 60])
def test_an_interruption_leaves_nothing(root: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """While pictures are looked at, and while they are written."""
    reads, read = count(), DiskFolder.read

    def interrupted(place: DiskFolder, name: str) -> bytes:
        if next(reads) == at:
            raise KeyboardInterrupt
        return read(place, name)

    monkeypatch.setattr(DiskFolder, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        staged(root)
    assert [path.name for path in root.parent.iterdir()] == ["pets"]


@pytest.mark.parametrize("size", [None, (12, 9)])
def test_partial_pictures_are_taken_and_trained_on_from_the_share_on_that_is_said(
    root: Path, size: tuple[int, int] | None
) -> None:
    """As the server takes them: a JPEG of which more than half is there, and none of which less is."""
    whole = photo(3, "JPEG", (64, 64))
    for name, share in (("most", 0.8), ("little", 0.3)):
        (root / "cat" / f"{name}.jpg").write_bytes(whole[: round(len(whole) * share)])
    assert staged(root, folder=root.parent / "strict").manifest["left_out"] == {"damaged": 2}
    result = staged(root, size=size, required_share=0.5, mirror=False)
    assert result.manifest["left_out"] == {"damaged": 1}
    assert (result.manifest["required_picture_share"], result.manifest["mirror"]) == (0.5, False)
    manifest = read_manifest(result.folder)
    assert (manifest.required_share, manifest.mirror) == (0.5, False)
    listed = [image for part in SPLITS for image in list_images(result.folder, part, 2)]
    assert len(load_images(listed, (16, 16), required=manifest.required_share)) == len(listed) == 41
    if size is None:
        with pytest.raises(DatasetError, match="DamagedImage"):
            load_images(listed, (16, 16))


def test_training_reads_what_was_staged(root: Path) -> None:
    listed = list_images(staged(root).folder, "train", 2)
    assert sizes_of(listed).tolist() == [[18, 24]] * 28
    assert load_images(listed, (18, 24)).images.shape == (28, 18, 24, 3)
