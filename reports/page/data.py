"""What the charts need of the numbers, in few bytes."""

from __future__ import annotations

import re

from reports.document import InferenceRecord, Numbers
from reports.page.links import EXECUTION, command_line, console_address
from reports.page.periods import executions_by_period, inferences_by_period, period_hours

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
    "machine",
    "inferenceId",
    "eventId",
    "trueClass",
    "picture",
)


def chart_data(numbers: Numbers, records: list[InferenceRecord], *, console: bool) -> dict[str, object]:
    """The data of every chart; `records` are the inferences to draw, oldest first."""
    machines = Machines(console=console)
    executions = numbers["executions"]
    hours = period_hours(numbers["window"])
    return {
        "window": numbers["window"],
        "generated": numbers["generated"],
        "threshold": numbers["model"]["threshold"],
        "truncated": numbers["recent_total"] > len(records),
        "classes": numbers["classes"],
        "confidence": numbers["confidence"],
        "periodHours": hours,
        "hours": inferences_by_period(numbers["hours"], hours),
        "executionHours": executions_by_period(executions["hours"], hours) if executions else [],
        "fields": FIELDS,
        "recent": [_row(record, machines) for record in records],
        "machines": machines.known,
    }


class Machines:
    """What the ARNs of executions have in common, so that each record names its execution only once."""

    def __init__(self, *, console: bool) -> None:
        self._console = console
        self.known: list[dict[str, str | None]] = []
        self._numbers: dict[str, int] = {}

    def number(self, record: InferenceRecord) -> int | None:
        """Which of `known` ran the record's execution; None when its ARN is not one."""
        arn, name = record["execution_arn"], record["execution"]
        if not arn or not name or not EXECUTION.fullmatch(arn) or not arn.endswith(f":{name}"):
            return None
        prefix = arn.removesuffix(name)
        if prefix not in self._numbers:
            self._numbers[prefix] = len(self.known)
            console = console_address(arn) if self._console else None
            command = command_line(arn)
            self.known.append(
                {
                    "console": console.removesuffix(name) if console else None,
                    "command": command.removesuffix(f"{name}'") if command else None,
                }
            )
        return self._numbers[prefix]


def picture(record: InferenceRecord) -> str | None:
    """The thumbnail, if it is a picture that is written in the page itself."""
    text = record["picture"]
    return text if isinstance(text, str) and PICTURE.fullmatch(text) else None


def _row(record: InferenceRecord, machines: Machines) -> list[object]:
    return [
        record["time"],
        record["class"],
        record["confidence"],
        int(record["low"]),
        record["s3_key"],
        record["s3_bucket"],
        record["execution"],
        machines.number(record),
        # The key says which image it was; an id, by which it can be labelled, is shown where there is no key.
        None if record["s3_key"] else record["inference_id"],
        None if record["s3_key"] or record["inference_id"] else record["event_id"],
        record.get("true_class"),
        picture(record),
    ]
