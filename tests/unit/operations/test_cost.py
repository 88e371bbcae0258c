"""`scones cost`: what a million images cost by what was counted, against an example worked by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lambda_src.core.run.prices import cost
from operations.cost import cost_report
from operations.costing import measurement as measurements
from operations.costing.measurement import usages, write_measurement
from tests.unit.operations.conftest import Scones
from tests.unit.operations.costing.measured import MEASUREMENT


def test_a_million_images_by_hand() -> None:
    """Reference: 3 million transitions are 75.00, 3 million invocations 0.60, 12,000 GB-s 0.2000004,
    1 million GETs 0.40: 76.2000004.

    In batches of 100, ten runs of 1,000 batches: 10,050 transitions 0.25125; 10,000 Express requests 0.01 and
    625 GB-s 0.01041875; 30,020 invocations 0.006004; 2,011 GB-s 0.0335167337; 1,010,100 GETs 0.40404; 11,100
    PUTs and lists 0.0555; 10 messages 0.000005: 0.7707344837.
    """
    used = usages(MEASUREMENT)
    assert list(used)[:3] == ["reference", "one by one", "batches of 100"]
    assert cost(used["reference"]).dollars == pytest.approx(76.2000004)
    assert cost(used["batches of 100"]).dollars == pytest.approx(0.7707344837)
    report = cost_report(MEASUREMENT, None, "ml.m5.large", 1)["designs"]["batches of 100"]
    assert report["dollars"] == pytest.approx(0.770734)
    assert report["of_reference"] == pytest.approx(0.7707344837 / 76.2000004, abs=1e-6)
    assert sum(report["items"].values()) == pytest.approx(report["dollars"], abs=1e-5)
    assert report["transitions_an_image"] == pytest.approx(0.01005)
    assert report["invocations_an_image"] == pytest.approx(0.03002)


def test_what_an_upload_adds_by_hand() -> None:
    """One by one: an event 1.00, 3 requests of the queue 1.20, an invocation 0.20 and 12,500 GB-s 0.20833375.

    Gathered, of 1,000,000 in 100 runs of 10,000: events 1.00, requests 0.48, invocations 0.00002, 500 GB-s
    0.00833335, 100 GETs 0.00004, 300 PUTs 0.0015: 1.48989335, and 90 runs more than in runs of 100,000.
    """
    used = usages(MEASUREMENT)
    single, gathered = used["uploaded, one by one"], used["uploaded, gathered"]
    assert cost(single).dollars - cost(used["one by one"]).dollars == pytest.approx(2.60833375)
    more_runs = cost(MEASUREMENT.run).dollars * 90
    added = cost(gathered).dollars - cost(used["batches of 100"]).dollars
    assert added == pytest.approx(1.48989335 + more_runs)


def test_a_month_adds_the_hours_of_the_endpoint() -> None:
    """1,000,000 images by the reference, and 2 instances of 0.115 dollars an hour for 730 hours: 167.90."""
    monthly = cost_report(MEASUREMENT, 1_000_000, "ml.m5.large", 2)["monthly"]
    assert monthly["endpoint"]["dollars"] == 167.90
    assert monthly["designs"]["reference"]["with_endpoint"] == pytest.approx(244.10)


@pytest.fixture
def at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing at hand, not even the measurement that comes with the code."""
    monkeypatch.setattr(measurements, "SHIPPED", tmp_path / "none.json")
    return tmp_path


def test_without_a_measurement_the_way_to_one_is_said(at_hand: Path, run_scones: Scones) -> None:
    code, out, err = run_scones("cost")
    assert (code, out, list(at_hand.iterdir())) == (2, "", [])
    assert "scones cost --measure" in err


def test_the_table_and_the_json_say_the_same(at_hand: Path, run_scones: Scones) -> None:
    write_measurement(MEASUREMENT, at_hand / measurements.MEASURED)
    code, out, _ = run_scones("cost", "--monthly", "300000")
    assert code == 0
    assert "76.20" in out
    assert "1/99" in out
    assert "Measured 2026-11-21" in out
    assert "busy" not in out
    code, out, _ = run_scones("cost", "--json", "--monthly", "300000")
    report = json.loads(out)
    assert report["designs"]["reference"]["dollars"] == pytest.approx(76.2)
    assert report["monthly"]["endpoint"]["dollars"] == 83.95
    assert report["measurement"]["measured"] == "2026-11-21"


def test_a_busy_machine_is_told(at_hand: Path, run_scones: Scones) -> None:
    write_measurement(MEASUREMENT._replace(load=2.9), at_hand / measurements.MEASURED)
    _, out, _ = run_scones("cost")
    assert "The machine was busy then (2.9 processes a core)" in out


def test_an_unknown_instance_type_is_refused(at_hand: Path, run_scones: Scones) -> None:
    write_measurement(MEASUREMENT, at_hand / measurements.MEASURED)
    code, _, err = run_scones("cost", "--monthly", "1", "--instance-type", "ml.x1")
    assert code == 2
    assert "ml.m5.large" in err
