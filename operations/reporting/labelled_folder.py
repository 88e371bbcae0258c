"""Labels from pictures that people have sorted: a folder with a sub-folder for each class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from operations.aws.errors import OperationError
from reports.figures.images import pixel_digest
from reports.history.labels import Labels
from serving.limits import MAX_BODY_BYTES

LAYOUT = "A folder of labels has a sub-folder for each class, named after it, with PNG, JPEG or WebP files"


def read_labelled_folder(folder: Path, warn: Callable[[str], None]) -> Labels:
    """The classes by the pictures' pixels, at any depth below a class's folder.

    `warn` gets what was left out. Raises OperationError where there is no picture, or one in two classes.
    """
    found: dict[str, tuple[str, Path]] = {}
    skipped: Counter[str] = Counter()
    example = ""
    for label, path in _files(folder):
        digest, reason = _digest(path)
        if digest is None:
            skipped[reason] += 1
            example = example or str(path.relative_to(folder))
            continue
        known, first = found.setdefault(digest, (label, path))
        if known != label:
            raise OperationError(
                f"{folder}: {first.relative_to(folder)} and {path.relative_to(folder)} are the same picture "
                f"in two classes, {known} and {label}: remove one of them."
            )
    if skipped:
        counts = ", ".join(f"{count:,} {reason}" for reason, count in skipped.most_common())
        warn(f"{folder}: left out: {counts}, such as {example}.")
    if not found:
        raise OperationError(f"{folder} holds no labelled picture. {LAYOUT}.")
    return Labels({}, {}, len(found), by_digest={digest: label for digest, (label, _) in found.items()})


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Class and file, in the order of their names; what is hidden, and what lies beside the classes, is
    not."""
    for below in sorted(folder.iterdir()):
        if below.is_dir() and not below.name.startswith("."):
            for path in sorted(below.rglob("*")):
                if path.is_file() and not path.name.startswith("."):
                    yield below.name, path


def _digest(path: Path) -> tuple[str | None, str]:
    """Of the pixels; or None, and why there is none."""
    try:
        if path.stat().st_size > MAX_BODY_BYTES:
            return None, f"larger than the {MAX_BODY_BYTES:,} bytes of a request"
        return pixel_digest(path.read_bytes()), ""
    except OSError as error:
        return None, f"unreadable ({error.strerror})"
    except ValueError:
        return None, "no readable PNG, JPEG or WebP"
