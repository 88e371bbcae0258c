"""The notebook, cell by cell, on the deployed application: with few pictures and a training of a moment."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from notebooks.clean import NOTEBOOK
from tests.local.deployed.emulator import Emulator

BURST = 4
SINGLES = 6
PLOTS = ("pictures", "confusion", "reliability", "thresholds", "confidence", "drift")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def executed(aws: Emulator, deployed: dict[str, str], folder: Path) -> dict[str, list[Any]]:
    """Outputs by the cell's id, after all cells. Whatever Jupyter keeps is in the folder."""
    assert deployed
    small = {
        "NOTEBOOK_PICTURES": "30",
        "NOTEBOOK_TRAINING": "--preset quick --folds 1 --max-steps 1 --threads 1",
        "NOTEBOOK_BURST": str(BURST),
        "NOTEBOOK_FOLDER": str(folder / "made"),
    }
    kept = {name: str(folder / name) for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(NOTEBOOK.parent)}})
    with pytest.MonkeyPatch.context() as environment:
        for name, value in kept.items():
            environment.setenv(name, value)
        client.execute(env=aws.environment | small)
    return {cell.id: cell.get("outputs", []) for cell in notebook.cells}


def printed(outputs: list[Any]) -> str:
    return "".join(output.text for output in outputs if output.output_type == "stream")


def html(outputs: list[Any]) -> str:
    return "".join(output.data["text/html"] for output in outputs if "data" in output)


def test_every_plot_is_drawn(executed: dict[str, list[Any]]) -> None:
    for name in PLOTS:
        (plot,) = (output.data["image/png"] for output in executed[name] if "data" in output)
        assert base64.b64decode(plot).startswith(b"\x89PNG"), name


def test_the_model_is_trained_and_evaluated(executed: dict[str, list[Any]], folder: Path) -> None:
    assert "test_accuracy=" in printed(executed["train"])
    assert "confusion matrix" in printed(executed["evaluate"])
    assert (folder / "made" / "model" / "model.tar.gz").is_file()


def test_executions_of_both_machines_are_started_and_shown(executed: dict[str, list[Any]]) -> None:
    assert "stage local" in printed(executed["deploy"])
    assert html(executed["classify"]).count("<tr>") == 1 + SINGLES
    assert f"arrived\t{BURST}" in printed(executed["burst"])
    assert "notebook-" in html(executed["recent"])


def test_what_was_captured_is_read_and_labelled(executed: dict[str, list[Any]], folder: Path) -> None:
    told, shown = printed(executed["captured"]), html(executed["captured"])
    assert "0 are still to come" in told
    assert shown.count('<img src="data:image/') >= BURST
    labels = (folder / "made" / "labels.jsonl").read_text().splitlines()
    assert len(labels) == BURST
    assert json.loads(labels[0])["class"] in shown
    assert "srcdoc=" in html(executed["report"])


def test_aws_that_the_notebook_did_not_start_is_left_running(
    executed: dict[str, list[Any]], aws: Emulator
) -> None:
    assert "left as it is" in printed(executed["clean-up"])
    assert aws.process.poll() is None
