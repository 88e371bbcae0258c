"""What the ledger remembers, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lambda_src.core.inbox import ledger
from lambda_src.core.inbox.ledger import KEPT, Ledger, read_ledger, write_ledger

NOW = datetime(2026, 12, 1, tzinfo=UTC)
A, B, C = ("a" * 16, "b" * 16, "c" * 16)


def test_a_day_is_remembered() -> None:
    kept = Ledger().with_run("one", [A, B], NOW).started()
    assert kept.with_run("two", [C], NOW + KEPT).known == {A, B, C}
    assert kept.with_run("two", [C], NOW + KEPT + timedelta(seconds=1)).known == {C}


def test_more_than_fits_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_KEPT", 2)
    kept = Ledger().with_run("one", [A], NOW).with_run("two", [B], NOW).with_run("three", [C], NOW)
    assert kept.known == {B, C}
    assert Ledger().with_run("one", [A, B, C], NOW).known == {A, B, C}


def test_it_is_the_same_when_it_is_read_again() -> None:
    kept = Ledger().with_run("one", [A, B], NOW)
    assert read_ledger(write_ledger(kept), "ledger") == kept
    assert (kept.pending, kept.started().pending) == ("one", None)
