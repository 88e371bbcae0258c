"""Ten classes of pictures that are no squares, all the way: staged, trained, read at synth, served."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from contracts.artifact import reader
from lambda_src.core.environment import FilterEnvironment
from lambda_src.core.errors import LowConfidence
from lambda_src.core.image.prediction import keep_confident
from lambda_src.core.image.records import Classification, Prediction
from lambda_src.core.probabilities import read_probabilities
from operations.__main__ import main as scones
from stacks.artifact import ModelArtifact, read_artifact
from tests.unit.serving.server_process import ServerProcess
from training import train

CLASSES = ("c8", "c1", "c0", "c3", "c2", "c9", "c4", "c7", "c6", "c5")
SIZE = "32x24"
FAST = {"width": 8, "folds": 1, "batch-size": 16, "max-steps": 60, "threads": 1, "views": 1}


def test_from_pictures_to_the_report_of_the_filter(tmp_path: Path) -> None:
    staged, model = tmp_path / "staged", tmp_path / "model.tar.gz"
    with pytest.raises(SystemExit) as ended:
        scones(
            [
                *("stage", "drivers", "--classes", ",".join(CLASSES), "--size", SIZE, "--images", "30"),
                *("--out", str(staged)),
            ]
        )
    assert ended.value.code == 0
    fast = [word for name, value in FAST.items() for word in (f"--{name}", str(value))]
    assert train.main(["--data", str(staged), "--artifact", str(model), *fast]) == 0

    artifact = read_artifact(model)
    assert artifact.classes == CLASSES
    assert reader.read_artifact(model).size == (24, 32)
    reports = served_reports(artifact, sorted((staged / "test").iterdir()), tmp_path / "unpacked")
    assert all(
        report.confidence == max(report.inferences) and len(report.inferences) == 10 for report in reports
    )

    measured = card(tmp_path / "unpacked")["metrics"]["confusion_matrix"]
    seen = Counter((Path(report.s3_key).name.split("_")[0], report.predicted_class) for report in reports)
    assert [[seen[true, told] for told in CLASSES] for true in CLASSES] == measured
    assert len({report.predicted_class for report in reports}) > 1, "one answer to all would prove no order"


def served_reports(artifact: ModelArtifact, images: list[Path], folder: Path) -> list[Prediction]:
    """What the filter says of each image, from a running server's answers; all are below threshold 1."""
    with tarfile.open(artifact.path) as archive:
        archive.extractall(folder, filter="data")
    environment = FilterEnvironment.read(
        {"CLASS_NAMES": artifact.class_names, "THRESHOLD": str(artifact.threshold)}
    )
    server = ServerProcess(folder).wait_ready()
    try:
        answers = [classification(image, server) for image in images]
    finally:
        assert server.stop() == 0
    with pytest.raises(LowConfidence, match=rf"^({'|'.join(map(environment.classes.shown, CLASSES))}) with"):
        keep_confident(answers[0]._replace(threshold=1), *environment)
    return [keep_confident(answer, *environment) for answer in answers]


def classification(image: Path, server: ServerProcess) -> Classification:
    status, answer = server.invoke(image.read_bytes())
    assert status == 200
    probabilities = read_probabilities(json.dumps(answer).encode(), len(CLASSES))
    return Classification("pictures", f"test/{image.name}", 0, "execution-1", probabilities, "")


def card(folder: Path) -> dict[str, dict[str, list[list[int]]]]:
    content: dict[str, dict[str, list[list[int]]]] = json.loads((folder / "model.json").read_bytes())
    return content
