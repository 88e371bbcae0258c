"""The thread that evaluates alarms: soon after one of their metrics has news, and as time passes.

AWS evaluates an alarm once a minute, one with a period under a minute every ten seconds. Here it is done more
often, because a person waits for it.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from loopback_aws.cloudwatch import alarms
from loopback_aws.cloudwatch.metrics import METRICS

GATHER_SECONDS = 0.1
"""News of this long are looked at together."""
FEED_SECONDS = 1.0
"""How often what others measured is fetched, at least."""
SHARE = 20
"""The pause after an evaluation is at least this many times as long as the evaluation."""
HOLD_ROUNDS = 4
"""Rounds for which a state that SetAlarmState gave stays: on AWS until the next evaluation."""
FRESH_ROUNDS = 3
"""Rounds for which an alarm that was just made, or any when the local AWS has just started, may be without
data before that counts as missing: what gives the data starts then, too. AWS takes up to a minute."""
THIN_OUT_SECONDS = 60.0
AlarmKey = tuple[str, str, str]
"""Account, region and name of an alarm."""
_log = logging.getLogger("loopback_aws.cloudwatch.clock")


class Clock:
    """Evaluates all alarms every `seconds`, those whose metrics have news at once.

    `feeds` are asked first, each time, to publish what they measured.
    """

    def __init__(self, seconds: float, *feeds: Callable[[], None]) -> None:
        self._seconds = seconds
        self._feeds = feeds
        self._new: set[AlarmKey] = set()
        self._fresh: dict[AlarmKey, float] = {}
        self._held: dict[AlarmKey, float] = {}
        self._feeding = threading.Lock()
        self._started = -math.inf
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)

    def start(self) -> None:
        self._started = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        METRICS.news.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def hold(self, account: str, region: str, name: str) -> None:
        """Leave an alarm alone for a while: its state was set by hand."""
        self._held[account, region, name] = time.monotonic() + HOLD_ROUNDS * self._seconds

    def look_at(self, account: str, region: str, name: str) -> None:
        """Evaluate an alarm soon: it was made or changed."""
        self._fresh[account, region, name] = time.monotonic() + FRESH_ROUNDS * self._seconds
        self._new.add((account, region, name))
        METRICS.news.set()

    def look(self, *, everything: bool) -> None:
        """Evaluate the alarms whose metrics have news, or all of them."""
        self._feed()
        changed = METRICS.take_changed()
        new, self._new = self._new, set()
        for key, alarm in cloudwatch._alarms.all_items():
            account, region, _ = key
            wanted = everything or key in new or alarms.watches(alarm, changed, account, region)
            if wanted and not self._holds(key):
                with request_scope(account, region):
                    _evaluate(alarm, fresh=self._is_fresh(key))

    def states(self, account: str, region: str, names: Sequence[str]) -> dict[str, tuple[str, str] | None]:
        """State and reason of these alarms, metric or composite, by what is measured until now; None for one
        that is not there. One that is held is as it was set."""
        self._feed()
        with request_scope(account, region):
            for name in names:
                alarm = cloudwatch._alarms.get(name)
                if alarm and not self._holds((account, region, name)):
                    _evaluate(alarm, fresh=False)
            found = {
                name: cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name) for name in names
            }
        return {name: alarm and (alarm["StateValue"], alarm["StateReason"]) for name, alarm in found.items()}

    def _feed(self) -> None:
        with self._feeding:
            for feed in self._feeds:
                feed()

    def _holds(self, key: AlarmKey) -> bool:
        return _until(self._held, key)

    def _is_fresh(self, key: AlarmKey) -> bool:
        return time.monotonic() < self._started + FRESH_ROUNDS * self._seconds or _until(self._fresh, key)

    def _run(self) -> None:
        next_round = next_thinning = time.monotonic()
        while not self._stopping.is_set():
            METRICS.news.wait(min(max(next_round - time.monotonic(), 0.0), FEED_SECONDS))
            self._stopping.wait(GATHER_SECONDS)
            begin = time.monotonic()
            try:
                self.look(everything=begin >= next_round)
                if begin >= next_thinning:
                    METRICS.thin_out(time.time())
                    next_thinning = begin + THIN_OUT_SECONDS
            except Exception:  # noqa: BLE001 - the clock must go on
                _log.exception("Alarms could not be evaluated")
            if begin >= next_round:
                next_round = begin + self._seconds
            self._stopping.wait(SHARE * (time.monotonic() - begin))


def _until(ends: dict[AlarmKey, float], key: AlarmKey) -> bool:
    """Whether an end is still ahead; one that is not is forgotten."""
    if ends.get(key, 0.0) > time.monotonic():
        return True
    ends.pop(key, None)
    return False


def _evaluate(alarm: alarms.Alarm, *, fresh: bool) -> None:
    try:
        alarms.evaluate(alarm, time.time(), fresh=fresh)
    except Exception:  # noqa: BLE001 - one alarm must not keep the others from being evaluated
        _log.exception("Alarm %s could not be evaluated", alarm["AlarmName"])
