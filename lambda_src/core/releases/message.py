"""What people are told of a release that did not take place."""

from __future__ import annotations

from lambda_src.core.releases.serving import Serving

MAX_SUBJECT = 99
"""Characters, SNS's limit."""


def subject(serving: Serving) -> str:
    """One line of ASCII."""
    what = "is down" if serving.status == "Failed" else "was rolled back"
    line = f"{serving.endpoint}: the release {what}"
    return line.encode("ascii", "replace").decode()[:MAX_SUBJECT]


def message(serving: Serving, runbook: str) -> str:
    """What was rolled back, why, what serves now, and what to do."""
    model = f"model {serving.digest}" if serving.digest else f"model {serving.model}"
    now = (
        f"Nothing: the endpoint is {serving.status}"
        if serving.status == "Failed"
        else f"{model} ({serving.config}), the one before"
    )
    return "\n".join(
        [
            f"What failed: the release of a model to the endpoint {serving.endpoint}",
            f"Why: {serving.why}",
            f"What serves now: {now}",
            f"When: {serving.changed:%Y-%m-%d %H:%M:%S} UTC",
            "",
            f"What to do: {runbook}",
        ]
    )
