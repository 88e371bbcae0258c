"""moto's JSON text: characters as they are, without spaces, and measured as AWS does, in bytes of UTF-8."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_lambda
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service
from moto.stepfunctions.parser.asl.utils import encoding

PRIVATE = (
    "moto.stepfunctions.parser.asl.utils.encoding:json",
    "moto.stepfunctions.parser.asl.component.state.state:is_within_size_quota",
    "moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda:is_within_size_quota",
    "moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service:is_within_size_quota",
)
DATA_BYTES = 262_144
"""Most bytes of a state's data (docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)."""


def apply() -> None:
    """Replace the module's `json` and the three checks of the size."""

    def dumps(value: Any, *, separators: Any = None, **options: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=separators or (",", ":"), **options)

    encoding.json = SimpleNamespace(dumps=dumps, loads=json.loads)
    for module in (state, state_task_service):
        module.is_within_size_quota = is_within_size_quota
    state_task_lambda.is_within_size_quota = is_result_within_size_quota


def is_within_size_quota(value: Any) -> bool:
    """Whether the value's JSON text is at most 262,144 bytes long."""
    text = encoding.to_json_str(value, separators=(",", ":"))
    return len(text.encode("utf-8", "surrogatepass")) <= DATA_BYTES


def is_result_within_size_quota(value: Any) -> bool:
    """The same of a function's result, around which moto has Lambda's whole answer."""
    answered = isinstance(value, dict) and "SdkHttpMetadata" in value
    return is_within_size_quota(value["Payload"] if answered else value)
