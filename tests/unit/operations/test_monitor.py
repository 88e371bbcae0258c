"""`scones monitor`: what a run by hand answers, and how it fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.operations.conftest import Scones
from tests.unit.operations.deployed import BUCKET, DeployedStage

MONITOR = "scones-local-monitor"
ANSWER = {"files": 3, "inferences": 1204, "behind": False, "report": "s3://data-bucket/reports/latest.html"}


def test_its_answer_for_people_and_for_programs(deployed: DeployedStage, run_scones: Scones) -> None:
    deployed.functions.answers[MONITOR] = ANSWER, None
    code, out, err = run_scones("monitor")
    assert code == 0
    for text in ("1,204", "behind", "no", "s3://data-bucket/reports/latest.html"):
        assert text in out
    assert "stage local" in err
    code, out, _ = run_scones("monitor", "--json")
    assert (code, json.loads(out)) == (0, ANSWER)


def test_the_page_is_fetched_and_opened(
    deployed: DeployedStage, run_scones: Scones, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    address = f"s3://{BUCKET}/reports/2026/11/21/1200.html"
    deployed.functions.answers[MONITOR] = {**ANSWER, "report": address}, None
    deployed.objects[BUCKET, "reports/2026/11/21/1200.html"] = b"<!doctype html>"
    code, out, _ = run_scones("monitor", "--open")
    page = tmp_path / "build" / "reports" / "local-2026-11-21-1200.html"
    assert (code, page.read_bytes(), opened) == (0, b"<!doctype html>", [page.as_uri()])
    assert "1,204" in out
    code, out, err = run_scones("monitor", "--open", "--json")
    assert (code, json.loads(out)["files"]) == (0, 3)
    assert str(page.relative_to(tmp_path)) in err


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ANSWER, "The page s3://data-bucket/reports/latest.html cannot be read (NoSuchKey)"),
        ({"report": f"s3://{BUCKET}/"}, "names no page. Make one here: scones report --open"),
        ({}, "names no page"),
    ],
)
def test_a_page_that_cannot_be_fetched_says_the_way_out(
    deployed: DeployedStage, run_scones: Scones, answer: dict[str, object], reason: str
) -> None:
    deployed.functions.answers[MONITOR] = answer, None
    code, _, err = run_scones("monitor", "--open")
    assert code == 2
    assert reason in err


def test_a_run_that_failed_says_why_and_where_its_log_is(deployed: DeployedStage, run_scones: Scones) -> None:
    error = {"errorType": "ArtifactUnreadable", "errorMessage": "the model's artifact cannot be used"}
    deployed.functions.answers[MONITOR] = error, "Unhandled"
    code, out, err = run_scones("monitor", "--json")
    assert (code, out) == (1, "")
    assert "ArtifactUnreadable: the model's artifact cannot be used" in err
    assert "/aws/lambda/scones-local-monitor" in err


def test_a_stage_without_monitor_says_what_to_deploy(deployed: DeployedStage, run_scones: Scones) -> None:
    assert deployed
    code, _, err = run_scones("monitor")
    assert code == 2
    assert "monitoring stack is not deployed" in err
    assert "npx cdk deploy --all -c stage=local" in err
