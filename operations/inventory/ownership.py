"""Whose a resource is: this stage's, or anybody else's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from contracts.names import PROJECT, RUN_STEPS, STEPS, StackPart, StageNames


class Ownership:
    """Decides by tags where a resource has ours, else by its whole name: never by how a name begins, for the
    names of a stage `dev` are the beginning of those of a stage `dev-2`."""

    def __init__(self, names: StageNames) -> None:
        self.names = names
        functions = [names.function(step) for step in (*STEPS, *RUN_STEPS)]
        self._exact = {
            names.endpoint,
            names.image_machine,
            names.batch_machine,
            names.image_machine_stopped,
            names.batch_machine_stopped,
            names.inbox,
            names.topic,
            names.monitor,
            names.monitor_packages,
            names.release_check,
            names.release_watch,
            names.dashboard,
            names.image_build,
            names.image_build_start,
            names.image_build_ended,
            *functions,
            *(names.stack(part) for part in get_args(StackPart)),
        }
        parts = "|".join(get_args(StackPart))
        # As CloudFormation makes names: the stack's, the resource's, and something random.
        self._generated = re.compile(
            rf"{re.escape(names.prefix)}-({parts})-[A-Za-z0-9]+(-[A-Za-z0-9]+)?(-dead-letters)?"
        )

    def by_name(self, name: str) -> bool:
        """Whether the stage's stacks give this name."""
        return name in self._exact or self._generated.fullmatch(name) is not None

    def by_tags(self, tags: Mapping[str, str]) -> bool | None:
        """Whether the tags say so; None where they say nothing."""
        if tags.get("project") != PROJECT or "stage" not in tags:
            return None
        return tags["stage"] == self.names.stage

    def owns(self, name: str, tags: Mapping[str, str]) -> bool:
        """Tags decide, the name where there are none."""
        said = self.by_tags(tags)
        return self.by_name(name) if said is None else said


def tag_map(tags: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """Tags as a mapping, from a list of any service's spelling."""
    found: dict[str, str] = {}
    for tag in tags or ():
        lowered = {key.lower().removeprefix("tag"): value for key, value in tag.items()}
        found[str(lowered["key"])] = str(lowered["value"])
    return found
