"""The classes of one model: what each is called, by machines and by people."""

from __future__ import annotations

from typing import NamedTuple

from lambda_src.core.excerpt import excerpt


class ModelClasses(NamedTuple):
    """`labels` in the model's order: what a class is in results, metrics and keys. `names`: for people, by
    label; a class may have none."""

    labels: tuple[str, ...]
    names: dict[str, str]

    def shown(self, label: str) -> str:
        """A class as people read it: label and name, or the label alone."""
        return shown_class(label, self.names.get(label))


def shown_class(label: str, name: str | None) -> str:
    """`c4 on the phone, left hand`; the label alone where there is no other name."""
    return f"{label} {name}" if name and name != label else label


def read_classes(entries: object) -> ModelClasses:
    """From what the stack says: a list with each class's label, or its label and name. Raises ValueError."""
    if not isinstance(entries, list) or len(entries) < 2 or not all(map(_is_entry, entries)):
        raise ValueError(f"must be a JSON array of 2 or more names, not {excerpt(entries)}")
    pairs = [(one, "") if isinstance(one, str) else one for one in entries]
    labels = tuple(label for label, _ in pairs)
    if len(set(labels)) < len(labels):
        raise ValueError(f"repeats a name: {list(labels)}")
    return ModelClasses(labels, {label: name for label, name in pairs if name})


def _is_entry(entry: object) -> bool:
    """Whether it is a label, or a label and a name."""
    parts = entry if isinstance(entry, list) and len(entry) == 2 else [entry]
    return all(isinstance(part, str) and part for part in parts)
