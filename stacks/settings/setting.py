"""What a setting is: a typed field with its meaning, its unit and its default."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Base of every group of settings: frozen, strict about types, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, protected_namespaces=())


def setting(default: Any, meaning: str, unit: str = "", **limits: Any) -> Any:
    """A field with what it means and, for a number, the unit that it is counted in."""
    return Field(default, description=meaning, json_schema_extra={"unit": unit}, **limits)


def group(kind: type[Settings], meaning: str) -> Any:
    """A nested group of settings, at its defaults when the stage does not mention it."""
    return Field(default_factory=kind, description=meaning)
