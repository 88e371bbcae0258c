"""Evaluation where the model is served: the figures are those of the artifact, whatever the files are."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from onnx import TensorProto, helper, numpy_helper

from contracts.artifact.reader import Artifact, read_artifact
from tests.artifacts import make_artifact, model_card, write_archive
from tests.unit.serving.server_process import ServerProcess
from tests.unit.training.phone import make_phone_set
from training import evaluate
from training.endpoint import CONTENT_TYPE, EndpointError, open_endpoint, served_probabilities
from training.listing import ListedImage

CLASSES = ("top", "left")
SIDE = 32


def stripes_model() -> bytes:
    """ONNX bytes of a model that tells a bright stripe on top from one on the left."""
    weights = np.zeros((SIDE, SIDE, 3, 2), dtype=np.float32)
    weights[:8, :, :, 0] = weights[:, :8, :, 1] = 1e-3
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
            helper.make_node("Flatten", ["pixels"], ["row"]),
            helper.make_node("MatMul", ["row", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        ],
        "stripes",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2])],
        [numpy_helper.from_array(weights.reshape(-1, 2), "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return bytes(model.SerializeToString())


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures as phones save them, held in every way: not turned upright they show the other class."""
    return make_phone_set(tmp_path_factory.mktemp("phone") / "staged", CLASSES)


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    contents = {
        "model.json": json.dumps(model_card(CLASSES, SIDE)).encode(),
        "model.onnx": stripes_model(),
    }
    return write_archive(tmp_path_factory.mktemp("model") / "model.tar.gz", contents)


@pytest.fixture(scope="module")
def server(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    read, folder = read_artifact(artifact), tmp_path_factory.mktemp("served")
    (folder / "model.onnx").write_bytes(read.onnx)
    (folder / "model.json").write_text(json.dumps(read.card.document))
    process = ServerProcess(folder, MODEL_DIGEST=read.sha256)
    yield process.wait_ready()
    process.stop()


def address(server: ServerProcess) -> str:
    return f"http://127.0.0.1:{server.port}"


def rounded(figures: dict[str, Any]) -> Any:
    return json.loads(json.dumps(figures), parse_float=lambda text: round(float(text), 5))


def test_the_figures_are_those_of_the_artifact(
    staged: Path, artifact: Path, server: ServerProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = evaluate.evaluate(read_artifact(artifact), staged)
    served = evaluate.evaluate(read_artifact(artifact), staged, endpoint=address(server))
    assert served.pop("endpoint") == address(server)
    assert alone.pop("endpoint") is None
    assert rounded(served) == rounded(alone)  # a batch of another size may change the last digit
    assert served["accuracy"] == 1.0
    arguments = ["--artifact", str(artifact), "--data", str(staged), "--endpoint", address(server)]
    assert evaluate.main(arguments) == 0
    assert f"asked at            {address(server)}" in capsys.readouterr().out


def test_another_model_a_refused_file_and_no_server_are_explained(
    staged: Path,
    artifact: Path,
    server: ServerProcess,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = make_artifact(tmp_path / "other.tar.gz", CLASSES, note="another")
    arguments = ["--data", str(staged), "--endpoint", address(server)]
    assert evaluate.main(["--artifact", str(other), *arguments]) == 2
    assert "the endpoint answers by the model" in capsys.readouterr().err

    text = tmp_path / "a.png"
    text.write_text("no picture")
    listed = [ListedImage(0, text)]
    with pytest.raises(EndpointError, match=rf"{text}: refused by .*: UnsupportedImage: text, neither PNG"):
        served_probabilities(open_endpoint(address(server)), listed, read_artifact(artifact))
    with pytest.raises(EndpointError, match=r"127.0.0.1:9/invocations does not answer .*: is the server"):
        served_probabilities(open_endpoint("http://127.0.0.1:9/"), listed, read_artifact(artifact))


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client(
        "sagemaker-runtime", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    monkeypatch.setattr(boto3, "client", lambda _name: client)
    with Stubber(client) as stubber:
        yield stubber


def test_an_endpoint_of_sagemaker_is_asked_by_its_name(
    sagemaker: Stubber, staged: Path, artifact: Path
) -> None:
    path, model = next((staged / "test").glob("*.png")), read_artifact(artifact)
    listed = [ListedImage(0, path)]
    asked = {"EndpointName": "scones-dev", "Body": path.read_bytes(), "ContentType": CONTENT_TYPE}
    sagemaker.add_response("invoke_endpoint", _answer(b"[0.75, 0.25]", model), asked)
    assert served_probabilities(open_endpoint("scones-dev"), listed, model).tolist() == [[0.75, 0.25]]
    sagemaker.add_response("invoke_endpoint", _answer(b"[0.75]", model), asked)
    with pytest.raises(EndpointError, match=r"answered b'\[0.75\]', not 2 probabilities"):
        served_probabilities(open_endpoint("scones-dev"), listed, model)
    sagemaker.add_client_error("invoke_endpoint", "ValidationError", "Endpoint scones-dev not found.")
    with pytest.raises(EndpointError, match=r"refused by scones-dev: .* not found"):
        served_probabilities(open_endpoint("scones-dev"), listed, model)


def _answer(body: bytes, artifact: Artifact) -> dict[str, object]:
    stream = StreamingBody(io.BytesIO(body), len(body))
    return {"Body": stream, "CustomAttributes": f"model={artifact.sha256[:12]}"}
