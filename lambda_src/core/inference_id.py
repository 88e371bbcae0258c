"""The id that ties an execution to its record in the endpoint's captured data."""

from __future__ import annotations

import hashlib
import re

from lambda_src.core.limits import MAX_INFERENCE_ID

_FOREIGN = re.compile(r"[^A-Za-z0-9._-]")
_DIGEST = 8
_BATCH_DIGEST = 16


def inference_id(execution_name: str) -> str:
    """The execution's name, made fit for an HTTP header: at most 64 of `A-Za-z0-9._-`.

    A name that had to be changed ends in a digest of the whole, so that two executions never share an id.
    """
    legal = _FOREIGN.sub("-", execution_name)
    if legal == execution_name and len(legal) <= MAX_INFERENCE_ID:
        return legal
    digest = hashlib.sha256(execution_name.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGEST]
    return f"{legal[: MAX_INFERENCE_ID - _DIGEST - 1]}-{digest}"


def pack_inference_id(execution_name: str, pack: str) -> str:
    """The id of a request for a whole pack: a digest of the execution's name, and the pack's."""
    digest = hashlib.sha256(execution_name.encode("utf-8", "backslashreplace")).hexdigest()[:_BATCH_DIGEST]
    return f"{digest}-{pack}"
