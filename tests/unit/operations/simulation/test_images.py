"""The pictures of a simulation: labels are true, and drift changes what it says and nothing else."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from operations.simulation.images import DrawnPictures, DriftingPictures, Picture, StagedPictures
from training.staging.drift import BRIGHTER, NEW_CLASS_SHARE, Drift
from training.staging.example import StagingError
from training.staging.sources import Drawn
from training.staging.stage import StageRequest, stage

CLASSES = ("bicycle", "motorcycle")


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staged") / "drawn"
    stage(Drawn(images=30), StageRequest(classes=CLASSES, folder=folder))
    return folder


def pixels(picture: Picture) -> NDArray[np.float64]:
    with Image.open(io.BytesIO(picture.png)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"), dtype=np.float64)


def sharpness(picture: Picture) -> float:
    """Mean difference between neighbours."""
    return float(np.abs(np.diff(pixels(picture), axis=0)).mean())


def test_a_staged_picture_is_a_file_of_the_test_split_with_its_class(staged: Path) -> None:
    files = {path.read_bytes(): path for path in (staged / "test").iterdir()}
    source = StagedPictures(staged, seed=4)
    shown = [source.picture(number) for number in range(len(source))]
    assert {files[each.png].name for each in shown} == {path.name for path in files.values()}
    assert all(files[each.png].name.startswith(each.label) for each in shown)
    assert not any(each.drifted for each in shown)


def test_a_recordio_set_is_shown_as_one_of_images_is(staged: Path, tmp_path: Path) -> None:
    folder = tmp_path / "packed"
    stage(Drawn(images=30), StageRequest(classes=CLASSES, folder=folder, form="recordio"))
    of_files, of_pack = StagedPictures(staged, seed=4), StagedPictures(folder, seed=4)
    assert len(of_pack) == len(of_files)
    for drift in (None, Drift.brightness):
        assert of_pack.picture(5, drift) == of_files.picture(5, drift)
    (folder / "test.rec").write_bytes((folder / "test.rec").read_bytes()[:-4])
    with pytest.raises(StagingError, match=r"packed is damaged \(.*test.rec: byte .* Stage again"):
        StagedPictures(folder, seed=4)


def test_every_turn_shows_all_in_another_order(staged: Path) -> None:
    source = StagedPictures(staged, seed=4)
    count = len(source)
    first, second = ([source.picture(turn * count + n).png for n in range(count)] for turn in (0, 1))
    assert sorted(first) == sorted(second)
    assert first != second
    assert first == [StagedPictures(staged, seed=4).picture(n).png for n in range(count)]
    assert first != [StagedPictures(staged, seed=5).picture(n).png for n in range(count)]


def test_drawn_pictures_are_new_seeded_and_of_every_class(staged: Path) -> None:
    source = DrawnPictures(CLASSES, seed=0)
    shown = [source.picture(number) for number in range(60)]
    assert [each.png for each in shown] == [DrawnPictures(CLASSES, 0).picture(n).png for n in range(60)]
    assert min(Counter(each.label for each in shown).values()) > 15
    known = {np.asarray(Image.open(path)).tobytes() for path in staged.rglob("*.png")}
    assert not known & {pixels(each).astype(np.uint8).tobytes() for each in shown}
    assert len({hashlib.sha256(each.png).digest() for each in shown}) == 60


def test_drawn_drivers_are_as_staged_and_each_is_another_one() -> None:
    classes = tuple(f"c{number}" for number in range(10))
    source = DrawnPictures(classes, seed=0)
    shown = [source.picture(number) for number in range(100)]
    assert {each.label for each in shown} == set(classes)
    assert len({each.png for each in shown}) == 100
    with Image.open(io.BytesIO(shown[0].png)) as image:
        assert image.size == (64, 48)
    with pytest.raises(StagingError, match="No pictures of car can be drawn"):
        DrawnPictures(("c0", "c1", "car"), 0)


@pytest.mark.parametrize("kind", ["staged", "drawn"])
def test_brightness_makes_brighter_and_leaves_the_rest(staged: Path, kind: str) -> None:
    source = StagedPictures(staged, 1) if kind == "staged" else DrawnPictures(CLASSES, 1)
    for number in range(10):
        before, after = source.picture(number), source.picture(number, Drift.brightness)
        assert (after.label, after.drifted) == (before.label, True)
        assert np.array_equal(pixels(after), np.minimum(pixels(before) + BRIGHTER, 255))


@pytest.mark.parametrize("kind", ["staged", "drawn"])
def test_blur_takes_the_edges_and_leaves_light_and_class(staged: Path, kind: str) -> None:
    source = StagedPictures(staged, 1) if kind == "staged" else DrawnPictures(CLASSES, 1)
    pairs = [(source.picture(n), source.picture(n, Drift.blur)) for n in range(10)]
    assert sum(sharpness(after) for _, after in pairs) < 0.6 * sum(sharpness(before) for before, _ in pairs)
    for before, after in pairs:
        assert after.label == before.label
        assert pixels(after).mean() == pytest.approx(pixels(before).mean(), abs=2)


def test_a_new_class_is_half_of_the_pictures_and_leaves_the_others() -> None:
    source = DrawnPictures(CLASSES, 1)
    pairs = [(source.picture(n), source.picture(n, Drift.new_class)) for n in range(200)]
    new = [after for _, after in pairs if after.label not in CLASSES]
    assert {after.label for after in new} == {"scooter"}
    assert len(new) / len(pairs) == pytest.approx(NEW_CLASS_SHARE, abs=0.12)
    assert all(after.drifted for after in new)
    assert all(after == before for before, after in pairs if after.label in CLASSES)


def test_drift_begins_at_its_share_and_changes_nothing_before() -> None:
    source = DrawnPictures(CLASSES, 1)
    show = DriftingPictures(source, Drift.brightness, drift_from=0.5)
    assert show.picture(3, 0.4999) == DriftingPictures(source).picture(3, 0.4999) == source.picture(3)
    assert show.picture(3, 0.5) == source.picture(3, Drift.brightness)


def test_what_cannot_be_shown_is_said(tmp_path: Path) -> None:
    with pytest.raises(StagingError, match=r"not a staged data set.*scones stage"):
        StagedPictures(tmp_path, 0)
    with pytest.raises(StagingError, match="No pictures of apple can be drawn"):
        DrawnPictures(("apple", "bicycle"), 0)
    with pytest.raises(StagingError, match="knows all that can be drawn"):
        DrawnPictures(("bicycle", "motorcycle", "scooter", "car", "truck"), 0).picture(0, Drift.new_class)
