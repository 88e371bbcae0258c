"""ARNs of Step Functions, and what AWS answers to those that do not fit an operation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from loopback_aws.errors import ApiError

_SHAPE = re.compile(r"arn:aws[a-z-]*:states:([a-z0-9-]+):(\d{12}):([A-Za-z]+):(.+)")


@dataclass(frozen=True)
class Arn:
    """`arn:aws:states:REGION:ACCOUNT:KIND:NAME[:…]`."""

    text: str
    region: str
    account: str
    kind: str
    """`stateMachine`, `execution`, `express`, `activity` or `mapRun`."""
    parts: tuple[str, ...]
    """What follows the kind, apart at colons: name, and version, alias or the execution's name."""


def parsed(text: object, *kinds: str) -> Arn:
    """The ARN, which must be of one of the kinds; ApiError InvalidArn otherwise."""
    shape = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    if shape is None or not isinstance(text, str):
        reason = text if str(text).startswith("arn:") else f"Invalid ARN prefix: {text}"
        raise ApiError("InvalidArn", f"Invalid Arn: '{reason}'")
    region, account, kind, rest = shape.groups()
    if kind not in kinds:
        raise ApiError("InvalidArn", f"Invalid Arn: 'Resource type not valid in this context: {kind}'")
    return Arn(text, region, account, kind, tuple(rest.split(":")))


def execution_arn(machine: str, name: str) -> str:
    """ARN of a Standard execution of this machine."""
    return f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name}"


def express_arn(machine: str, name: str, unique: str) -> str:
    """ARN of an Express execution: names may repeat, so a UUID tells executions apart."""
    return f"{machine.replace(':stateMachine:', ':express:', 1)}:{name}:{unique}"
