"""The monitor's environment variables: its contract with the stack, checked at cold start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from lambda_src.core.errors import InvalidConfiguration
from lambda_src.core.excerpt import excerpt
from lambda_src.core.fields import threshold_problem
from lambda_src.core.location import bucket_problem
from reports.figures.limits import Limits

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class MonitorEnvironment:
    """What the function watches, and where it writes."""

    stage: str
    endpoint: str
    bucket: str
    """Data bucket: results of runs over many images, reports and the monitor's state."""
    capture_uri: str
    artifact_uri: str
    threshold: float
    """In force: answers below it are of low confidence."""
    state_machine: str
    """ARN of the machine for single images."""
    batch_state_machine: str
    limits: Limits
    reports_prefix: str
    state_prefix: str
    image_every: int
    """Every so manieth inference's image is measured; 0: none."""
    links: Mapping[str, str]
    """Addresses that the page leads to, by name: "runbook", "dashboard"."""

    @property
    def state_key(self) -> str:
        """Key of the object that holds the monitor's state."""
        return f"{self.state_prefix}state.json.gz"

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> MonitorEnvironment:
        """From the variables. Raises InvalidConfiguration, which names every problem."""
        reader = _Reader(variables)
        environment = cls(
            stage=reader.take("STAGE", _text, ""),
            endpoint=reader.take("ENDPOINT_NAME", _text, ""),
            bucket=reader.take("DATA_BUCKET", _bucket, ""),
            capture_uri=reader.take("CAPTURE_URI", _uri, ""),
            artifact_uri=reader.take("MODEL_ARTIFACT", _object_uri, ""),
            threshold=reader.take("THRESHOLD", _threshold, 0.0),
            state_machine=reader.take("STATE_MACHINE_ARN", _machine, ""),
            batch_state_machine=reader.take("BATCH_STATE_MACHINE_ARN", _machine, ""),
            limits=reader.take("LIMITS", Limits.from_json, Limits()),
            reports_prefix=reader.take("REPORTS_PREFIX", _prefix, ""),
            state_prefix=reader.take("STATE_PREFIX", _prefix, ""),
            image_every=reader.take("IMAGE_EVERY", _whole, 0),
            links=_links(variables),
        )
        if reader.problems:
            raise InvalidConfiguration(
                f"the monitor's environment is not what it needs: {'; '.join(reader.problems)}: "
                "deploy the monitoring stack again"
            )
        return environment


class _Reader:
    """Takes variables one by one and gathers what is wrong with them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[str] = []

    def take(self, name: str, parse: Callable[[str], Value], instead: Value) -> Value:
        """The variable's value; `instead` where it has a problem."""
        text = self._variables.get(name, "")
        if not text:
            self.problems.append(f"{name} is not set")
            return instead
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(f"{name} {error}")
            return instead


def _text(text: str) -> str:
    return text


def _bucket(text: str) -> str:
    if problem := bucket_problem(text):
        raise ValueError(problem)
    return text


def _uri(text: str) -> str:
    bucket, _, _ = text.removeprefix("s3://").partition("/")
    if not text.startswith("s3://") or bucket_problem(bucket):
        raise ValueError(f"must be s3://bucket/prefix, not {excerpt(text)}")
    return text.rstrip("/")


def _object_uri(text: str) -> str:
    if not _uri(text).removeprefix("s3://").partition("/")[2]:
        raise ValueError(f"must be s3://bucket/key, not {excerpt(text)}")
    return text


def _threshold(text: str) -> float:
    value = float(text)
    if problem := threshold_problem(value):
        raise ValueError(problem)
    return value


def _machine(text: str) -> str:
    parts = text.split(":")
    if len(parts) != 7 or parts[0] != "arn" or parts[2] != "states" or parts[5] != "stateMachine":
        raise ValueError(f"must be the ARN of a state machine, not {excerpt(text)}")
    return text


def _prefix(text: str) -> str:
    if not text.endswith("/"):
        raise ValueError(f"must end in /, not {excerpt(text)}")
    return text


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"must be 0 or more, not {excerpt(text)}")
    return int(text)


def _links(variables: Mapping[str, str]) -> dict[str, str]:
    named = {"runbook": "RUNBOOK_URL", "dashboard": "DASHBOARD_URL"}
    return {name: variables[variable] for name, variable in named.items() if variables.get(variable)}
