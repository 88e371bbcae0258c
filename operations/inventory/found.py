"""A resource that was found, what it costs, and how it goes away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

GIB = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Found:
    """A resource of the stage.

    `ids`: the names under which CloudFormation may list it. `monthly`: list price in dollars a month while
    nobody uses it; None where the price is not known here. `delete` is None for what cannot be deleted.
    """

    kind: str
    name: str
    ids: frozenset[str] = field(default_factory=frozenset)
    monthly: float | None = 0.0
    note: str = ""
    holds_data: bool = False
    delete: Callable[[], object] | None = None

    @property
    def billable(self) -> bool:
        """Whether it costs something, or may."""
        return self.monthly is None or self.monthly > 0
