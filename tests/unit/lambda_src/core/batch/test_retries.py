"""What is asked again, how often, and when it is left to the state machine."""

from __future__ import annotations

import pytest

from lambda_src.core.batch.retries import LONGEST_PAUSE_SECONDS, RETRY_SECONDS, with_retries
from lambda_src.core.errors import ERRORS, ClassificationError, EndpointThrottled, ModelFailed

AGAIN = [error for error in ERRORS if error.retried and error is not ModelFailed]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that only pauses move, each as long as it may be."""
    taken: list[float] = []
    monkeypatch.setattr("lambda_src.core.batch.retries.time.monotonic", lambda: sum(taken))
    monkeypatch.setattr("lambda_src.core.batch.retries.time.sleep", taken.append)
    monkeypatch.setattr("lambda_src.core.batch.retries.random.uniform", lambda _low, high: high)
    return taken


class Flaky:
    def __init__(self, failures: int, error: type[ClassificationError]) -> None:
        self.calls, self.failures, self.error = 0, failures, error

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error("no")
        return "yes"


@pytest.mark.parametrize("error", AGAIN)
def test_passing_errors_are_asked_again(pauses: list[float], error: type[ClassificationError]) -> None:
    call = Flaky(3, error)
    assert with_retries(call) == "yes"
    assert pauses == [0.1, 0.2, 0.4]


def test_for_seconds_and_no_longer(pauses: list[float]) -> None:
    call = Flaky(1000, EndpointThrottled)
    with pytest.raises(EndpointThrottled):
        with_retries(call)
    assert sum(pauses) <= RETRY_SECONDS
    assert max(pauses) == LONGEST_PAUSE_SECONDS
    assert call.calls == 8


@pytest.mark.parametrize("error", [error for error in ERRORS if error not in AGAIN])
def test_others_are_raised_at_once(pauses: list[float], error: type[ClassificationError]) -> None:
    call = Flaky(1, error)
    with pytest.raises(error):
        with_retries(call)
    assert (call.calls, pauses) == (1, [])
