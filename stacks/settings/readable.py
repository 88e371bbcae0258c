"""Settings some of whose fields may be wrong, for rules over the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

from stacks.settings.setting import Settings
from stacks.settings.stage import StageSettings


class Unreadable(LookupError):
    """The field is wrong by itself and already reported."""


def readable(given: Mapping[str, Any], wrong: Collection[str]) -> StageSettings:
    """What reads as the settings that `given` is meant to be: its value of each field, or the default.

    wrong: dotted paths. Such a field, what holds it and what it holds raise Unreadable when they are read.
    It has the fields of StageSettings, so that mypy checks who reads them, and none of its methods.
    """
    return cast(StageSettings, _Group(StageSettings, given, wrong, ""))


class _Group:
    """A group of settings at `path`, which ends with a dot unless it is that of the stage."""

    def __init__(
        self, kind: type[Settings], given: Mapping[str, Any], wrong: Collection[str], path: str
    ) -> None:
        self._kind, self._given, self._wrong, self._path = kind, given, wrong, path

    def __getattr__(self, name: str) -> Any:
        field, path = self._kind.model_fields[name], self._path + name
        if any(path == bad or path.startswith(f"{bad}.") for bad in self._wrong):
            raise Unreadable(path)
        if isinstance(field.annotation, type) and issubclass(field.annotation, Settings):
            return _Group(field.annotation, self._given.get(name, {}), self._wrong, f"{path}.")
        if any(bad.startswith(f"{path}.") for bad in self._wrong):
            raise Unreadable(path)
        return self._given[name] if name in self._given else field.get_default(call_default_factory=True)
