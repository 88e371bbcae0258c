"""List calls: filters, order and pages, the same for every kind of resource."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from loopback_aws.errors import ApiError

PAGE_SIZE = 10
"""Entries of a page when MaxResults is not given, as on AWS."""


def list_page(
    records: list[dict[str, Any]], request: dict[str, Any], *, prefix: str, members: tuple[str, ...]
) -> tuple[list[dict[str, Any]], str | None]:
    """The summaries that a List call asks for, and the token of the next page.

    `prefix` is the resource in member names (`Endpoint` in `EndpointName`), `members` what a summary holds.
    """
    chosen = [record for record in records if _matches(record, request, prefix)]
    key = {"Name": f"{prefix}Name", "Status": f"{prefix}Status"}.get(
        request.get("SortBy", "CreationTime"), request.get("SortBy", "CreationTime")
    )
    # The name breaks ties, so that pages neither repeat nor lose an entry.
    chosen.sort(key=lambda record: (record[key], record[f"{prefix}Name"]), reverse=_descending(request))
    page, token = page_of(chosen, request)
    return [{member: record[member] for member in members} for record in page], token


def page_of(entries: list[Any], request: dict[str, Any]) -> tuple[list[Any], str | None]:
    """One page and the token for the next; the token holds the position."""
    start = _position(request.get("NextToken"))
    end = start + (request.get("MaxResults") or PAGE_SIZE)
    return entries[start:end], _token(end) if end < len(entries) else None


def _descending(request: dict[str, Any]) -> bool:
    return bool(request.get("SortOrder", "Descending") == "Descending")


def _matches(record: dict[str, Any], request: dict[str, Any], prefix: str) -> bool:
    if request.get("NameContains", "").lower() not in record[f"{prefix}Name"].lower():
        return False
    if request.get("StatusEquals") not in (None, record.get(f"{prefix}Status")):
        return False
    for member in ("CreationTime", "LastModifiedTime"):
        after, before = request.get(f"{member}After"), request.get(f"{member}Before")
        if after is not None and not record[member] > _seconds(after):
            return False
        if before is not None and not record[member] < _seconds(before):
            return False
    return True


def _seconds(moment: float | str) -> float:
    """A timestamp of the JSON protocol (seconds since 1970) or in ISO 8601, in seconds since 1970."""
    return datetime.fromisoformat(moment).timestamp() if isinstance(moment, str) else float(moment)


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"position": position}).encode()).decode()


def _position(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(token))["position"])
    except (ValueError, KeyError, TypeError):
        raise ApiError(
            "ValidationException", "Invalid NextToken: it is not one that this call gave."
        ) from None
