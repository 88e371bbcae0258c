"""From where on figures ask for attention, and how much data it takes to judge them at all."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Settings of the monitoring stack; their reasons are in docs/settings.md.

    drift_psi: population stability index from which a measure has drifted.
    min_inferences: below it nothing is judged.
    low_confidence_margin: by how much the share of low confidence may exceed what held-out images had.
    unfamiliar_margin: the same for the share of unfamiliar pictures.
    failed_executions_percent: of the ended executions, from min_executions of them on.
    window_hours: how far the figures reach back.
    """

    drift_psi: float = 0.25
    min_inferences: int = 200
    low_confidence_margin: float = 0.10
    unfamiliar_margin: float = 0.10
    failed_executions_percent: float = 50.0
    min_executions: int = 5
    window_hours: int = 24

    def as_json(self) -> str:
        """For the environment of a function."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Limits:
        """What as_json wrote; left out: the default. ValueError names every key that is wrong."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise ValueError(f"limits are not JSON: {error}") from None
        if not isinstance(values, dict):
            raise ValueError(f"limits are not an object: {text!r}")
        types = {field.name: field.type for field in fields(cls)}
        wrong = [fault for key, value in values.items() if (fault := _fault(types.get(key), key, value))]
        if wrong:
            raise ValueError("limits: " + "; ".join(wrong))
        return cls(**values)


def _fault(kind: Any, key: str, value: object) -> str | None:
    """What is wrong with a value whose type is annotated as `kind` ("int" or "float"), None if nothing is."""
    if kind is None:
        return f"{key} is unknown"
    accepted: tuple[type, ...] = (int,) if kind == "int" else (int, float)
    if isinstance(value, bool) or not isinstance(value, accepted):
        return f"{key} is {value!r}, not {'a whole number' if kind == 'int' else 'a number'}"
    if not 0 <= value < float("inf"):  # type: ignore[operator]
        return f"{key} is {value!r}, not 0 or more"
    return None
