"""Activities: ministack knows which there are, moto queues their tasks."""

from __future__ import annotations

import threading

from ministack.services import stepfunctions
from moto.stepfunctions.parser.backend.activity import Activity


class Activities:
    """The queue of each activity that exists; read by moto's interpreter as a mapping."""

    def __init__(self) -> None:
        self._queues: dict[str, Activity] = {}
        self._lock = threading.Lock()

    def get(self, arn: str) -> Activity | None:
        """The queue of an activity; None when there is none of this ARN."""
        with self._lock:
            known = stepfunctions._activities.get(arn)
            if known is None:
                self._queues.pop(arn, None)
                return None
            if arn not in self._queues:
                self._queues[arn] = Activity(arn=arn, name=known["name"])
            return self._queues[arn]


activities = Activities()
