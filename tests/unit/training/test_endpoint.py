"""Evaluation where the model is served: the figures are those of the artifact, whatever the files are."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from PIL import Image

from contracts.artifact.reader import Artifact, read_artifact
from tests.artifacts import make_artifact
from tests.unit.pictures.kinds import TURNED
from tests.unit.serving.server_process import ServerProcess
from tests.unit.training.staged import make_staged
from training import evaluate
from training.endpoint import CONTENT_TYPE, EndpointError, open_endpoint, served_probabilities


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures as phones save them: held in every way, larger than the model's, JPEG whatever their name."""
    folder = make_staged(tmp_path_factory.mktemp("phone") / "staged", sides=(64, 80))
    for number, path in enumerate(sorted((folder / "test").glob("*.png"))):
        with Image.open(path) as picture:
            upright = picture.convert("RGB")
        orientation = number % 8 + 1
        turn, exif = TURNED[orientation], Image.Exif()
        exif[0x0112] = orientation
        (upright if turn is None else upright.transpose(turn)).save(path, "JPEG", exif=exif, quality=80)
    return folder


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_artifact(tmp_path_factory.mktemp("model") / "model.tar.gz", ("red", "blue"))


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


def test_the_figures_are_those_of_the_artifact(
    staged: Path, artifact: Path, server: ServerProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = evaluate.evaluate(read_artifact(artifact), staged)
    served = evaluate.evaluate(read_artifact(artifact), staged, endpoint=address(server))
    assert served.pop("endpoint") == address(server)
    assert alone.pop("endpoint") is None
    assert served == alone
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
    other = make_artifact(tmp_path / "other.tar.gz", ("red", "blue"), note="another")
    arguments = ["--data", str(staged), "--endpoint", address(server)]
    assert evaluate.main(["--artifact", str(other), *arguments]) == 2
    assert "the endpoint answers by the model" in capsys.readouterr().err

    text = tmp_path / "a.png"
    text.write_text("no picture")
    with pytest.raises(EndpointError, match=rf"{text}: refused by .*: UnsupportedImage: text, neither PNG"):
        served_probabilities(open_endpoint(address(server)), [text], read_artifact(artifact))
    with pytest.raises(EndpointError, match=r"127.0.0.1:9/invocations does not answer .*: is the server"):
        served_probabilities(open_endpoint("http://127.0.0.1:9/"), [text], read_artifact(artifact))


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
    asked = {"EndpointName": "scones-dev", "Body": path.read_bytes(), "ContentType": CONTENT_TYPE}
    sagemaker.add_response("invoke_endpoint", _answer(b"[0.75, 0.25]", model), asked)
    assert served_probabilities(open_endpoint("scones-dev"), [path], model).tolist() == [[0.75, 0.25]]
    sagemaker.add_response("invoke_endpoint", _answer(b"[0.75]", model), asked)
    with pytest.raises(EndpointError, match=r"answered b'\[0.75\]', not 2 probabilities"):
        served_probabilities(open_endpoint("scones-dev"), [path], model)
    sagemaker.add_client_error("invoke_endpoint", "ValidationError", "Endpoint scones-dev not found.")
    with pytest.raises(EndpointError, match=r"refused by scones-dev: .* not found"):
        served_probabilities(open_endpoint("scones-dev"), [path], model)


def _answer(body: bytes, artifact: Artifact) -> dict[str, object]:
    stream = StreamingBody(io.BytesIO(body), len(body))
    return {"Body": stream, "CustomAttributes": f"model={artifact.sha256[:12]}"}
