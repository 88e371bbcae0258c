"""One look at each picture: is it one, which is it, what does it look like. Nothing of it is held."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from pictures.decode import decode_file, decode_whole
from pictures.files import read_file, upright_size
from pictures.kinds import JPEG, PNG, WEBP
from pictures.limits import WHOLE
from pictures.refusals import PictureRefused
from training.staging.example import Progress, content_digest, silent
from training.staging.near import FIELDS, difference_hash
from training.staging.sample import LeftOut, Sample, Unread

THREADS = max(4, 2 * (os.cpu_count() or 1))
"""Decoding leaves the interpreter to others; S3 is waited for."""
SUFFIXES = {PNG: ".png", JPEG: ".jpg", WEBP: ".webp"}
_REASONS = {
    "DamagedImage": "damaged",
    "ImageTooLarge": "of too many pixels",
    "TooManyScans": "of too many scans",
}
In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(slots=True)
class Seen:
    """A picture that was looked at.

    file: SHA-256 of its file. content: the same, or that of its pixels where other files look alike.
    looks: 64 bits, few of which differ between pictures that look alike. size: (width, height), upright.
    """

    sample: Sample
    label: int
    file: str
    content: str
    looks: int
    size: tuple[int, int]
    suffix: str

    @property
    def name(self) -> str:
        return self.sample.name.rpartition("/")[2]


def see(
    samples: Sequence[Sample],
    labels: dict[str, int],
    left_out: LeftOut,
    required: float = WHOLE,
    progress: Progress = silent,
) -> Iterator[Seen]:
    """The samples that are pictures, in their order; the others go to `left_out`.

    `required`: how much of a damaged picture must be there.
    """
    looked_at = in_order(lambda sample: _see(sample, labels[sample.class_name], required), samples)
    for done, (sample, found) in enumerate(looked_at, 1):
        progress("looking at pictures", done, len(samples))
        if isinstance(found, Seen):
            yield found
        else:
            reason, detail = found
            left_out.add(reason, sample.name, detail=detail)


def same_pixels(pictures: list[Seen], required: float = WHOLE) -> None:
    """Let pictures of equal pixels have equal contents, whatever else is in their files.

    Only pictures that look exactly alike are read again.
    """
    alike: dict[tuple[int, tuple[int, int]], list[Seen]] = {}
    for picture in pictures:
        alike.setdefault((picture.looks, picture.size), []).append(picture)
    doubtful = [one for group in alike.values() if len({seen.content for seen in group}) > 1 for one in group]
    pixels = in_order(lambda one: content_digest(decode_whole(one.sample.read(), required)), doubtful)
    for picture, content in pixels:
        picture.content = content


def in_order(function: Callable[[In], Out], items: Iterable[In]) -> Iterator[tuple[In, Out]]:
    """Each item with what the function makes of it, computed a little ahead in threads."""
    waiting: deque[tuple[In, Future[Out]]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for item in items:
                waiting.append((item, pool.submit(function, item)))
                if len(waiting) > 2 * THREADS:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _see(sample: Sample, label: int, required: float) -> Seen | tuple[str, str]:
    """Or the reason why it is left out, and what there is to say of this one."""
    try:
        body = sample.read()
        file = read_file(body)
        looks = difference_hash(decode_file(file, *FIELDS, required))
    except Unread as error:
        return str(error), ""
    except FileNotFoundError:
        return "named, but not there", ""
    except OSError as error:
        return f"unreadable ({error.strerror or type(error).__name__})", ""
    except PictureRefused as refused:
        return _reason(refused), str(refused)
    digest = hashlib.sha256(body).hexdigest()
    return Seen(sample, label, digest, digest, looks, upright_size(file), SUFFIXES[file.kind])


def _reason(refused: PictureRefused) -> str:
    if refused.name in _REASONS:
        return _REASONS[refused.name]
    text = str(refused)
    if not text.startswith("a ") and not text.startswith("an "):
        return "neither PNG nor JPEG nor WebP"
    return text.partition(",")[0].partition(";")[0].partition(" that announces")[0]
