"""The values of metrics: added by whoever measures, gathered by the second, thinned out as they grow old."""

from __future__ import annotations

import bisect
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch

Scope = tuple[str, str]
"""Account and region."""
Point = dict[str, Any]
"""A value as the emulator keeps it: Timestamp (seconds), Value, Unit, Dimensions, Count or _stat."""
Changed = tuple[str, str, str, str]
"""A metric that has news: account, region, namespace, name."""

KEPT_SECONDS = 14 * 24 * 3600
"""How long values are kept; AWS keeps them for 15 months, ever coarser."""
FINE_SECONDS = 3 * 3600
"""Older values are kept by the minute: AWS keeps those of high resolution as long as this."""
AWS_SECONDS = 300
"""The same for metrics of AWS's services, which have no high resolution and are many."""


@dataclass
class Second:
    """What was recorded of one metric within a second."""

    begin: float
    bucket: list[Point]
    points: dict[tuple[float, str], Point] = field(default_factory=dict)


class Metrics:
    """Values go in from any thread; `news` is set when there are some that nobody took note of."""

    def __init__(self) -> None:
        self.news = threading.Event()
        self._lock = threading.Lock()
        self._changed: set[Changed] = set()
        self._seconds: dict[tuple[Scope, tuple[str, str, str]], Second] = {}

    def record(
        self,
        namespace: str,
        name: str,
        dimensions: dict[str, str],
        value: float,
        unit: str = "None",
        *,
        count: float = 1,
        scope: Scope | None = None,
        moment: float | None = None,
    ) -> None:
        """Add `value`, seen `count` times now or at `moment` (seconds). The same value of the same second
        is one point with a count, so that a run of thousands stays small."""
        now = time.time() if moment is None else moment
        scope = scope or current_scope()
        key = (namespace, name, cloudwatch._dims_key(dimensions))
        with self._lock:
            bucket = self._bucket(scope, key)
            second = self._seconds.get((scope, key))
            if second is None or second.bucket is not bucket or not 0 <= now - second.begin < 1:
                second = self._seconds[scope, key] = Second(now, bucket)
            point = second.points.get((value, unit))
            if point:
                point["Count"] = point.get("Count", 1.0) + count
            else:
                point = {"Timestamp": second.begin, "Value": float(value), "Unit": unit}
                point |= {"Dimensions": dict(dimensions)} | ({"Count": float(count)} if count != 1 else {})
                second.points[value, unit] = point
                insert(bucket, point)
            self._note(scope, namespace, name)

    def add(self, namespace: str, name: str, dimensions: dict[str, str], points: list[Point]) -> None:
        """Add points of one metric at their own moments, in the account and region at hand."""
        scope = current_scope()
        with self._lock:
            bucket = self._bucket(scope, (namespace, name, cloudwatch._dims_key(dimensions)))
            for point in points:
                insert(bucket, point)
            self._note(scope, namespace, name)

    def between(
        self, namespace: str, name: str, dimensions: dict[str, str], start: float, end: float
    ) -> list[Point]:
        """Points of one metric, in the account and region at hand, with start < time <= end, in order."""
        key = (namespace, name, cloudwatch._dims_key(dimensions))
        with self._lock:
            bucket: list[Point] = cloudwatch._metrics.get(key) or []
            first = bisect.bisect_right(bucket, start, key=moment_of)
            return bucket[first : bisect.bisect_right(bucket, end, key=moment_of)]

    def take_changed(self) -> set[Changed]:
        """The metrics that have news since the last call."""
        with self._lock:
            self.news.clear()
            changed, self._changed = self._changed, set()
            return changed

    def thin_out(self, now: float) -> None:
        """Drop what is too old and gather what is old by the minute."""
        for scoped, bucket in cloudwatch._metrics.all_items():
            namespace = scoped[2][0]
            fine = now - (AWS_SECONDS if namespace.startswith("AWS/") else FINE_SECONDS)
            with self._lock:
                if not bucket or bucket[0]["Timestamp"] >= fine:
                    continue
                bucket[:] = thinned(bucket, now, fine)
                if not bucket:
                    cloudwatch._metrics.pop_scoped(*scoped, None)

    def _bucket(self, scope: Scope, key: tuple[str, str, str]) -> list[Point]:
        bucket: list[Point] | None = cloudwatch._metrics.get_scoped(*scope, key)
        if bucket is None:
            bucket = []
            cloudwatch._metrics.set_scoped(*scope, key, bucket)
        return bucket

    def _note(self, scope: Scope, namespace: str, name: str) -> None:
        self._changed.add((*scope, namespace, name))
        if not self.news.is_set():
            self.news.set()


def insert(bucket: list[Point], point: Point) -> None:
    """Put a point into its place in time: almost always the end."""
    if bucket and bucket[-1]["Timestamp"] > point["Timestamp"]:
        bisect.insort(bucket, point, key=moment_of)
    else:
        bucket.append(point)


def thinned(points: list[Point], now: float, fine: float) -> list[Point]:
    """The points that are kept; those before `fine` with the same value in the same minute are one with a
    count."""
    kept: list[Point] = []
    by_minute: dict[tuple[float, float, str], Point] = {}
    for point in points:
        moment = point["Timestamp"]
        if moment < now - KEPT_SECONDS:
            continue
        if moment >= fine or "_stat" in point:
            kept.append(point)
            continue
        place = (moment // 60, point["Value"], point["Unit"])
        if place in by_minute:
            by_minute[place]["Count"] += point.get("Count", 1.0)
        else:
            by_minute[place] = point | {"Count": point.get("Count", 1.0)}
            kept.append(by_minute[place])
    return kept


def moment_of(point: Point) -> float:
    """When a point was, in seconds."""
    moment: float = point["Timestamp"]
    return moment


def current_scope() -> Scope:
    """Account and region of the request at hand."""
    return get_account_id(), get_region()


METRICS = Metrics()
"""The one that everything records in, as the emulator's store is one, too."""
