"""Training as a whole: from a staged data set to an artifact, and every way in which there is none."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from contracts.artifact.reader import Artifact, read_artifact
from tests.unit.training.staged import COUNTS, make_staged
from training import train
from training.artifact import export as export_module
from training.manifest import DatasetError
from training.network import unfamiliarity
from training.network.fit import Trainer
from training.network.unfamiliarity import WatchfulClassifier
from training.options import parse

SMALL = ["--width", "4", "--folds", "2", "--batch-size", "8", "--views", "1"]
FAST = [*SMALL, "--max-steps", "3", "--threads", "1"]

NAMES = {"red": "a red one", "blue": "ein blaues"}


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_staged(tmp_path_factory.mktemp("staged"))
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"names": NAMES}))
    return folder


@pytest.fixture(scope="module", autouse=True)
def hardly_taught_judges() -> Iterator[None]:
    """Teaching them takes half of such a training, and is the matter of network/test_unfamiliarity.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unfamiliarity, "STEPS", 10)
        yield


@dataclass(frozen=True)
class Training:
    """What FAST trains in one process, and what that printed."""

    artifact: Artifact
    output: str
    errors: str


@pytest.fixture(scope="module")
def training(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Training:
    artifact = tmp_path_factory.mktemp("trained") / "model.tar.gz"
    with redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()) as errors:
        assert train.main(["--data", str(staged), "--artifact", str(artifact), *FAST]) == 0
    return Training(read_artifact(artifact), output.getvalue(), errors.getvalue())


@pytest.fixture(scope="module")
def trained(training: Training) -> Artifact:
    return training.artifact


def test_flags_and_a_sagemaker_job_give_the_same_model(
    staged: Path, trained: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = lay_out_job(tmp_path / "opt" / "ml", staged)
    hyperparameters = [word.replace("batch-size", "batch_size") for word in FAST[:-2]]
    for name, value in job.items():
        monkeypatch.setenv(name, value)
    assert train.main(hyperparameters) == 0

    model_dir = Path(job["SM_MODEL_DIR"])
    assert (model_dir / "model.onnx").read_bytes() == trained.onnx
    assert json.loads((model_dir / "model.json").read_bytes()) == trained.card.document
    members = ["golden", "golden.json", "model.json", "model.onnx"]
    assert sorted(path.name for path in model_dir.iterdir()) == members
    assert json.loads((Path(job["SM_OUTPUT_DATA_DIR"]) / "training.json").read_text())["cpu_seconds"] > 0


def test_names_for_people_reach_the_artifact(trained: Artifact) -> None:
    assert trained.card.document["names"] == NAMES


def lay_out_job(root: Path, staged: Path) -> dict[str, str]:
    """Folders and variables of a training job with a channel a split, each with its list and its images."""
    environment = {"SM_NUM_CPUS": "1"}
    for split in COUNTS:
        channel = root / "input" / "data" / split
        shutil.copytree(staged / split, channel)
        shutil.copy(staged / f"{split}.lst", channel)
        shutil.copy(staged / "manifest.json", channel)
        environment[f"SM_CHANNEL_{split.upper()}"] = str(channel)
    for variable, folder in {"SM_MODEL_DIR": "model", "SM_OUTPUT_DATA_DIR": "output/data"}.items():
        (root / folder).mkdir(parents=True)
        environment[variable] = str(root / folder)
    return environment | {"SM_OUTPUT_DIR": str(root / "output")}


def test_training_does_not_load_the_compiler_of_torch(trained: Artifact) -> None:
    """It takes 2.5 s of processor time, in every process; no test loads it otherwise."""
    assert trained
    assert "torch._dynamo" not in sys.modules


def test_the_number_of_processes_does_not_change_a_byte(
    staged: Path, trained: Artifact, tmp_path: Path
) -> None:
    artifact = tmp_path / "model.tar.gz"
    arguments = ["--data", str(staged), "--artifact", str(artifact), *FAST[:-1], "2"]
    assert train.main(arguments) == 0
    assert read_artifact(artifact).sha256 == trained.sha256


def epochs_told(output: str) -> list[int]:
    """The epochs of two that have a line, network after network."""
    return [int(epoch) for epoch in re.findall(r"^network=\d/2 epoch=(\d)/2 ", output, re.M)]


def test_a_network_is_a_line(training: Training) -> None:
    assert epochs_told(training.output) == [2, 2]
    assert training.errors == ""


def test_with_verbose_each_epoch_is_a_line(
    staged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And one fold holds the validation part out."""
    artifact = tmp_path / "model.tar.gz"
    more = ("--folds", "1", "--members", "2", "--max-steps", "6", "--verbose")
    assert train.main(["--data", str(staged), "--artifact", str(artifact), *FAST, *more]) == 0
    output = capsys.readouterr()
    assert epochs_told(output.out) == [1, 2, 1, 2]
    assert output.err == ""
    assert read_artifact(artifact).card.document["threshold"]["images"] == 2 * COUNTS["validation"]


def test_on_a_terminal_the_epochs_of_all_networks_are_a_bar(
    staged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    arguments = ["--data", str(staged), "--artifact", str(tmp_path / "model.tar.gz"), *FAST]
    assert train.main(arguments) == 0
    output = capsys.readouterr()
    assert "network=" not in output.out
    assert [f"{done} of 4 epochs" in output.err for done in (1, 2, 3, 4)] == [True] * 4


def test_five_classes_of_several_sizes_are_learned(tmp_path: Path) -> None:
    classes = ("red", "blue", "green", "yellow", "pink")
    staged = make_staged(tmp_path / "staged", classes, sides=(20, 24))
    arguments = [*SMALL, "--max-steps", "60", "--epochs", "60", "--threads", "1", "--image-size", "16"]
    artifact = tmp_path / "model.tar.gz"
    assert train.main(["--data", str(staged), "--artifact", str(artifact), *arguments]) == 0

    card = read_artifact(artifact).card.document
    assert card["classes"] == list(classes)
    assert (card["input"]["height"], card["input"]["width"]) == (16, 16)
    assert card["metrics"]["accuracy"] >= 0.9
    assert card["threshold"]["images"] == 5 * (COUNTS["train"] + COUNTS["validation"])
    assert not card["threshold"]["reached"]  # 80 images cannot prove a precision of 0.99
    assert card["baseline"]["images"] == 5 * COUNTS["test"]
    assert card["baseline"]["image_statistics"]["width"]["quantiles"] == [20, 20, 22, 24, 24]
    half = 5 * COUNTS["test"] // 2
    assert card["baseline"]["image_statistics"]["width"]["counts"] == [0, half, 0, 0, 0, half, 0]


def test_images_of_several_sizes_are_resized_to_their_median(tmp_path: Path) -> None:
    """That the artifact's is the size which they are read in, the test above shows."""
    staged = make_staged(tmp_path / "staged", sides=(40, 30))
    data = train.read_dataset(parse(["--data", str(staged), *FAST], {}), tmp_path)
    assert data.size == (35, 35)
    assert data.learned.images.shape[1:3] == data.test.images.shape[1:3] == (35, 35)


def test_what_cannot_be_dealt_into_folds_is_refused_before_a_picture_is_read(
    staged: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(staged, tmp_path / "data")
    shutil.rmtree(folder / "train")
    for split in ("train", "validation"):
        rows = (folder / f"{split}.lst").read_text().splitlines()
        lines = [f"{row.partition(chr(9))[0]}\tanna\n" for row in rows]
        (folder / f"{split}.groups").write_text("".join(lines))
    with pytest.raises(DatasetError, match=r"^there are 1 groups .* give --folds 1$"):
        train.read_dataset(parse(["--data", str(folder), *FAST], {}), tmp_path)


def test_a_model_that_answers_otherwise_than_the_trained_one_is_not_written(
    staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faithful = export_module.export

    def distorted(classifier: WatchfulClassifier, size: tuple[int, int]) -> bytes:
        classifier.classifier.temperature *= 2
        try:
            return faithful(classifier, size)
        finally:
            classifier.classifier.temperature /= 2

    monkeypatch.setattr(train, "export", distorted)
    assert train.main(["--data", str(staged), "--artifact", str(tmp_path / "model.tar.gz"), *FAST]) == 1
    assert "limit 0.0001" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["model.tar.gz.checkpoints"]


def test_a_full_disk_leaves_the_old_artifact_and_nothing_else(
    staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    artifact = tmp_path / "model.tar.gz"
    artifact.write_bytes(b"the old one")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setenv("SM_OUTPUT_DIR", str(tmp_path / "output"))
    (tmp_path / "output").mkdir()
    assert train.main(["--data", str(staged), "--artifact", str(artifact), *FAST]) == 1
    assert f"cannot write {artifact}: No space left on device. Make room" in capsys.readouterr().err
    assert artifact.read_bytes() == b"the old one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.tar.gz", "output"]
    assert "No space left" in (tmp_path / "output" / "failure").read_text()


def test_stopping_ends_every_process_and_writes_nothing(staged: Path, tmp_path: Path) -> None:
    arguments = ["--data", str(staged), "--artifact", str(tmp_path / "model.tar.gz"), "--epochs", "300"]
    command = [sys.executable, "-m", "training.train", *arguments, *SMALL, "--threads", "2", "--verbose"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "network=" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)  # ends only when the children closed the pipe too
    assert process.returncode == 130
    checkpoints = tmp_path / "model.tar.gz.checkpoints"
    assert errors == (
        "error: stopped before the end; no artifact was written; the same command goes on from the "
        f"checkpoints in {checkpoints}, with --fresh it begins anew\n"
    )
    assert list(tmp_path.iterdir()) == [checkpoints]
    assert {path.stem for path in checkpoints.glob("*.state")} & {"network-0-unfinished", "network-0"}


@pytest.mark.parametrize(("ending", "step"), [("stopped", 2), ("killed", 4)])
def test_a_training_that_ended_before_its_end_goes_on_to_the_same_bytes(
    staged: Path,
    trained: Artifact,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ending: str,
    step: int,
) -> None:
    """At the second of three steps of the first network, and of the second."""
    steps, as_killed = [0], tmp_path / "as-killed"
    arguments = ["--data", str(staged), "--artifact", str(tmp_path / "model.tar.gz"), *FAST]
    checkpoints = tmp_path / "model.tar.gz.checkpoints"
    take_step = Trainer.step

    def count(trainer: Trainer, images: Tensor, labels: Tensor, progress: float) -> float:
        steps[0] += 1
        if steps[0] == step and ending == "stopped":
            os.kill(os.getpid(), signal.SIGTERM)
        if steps[0] == step + 1 and ending == "killed":
            shutil.copytree(checkpoints, as_killed)
        return take_step(trainer, images, labels, progress)

    monkeypatch.setattr(Trainer, "step", count)
    if ending == "killed":
        monkeypatch.setattr("training.checkpoints.PAUSE", 0.0)
        assert train.main(arguments) == 0
        (tmp_path / "model.tar.gz").unlink()
        as_killed.rename(checkpoints)
    else:
        assert train.main(arguments) == 130
        assert "the same command goes on" in capsys.readouterr().err
        assert not (tmp_path / "model.tar.gz").exists()
    steps[0] = 6
    assert train.main(arguments) == 0
    assert steps[0] == 12 - step
    assert "goes on from the checkpoints in" in capsys.readouterr().out
    assert read_artifact(tmp_path / "model.tar.gz").sha256 == trained.sha256
    assert not checkpoints.exists()


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "no manifest.json"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "not a manifest"),
        (
            lambda folder: (folder / "manifest.json").write_text(
                json.dumps({"name": "own", "fingerprint": "x", "classes": {"0": "bicycle", "1": "car"}})
            ),
            'its classes are {"0": "bicycle", "1": "car"}, not a list of names',
        ),
        (
            lambda folder: (folder / "manifest.json").write_text(
                json.dumps({"name": "own", "fingerprint": "x", "classes": "ab"})
            ),
            'its classes are "ab", not a list of names',
        ),
        (
            lambda folder: (folder / "manifest.json").write_text(
                json.dumps({"name": "own", "classes": ["bicycle", "motorcycle"]})
            ),
            "it has no 'fingerprint'; stage it again, or pictures and a list of your own",
        ),
        (
            lambda folder: (folder / "manifest.json").write_text(
                json.dumps({"name": "own", "classes": ["a"], "fingerprint": "x"}), encoding="utf-16"
            ),
            "cannot be trained on",
        ),
        (
            lambda folder: (folder / "manifest.json").write_text(
                json.dumps({"name": "n", "fingerprint": "f", "classes": ["a" * 3_000, "b" * 600]})
            ),
            "its class names take 3,607 bytes, more than the 3,500",
        ),
        (lambda folder: (folder / "test.lst").unlink(), "no test.lst"),
        (lambda folder: (folder / "train.lst").write_text(""), "lists no images"),
        (lambda folder: (folder / "train.lst").write_text("0 0 a.png\n"), "separated by tabs"),
        (lambda folder: (folder / "train.lst").write_text("0\t2\ttrain/a.png\n"), "line 1: the label is 2"),
        (lambda folder: (folder / "train.lst").write_text("0\t0.7\ttrain/a.png\n"), "0.7 is no whole number"),
        (
            lambda folder: (folder / "train.lst").write_text("0\t-0.5\ttrain/a.png\n"),
            "-0.5 is no whole number",
        ),
        (
            lambda folder: (folder / "train.lst").write_text("0\t1\t0\ttrain/a.png\n"),
            "train.lst, line 1: 2 labels, and one is trained on: stage the list with",
        ),
        (lambda folder: (folder / "train.lst").write_text("0\t0\t\n"), "expected index, label and path"),
        (lambda folder: (folder / "train.lst").write_text("0\tinf\ttrain/a.png\n"), "inf is no whole number"),
        (lambda folder: (folder / "train.lst").write_bytes(b"0\t0\tt\xfcr.png\n"), "iconv -f CP1252"),
        (lambda folder: (folder / "train.lst").write_text("0\t0\t../a.png\n"), "leaves the data set"),
        (lambda folder: (folder / "train" / "red_s_000000.png").unlink(), "stage the data set again"),
        (
            lambda folder: (folder / "train" / "red_s_000000.png").write_text("text"),
            "save it as PNG, JPEG or WebP",
        ),
        (
            lambda folder: (folder / "train.lst").write_text("0\t0.0\ttrain\\red_s_000000.png\n"),
            "a class has",
        ),
    ],
)
def test_a_spoiled_data_set_is_refused(
    staged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: object, complaint: str
) -> None:
    folder = tmp_path / "staged"
    shutil.copytree(staged, folder)
    spoil(folder)  # type: ignore[operator]
    arguments = ["--data", str(folder), "--artifact", str(tmp_path / "out" / "model.tar.gz"), *FAST]
    assert train.main([*arguments, "--folds", "5"]) == 1
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "--data DIR"),
        (["--data", "x", "--epochs", "0"], "--epochs 0 is not in 1 to …"),
        (["--data", "x", "--mixup", "-1"], "--mixup -1.0 is not in 0 to 10"),
        (["--data", "x", "--learning-rate", "nan"], "--learning-rate nan is not in"),
        (["--data", "x", "--views", "4"], "--views 4 is none of 1, 2, 3, 6"),
        (["--data", "x", "--target-precision", "1"], "--target-precision 1.0"),
        (["--data", "x", "--threads", "0"], "--threads 0 is below 1"),
        (
            ["--data", "x", "--required-picture-share", "80"],
            "--required-picture-share: is '80'; it must be a number from 0 to 1",
        ),
    ],
)
def test_wrong_flags_are_explained(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        train.main(arguments)
    assert complaint in capsys.readouterr().err


def test_what_calibrates_an_average_is_scaled_to_the_one_network_that_is_served() -> None:
    """A network with the mean of several's weights answers like their average, and less surely."""
    spreads = {"first": 4.0, "second": 2.0, "merged": 1.5}

    class Answers:
        def logits(self, network: Any, rows: Any, _views: int, _check: Any) -> torch.Tensor:
            return spreads[network] * torch.tensor([[1.0, -1.0]] * len(rows))

    source: Any = Answers()
    networks: Any = ["first", "second"]
    assert train.logit_scale(source, networks, networks, 9) == 1.0
    merged: Any = ["merged"]
    assert train.logit_scale(source, merged, networks, 9) == 0.5
