"""What the charts need of the numbers, in few bytes."""

from __future__ import annotations

import re
from typing import Any

from reports.page.links import EXECUTION, command_line, console_address
from reports.page.periods import in_periods, period_hours

# How many inferences the page draws; the newest ones.
SHOWN = 1000
PICTURE = re.compile(r"data:image/(webp|png|jpeg|gif);base64,[A-Za-z0-9+/]+=*")

# One inference as a list: a page of 1,000 names no field 1,000 times.
FIELDS = (
    "time",
    "class",
    "confidence",
    "low",
    "key",
    "bucket",
    "execution",
    "place",
    "inferenceId",
    "trueClass",
    "picture",
)


def chart_data(numbers: dict[str, Any], records: list[dict[str, Any]]) -> dict[str, Any]:
    """The data of every chart; `records` are the inferences to draw, oldest first."""
    places = Places(numbers["where"])
    executions = numbers.get("executions") or {}
    hours = period_hours(numbers["window"])
    return {
        "window": numbers["window"],
        "generated": numbers["generated"],
        "threshold": numbers["model"]["threshold"],
        "truncated": numbers["recent_total"] > len(records),
        "classes": numbers["classes"],
        "confidence": numbers["confidence"],
        "periodHours": hours,
        "hours": in_periods(numbers["hours"], hours),
        "executionHours": in_periods(executions.get("hours") or [], hours),
        "fields": FIELDS,
        "recent": [_row(record, places) for record in records],
        "places": places.known,
    }


class Places:
    """What the ARNs of executions have in common, so that each record names its execution only once."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.known: list[dict[str, str | None]] = []
        self._numbers: dict[str, int] = {}

    def number(self, record: dict[str, Any]) -> int | None:
        """The place of a record's execution in `known`; None when its ARN is not one."""
        arn, name = record.get("execution_arn"), record.get("execution")
        if not arn or not name or not EXECUTION.fullmatch(arn) or not arn.endswith(f":{name}"):
            return None
        prefix = arn.removesuffix(name)
        if prefix not in self._numbers:
            self._numbers[prefix] = len(self.known)
            console, command = console_address(arn, self.where), command_line(arn)
            self.known.append(
                {
                    "console": console.removesuffix(name) if console else None,
                    "command": command.removesuffix(f"{name}'") if command else None,
                }
            )
        return self._numbers[prefix]


def picture(record: dict[str, Any]) -> str | None:
    """The thumbnail, if it is a picture that is written in the page itself."""
    text = record.get("picture")
    return text if isinstance(text, str) and PICTURE.fullmatch(text) else None


def _row(record: dict[str, Any], places: Places) -> list[Any]:
    return [
        record["time"],
        record["class"],
        record["confidence"],
        int(record["low"]),
        record.get("s3_key"),
        record.get("s3_bucket"),
        record.get("execution"),
        places.number(record),
        # The key says which image it was; the id is shown where there is no key.
        None if record.get("s3_key") else record.get("inference_id"),
        record.get("true_class"),
        picture(record),
    ]
