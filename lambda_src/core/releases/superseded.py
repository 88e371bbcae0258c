"""Which models of releases gone by may be deleted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

KEPT_RELEASES = 3
"""The newest, whichever serves, so that there is something to go back to."""


class Release(NamedTuple):
    """An endpoint config of the stage, its model and the role that the model runs with."""

    config: str
    model: str
    role: str
    created: datetime


class Superseded(NamedTuple):
    """What nothing needs any more, by its names; a role by its name without its path."""

    configs: list[str]
    models: list[str]
    roles: list[str]


def superseded(releases: Iterable[Release], needed: Iterable[str]) -> Superseded:
    """All but the newest `KEPT_RELEASES` and the configs that are `needed`: that which serves, and that
    which an update is bringing. What two share stays while one of them does."""
    newest_first = sorted(releases, key=lambda release: release.created, reverse=True)
    wanted = {release.config for release in newest_first[:KEPT_RELEASES]} | set(needed)
    kept = [release for release in newest_first if release.config in wanted]
    old = [release for release in newest_first if release.config not in wanted]
    return Superseded(
        configs=[release.config for release in old],
        models=_without([release.model for release in old], [release.model for release in kept]),
        roles=_without([release.role for release in old], [release.role for release in kept]),
    )


def _without(names: list[str], kept: list[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name not in kept))
