"""Phone pictures all the way: trained on, served by a real server, classified by the functions.

Whoever on the way leaves EXIF's orientation aside takes half of them for the other class.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from contracts.artifact.reader import Artifact, read_artifact
from tests.aws import Answer, Aws, Request
from tests.unit.lambda_src.conftest import CLASSES, Run
from tests.unit.serving.server_process import ServerProcess
from tests.unit.training.phone import make_phone_set
from training import evaluate, train
from training.listing import ListedImage, list_images

RECIPE = [
    *("--preset", "quick", "--image-size", "24x24", "--width", "4", "--folds", "2", "--members", "1"),
    *("--batch-size", "8", "--views", "1", "--mixup", "0", "--max-steps", "36", "--threads", "1"),
]


class Served(NamedTuple):
    """A model, the pictures it was trained on, and a server that answers by it."""

    staged: Path
    artifact: Artifact
    server: ServerProcess


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("phone")
    staged = make_phone_set(folder / "staged", CLASSES)
    assert train.main(["--data", str(staged), "--artifact", str(folder / "model.tar.gz"), *RECIPE]) == 0
    artifact = read_artifact(folder / "model.tar.gz")
    (folder / "model.onnx").write_bytes(artifact.onnx)
    (folder / "model.json").write_text(json.dumps(artifact.card.document))
    server = ServerProcess(folder, MODEL_DIGEST=artifact.sha256)
    yield Served(staged, artifact, server.wait_ready())
    server.stop()


def test_they_are_classified_as_well_as_they_were_evaluated(
    served: Served, aws: Aws, serialize: Run, classify: Run, keep: Run
) -> None:
    alone = evaluate.evaluate(served.artifact, served.staged)
    through = evaluate.evaluate(
        served.artifact, served.staged, endpoint=f"http://127.0.0.1:{served.server.port}"
    )
    told = served.artifact.card.document["metrics"]["accuracy"]
    assert alone["accuracy"] == through["accuracy"] == told == 1

    aws.answers["InvokeEndpoint"] = lambda request: _answer(served.server, request)
    listed = list_images(served.staged, "test", len(CLASSES))
    assert {_orientation(one) for one in listed} == set(range(1, 9))
    for one in listed:
        aws.objects["pictures", one.path.name] = one.read()
        given = {"image_data": "", "s3_bucket": "pictures", "s3_key": one.path.name, "threshold": 0.5}
        result = keep(classify(serialize(given)))
        assert result["predicted_class"] == CLASSES[one.label]
        assert result["model"] == served.artifact.sha256[:12]


def _answer(server: ServerProcess, request: Request) -> Answer:
    """What SageMaker passes on of the container's answer."""
    status, answer, headers = server.request(
        "POST", "/invocations", request.body, request.headers["content-type"]
    )
    said = {name.lower(): value for name, value in headers.items()}["x-amzn-sagemaker-custom-attributes"]
    return Answer(status, json.dumps(answer).encode(), (("X-Amzn-SageMaker-Custom-Attributes", said),))


def _orientation(picture: ListedImage) -> int:
    with Image.open(io.BytesIO(picture.read())) as opened:
        return int(opened.getexif()[0x0112])
