"""moto's retries and waits: a stop, a time-out or a failure beside them ends the pause at once."""

from __future__ import annotations

import random
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.retry.jitter_strategy_decl import JitterStrategy
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import RetrierOutcome
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment

from loopback_aws.states.flow.pauses import Latch, pause, seconds_until

_COMPONENT = "moto.stepfunctions.parser.asl.component"
_WAIT = f"{_COMPONENT}.state.wait.wait_function"
PRIVATE = (
    f"{_COMPONENT}.common.retry.retrier_decl:RetrierDecl._eval_body",
    f"{_COMPONENT}.common.retry.retrier_outcome:RetrierOutcome.Executed",
    f"{_WAIT}.wait_function:WaitFunction._wait_interval",
    f"{_WAIT}.timestamp:Timestamp._get_wait_seconds",
    f"{_WAIT}.timestamp:Timestamp._from_timestamp_string",
    f"{_WAIT}.timestamp:Timestamp._create_failure_event",
    "moto.stepfunctions.parser.asl.eval.environment:Environment.__init__",
    "moto.stepfunctions.parser.asl.eval.environment:Environment.is_running",
)


def apply() -> None:
    """Replace what sleeps, and the event that wakes it."""
    initialise = Environment.__init__

    def with_latch(self: Any, *args: Any, **keywords: Any) -> None:
        initialise(self, *args, **keywords)
        self.program_state_event = Latch()

    Environment.__init__ = with_latch
    RetrierDecl._eval_body = evaluate_retrier
    WaitFunction._wait_interval = lambda _, env, wait_seconds: pause(env, wait_seconds)
    Timestamp._from_timestamp_string = staticmethod(seconds_until)  # also the check when it is parsed
    Timestamp._get_wait_seconds = seconds_of_timestamp


def evaluate_retrier(retrier: Any, env: Any) -> None:
    """Leave on the stack whether the retrier takes the error on top of it, once its pause is over."""
    retrier.error_equals.eval(env)
    if not env.stack.pop():
        env.stack.append(RetrierOutcome.Skipped)
        return
    key = ("retrier", id(retrier))  # moto's own keys come into being when two executions first ask for them
    attempts, seconds = env.heap.get(key, (0, retrier.interval_seconds.seconds))
    if attempts >= retrier.max_attempts.attempts:
        env.stack.append(RetrierOutcome.Failed)
        return
    env.heap[key] = attempts + 1, seconds * retrier.backoff_rate.rate
    seconds = min(seconds, retrier.max_delay_seconds.max_delays_seconds)
    if retrier.jitter_strategy.jitter_strategy is JitterStrategy.FULL:
        seconds = random.uniform(0, seconds)
    pause(env, seconds)
    env.stack.append(RetrierOutcome.Executed)


def seconds_of_timestamp(wait: Any, env: Any) -> float:
    """Seconds until the time that a Wait state names."""
    wait.string.eval(env=env)
    text = env.stack.pop()
    seconds = seconds_until(text) if isinstance(text, str) else None
    if seconds is None:
        raise FailureEventException(wait._create_failure_event(env, text))
    return seconds
