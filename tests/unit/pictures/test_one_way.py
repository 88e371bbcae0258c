"""Training, server, report and functions on the same files: the same pixels, or the same words."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from lambda_src.core.errors import UnsupportedImage
from lambda_src.core.image_type import image_type
from pictures.decode import decode_image
from pictures.limits import WHATEVER_IS_THERE, WHOLE
from pictures.refusals import PictureRefused
from reports.figures.images import measure, pixel_digest, thumbnail
from serving.decoder import ANSWER, JOB, answer_job
from serving.errors import ImageRefused
from serving.images import decode_image as served_image
from tests.unit.pictures.kinds import ALL, COLOUR, HEIGHT, KINDS, ONLY_DECODED, REFUSED, WIDTH
from training.data import load_images
from training.figures.image_statistics import image_statistics
from training.listing import ListedImage
from training.manifest import DatasetError

PARTIAL = {
    "png, a quarter of it": 0.21,
    "png, interlaced, half of it": 0.4,
    "png, wrong checksum of its pixels": 0.0,
    "png, changed pixels": 0.0,
    "png, pixels that are none": 0.0,
    "png, fewer rows than announced": 0.5,
    "jpeg, a quarter of it": 0.166,
    "jpeg, progressive, a quarter of it": 0.02,
    "jpeg, restarts, three quarters of it": 0.66,
    "jpeg, grey and cut short": 0.5,
}
"""A share that is there of the pictures of which a part is sound, and which a setting can take."""


def beside(body: bytes, width: int, height: int, share: float = WHOLE) -> bytes:
    """What the server's process for costly pictures answers: pixels, or a refusal as JSON."""
    answers = io.BytesIO()
    assert answer_job(io.BytesIO(JOB.pack(len(body), width, height, share, 60) + body), answers)
    return answers.getvalue()[ANSWER.size :]


def test_there_are_many_kinds() -> None:
    assert len(KINDS) >= 40
    assert len(REFUSED) >= 30


@pytest.mark.parametrize("name", KINDS)
def test_all_see_the_same_pixels(name: str, tmp_path: Path) -> None:
    body, pixels, tolerance, _ = KINDS[name]
    assert pixels is not None
    served = served_image(body, WIDTH, HEIGHT)
    assert np.abs(served.astype(int) - pixels).max() <= tolerance

    for width, height in ((WIDTH, HEIGHT), (10, 6)):  # as large as it is, and made smaller
        served = served_image(body, width, height)
        path = tmp_path / "picture"
        path.write_bytes(body)
        trained = load_images([ListedImage(0, path)], (height, width))
        assert (trained.images[0] == served).all()
        assert trained.sizes.tolist() == [[HEIGHT, WIDTH]]
        assert beside(body, width, height) == served.tobytes()
        statistics = {key: values[0] for key, values in image_statistics(served[np.newaxis]).items()}
        assert measure(body, (height, width)) == {**statistics, "width": WIDTH, "height": HEIGHT}
    assert image_type(body, "x", 1.0)[1:] == (WIDTH, HEIGHT)
    assert thumbnail(body).startswith("data:image/webp")


@pytest.mark.parametrize("name", REFUSED)
def test_all_refuse_with_the_same_words(name: str, tmp_path: Path) -> None:
    body, words = REFUSED[name].body, REFUSED[name].refused
    with pytest.raises(ImageRefused) as refused:
        served_image(body, WIDTH, HEIGHT)
    said = str(refused.value)
    assert words in said

    path = tmp_path / "picture"
    path.write_bytes(body)
    with pytest.raises(DatasetError) as untrained:
        load_images([ListedImage(0, path)], (HEIGHT, WIDTH))
    assert f"{path} is refused: {refused.value.name}: {said}" in str(untrained.value)
    assert said.split('"')[0] in beside(body, WIDTH, HEIGHT).decode()
    if name not in PARTIAL:
        with pytest.raises(PictureRefused) as unread:
            decode_image(body, WIDTH, HEIGHT, WHATEVER_IS_THERE)
        for look in (lambda: measure(body, (HEIGHT, WIDTH)), lambda: thumbnail(body)):
            with pytest.raises(PictureRefused) as unshown:
                look()
            assert str(unshown.value) == str(unread.value)
    if name in ONLY_DECODED:
        image_type(body, "x", 1.0)
    else:
        with pytest.raises(UnsupportedImage) as unsent:
            image_type(body, "x", 1.0)
        assert str(unsent.value) == f"x: {said}"


@pytest.mark.parametrize("name", PARTIAL)
def test_a_share_that_is_enough_takes_what_is_there(name: str, tmp_path: Path) -> None:
    body, there = ALL[name].body, PARTIAL[name]
    path = tmp_path / "picture"
    path.write_bytes(body)
    served = served_image(body, WIDTH, HEIGHT, there)
    trained = load_images([ListedImage(0, path)], (HEIGHT, WIDTH), required=there)
    assert (trained.images[0] == served).all()
    assert beside(body, WIDTH, HEIGHT, there) == served.tobytes()
    statistics = {key: values[0] for key, values in image_statistics(served[np.newaxis]).items()}
    assert measure(body, (HEIGHT, WIDTH)).items() >= statistics.items()
    assert thumbnail(body).startswith("data:image/webp")
    assert len(pixel_digest(body)) == 64
    image_type(body, "x", there)

    with pytest.raises(ImageRefused) as refused:
        served_image(body, WIDTH, HEIGHT, 0.95)
    with pytest.raises(DatasetError, match="is refused: DamagedImage: ") as untrained:
        load_images([ListedImage(0, path)], (HEIGHT, WIDTH), required=0.95)
    assert str(refused.value) in str(untrained.value)
    assert str(refused.value) in beside(body, WIDTH, HEIGHT, 0.95).decode()


def test_what_is_missing_is_black_in_a_png_and_grey_in_a_jpeg() -> None:
    half = decode_image(ALL["png, fewer rows than announced"].body, WIDTH, 2 * HEIGHT, 0.5)
    assert (half[:HEIGHT] == COLOUR).all()
    assert not half[HEIGHT:].any()
    quarter = decode_image(ALL["jpeg, a quarter of it"].body, 96, 96, 0.1)
    assert (quarter[48:] == 128).all()


def test_a_corrupted_scan_is_refused_whatever_share_is_enough() -> None:
    with pytest.raises(PictureRefused, match="scan is corrupted"):
        decode_image(ALL["jpeg, 600 zeros in its scan"].body, WIDTH, HEIGHT, 0.0)
