"""Train, validation and test: without overlap, and the same for the same pictures and seed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from training.data import SPLITS
from training.staging.cut import cut_each_class, draw_order
from training.staging.example import Example, Examples, StagingError
from training.staging.sample import LeftOut

MINIMUM = {"train": 5, "validation": 1, "test": 1}
"""Fewest pictures of a class in each split; below, figures about the class mean nothing."""
WAY_OUT = "Take other classes, another source, or another --validation-share."


@dataclass(frozen=True)
class Split:
    """The three splits, what was left out of training and why, and whether to mirror them."""

    examples: dict[str, list[Example]]
    left_out: LeftOut
    mirror: bool = True

    def counts(self, classes: Sequence[str]) -> dict[str, dict[str, int]]:
        """Pictures of each class in each split, as `{split: {class: n}}`."""
        return {split: _class_counts(self.examples[split], classes) for split in SPLITS}


def split_examples(source: Examples, classes: Sequence[str], validation_share: float, seed: int) -> Split:
    """Keep the source's test part, and cut `validation_share` of each class off its training part.

    Where pictures belong to groups, that share of the groups: no group is in two splits. Which pictures
    go to validation depends on their content, or their group's name, and the seed only, never on the
    order in which the source lists them. Raises StagingError when a class has too few pictures, or a
    group is in the source's training and its test part.
    """
    kept, tested, left_out = _without_repeats(source)
    shared = sorted({e.group for e in kept if e.group} & {e.group for e in tested})
    if shared:
        raise StagingError(f"In the training and in the test part: {', '.join(map(str, shared[:5]))}.")
    grouped = any(example.group for example in kept)
    validation, train = (_cut_groups if grouped else cut_each_class)(kept, validation_share, seed)
    result = Split({"train": train, "validation": validation, "test": tested}, left_out, source.mirror)
    require_enough(result.counts(classes), WAY_OUT)
    return result


def _cut_groups(examples: list[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """A share of whole groups, and the rest; a picture without one is a group of its own.

    Which they are does not depend on the pictures.
    """
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.group or example.content].append(example)
    names = sorted(groups, key=lambda name: draw_order(name, seed))
    cut = max(1, round(len(names) * share))
    validation, train = ([e for name in part for e in groups[name]] for part in (names[:cut], names[cut:]))
    return validation, train


def _without_repeats(source: Examples) -> tuple[list[Example], list[Example], LeftOut]:
    """Training and test part with each picture once, and never in both: the test part keeps it.

    A training picture that carries two labels teaches neither, so all its copies go. In the test
    part such a picture stays, once a label: the test is not ours to ease.
    """
    tested: dict[tuple[str, int], Example] = {}
    left_out = LeftOut()
    for example in sorted(source.test, key=_by_name):
        if tested.setdefault((example.content, example.label), example) is not example:
            left_out.add("repeated", example.name)
    in_test = {content for content, _ in tested}
    copies: dict[str, list[Example]] = defaultdict(list)
    for example in source.train:
        copies[example.content].append(example)
    kept: list[Example] = []
    for content, group in copies.items():
        first, *others = sorted(group, key=_by_name)
        if content in in_test:
            left_out.add("also_in_test", first.name, len(group))
        elif len({example.label for example in group}) > 1:
            left_out.add("contradictory", first.name, len(group))
        else:
            kept.append(first)
            if others:
                left_out.add("repeated", others[0].name, len(others))
    return kept, list(tested.values()), left_out


def _by_name(example: Example) -> str:
    return example.name


def _class_counts(examples: Iterable[Example], classes: Sequence[str]) -> dict[str, int]:
    counted = Counter(example.label for example in examples)
    return {name: counted[label] for label, name in enumerate(classes)}


def require_enough(counts: dict[str, dict[str, int]], way_out: str) -> None:
    """Raise StagingError, with the way out, where a split has too few pictures of a class."""
    problems = [
        f"{name}: {count} in {split} (at least {MINIMUM[split]})"
        for split, by_class in counts.items()
        for name, count in by_class.items()
        if count < MINIMUM[split]
    ]
    if problems:
        raise StagingError(f"Too few pictures of a class: {'; '.join(problems)}. {way_out}")
