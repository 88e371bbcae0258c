"""Stage a data set: from its source to a folder that training, serving and S3 all understand."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from contracts.artifact.class_names import MAXIMUM_CLASSES, MINIMUM_CLASSES
from training.manifest import DatasetError, Manifest, read_manifest
from training.staging.example import Examples, Progress, StagingError, silent
from training.staging.folder import IMAGES, appearing_whole, folder_fingerprint, form_entry, write_folder
from training.staging.formats import FORMATS
from training.staging.split import split_examples

VALIDATION_SHARE_LIMITS = (0.01, 0.5)
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Source(Protocol):
    """Where pictures come from: drawn, or an archive."""

    @property
    def name(self) -> str:
        """Short name of the data set, also of its folder."""

    def identity(self) -> dict[str, Any]:
        """Everything that decides the source's pictures; equal identities give equal pictures."""

    def describe(self) -> str:
        """One line for the manifest, free of paths and dates."""

    def check_classes(self, classes: tuple[str, ...]) -> None:
        """Raise StagingError for a class that the source does not have."""

    def examples(self, classes: tuple[str, ...], progress: Progress) -> Examples:
        """All pictures of the classes; a class's label is its place in `classes`."""


@dataclass(frozen=True, kw_only=True)
class StageRequest:
    """What to stage where.

    classes: names in the order that gives the label, 2 to 100.
    folder: where the data set goes; its parents are made.
    seed: decides which pictures are cut off for validation.
    validation_share: part of each class's training pictures that is cut off, 0.01 to 0.5.
    form: name of the format that the pictures are stored in.
    force: replace a data set that is already in `folder` and differs; never anything else.
    """

    classes: tuple[str, ...]
    folder: Path
    seed: int = 0
    validation_share: float = 0.1
    form: str = IMAGES.name
    force: bool = False


@dataclass(frozen=True)
class Staged:
    """A staged data set; `fresh` is False when it was already there."""

    folder: Path
    manifest: dict[str, Any]
    fresh: bool


def stage(source: Source, request: StageRequest, progress: Progress = silent) -> Staged:
    """Write the data set to its folder as a whole, or not at all; nothing to do if it is there already.

    Raises StagingError for whatever a person can mend.
    """
    _check_request(request)
    source.check_classes(request.classes)
    try:
        arguments = {
            **source.identity(),
            "classes": list(request.classes),
            "seed": request.seed,
            "validation_share": request.validation_share,
            **form_entry(request.form),
        }
        present = already_staged(request.folder, arguments, force=request.force)
        if present is not None:
            return Staged(request.folder, present, fresh=False)
        return Staged(request.folder, _write(source, request, arguments, progress), fresh=True)
    except OSError as error:
        raise StagingError(file_problem(error, request.folder)) from error


def _check_request(request: StageRequest) -> None:
    if not MINIMUM_CLASSES <= len(request.classes) <= MAXIMUM_CLASSES:
        limits = f"{MINIMUM_CLASSES} to {MAXIMUM_CLASSES}"
        raise StagingError(f"{len(request.classes)} class(es) given; {limits} are possible.")
    repeated = sorted({name for name in request.classes if request.classes.count(name) > 1})
    if repeated:
        raise StagingError(f"Class given more than once: {', '.join(repeated)}.")
    least, largest = VALIDATION_SHARE_LIMITS
    if not least <= request.validation_share <= largest:
        raise StagingError(
            f"A validation share of {request.validation_share} is outside {least} to {largest}."
        )


def already_staged(folder: Path, arguments: dict[str, Any], *, force: bool) -> dict[str, Any] | None:
    """The manifest of the same data set in the folder, or None when there is room for a new one."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    try:
        manifest = read_manifest(folder)
    except DatasetError as error:
        raise StagingError(f"{folder} exists and is not a staged data set. Choose another --out.") from error
    problem = _difference(folder, manifest, arguments)
    if problem is not None and not force:
        raise StagingError(f"{problem} Choose another --out, or replace it with --force.")
    return manifest.document if problem is None else None


def _difference(folder: Path, manifest: Manifest, arguments: dict[str, Any]) -> str | None:
    """Why the data set in the folder is not the one asked for, or None if it is."""
    theirs = manifest.arguments
    differing = sorted(key for key in theirs | arguments if theirs.get(key) != arguments.get(key))
    if differing:
        return f"{folder} holds a data set staged with different arguments ({', '.join(differing)})."
    try:
        if folder_fingerprint(folder, manifest.document) == manifest.fingerprint:
            return None
    except (OSError, ValueError, KeyError) as error:
        return f"{folder} is damaged ({error})."
    return f"{folder} was changed since it was staged."


def _write(
    source: Source, request: StageRequest, arguments: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    examples = source.examples(request.classes, progress)
    split = split_examples(examples, request.classes, request.validation_share, request.seed)
    about = {
        "name": source.name,
        "source": source.describe(),
        "seed": request.seed,
        "arguments": arguments,
        **({"names": examples.names} if examples.names else {}),
    }
    with appearing_whole(request.folder) as unfinished:
        return write_folder(unfinished, split, request.classes, about, progress, FORMATS[request.form])


def file_problem(error: OSError, folder: Path) -> str:
    """An error of the file system as a sentence for whoever stages into the folder."""
    where = error.filename or folder
    if error.errno in _NO_SPACE:
        return f"No space left to stage into {folder} ({error.strerror}). Free some, or choose another --out."
    return f"{where}: {error.strerror or error}."
