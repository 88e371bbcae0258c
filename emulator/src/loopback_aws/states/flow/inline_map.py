"""An inline Map state: its iterations, at most 40 at once.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from loopback_aws.states.data.jsonpath.data_flow import FatalError, not_found
from loopback_aws.states.flow.branches import failure_of, give_up, in_thread, open_part, record_abortion
from loopback_aws.states.flow.error_names import RUNTIME, TOO_MANY_FAILED, TOO_MANY_FAILED_CAUSE
from loopback_aws.states.flow.items import STATE_DATA, Item

AT_ONCE = 40
"""Most iterations that run at once, whatever MaxConcurrency says."""


def listed(given: Any) -> Any:
    """What Items or ItemsPath leads to as a list of items: of an object, its key-value pairs."""
    if isinstance(given, dict):
        return [Item(value, STATE_DATA, key) for key, value in given.items()]
    return given


class InlineMap:
    """One execution of the state."""

    def __init__(
        self, component: Any, env: Any, given: Any, too_many: Callable[[int, int], bool] | None
    ) -> None:
        """`too_many`: whether so many failed iterations of so many are more than the state tolerates; None
        when it says nothing of it: then the first failure is that of the state."""
        self._env = env
        self._too_many = too_many
        self._failed = 0
        self._name = given.state_name
        self._items = given.input_items
        self._workers = min(given.max_concurrency or AT_ONCE, AT_ONCE, len(self._items))
        self._program = component._get_iteration_program()
        self._selector = component._create_worker(env=env, eval_input=given, job_pool=None)
        self._results: list[Any] = [None] * len(self._items)
        self._next = 0
        self._open: dict[int, Any] = {}
        """Index of an iteration that runs -> its frame."""
        self._failure: BaseException | None = None
        self._lock = threading.Lock()
        self._left = self._workers
        self._over = threading.Event()

    def run(self) -> list[Any]:
        """Results in the order of the items; an exception as soon as an iteration fails.

        What is returned counts for nothing when the execution has ended meanwhile.
        """
        if self._items:
            for number in range(self._workers):
                in_thread(f"map-{number}", self._work)
            with self._env.event_manager.waking(self._over):
                self._over.wait()
        if self._failure:
            raise self._failure
        return self._results

    def _work(self) -> None:
        """Run iterations, one after the other, until there is none left or one has failed."""
        frame = self._env.open_frame()
        place = frame.event_history_context
        try:
            while (index := self._take()) is not None:
                iteration = open_part(frame)
                place.source_event_id = max(place.source_event_id, self._run_one(index, iteration))
                frame.close_frame(iteration)
        except BaseException as error:  # noqa: BLE001 - it is raised again by run(), which waits
            self._failure = self._failure or error
        if self._failure is None:
            self._env.close_frame(frame)
        with self._lock:
            self._left -= 1
            if self._left == 0 or self._failure:
                self._over.set()

    def _take(self) -> int | None:
        with self._lock:
            if self._failure or not self._env.is_running() or self._next == len(self._items):
                return None
            self._next += 1
            return self._next - 1

    def _run_one(self, index: int, frame: Any) -> int:
        """Run an iteration; the number of its last event when it is the last of its worker, else 0."""
        self._add(frame, HistoryEventType.MapIterationStarted, index)
        with self._lock:
            self._open[index] = frame
        try:
            self._select(index, frame)
            self._program.eval(frame)
            state = frame.program_state()
            if isinstance(state, ProgramError):
                raise failure_of(frame, state.error, HistoryEventType.MapIterationFailed)
        except (Exception, FatalError) as error:  # noqa: BLE001 - it is raised again by run()
            if not self._is_tolerated(index, frame, error):
                return 0
            state = None
        with self._lock:  # no iteration both succeeds and is aborted
            if self._open.pop(index, None) is not None and isinstance(state, ProgramEnded):
                self._results[index] = frame.states.get_input()
                self._add(frame, HistoryEventType.MapIterationSucceeded, index)
        last = self._next == len(self._items)
        return int(frame.event_history_context.last_published_event_id) if last else 0

    def _select(self, index: int, frame: Any) -> None:
        """Make the iteration's input: its item, or what ItemSelector makes of it."""
        item = self._items[index]
        key = {}
        if isinstance(item, Item):
            key = {"Key": item.key}
        else:
            item = Item(item, STATE_DATA)
        context = frame.states.context_object.context_object_data
        context["Map"] = {"Item": {"Index": index, **key, "Value": item.value}}
        frame.states.reset(input_value=item.input)
        try:
            self._selector._eval_input(env_frame=frame)
        except NoSuchJsonPathError as missing:
            raise FatalError(not_found(missing, frame.next_field_name)) from None

    def _is_tolerated(self, index: int, frame: Any, error: BaseException) -> bool:
        """Record a failure that is tolerated, or have it end the state; its result is null."""
        told = not _is_runtime(error)
        if told and frame.event_manager.state == "Task":
            record_abortion(frame, "Task")
        with self._lock:
            self._failed += 1
            failed = self._failed
        if self._too_many is None:
            self._fail(index, frame, error, told=told, told_itself=told)
        elif self._too_many(failed, len(self._items)):
            details = {"error": TOO_MANY_FAILED, "cause": TOO_MANY_FAILED_CAUSE}
            exceeded = failure_of(frame, details, HistoryEventType.MapIterationFailed)
            self._fail(index, frame, exceeded, told=True, told_itself=told)
        else:
            with self._lock:
                if self._open.pop(index, None) is not None and told:
                    self._add(frame, HistoryEventType.MapIterationFailed, index)
            return True
        return False

    def _fail(self, index: int, frame: Any, error: BaseException, *, told: bool, told_itself: bool) -> None:
        """Take over the first failure and end all other iterations.

        `told`: whether what is ended leaves events, all of them chained to the last event of what failed;
        `told_itself`: whether the failed iteration does.
        """
        with self._lock:
            self._open.pop(index, None)
            if self._failure or not self._env.is_running():
                return
            self._failure, others = error, dict(self._open)
            self._open.clear()
        place = self._env.event_history_context
        place.source_event_id = frame.event_history_context.source_event_id
        for number, other in sorted(others.items()):
            state = give_up(other)
            if told:
                self._add(self._env, HistoryEventType.MapIterationAborted, number)
                record_abortion(self._env, state)
        if told_itself:
            self._add(self._env, HistoryEventType.MapIterationFailed, index)
        self._over.set()

    def _add(self, frame: Any, kind: HistoryEventType, index: int) -> None:
        key = kind.value[0].lower() + kind.value[1:] + "EventDetails"
        frame.event_manager.add_event(
            context=frame.event_history_context,
            event_type=kind,
            event_details={key: {"name": self._name, "index": index}},
            update_source_event_id=kind is HistoryEventType.MapIterationStarted,
        )


def _is_runtime(error: BaseException) -> bool:
    if isinstance(error, FailureEventException):
        return getattr(error.failure_event.error_name, "error_name", None) == RUNTIME
    return isinstance(error, FatalError)
