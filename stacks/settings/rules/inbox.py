"""Combinations of the inbox's settings that cannot work."""

from __future__ import annotations

from contracts.names import OWN_FOLDERS, UPLOADS
from stacks.settings.stage import StageSettings


def prefix_form(settings: StageSettings) -> str | None:
    prefix = settings.workflow.inbox.prefix
    if prefix.startswith("/") or "://" in prefix:
        return (
            f"workflow.inbox.prefix is {prefix!r}: keys of the data bucket begin without a slash and without "
            "s3://, so write it as in inbox/"
        )
    return None


def prefix_overlap(settings: StageSettings) -> str | None:
    """The results of an image below such a prefix would be new objects themselves, without end; what
    `scones classify` uploads, it starts itself."""
    prefix = settings.workflow.inbox.prefix
    taken = (*OWN_FOLDERS, UPLOADS)
    folder = next((one for one in taken if prefix.startswith(one) or one.startswith(prefix)), None)
    if folder is None:
        return None
    return (
        f"workflow.inbox.prefix is {prefix!r}, and the application itself writes below {folder}: those "
        "files would start executions, perhaps without end. Take a prefix such as inbox/"
    )


def gathering_timeout(settings: StageSettings) -> str | None:
    inbox = settings.workflow.inbox
    timeout, seconds = inbox.function.timeout_seconds, inbox.seconds
    if inbox.mode != "gather" or timeout <= seconds:
        return None
    return (
        f"workflow.inbox.function.timeout_seconds is {timeout}, more than workflow.inbox.seconds, {seconds}: "
        "two invocations would gather at once"
    )
