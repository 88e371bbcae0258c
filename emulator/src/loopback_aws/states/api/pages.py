"""Lists in pages: how many at once, and tokens for the next page."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

from loopback_aws.errors import ApiError

DEFAULT = 100
"""Results of a page when the request does not say."""
MOST = 1_000
TOKEN_SECONDS = 24 * 3600
"""How long a token is good for (docs.aws.amazon.com/step-functions/latest/apireference/
API_ListExecutions.html)."""


def size_of(request: dict[str, Any]) -> int:
    """`maxResults` of a request; 0 is the default. ApiError ValidationException beyond 1,000."""
    size = request.get("maxResults") or DEFAULT
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= MOST:
        bound = "less than or equal to 1000" if isinstance(size, int) and size > MOST else "at least 0"
        raise ApiError(
            "ValidationException",
            f"1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: "
            f"Member must have value {bound}",
        )
    return size


def token_for(request: dict[str, Any], place: str) -> str:
    """`nextToken` to go on behind `place`, good for the same request only."""
    content = json.dumps([place, _fingerprint(request), time.time()])
    return base64.urlsafe_b64encode(content.encode()).decode()


def place_of(request: dict[str, Any]) -> str | None:
    """Where the request's `nextToken` says to go on; None without one.

    ApiError InvalidToken when it is not one, has expired, or was made for other arguments.
    """
    token = request.get("nextToken")
    if token is None:
        return None
    try:
        place, fingerprint, made = json.loads(base64.urlsafe_b64decode(token))
        if fingerprint == _fingerprint(request) and 0 <= time.time() - made < TOKEN_SECONDS:
            return str(place)
    except (ValueError, TypeError, AttributeError):
        pass
    raise ApiError("InvalidToken", "Invalid Token: 'Invalid token'")


def _fingerprint(request: dict[str, Any]) -> str:
    """The arguments that must stay the same from page to page, in short."""
    kept = {key: value for key, value in request.items() if key not in ("nextToken", "maxResults")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]
