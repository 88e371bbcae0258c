"""Images through the design that batches are compared with, one execution each: costs.reference_design."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from costs.reference_design import UNSURE, ReferenceDesign

CLIENTS = 8


@dataclass(frozen=True)
class Ended:
    """An execution that has ended; `seconds` is by its own start and stop."""

    arn: str
    seconds: float


@dataclass(frozen=True)
class Reference:
    """The deployed reference, and the bucket with its images."""

    states: Any
    design: ReferenceDesign
    bucket: str

    def classify(self, key: str, patience: float = 0.03) -> Ended:
        """Start an execution and wait for it, asking after `patience` seconds first."""
        given = json.dumps({"s3_bucket": self.bucket, "s3_key": key})
        arn = self.states.start_execution(stateMachineArn=self.design.machine, input=given)["executionArn"]
        time.sleep(patience)
        while (said := self.states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            time.sleep(0.02)
        if said["status"] != "SUCCEEDED" and said.get("error") != UNSURE:
            raise RuntimeError(f"{arn} ended as {said['status']}: {said.get('error')}: {said.get('cause')}")
        return Ended(arn, (said["stopDate"] - said["startDate"]).total_seconds())

    def classify_all(self, keys: Sequence[str]) -> list[Ended]:
        """Every key by one of CLIENTS that each have one execution running at a time.

        They ask for its end about when it is due, since asking too costs what is measured.
        """

        def drive(mine: Sequence[str]) -> list[Ended]:
            done: list[Ended] = []
            for key in mine:
                done.append(self.classify(key, 0.9 * min((e.seconds for e in done[-5:]), default=0.03)))
            return done

        with ThreadPoolExecutor(CLIENTS) as pool:
            parts = pool.map(drive, [keys[number::CLIENTS] for number in range(CLIENTS)])
            return [ended for part in parts for ended in part]
