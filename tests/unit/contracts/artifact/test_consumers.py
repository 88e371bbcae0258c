"""All who read an artifact take the same ones: synthesis, training, the server, the report, the monitor."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from contracts.artifact.archive import ArtifactError
from contracts.artifact.reader import read_artifact
from operations.aws.errors import OperationError
from operations.reporting.request import local_baseline
from reports.monitor.model import ArtifactUnreadable, read_model
from serving.errors import MalformedArtifact
from serving.model import load_model
from stacks.artifact import read_artifact as read_for_synthesis
from tests.artifacts import CLASSES
from tests.unit.contracts.artifact.archives import ACCEPTED, REFUSED_ARCHIVES, REFUSED_CARDS, with_card
from training.artifact.predictor import Predictor

Reader = Callable[[bytes], tuple[str, ...]]
"""Takes an archive's bytes; answers with the model's classes, or raises."""


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Reader]]:
    """What each consumer does with an artifact, from the archive on."""
    folder = tmp_path_factory.mktemp("artifact")
    path = folder / "model.tar.gz"

    def stored(content: bytes) -> Path:
        path.write_bytes(content)
        return path

    def synthesis(content: bytes) -> tuple[str, ...]:
        return read_for_synthesis(stored(content)).classes

    def evaluation(content: bytes) -> tuple[str, ...]:
        artifact = read_artifact(stored(content))
        Predictor(artifact)
        return tuple(artifact.classes)

    def report(content: bytes) -> tuple[str, ...]:
        return local_baseline(stored(content), None).classes

    def monitor(content: bytes) -> tuple[str, ...]:
        s3.put_object(Bucket="assets", Key="model.tar.gz", Body=content)
        return read_model(s3, "s3://assets/model.tar.gz", 0.9).baseline.classes

    def server(content: bytes) -> tuple[str, ...]:
        """SageMaker unpacks for it."""
        unpacked = tmp_path_factory.mktemp("model")
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(unpacked, filter="data")
        return load_model(unpacked).classes

    with mock_aws():
        s3 = boto3.client("s3", "us-east-1")
        s3.create_bucket(Bucket="assets")
        yield {f.__name__: f for f in (synthesis, evaluation, report, monitor, server)}


CONSUMERS: dict[str, type[Exception]] = {
    "synthesis": ArtifactError,
    "evaluation": ArtifactError,
    "report": OperationError,
    "monitor": ArtifactUnreadable,
    "server": MalformedArtifact,
}
"""And what each raises for what it does not take."""


@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("layout", ACCEPTED)
def test_all_take_a_sound_artifact(readers: dict[str, Reader], layout: str, consumer: str) -> None:
    assert readers[consumer](ACCEPTED[layout]()) == CLASSES


@pytest.mark.parametrize("consumer", [name for name in CONSUMERS if name != "server"])
@pytest.mark.parametrize("fault", REFUSED_ARCHIVES)
def test_none_takes_an_unsound_archive(readers: dict[str, Reader], fault: str, consumer: str) -> None:
    """The server is given what SageMaker has unpacked."""
    make, complaint = REFUSED_ARCHIVES[fault]
    with pytest.raises(CONSUMERS[consumer], match=complaint):
        readers[consumer](make())


@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("fault", REFUSED_CARDS)
def test_none_takes_a_wrong_card(readers: dict[str, Reader], fault: str, consumer: str) -> None:
    content, complaint = REFUSED_CARDS[fault]
    with pytest.raises(CONSUMERS[consumer], match=complaint):
        readers[consumer](with_card(content))
