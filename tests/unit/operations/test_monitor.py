"""`scones monitor`: what a run by hand answers, and how it fails."""

from __future__ import annotations

import json

from tests.unit.operations.conftest import Scones
from tests.unit.operations.deployed import DeployedStage

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
