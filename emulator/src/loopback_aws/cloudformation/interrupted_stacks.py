"""Stacks that a kill interrupted: nobody goes on with them, so they must not stay in progress."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import cloudformation

PRIVATE = ("ministack.services.cloudformation:_stacks",)
REASON = "The local AWS ended during this operation. Deploy or delete the stack again."


def settle() -> None:
    """Give every stack that was in progress when its state was saved an end from which the CDK CLI goes on.

    The CLI deletes a stack whose creation failed and creates it anew. What an interrupted update changed
    is mixed: the template is again the one before, so that the next deployment updates everything once more.
    """
    for stack in cloudformation._stacks._data.values():
        status = str(stack["StackStatus"])
        if status.endswith("_IN_PROGRESS") and not status.startswith("REVIEW"):
            stack |= _settled(status, stack) | {"StackStatusReason": REASON}


def _settled(status: str, stack: dict[str, Any]) -> dict[str, Any]:
    match status.partition("_")[0]:
        case "DELETE":
            return {"StackStatus": "DELETE_FAILED"}
        case "CREATE" | "ROLLBACK":
            return {"StackStatus": "ROLLBACK_FAILED"}
    before = json.dumps(stack.get("_template", {}))
    return {"StackStatus": "UPDATE_ROLLBACK_COMPLETE", "_template_body": before}
