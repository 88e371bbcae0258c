"""The input of "Merge results"."""

from __future__ import annotations

from typing import Any, NamedTuple

from lambda_src.core.batch.plan import Planned, read_planned
from lambda_src.core.errors import InvalidInput
from lambda_src.core.excerpt import excerpt


class MergeRequest(NamedTuple):
    """What was planned, and bucket and key of ResultWriter's manifest; None when there was no batch."""

    plan: Planned
    results: tuple[str, str] | None


def read_merge_request(fields: dict[str, Any]) -> MergeRequest:
    """From `{"plan": <output of Plan batches>, "results": <ResultWriterDetails of the map's output>}`.

    Raises InvalidInput.
    """
    plan, results = read_planned(fields.get("plan")), fields.get("results")
    if results is None and not plan.batches:
        return MergeRequest(plan, None)
    match results:
        case {"Bucket": str() as bucket, "Key": str() as key}:
            return MergeRequest(plan, (bucket, key))
    raise InvalidInput(
        f"results must be the map's ResultWriterDetails with Bucket and Key, not {excerpt(results)}"
    )
