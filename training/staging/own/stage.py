"""Stage a person's pictures: look at each once, split them, store them; memory holds no picture for long."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.written_text import TextProblem
from pictures.limits import WHOLE
from training.data import SPLITS
from training.manifest import classes_problems
from training.staging.class_names import nearest_known
from training.staging.example import UNKNOWN, Progress, StagingError, silent
from training.staging.folder import IMAGES, appearing_whole, form_entry, mirror_entry
from training.staging.near import Look, near_repeats
from training.staging.own.seen import Seen, same_pixels, see
from training.staging.own.splits import Shares, split_pictures
from training.staging.own.writing import write_pictures
from training.staging.sample import LeftOut, Sample, SampleSource, shown
from training.staging.split import require_enough
from training.staging.stage import Staged, already_staged, file_problem

SHARE_LIMITS = (0.01, 0.5)
SIZE_LIMITS = (8, 4_096)
SHARES = Shares(validation=0.1, test=0.2)


@dataclass(frozen=True, kw_only=True)
class OwnRequest:
    """What to stage where.

    classes: names in the order that gives the label; None: the source's order, else that of the alphabet.
    size: (width, height) that larger pictures are made to fit in, their ratio kept; None: files as they are.
    names: names for people by class. form: of the format. mirror: a mirrored picture is of the same class.
    required_share: how much of a damaged picture must be there. force: replace another data set in `folder`.
    """

    folder: Path
    classes: tuple[str, ...] | None = None
    seed: int = 0
    shares: Shares = SHARES
    size: tuple[int, int] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    form: str = IMAGES.name
    mirror: bool = True
    required_share: float = WHOLE
    force: bool = False


def stage_own(source: SampleSource, request: OwnRequest, progress: Progress = silent) -> Staged:
    """Write the data set to its folder as a whole, or not at all; nothing to do if it is there already.

    Raises StagingError for whatever a person can mend.
    """
    _check(request)
    left_out = LeftOut()
    try:
        pictures, classes = _look(source, request, left_out, progress)
        arguments = _arguments(source, request, classes, pictures)
        present = already_staged(request.folder, arguments, force=request.force)
        if present is not None:
            return Staged(request.folder, present, fresh=False)
        parts = split_pictures(pictures, request.shares, request.seed, left_out)
        counts = {part: _counts(parts[part], classes) for part in SPLITS}
        require_enough(counts, _way_out(left_out))
        about = {
            "name": source.name,
            "source": f"{arguments['dataset']}, {len(pictures):,} pictures",
            "seed": request.seed,
            "arguments": arguments,
            "classes": list(classes),
            **({"names": dict(request.names)} if request.names else {}),
            "counts": counts,
            **left_out.entries(),
            "groups": {part: len({one.sample.group for one in parts[part]} - {None}) for part in SPLITS},
            "near_repeats": near_repeats(
                {part: [Look(one.sample.name, one.looks) for one in parts[part]] for part in SPLITS}
            ),
            **_reading_entries(request),
        }
        with appearing_whole(request.folder) as unfinished:
            document = write_pictures(unfinished, parts, about, request, progress)
        return Staged(request.folder, document, fresh=True)
    except TextProblem as error:
        raise StagingError(str(error)) from error
    except OSError as error:
        raise StagingError(file_problem(error, request.folder)) from error


def _check(request: OwnRequest) -> None:
    least, largest = SHARE_LIMITS
    for name, share in request.shares._asdict().items():
        if not least <= share <= largest:
            raise StagingError(f"A {name} share of {share} is outside {least} to {largest}.")
    if request.size and not all(SIZE_LIMITS[0] <= side <= SIZE_LIMITS[1] for side in request.size):
        width, height = request.size
        raise StagingError(
            f"--size {width}x{height}: a side has {SIZE_LIMITS[0]} to {SIZE_LIMITS[1]:,} pixels."
        )


def _look(
    source: SampleSource, request: OwnRequest, left_out: LeftOut, progress: Progress
) -> tuple[list[Seen], tuple[str, ...]]:
    samples = _list(source, left_out, progress)
    if not samples:
        reasons = f"; {_words(left_out)}" if left_out.counts else ""
        raise StagingError(
            f"There is no labelled picture in {shown(source.name)}{reasons}. A folder has a sub-folder for "
            "each class, a list or manifest a line for each picture."
        )
    classes = _classes(source, request, {sample.class_name for sample in samples})
    labels = {name: label for label, name in enumerate(classes)}
    wanted = [sample for sample in samples if sample.class_name in labels]
    pictures = list(see(wanted, labels, left_out, request.required_share, progress))
    same_pixels(pictures, request.required_share)
    return pictures, classes


def _list(source: SampleSource, left_out: LeftOut, progress: Progress) -> list[Sample]:
    samples: list[Sample] = []
    progress("listing pictures", 0, UNKNOWN)
    for sample in source.samples(left_out):
        samples.append(sample)
        progress("listing pictures", len(samples), UNKNOWN)
    progress("listing pictures", len(samples), len(samples))
    return samples


def _classes(source: SampleSource, request: OwnRequest, found: set[str]) -> tuple[str, ...]:
    """Raises StagingError for names that a model cannot have, and for classes without pictures."""
    classes = request.classes or source.classes or tuple(sorted(found, key=_by_number))
    if len(found) == 1 and not request.classes:
        is_folder = source.identity()["dataset"] == "folder"
        way_out = " Of folders inside each other, name the one whose sub-folders are the classes."
        raise StagingError(
            f"All pictures of {shown(source.name)} are of one class, {shown(classes[0])!r}; a model tells "
            f"several apart.{way_out if is_folder else ''}"
        )
    if problems := classes_problems(classes, {}):
        raise StagingError(f"{shown(source.name)} cannot be trained on: {'; '.join(problems)}.")
    if missing := [name for name in classes if name not in found]:
        raise StagingError(f"There is no picture of {nearest_known(missing, sorted(found))}.")
    if strange := [name for name in request.names if name not in classes]:
        raise StagingError(f"--names: there is no class {nearest_known(strange, classes)}.")
    if bad := classes_problems(classes, request.names):
        raise StagingError(f"--names: {'; '.join(bad)}.")
    return classes


def _by_number(name: str) -> tuple[int, str]:
    """Labels as numbers, words by the alphabet."""
    return (int(name) if name.isascii() and name.isdigit() else -1, name)


def _arguments(
    source: SampleSource, request: OwnRequest, classes: tuple[str, ...], pictures: list[Seen]
) -> dict[str, Any]:
    """Everything that decides the data set; equal arguments give equal bytes."""
    digest = hashlib.sha256()
    for picture in sorted(pictures, key=lambda one: one.sample.name):
        sample = picture.sample
        row = (sample.name, str(picture.label), sample.group, sample.part, picture.content)
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
    return {
        **source.identity(),
        "pictures": digest.hexdigest(),
        "classes": list(classes),
        "names": dict(request.names),
        "seed": request.seed,
        "validation_share": request.shares.validation,
        "test_share": request.shares.test,
        "size": list(request.size) if request.size else None,
        **form_entry(request.form),
        **_reading_entries(request),
    }


def _reading_entries(request: OwnRequest) -> dict[str, Any]:
    """How training is to take the pictures, where that is not as usual."""
    partly = {} if request.required_share == WHOLE else {"required_picture_share": request.required_share}
    return {**mirror_entry(mirror=request.mirror), **partly}


def _counts(pictures: Sequence[Seen], classes: Sequence[str]) -> dict[str, int]:
    counted = Counter(picture.label for picture in pictures)
    return {name: counted[label] for label, name in enumerate(classes)}


def _way_out(left_out: LeftOut) -> str:
    said = f" ({_words(left_out)})" if left_out.counts else ""
    return f"Add pictures, leave the class out with --classes, or take other shares or groups{said}."


def _words(left_out: LeftOut) -> str:
    return "left out: " + ", ".join(
        f"{count:,} {reason}" for reason, count in sorted(left_out.counts.items())
    )
