"""What is counted, and what a million images cost by it: against an example worked by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambda_src.core.run.prices import Usage, cost
from operations.__main__ import main
from operations.aws.errors import OperationError
from operations.cost import cost_report
from operations.costing import measurement as measurements
from operations.costing.counts import Billed, count_transitions, lambda_usage, read_report
from operations.costing.designs import run_and_image
from operations.costing.measurement import Measurement, read_measurement, usages, write_measurement
from operations.costing.reference_design import STEPS, definition

CHAIN = ["ExecutionStarted", *(3 * ["TaskStateEntered", "TaskScheduled", "TaskSucceeded", "TaskStateExited"])]
MEASUREMENT = Measurement(
    measured="2026-11-21",
    where="AWS on loopback, http://127.0.0.1:4566",
    load=0.1,
    image_bytes=2100.0,
    single=Usage(standard_transitions=3, lambda_requests=3, lambda_gb_seconds=0.03, s3_gets=1),
    reference=Usage(standard_transitions=3, lambda_requests=3, lambda_gb_seconds=0.012, s3_gets=1),
    run=Usage(
        standard_transitions=5,
        lambda_requests=2,
        lambda_gb_seconds=0.1,
        s3_gets=10,
        s3_puts_and_lists=10,
        notifications=1,
    ),
    image=Usage(lambda_gb_seconds=0.00001, s3_gets=1, s3_puts_and_lists=0.001),
    batches={
        100: Usage(
            standard_transitions=1,
            express_requests=1,
            express_gb_seconds=0.0625,
            lambda_requests=3,
            lambda_gb_seconds=0.2,
            s3_gets=1,
            s3_puts_and_lists=1,
        )
    },
)


def test_a_million_images_by_hand() -> None:
    """Reference: 3 million transitions are 75.00, 3 million invocations 0.60, 12,000 GB-s 0.2000004,
    1 million GETs 0.40: 76.2000004.

    In batches of 100, ten runs of 1,000 batches: 10,050 transitions 0.25125; 10,000 Express requests 0.01 and
    625 GB-s 0.01041875; 30,020 invocations 0.006004; 2,011 GB-s 0.0335167337; 1,010,100 GETs 0.40404; 11,100
    PUTs and lists 0.0555; 10 messages 0.000005: 0.7707344837.
    """
    used = usages(MEASUREMENT)
    assert list(used) == ["reference", "one by one", "batches of 100"]
    assert cost(used["reference"]).dollars == pytest.approx(76.2000004)
    assert cost(used["batches of 100"]).dollars == pytest.approx(0.7707344837)
    report = cost_report(MEASUREMENT, None, "ml.m5.large", 1)["designs"]["batches of 100"]
    assert report["dollars"] == pytest.approx(0.770734)
    assert report["of_reference"] == pytest.approx(0.7707344837 / 76.2000004, abs=1e-6)
    assert sum(report["items"].values()) == pytest.approx(report["dollars"], abs=1e-5)
    assert report["transitions_an_image"] == pytest.approx(0.01005)
    assert report["invocations_an_image"] == pytest.approx(0.03002)


def test_a_part_of_a_run_or_batch_counts_as_a_whole_one() -> None:
    used = usages(MEASUREMENT, 250)["batches of 100"]
    assert used.express_requests == 3
    assert used.standard_transitions == 5 + 3
    assert used.notifications == 1
    assert usages(MEASUREMENT, 100_001)["batches of 100"].standard_transitions == 2 * 5 + 1001


def test_a_month_adds_the_hours_of_the_endpoint() -> None:
    """1,000,000 images by the reference, and 2 instances of 0.115 dollars an hour for 730 hours: 167.90."""
    monthly = cost_report(MEASUREMENT, 1_000_000, "ml.m5.large", 2)["monthly"]
    assert monthly["endpoint"]["dollars"] == 167.90
    assert monthly["designs"]["reference"]["with_endpoint"] == pytest.approx(244.10)


def test_steps_and_retries_are_transitions() -> None:
    assert count_transitions(CHAIN) == 3
    assert count_transitions([*CHAIN, "TaskFailed", "TaskScheduled", "TaskScheduled"]) == 5
    machine = ["TaskStateEntered", "TaskScheduled", "ChoiceStateEntered", "MapStateEntered", "MapRunStarted"]
    assert count_transitions(["ExecutionStarted", *machine, "ExecutionSucceeded"]) == 3


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "REPORT RequestId: 978e412c\tDuration: 11.20 ms\tBilled Duration: 12 ms\tMemory Size: 256 MB\t"
            "Max Memory Used: 81 MB\tInit Duration: 401.20 ms\n",
            Billed("978e412c", 0.012, 256),
        ),
        (
            json.dumps(
                {
                    "time": "2026-11-21T13:01:07.000Z",
                    "type": "platform.report",
                    "record": {
                        "requestId": "978e412c",
                        "metrics": {
                            "durationMs": 11.2,
                            "billedDurationMs": 12,
                            "memorySizeMB": 256,
                            "maxMemoryUsedMB": 81,
                        },
                        "status": "success",
                    },
                },
                separators=(",", ":"),
            ),
            Billed("978e412c", 0.012, 256),
        ),
        ("START RequestId: 978e412c Version: $LATEST", None),
        ('{"level": "INFO", "message": "REPORT RequestId: 1"}', None),
        ('{"type": "platform.report", "record": null}', None),
        ('"platform.report"', None),
    ],
)
def test_what_lambda_bills_is_read_from_both_log_formats(message: str, expected: Billed | None) -> None:
    assert read_report(message) == expected


def test_invocations_add_up() -> None:
    """12 ms of 256 MB are 0.003 GB-s, 100 ms of 1,024 MB 0.1."""
    used = lambda_usage([Billed("a", 0.012, 256), Billed("b", 0.1, 1024)])
    assert used == Usage(lambda_requests=2, lambda_gb_seconds=pytest.approx(0.103))  # type: ignore[arg-type]


def test_two_runs_tell_the_fixed_part_from_that_of_each_image() -> None:
    small, large = (Usage(standard_transitions=5, lambda_gb_seconds=0.1 + 0.001 * n) for n in (20, 1000))
    run, image = run_and_image([(1000, large), (20, small), (100, small)])
    assert run.lambda_gb_seconds == pytest.approx(0.1)
    assert run.standard_transitions == 5
    assert image == Usage(lambda_gb_seconds=pytest.approx(0.001))  # type: ignore[arg-type]
    assert run_and_image([(20, large), (1000, small)])[1] == Usage()


def test_the_reference_is_a_chain_of_three() -> None:
    states = definition(["a", "b", "c"])
    walked, name = [], states["StartAt"]
    while name:
        walked.append(states["States"][name]["Resource"])
        name = states["States"][name].get("Next")
    assert (walked, len(STEPS)) == (["a", "b", "c"], 3)


def test_a_measurement_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "cost" / "measurements.json"
    write_measurement(MEASUREMENT, path)
    assert read_measurement(path) == MEASUREMENT
    write_measurement(MEASUREMENT._replace(reference=None), path)
    assert read_measurement(path).reference is None


@pytest.mark.parametrize("content", ["", "[]", '{"measured": "2026-11-21"}', "NEGATIVE"])
def test_a_damaged_measurement_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "measurements.json"
    write_measurement(MEASUREMENT, path)
    negative = path.read_text().replace('"lambda_requests": 2', '"lambda_requests": -2')
    path.write_text(negative if content == "NEGATIVE" else content)
    with pytest.raises(OperationError, match=r"measurements\.json is no measurement .*scones cost --measure"):
        read_measurement(path)


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["cost", *argv])
    output = capsys.readouterr()
    code: Any = end.value.code
    return code or 0, output.out, output.err


@pytest.fixture
def at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, without the measurement that comes with the code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(measurements, "SHIPPED", tmp_path / "none.json")
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def test_without_a_measurement_the_way_to_one_is_said(
    at_hand: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys)
    assert (code, out, list(at_hand.iterdir())) == (2, "", [])
    assert "scones cost --measure" in err


def test_the_table_and_the_json_say_the_same(at_hand: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_measurement(MEASUREMENT, at_hand / measurements.MEASURED)
    code, out, _ = run(capsys, "--monthly", "300000")
    assert code == 0
    assert "76.20" in out
    assert "1/99" in out
    assert "Measured 2026-11-21" in out
    assert "busy" not in out
    code, out, _ = run(capsys, "--json", "--monthly", "300000")
    report = json.loads(out)
    assert report["designs"]["reference"]["dollars"] == pytest.approx(76.2)
    assert report["monthly"]["endpoint"]["dollars"] == 83.95
    assert report["measurement"]["measured"] == "2026-11-21"


def test_a_busy_machine_is_told(at_hand: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_measurement(MEASUREMENT._replace(load=2.9), at_hand / measurements.MEASURED)
    _, out, _ = run(capsys)
    assert "The machine was busy then (2.9 processes a core)" in out


def test_an_unknown_instance_type_is_refused(at_hand: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_measurement(MEASUREMENT, at_hand / measurements.MEASURED)
    code, _, err = run(capsys, "--monthly", "1", "--instance-type", "ml.x1")
    assert code == 2
    assert "ml.m5.large" in err
