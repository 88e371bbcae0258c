"""Waiting for what is to be captured: until it is there, or as long as was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from operations.reporting import stage
from operations.reporting.request import Progress, ReportRequest
from operations.reporting.stage import StageSource
from reports.document import Numbers

REQUEST = ReportRequest(
    hours=1, labels=None, artifact=None, image_every=0, now=datetime(2026, 1, 1, tzinfo=UTC)
)


@dataclass(frozen=True, kw_only=True)
class Growing(StageSource):
    """One that finds an inference more at each look."""

    deployment: Any = None
    settings: Any = None
    s3: Any = None
    states: Any = None
    looks: list[datetime] = field(default_factory=list)

    def numbers(self, request: ReportRequest, progress: Progress, warn: Callable[[str], None]) -> Numbers:
        progress("looking", 1, 1)
        warn("nobody hears this")
        self.looks.append(request.now)
        found: Any = {"recent": [{"inference_id": f"image-{n}"} for n in range(len(self.looks))]}
        return found


def test_it_looks_until_all_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "FIRST_PAUSE", 0.0)
    source = Growing()
    numbers, missing = source.wait_for_captured({"image-0", "image-2"}, REQUEST, seconds=60)
    assert (missing, len(numbers["recent"]), len(source.looks)) == (0, 3, 3)
    assert source.looks == sorted(source.looks)
    assert source.looks[0] > REQUEST.now, "up to now, not to when it was asked for"


def test_after_the_time_it_says_how_many_are_missing() -> None:
    numbers, missing = Growing().wait_for_captured({"image-0", "image-8", "image-9"}, REQUEST, seconds=0)
    assert (missing, len(numbers["recent"])) == (2, 1)
