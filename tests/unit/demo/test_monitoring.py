"""What the demo says of the stream and the report, and what it waits for."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from demo import monitoring
from demo.monitoring import Simulated, answers, captured_records, join_labels, report_lines, report_summary
from tests.unit.reports.samples import sample_numbers

CHECKS = [
    {
        "name": "drift",
        "label": "Drift",
        "state": "well",
        "value": "none of 8 measures",
        "limit": "PSI below 0.25",
    },
    {
        "name": "captured",
        "label": "Captured inferences",
        "state": "unknown",
        "value": "7",
        "limit": "at least 200",
    },
]
NUMBERS: dict[str, Any] = {
    "captured": {"inferences": 7},
    "verdict": {"state": "well", "summary": "All is well.", "checks": CHECKS},
    "accuracy": {
        "estimate": {"value": 0.95, "low": 0.9, "high": 0.98, "method": "…"},
        "withdrawn": None,
        "labelled": None,
    },
}


def record(output: Any) -> dict[str, Any]:
    return {"captureData": {"endpointOutput": {"data": json.dumps(output)}}}


def test_a_pack_answers_for_each_of_its_images() -> None:
    pack = [[0.1, 0.9], {"error": "no picture"}, [0.2, 0.8]]
    said = {"probabilities": [0.1, 0.9], "unfamiliarity": 0.2}
    assert [answers(record(output)) for output in ([0.1, 0.9], pack, said, [said, said])] == [1, 3, 1, 2]


@pytest.mark.parametrize(
    ("dataset", "pictures"),
    [
        ("drawn", ["--drawn"]),
        ("drivers", ["--dataset", "build/dataset"]),  # new people are drift to who was tested on five
        ("cifar100", ["--dataset", "build/dataset"]),
    ],
)
def test_the_stream_is_of_pictures_like_those_that_the_model_was_tested_on(
    monkeypatch: pytest.MonkeyPatch, dataset: str, pictures: list[str]
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(monitoring, "_simulate", lambda _name, arguments, *_: asked.append(list(arguments)))
    assert len(list(monitoring.simulate(dataset, Path("build/dataset"), {}, Path("log")))) == 2
    assert [arguments[-2 - len(pictures) : -2] for arguments in asked] == [pictures, pictures]


def test_the_demo_says_how_many_answers_were_captured_when_some_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(monitoring, "CAPTURE_SECONDS", -1.0)
    monkeypatch.setattr(monitoring, "_records", lambda *_: iter([record([0.1, 0.9])]))
    s3: Any = SimpleNamespace()
    assert captured_records(s3, "s3://bucket/prefix", 1) == [record([0.1, 0.9])]
    with pytest.raises(TimeoutError, match="1 of 2 answers"):
        captured_records(s3, "s3://bucket/prefix", 2)


def test_labels_of_all_simulations_are_one_file(tmp_path: Path) -> None:
    simulated = []
    for name in ("burst", "stream"):
        (tmp_path / name).write_text(f"{name}\n")
        simulated.append(Simulated({"accepted": 3, "low_confidence": 1}, tmp_path / name))
    join_labels(simulated, tmp_path / "labels.jsonl")
    assert (tmp_path / "labels.jsonl").read_text() == "burst\nstream\n"
    assert simulated[0].answered == 4


def test_what_became_of_a_simulation_is_a_line(tmp_path: Path) -> None:
    counts = {"arrived": 1300, "seconds": 12.3, "accepted": 1200, "low_confidence": 99, "errors": 1}
    assert Simulated(counts, tmp_path).line() == (
        "1,300 images in 12 s: 1,200 accepted, 99 below the threshold, 1 errors"
    )


def test_each_check_and_accuracy_is_a_line_and_summarized(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_bytes(b"x" * 1_500_000)
    assert report_lines(NUMBERS) == [
        ("well       Drift: none of 8 measures; limit: PSI below 0.25", "well"),
        ("unknown    Captured inferences: 7; limit: at least 200", "unknown"),
        ("accuracy   estimated from confidence: 95.0% (90.0% to 98.0%)", ""),
    ]
    summary = report_summary(NUMBERS, page)
    assert summary["checks"] == {"drift": "well", "captured": "unknown"}
    assert summary["bytes"] == 1_500_000
    assert summary["accuracy"] == {"estimate": {"value": 0.95, "low": 0.9, "high": 0.98}, "labelled": None}


@pytest.mark.parametrize("labelled", [False, True])
def test_the_numbers_of_a_report_can_be_summarized(tmp_path: Path, labelled: bool) -> None:
    page = tmp_path / "report.html"
    page.touch()
    numbers: Any = sample_numbers(300, labelled=labelled)
    summary = report_summary(numbers, page)
    assert set(summary["accuracy"]) == {"estimate", "labelled"}
    assert (summary["accuracy"]["labelled"] is not None) == labelled
