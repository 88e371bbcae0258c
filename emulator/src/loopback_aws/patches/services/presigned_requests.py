"""A presigned address of S3 leads to S3, whatever its holder sends there.

The emulator looks for the service in headers and, in forms, in the body, of which a presigned address signs
nothing: who had one for an upload could have made a role with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ministack.app

PRIVATE = ("ministack.app:detect_service",)


def apply() -> None:
    """Ask the signature first."""
    ministack.app.detect_service = by_signature(ministack.app.detect_service)


def by_signature(detect: Callable[..., str]) -> Callable[..., str]:
    """`detect`, but for what is presigned for S3."""

    def detect_service(method: str, path: str, headers: Any, query: Mapping[str, Any]) -> str:
        return "s3" if is_of_s3(query) else detect(method, path, headers, query)

    return detect_service


def is_of_s3(query: Mapping[str, Any]) -> bool:
    """Whether the parameters, lists of values, are those of an address that is presigned for S3."""
    scope = _last(query, "X-Amz-Credential").split("/")
    if len(scope) == 5 and _last(query, "X-Amz-Signature"):
        return scope[3] == "s3"
    return bool(_last(query, "AWSAccessKeyId") and _last(query, "Signature") and _last(query, "Expires"))


def _last(query: Mapping[str, Any], name: str) -> str:
    return str((query.get(name) or [""])[-1])
