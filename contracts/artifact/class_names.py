"""The classes of a model: what each is called, by machines and by people.

A class's label is its identity: in results, metrics, labels and model.json. Beside it there may be a name for
people. Both travel together, in label order.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.artifact.excerpt import can_be_shown, is_name, readable, shown_value

MINIMUM_CLASSES, MAXIMUM_CLASSES = 2, 100
MAX_CLASS_NAMES_BYTES = 3_500
"""Of all labels and names together, as the functions take them: Lambda allows 4,096 bytes of environment in
all, which they share with a few short variables."""
MAX_NAME_CHARACTERS = 60
"""Of a name for people: more fits neither beside a chart nor into a notification's line."""
_COMMANDS = ("${", "{{")
"""CloudWatch fills in what follows the first in a metric's label, CloudFormation the second anywhere."""


def shown_class(label: str, names: Mapping[str, str]) -> str:
    """A class as people read it: `c4 on the phone, left hand`, or the label alone where it has no name."""
    name = names.get(label, label)
    return label if name == label else f"{label} {name}"


def class_problems(classes: Sequence[Any]) -> list[str]:
    """What is wrong with labels in their order."""
    if not all(map(is_name, classes)):
        return [f"classes is {shown_value(classes)}, not a list of names"]
    problems = []
    if not MINIMUM_CLASSES <= len(classes) <= MAXIMUM_CLASSES:
        problems.append(
            f"classes has {len(classes)} names, {MINIMUM_CLASSES} to {MAXIMUM_CLASSES} are possible"
        )
    if unseen := [name for name in classes if not can_be_shown(name)]:
        problems.append(
            f"classes names {shown_value(unseen)}, with characters that control a terminal or a page"
        )
    if repeated := sorted({name for name in classes if classes.count(name) > 1}):
        problems.append(f"classes names more than once: {', '.join(map(readable, repeated))}")
    return problems


def names_problems(names: Mapping[Any, Any], classes: Sequence[str]) -> list[str]:
    """What is wrong with names for people by label, the labels being right."""
    if strange := [label for label in names if label not in classes]:
        return [f"names is of {shown_value(strange)}, which are no classes"]
    if unseen := [name for name in names.values() if not is_name(name) or not can_be_shown(name)]:
        return [f"names has {shown_value(unseen)}: a name has letters that can be seen, and no others"]
    problems = [
        f"the name of {readable(label)} has {len(name)} characters, {MAX_NAME_CHARACTERS} are possible"
        for label, name in names.items()
        if len(name) > MAX_NAME_CHARACTERS
    ]
    called = Counter([*names.values(), *(one for one in classes if names.get(one) != one)])
    if repeated := sorted(name for name, count in called.items() if count > 1):
        problems.append(f"more than one class is called {', '.join(repeated)}: give each a name of its own")
    return problems


def class_names_json(classes: Sequence[str], names: Mapping[str, str]) -> str:
    """The classes in label order as the functions take them, a JSON array: of each its label, or label and
    name."""
    entries = [[label, names[label]] if label in names else label for label in classes]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))


def class_names_problem(classes: Sequence[str], names: Mapping[str, str]) -> str | None:
    """What keeps a model of these classes from being deployed; to be known before it is trained."""
    commands = [one for one in (*classes, *names.values()) if any(mark in one for mark in _COMMANDS)]
    if commands:
        marks = " or ".join(_COMMANDS)
        return f"{', '.join(commands)}: a template would take {marks} for a command: leave it out"
    size = len(class_names_json(classes, names).encode())
    if size <= MAX_CLASS_NAMES_BYTES:
        return None
    return (
        f"its class names take {size:,} bytes, more than the {MAX_CLASS_NAMES_BYTES:,} that fit into the "
        "environment of a Lambda function: shorten the names"
    )


def is_class_name(value: Any) -> bool:
    """Whether one label, taken by itself, can be a class's."""
    return is_name(value) and can_be_shown(value)
