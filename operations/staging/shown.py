"""What a person is told of a staged data set: how many of which, what was left out, what looks alike."""

from __future__ import annotations

from typing import Any

from operations.images.answer_table import class_cell
from operations.terminal import Column, Row, say, say_table
from training.staging.stage import Staged


def show_staged(staged: Staged) -> None:
    manifest = staged.manifest
    names = manifest.get("names", {})
    rows: list[Row] = [
        (class_cell(name, names.get(name)), *(f"{counts[name]:,}" for counts in manifest["counts"].values()))
        for name in manifest["classes"]
    ]
    columns = (Column("class"), *(Column(part, right=True) for part in manifest["counts"]))
    say_table(columns, rows, f"{manifest['name']} ({manifest['source']})")
    say(*_left_out(manifest), *_groups(manifest), *_near_repeats(manifest))
    state = "staged" if staged.fresh else "already staged, nothing to do"
    say(f"{staged.folder}: {state} (fingerprint {manifest['fingerprint'][:12]})")


def _left_out(manifest: dict[str, Any]) -> list[str]:
    examples = manifest.get("left_out_examples", {})
    return [
        f"left out: {manifest['left_out'][reason]:,} {reason.replace('_', ' ')}, such as {example}"
        for reason, example in examples.items()
    ]


def _groups(manifest: dict[str, Any]) -> list[str]:
    groups = manifest.get("groups", {})
    if not any(groups.values()):
        return []
    return ["groups: " + ", ".join(f"{count:,} in {part}" for part, count in groups.items())]


def _near_repeats(manifest: dict[str, Any]) -> list[str]:
    near = dict(manifest.get("near_repeats", {}))
    examples = near.pop("examples", [])
    if not any(near.values()):
        return []
    counts = ", ".join(f"{count:,} in {part}" for part, count in near.items())
    pair = " like ".join(examples[0])
    way_out = "; --group-by keeps them together" if manifest["arguments"].get("group_by", "") is None else ""
    return [f"look like a picture of another split: {counts}, such as {pair}{way_out}"]
