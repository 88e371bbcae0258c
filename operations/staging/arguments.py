"""What the options of `scones stage` say about a person's own pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path

from operations.staging.own_source import OwnOptions, own_source
from pictures.limits import WHOLE
from training.staging.example import StagingError
from training.staging.own.splits import Shares
from training.staging.own.stage import SHARES, OwnRequest
from training.staging.sample import SampleSource


@dataclass(frozen=True, kw_only=True)
class OwnArguments:
    """As they were given; None where they were not."""

    path: str | None
    classes: tuple[str, ...] | None
    validation: str | None
    test: str | None
    test_share: float | None
    group_by: str | None
    groups: Path | None
    size: str | None
    names: str | None
    root: str | None
    label_at: int | None
    attribute: str | None
    no_mirror: bool | None
    required_picture_share: float | None

    def require_none(self, dataset: str) -> None:
        """Raise StagingError for what is about own pictures only."""
        given = [
            one.name
            for one in fields(self)
            if one.name not in ("classes", "size") and getattr(self, one.name) is not None
        ]
        if given:
            flags = ", ".join("PATH" if name == "path" else f"--{name.replace('_', '-')}" for name in given)
            raise StagingError(
                f"{flags}: this is for your own pictures (scones stage folder PATH), not for {dataset}."
            )

    def read(
        self, kind: str, out: Path | None, seed: int, validation_share: float, *, form: str, force: bool
    ) -> tuple[SampleSource, OwnRequest]:
        """The source and what to make of it. Raises StagingError."""
        if self.path is None:
            raise StagingError(f"Name the pictures: scones stage {kind} PATH, here or s3://….")
        source = own_source(
            OwnOptions(
                kind=kind,
                path=self.path,
                classes=self.classes,
                validation=self.validation,
                test=self.test,
                group_by=self.group_by,
                groups=self.groups,
                root=self.root,
                label_at=self.label_at,
                attribute=self.attribute,
            )
        )
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", source.name).lstrip(".") or kind
        request = OwnRequest(
            folder=(out or Path("build/dataset") / name).resolve(),
            classes=self.classes,
            seed=seed,
            shares=Shares(validation_share, SHARES.test if self.test_share is None else self.test_share),
            size=read_size(self.size),
            names=read_names(self.names),
            form=form,
            required_share=WHOLE if self.required_picture_share is None else self.required_picture_share,
            mirror=not (self.no_mirror or kind == "statefarm"),
            force=force,
        )
        return source, request


def read_classes(text: str | None) -> tuple[str, ...] | None:
    """Names separated by commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip()) if text is not None else None


def read_size(text: str | None) -> tuple[int, int] | None:
    """(width, height) of `WxH`; raises StagingError."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", text, re.ASCII)
    if match is None:
        raise StagingError(f"--size {text!r} is not WIDTHxHEIGHT, such as 224x224.")
    return int(match[1]), int(match[2])


def read_names(text: str | None) -> dict[str, str]:
    """`c0="safe driving",c1=texting` as names by class; raises StagingError.

    The shell takes the quotes away: a comma separates where a name and = follow.
    """
    names: dict[str, str] = {}
    for part in re.split(r",(?=[^,=]+=)", text) if text else []:
        name, equals, words = (one.strip() for one in part.partition("="))
        if not equals or not name or name in names:
            said = "is given twice" if name in names else 'is not CLASS="words for people"'
            raise StagingError(f"--names: {part[:80]!r} {said}.")
        names[name] = words.removeprefix('"').removesuffix('"')
    return names
