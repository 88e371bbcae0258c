"""Golden pictures: which are chosen, and that a server of the same model answers them as they say."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from contracts.artifact.archive import MAXIMUM_GOLDEN_PICTURES
from contracts.artifact.card import check_card
from contracts.artifact.golden import TOLERANCE, GoldenPicture
from contracts.artifact.reader import Artifact, read_golden
from serving.images import decode_image
from serving.model import load_model
from tests.artifacts import colour_model, model_card
from training.artifact import golden
from training.artifact.golden import NEAR_TIE, make_golden
from training.artifact.writing import write_archive, write_folder
from training.data import load_images
from training.listing import ListedImage

RED, BLUE, GREY = (160, 20, 40), (60, 20, 200), (100, 100, 100)


def model(*classes: str) -> Artifact:
    return Artifact(colour_model(len(classes), sharpness=3), check_card(model_card(classes)), sha256="")


def staged(folder: Path, colours: list[tuple[int, int, int]], labels: list[int]) -> list[ListedImage]:
    """A picture of each colour, each of its label; no two have the same bytes."""
    listed = []
    for number, (colour, label) in enumerate(zip(colours, labels, strict=True)):
        path = folder / f"{number}.png"
        Image.new("RGB", (40, 40 + number), colour).save(path)
        listed.append(ListedImage(label, path))
    return listed


def chosen(
    artifact: Artifact, listed: list[ListedImage], seed: int = 0, most: int = MAXIMUM_GOLDEN_PICTURES
) -> list[GoldenPicture]:
    return make_golden(artifact, load_images(listed, artifact.size), listed, seed, most)


def test_a_server_of_the_artifact_answers_as_its_golden_pictures_say(tmp_path: Path) -> None:
    """Read back from the archive, with the server's own decoder and session."""
    artifact = model("red", "blue")
    pictures = chosen(artifact, staged(tmp_path, [RED, BLUE] * 12, [0, 1] * 12))
    write_archive(tmp_path / "model.tar.gz", artifact.onnx, model_card(("red", "blue")), pictures)
    write_folder(tmp_path / "model", artifact.onnx, model_card(("red", "blue")), pictures)
    with (tmp_path / "model.tar.gz").open("rb") as file:
        card, read, _ = read_golden(file, "model.tar.gz")
    served = load_model(tmp_path / "model")
    for picture in read:
        pixels = decode_image(picture.content, served.width, served.height)
        answer = served.classify(pixels[None])[0]
        assert np.abs(answer - picture.probabilities).max() < TOLERANCE / 100
        assert card.classes[int(answer.argmax())] == picture.true_class
    assert (len(read), {one.true_class for one in read}) == (16, {"red", "blue"})


def test_the_seed_decides_and_nothing_else(tmp_path: Path) -> None:
    artifact, listed = model("red", "blue"), staged(tmp_path, [RED, BLUE] * 24, [0, 1] * 24)
    assert chosen(artifact, listed) == chosen(artifact, listed)
    assert chosen(artifact, listed) != chosen(artifact, listed, seed=1)


def test_near_ties_are_left_out_and_of_each_class_is_the_least_sure_of_the_others(tmp_path: Path) -> None:
    artifact = model("red", "blue")
    shades = [(red - step, 20, blue + step) for step in range(12) for red, _, blue in (RED, BLUE)]
    listed = staged(tmp_path, [*shades, *[GREY] * 4], [0, 1] * 12 + [0] * 4)
    pictures = chosen(artifact, listed)
    margins = {one.content: abs(one.probabilities[0] - one.probabilities[1]) for one in pictures}
    assert all(margin > NEAR_TIE for margin in margins.values())
    assert {listed[22].path.read_bytes(), listed[1].path.read_bytes()} <= set(margins)


def test_where_all_are_near_ties_there_is_none(tmp_path: Path) -> None:
    assert chosen(model("red", "blue"), staged(tmp_path, [GREY] * 4, [0, 1] * 2)) == []


def test_large_pictures_leave_room_for_those_of_other_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = staged(tmp_path, [RED, BLUE] * 4, [0, 1] * 4)
    unsure = np.random.default_rng(0).integers((100, 0, 0), (130, 30, 30), (40, 40, 3), dtype=np.uint8)
    for entry in listed[2::2]:
        Image.fromarray(unsure).save(entry.path)
    small, large = (len(listed[row].read()) for row in (0, 2))
    monkeypatch.setattr(golden, "MAXIMUM_GOLDEN_BYTES", large + small // 2)
    found = chosen(model("red", "blue"), listed)
    assert {one.true_class for one in found} == {"red", "blue"}
    assert sum(len(one.content) for one in found) <= large + small // 2


def test_a_damaged_picture_is_none_whatever_else_would_read_it(tmp_path: Path) -> None:
    listed = staged(tmp_path, [RED, BLUE] * 2, [0, 1] * 2)
    file = BytesIO()
    Image.new("RGB", (64, 64), BLUE).save(file, "JPEG")
    listed[1].path.write_bytes(file.getvalue()[:-40])
    images = load_images(listed, (32, 32), required=0.1)
    found = make_golden(model("red", "blue"), images, listed, 0, 16)
    assert len(found) == 3
    assert listed[1].path.read_bytes() not in {one.content for one in found}


def test_of_more_classes_than_pictures_as_many_as_there_are_places(tmp_path: Path) -> None:
    classes = [f"c{number}" for number in range(20)]
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    colours = [(int(128 + 110 * np.cos(a)), int(128 + 110 * np.sin(a)), 40) for a in angles]
    artifact = Artifact(colour_model(20, sharpness=80), check_card(model_card(classes)), sha256="")
    found = chosen(artifact, staged(tmp_path, colours * 2, [*range(20)] * 2))
    assert len({one.true_class for one in found}) == len(found) == MAXIMUM_GOLDEN_PICTURES


def test_no_more_than_asked_for(tmp_path: Path) -> None:
    listed = staged(tmp_path, [RED, BLUE] * 4, [0, 1] * 4)
    assert [len(chosen(model("red", "blue"), listed, most=most)) for most in (0, 3, 16)] == [0, 3, 8]
