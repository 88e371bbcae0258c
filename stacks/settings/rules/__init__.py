"""Combinations of settings that cannot work, each field by itself being right.

A rule takes the settings and answers with the problem or None; mypy checks the fields that it reads, and a
test the paths that its problem names. A rule whose fields are themselves wrong is left out (`readable`), so
that one message can hold the wrong fields and every impossible combination of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stacks.settings.readable import Unreadable
from stacks.settings.rules import endpoint, inbox, monitoring, workflow
from stacks.settings.stage import StageSettings

Rule = Callable[[StageSettings], str | None]


def reserved_tags(settings: StageSettings) -> str | None:
    reserved = [key for key in settings.tags if key.lower().startswith("aws:")]
    return f"tags: {', '.join(reserved)}: the prefix aws: belongs to AWS" if reserved else None


RULES: tuple[Rule, ...] = (
    endpoint.instance_range,
    endpoint.stepwise_fleet,
    endpoint.rollout_timeout,
    endpoint.known_instance_type,
    endpoint.burstable_scaling,
    endpoint.volume_key,
    endpoint.image_uri,
    endpoint.base_of_a_named_image,
    endpoint.image_registry,
    workflow.execution_timeout,
    workflow.retry_waits,
    workflow.batch_capacity,
    workflow.batch_reservation,
    workflow.batch_seconds,
    workflow.batch_timeout,
    inbox.prefix_form,
    inbox.prefix_overlap,
    inbox.gathering_timeout,
    reserved_tags,
    monitoring.monitor_timeout,
    monitoring.monitor_window,
    monitoring.captured_window,
)


def impossible_combinations(settings: StageSettings) -> Iterator[str]:
    """Every problem that `RULES` find among the fields that can be read."""
    for rule in RULES:
        try:
            problem = rule(settings)
        except Unreadable:
            continue
        if problem:
            yield problem
