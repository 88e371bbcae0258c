"""Train, validation and test of a person's pictures: no group and no picture is in two of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from training.staging.cut import cut_each_class, draw_order
from training.staging.own.seen import Seen
from training.staging.sample import LeftOut

Parts = dict[str, list[Seen]]


class Shares(NamedTuple):
    """Parts of all pictures to cut off, where the source has no such split of its own."""

    validation: float
    test: float


def split_pictures(pictures: Sequence[Seen], shares: Shares, seed: int, left_out: LeftOut) -> Parts:
    """The three splits; what is in the source's own test or validation part stays there.

    Which groups, or without groups which pictures, are cut off depends on them and the seed only, never on
    the order of the source. What repeats, and what contradicts, goes to `left_out`.
    """
    parts: Parts = {"train": [], "validation": [], "test": []}
    for picture in pictures:
        parts[picture.sample.part or "train"].append(picture)
    own = {part for part in ("test", "validation") if parts[part]}
    parts = _without_shared_groups(_without_repeats(parts, left_out), left_out)
    for part, share in (("test", shares.test), ("validation", shares.validation)):
        if part not in own:
            parts[part], parts["train"] = _cut(parts["train"], share, f"{part}:{seed}")
    return parts


def _without_repeats(parts: Parts, left_out: LeftOut) -> Parts:
    """Each picture once: the test part keeps it, then the validation part.

    Outside the test part one under two labels teaches neither, so all its copies go. In the test part it
    stays, once a label: the test is not ours to ease.
    """
    labels: dict[str, set[int]] = defaultdict(set)
    for picture in parts["train"] + parts["validation"]:
        labels[picture.content].add(picture.label)
    kept: Parts = {"train": [], "validation": [], "test": []}
    there: dict[str, str] = {}
    for part in ("test", "validation", "train"):
        known: set[tuple[str, int]] = set()
        for picture in sorted(parts[part], key=lambda one: (one.sample.name, one.label)):
            earlier = there.get(picture.content)
            if earlier not in (None, part):
                left_out.add(f"also_in_{earlier}", picture.sample.name)
            elif part != "test" and len(labels[picture.content]) > 1:
                left_out.add("contradictory", picture.sample.name)
            elif (picture.content, picture.label) in known:
                left_out.add("repeated", picture.sample.name)
            else:
                known.add((picture.content, picture.label))
                there[picture.content] = part
                kept[part].append(picture)
    return kept


def _without_shared_groups(parts: Parts, left_out: LeftOut) -> Parts:
    taken: dict[str, str] = {}
    kept: Parts = {"train": [], "validation": [], "test": []}
    for part in ("test", "validation", "train"):
        for picture in parts[part]:
            group = picture.sample.group
            if group is not None and taken.get(group, part) != part:
                left_out.add(f"group_also_in_{taken[group]}", f"{picture.sample.name} (group {group})")
            else:
                kept[part].append(picture)
        taken |= {one.sample.group: part for one in kept[part] if one.sample.group is not None}
    return kept


def _cut(pictures: list[Seen], share: float, seed: str) -> tuple[list[Seen], list[Seen]]:
    """About `share` of each class, and the rest."""
    if any(picture.sample.group is not None for picture in pictures):
        return _cut_groups(pictures, share, seed)
    return cut_each_class(pictures, share, seed)


def _cut_groups(pictures: list[Seen], share: float, seed: str) -> tuple[list[Seen], list[Seen]]:
    """Whole groups in a drawn order, each one that brings the classes nearer to their share.

    Of a class that has none so, as of five people or fewer, the one that goes beyond the share least.
    """
    groups: dict[str, Counter[int]] = defaultdict(Counter)
    for picture in pictures:
        groups[picture.sample.group or ""][picture.label] += 1
    rest = Counter(one.label for one in pictures)
    missing = {label: count * share for label, count in rest.items()}
    chosen: set[str] = set()

    def nearer(group: str) -> float:
        counts = groups[group].items()
        return sum(abs(missing[label]) - abs(missing[label] - count) for label, count in counts)

    def choose(group: str) -> None:
        chosen.add(group)
        for label, count in groups[group].items():
            missing[label] -= count
            rest[label] -= count

    drawn = sorted(groups, key=lambda name: draw_order(name, seed))
    for group in drawn:
        if nearer(group) > 0:
            choose(group)
    for label in sorted(rest):
        if not any(groups[group][label] for group in chosen):
            spared = [
                group
                for group in drawn
                if groups[group][label] and all(rest[at] > count for at, count in groups[group].items())
            ]
            if spared:
                choose(max(spared, key=nearer))
    cut = [one for one in pictures if (one.sample.group or "") in chosen]
    return cut, [one for one in pictures if (one.sample.group or "") not in chosen]
