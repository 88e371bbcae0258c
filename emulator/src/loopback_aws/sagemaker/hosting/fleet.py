"""The instances of one variant: how many, whose turn it is, and what happens when one dies."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from loopback_aws.sagemaker.hosting.instance import Instance, Launch, NotHealthy, start_instance
from loopback_aws.sagemaker.hosting.spawn import Spawner

DRAIN_SECONDS = 60.0
"""Longest time for requests in flight when an instance leaves: an invocation lasts at most as long."""
_QUICK_DEATH_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 30.0

_log = logging.getLogger("loopback_aws.sagemaker.hosting.fleet")


class Fleet:
    """Keeps `desired` instances running; `turn()` lends the next one to a request."""

    def __init__(self, launch: Launch, spawner: Spawner) -> None:
        self._launch = launch
        self._spawner = spawner
        self._lock = threading.Lock()
        self._instances: list[Instance] = []
        self._next = 0
        self._closed = threading.Event()
        self.desired = 0
        self.active: int | None = None
        """How many of the instances take requests; None: all."""

    @property
    def running(self) -> int:
        with self._lock:
            return len(self._instances)

    def scale(self, count: int) -> None:
        """Start or end instances until there are `count`. NotHealthy when one does not come up: then the
        ones that did are ended again and the number is what it was."""
        before = self.desired
        missing = count - before
        if missing > 0:
            started = self._start(missing)
            with self._lock:
                self._instances += started
            self.desired = count
            self._watch(started)
        elif missing < 0:
            self.desired = count
            with self._lock:
                leaving = self._instances[count:]
                self._instances = self._instances[:count]
            _drain_all(leaving)

    def close(self, *, drain: bool = True) -> None:
        """End every instance, after the requests in flight unless `drain` is False."""
        self._closed.set()
        with self._lock:
            leaving, self._instances = self._instances, []
        _drain_all(leaving, DRAIN_SECONDS if drain else 0.0)

    @contextmanager
    def turn(self) -> Iterator[Instance | None]:
        """The next live instance in turn, counted as busy meanwhile; None when there is none."""
        instance = self._take()
        try:
            yield instance
        finally:
            if instance:
                instance.leave()

    def _take(self) -> Instance | None:
        with self._lock:
            active = self._instances[: self.active]
            for _ in range(len(active)):
                self._next = (self._next + 1) % len(active)
                instance = active[self._next]
                if instance.alive:
                    instance.enter()
                    return instance
            return None

    def _start(self, count: int) -> list[Instance]:
        started: list[Instance] = []
        failure: NotHealthy | None = None
        with ThreadPoolExecutor(count) as pool:
            starts = [
                pool.submit(start_instance, self._launch, self._spawner, self._closed) for _ in range(count)
            ]
        for start in starts:
            try:
                started.append(start.result())
            except NotHealthy as error:
                failure = error
        if failure or self._closed.is_set():
            _drain_all(started, 0.0)
            raise failure or NotHealthy("it was stopped")
        return started

    def _watch(self, instances: list[Instance]) -> None:
        for instance in instances:
            began = time.monotonic()
            instance.watch(lambda dead, began=began: self._replace(dead, time.monotonic() - began))  # type: ignore[misc]

    def _replace(self, dead: Instance, lived_seconds: float) -> None:
        """Health checks as on AWS: an instance whose server ended is taken out and a new one put in."""
        with self._lock:
            if dead in self._instances:
                self._instances.remove(dead)
        pause = 0.0 if lived_seconds > _QUICK_DEATH_SECONDS else 1.0
        while not self._closed.wait(pause) and self.running < self.desired:
            try:
                started = self._start(1)
            except NotHealthy as error:
                _log.warning("A replacement did not come up: %s", error)
                pause = min(max(1.0, pause * 2), _LONGEST_PAUSE_SECONDS)
                continue
            with self._lock:
                wanted = not self._closed.is_set() and len(self._instances) < self.desired
                if wanted:
                    self._instances += started
            if wanted:
                self._watch(started)
            else:
                _drain_all(started, 0.0)


def _drain_all(instances: list[Instance], seconds: float = DRAIN_SECONDS) -> None:
    if instances:
        with ThreadPoolExecutor(len(instances)) as pool:
            list(pool.map(lambda instance: instance.drain(seconds), instances))
