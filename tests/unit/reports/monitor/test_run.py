"""A run of the monitor counts each record once: over many runs, late files, new hours and packs."""

from __future__ import annotations

from tests.unit.reports.monitor.watched import BUCKET, HOUR, MINUTE, NOON, Watched


def test_a_run_counts_what_was_captured_and_the_next_one_only_what_is_new(watched: Watched) -> None:
    watched.capture(NOON - 90 * MINUTE, [0.95, 0.6])
    watched.capture(NOON - 5 * MINUTE, [0.99] * 4, packed=True)
    first = watched.run(NOON)
    assert first == {
        "files": 2,
        "inferences": 6,
        "behind": False,
        "report": f"s3://{BUCKET}/reports/2026/11/21/1200.html",
    }
    assert watched.counted() == (6, 6)
    watched.capture(NOON + MINUTE)
    assert watched.run(NOON + HOUR)["files"] == 1
    assert watched.run(NOON + HOUR + MINUTE)["files"] == 0
    assert watched.counted() == (7, 7)
    assert (watched.sum("CapturedRequests"), watched.sum("LowConfidence")) == (4, 1)
    assert watched.sum("MonitorRuns") == 3
