"""Evaluation: figures against hand-counted ones, the command on a real artifact, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.artifacts import make_artifact
from tests.unit.training.staged import COUNTS, make_staged
from training import evaluate
from training.figures.image_statistics import image_statistics
from training.figures.metrics import expected_calibration_error, measure, wilson_interval


def test_figures_of_four_answers() -> None:
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]], dtype=np.float32)
    figures = measure(probabilities, np.array([0, 1, 1, 0]), ("cat", "dog"), threshold=0.7)
    assert figures["accuracy"] == 0.75
    assert figures["confusion_matrix"] == [[2, 0], [1, 1]]
    assert figures["per_class"]["cat"] == {"images": 2, "precision": pytest.approx(2 / 3), "recall": 1.0}
    assert figures["per_class"]["dog"] == {"images": 2, "precision": 1.0, "recall": 0.5}
    assert figures["coverage_at_threshold"] == 0.75  # 0.7 itself is trusted
    assert figures["accuracy_at_threshold"] == pytest.approx(2 / 3)
    assert figures["mean_confidence"] == pytest.approx(0.75)
    seen = (0.1**2 + 0.8**2 + 0.3**2 + 0.4**2) / 4  # of 1 - 0.9, 0 - 0.8, 1 - 0.7, 1 - 0.6, whose mean is 0
    assert figures["calibration_standard_error"] == pytest.approx((seen / 4) ** 0.5)


def test_no_answer_at_the_threshold_has_no_accuracy() -> None:
    figures = measure(np.array([[0.6, 0.4]], dtype=np.float32), np.array([0]), ("cat", "dog"), threshold=0.9)
    assert (figures["coverage_at_threshold"], figures["accuracy_at_threshold"]) == (0.0, None)


def test_wilson_interval_against_published_values() -> None:
    assert wilson_interval(81 / 263, 263) == pytest.approx(
        (0.2553, 0.3662), abs=1e-4
    )  # Newcombe, 1998, table I
    assert wilson_interval(0.0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_calibration_error_is_the_weighted_gap() -> None:
    confidence = np.array([0.95, 0.95, 0.65, 1.0], dtype=np.float32)
    correct = np.array([True, False, True, True])
    # Bin 0.9 to 1.0: sum of confidence 2.9, two right; bin 0.6 to 0.7: 0.65, one right.
    assert expected_calibration_error(confidence, correct) == pytest.approx((0.9 + 0.35) / 4)


def test_image_statistics_tell_images_apart() -> None:
    grey = np.full((1, 8, 8, 3), 100, dtype=np.uint8)
    stripes = grey.copy()
    stripes[:, ::2] = 200
    red = np.zeros_like(grey)
    red[..., 0] = 255
    figures = image_statistics(np.concatenate([grey, stripes, red]))
    assert figures["brightness"] == pytest.approx([100, 150, 76.245])
    assert figures["contrast"] == pytest.approx([0, 50, 0])
    assert figures["sharpness"] == pytest.approx([0, 200**2, 0])
    assert figures["colorfulness"] == pytest.approx([0, 0, 0.3 * np.hypot(255, 127.5)])


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    return make_staged(tmp_path / "staged", sides=(32,))


def test_the_command_prints_text_and_json_without_torch(
    staged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artifact = make_artifact(tmp_path / "model.tar.gz", ("red", "blue"))
    arguments = ["--artifact", str(artifact), "--data", str(staged)]
    code = (
        "import sys; sys.modules['torch'] = None; from training.evaluate import main; "
        f"sys.exit(main({[*arguments, '--json']}))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    figures = json.loads(answer.stdout)
    assert (figures["accuracy"], figures["images"]) == (1.0, 2 * COUNTS["test"])
    assert sum(row["images"] for row in figures["reliability"]) == figures["images"]
    assert figures["coverage_curve"][-1]["coverage"] == 1.0
    assert evaluate.main([*arguments, "--split", "validation"]) == 0
    text = capsys.readouterr().out
    assert "accuracy            1.0000   95% interval" in text
    assert "8 images of colours, validation part" in text


def test_other_classes_are_refused(staged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    artifact = make_artifact(tmp_path / "model.tar.gz", ("blue", "red"))
    assert evaluate.main(["--artifact", str(artifact), "--data", str(staged)]) == 2
    assert "the same classes in the same order" in capsys.readouterr().err


def test_a_missing_artifact_is_explained(
    staged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main(["--artifact", str(tmp_path / "no.tar.gz"), "--data", str(staged)]) == 2
    assert "python -m training.train" in capsys.readouterr().err
