"""Numbers as they are read: rounded, with separators and units."""

from __future__ import annotations

import pytest

from reports.page.wording import count, counted, decimal, moment, percent, quantity


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (count(1204), "1,204"),
        (count(None), "unknown"),
        (counted(1, "image"), "1 image"),
        (counted(0, "image"), "0 images"),
        (counted(2, "class", "classes"), "2 classes"),
        (percent(0.91744, 2), "91.74 %"),
        (percent(0.0), "0.0 %"),
        (percent(None), "unknown"),
        (decimal(0.25, 2), "0.25"),
        (quantity(121.44, "of 255"), "121.4 of 255"),
        (quantity(32.0, "px"), "32 px"),
        (quantity(12345.6, ""), "12,346"),
        (quantity(0.95123, ""), "0.951"),
        (quantity(None, "px"), "unknown"),
        (moment("2026-10-05T02:15:59Z"), "5 Oct 2026, 02:15"),
        (moment("2026-10-25T02:15:00+02:00"), "25 Oct 2026, 00:15"),
        (moment(None), "unknown"),
    ],
)
def test_wording(written: str, meant: str) -> None:
    assert written.replace("\u00a0", " ") == meant
