"""The input of an execution over many images, as operators write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from lambda_src.core.errors import InvalidInput
from lambda_src.core.excerpt import excerpt
from lambda_src.core.fields import threshold_problem
from lambda_src.core.location import bucket_problem, key_problem, uri_problem, without_uri
from lambda_src.core.run.manifest import ListedImage, read_image_entry
from lambda_src.core.run.records import RESULTS
from lambda_src.core.s3_events import event_images, is_event

Form = Literal["images", "s3_prefix", "manifest_key"]
FORMS: tuple[Form, ...] = ("images", "s3_prefix", "manifest_key")
EXAMPLE = '{"s3_bucket": "my-bucket", "s3_prefix": "inbox/2026-11-20/"}'
OWN_FOLDERS = (RESULTS, "data-capture/", "batch-packs/", "reports/", "monitor/", "gathering/", "releases/")
"""Folders of the data bucket that the application itself writes: no images of anybody."""
MAX_BATCH_SIZE = 1000
_MOST_NAMED = 5
_MAX_NAME = 256


class RunDefaults(NamedTuple):
    """What holds where the input says nothing. `max_concurrency` is also the most that the endpoint takes."""

    data_bucket: str
    batch_size: int
    max_concurrency: int
    tolerated_failure_percentage: float


class RunRequest(NamedTuple):
    """Which images to classify, and how. Of `images`, `s3_prefix` and `manifest_key` one is not None."""

    s3_bucket: str
    images: list[ListedImage] | None
    s3_prefix: str | None
    manifest_key: str | None
    threshold: float | None
    batch_size: int
    max_concurrency: int
    tolerated_failure_percentage: float
    replay_of: str | None
    only: str | None

    @property
    def described(self) -> dict[str, str]:
        """The form of the input and where its images are, for the summary."""
        if self.images is not None:
            return {"form": "images"}
        form = "s3_prefix" if self.s3_prefix is not None else "manifest_key"
        return {"form": form, "s3_bucket": self.s3_bucket, form: getattr(self, form)}


def read_run_request(fields: dict[str, Any], defaults: RunDefaults) -> RunRequest:
    """The request in an execution's input, whose prefix or manifest may be an address `s3://bucket/…`.

    The input may be S3's event, too, on any number of objects. Raises InvalidInput with all problems at once.
    """
    if is_event(fields):
        fields = {"images": event_images(fields)}
    conflicts = [
        f"{name} {problem}"
        for name in ("s3_prefix", "manifest_key")
        if (problem := uri_problem(fields, name))
    ]
    fields = without_uri(without_uri(fields, "s3_prefix"), "manifest_key")
    problems = [*conflicts, *_problems(fields, defaults)]
    if problems:
        raise InvalidInput(f"{'; '.join(problems)}. An input looks like {EXAMPLE}")
    bucket = fields.get("s3_bucket", defaults.data_bucket)
    listed = fields.get("images")
    return RunRequest(
        s3_bucket=bucket,
        images=None if listed is None else [read_image_entry(value, bucket)[0] for value in listed],
        s3_prefix=fields.get("s3_prefix"),
        manifest_key=fields.get("manifest_key"),
        threshold=fields.get("threshold"),
        batch_size=_given(fields, "batch_size", defaults.batch_size),
        max_concurrency=_given(fields, "max_concurrency", defaults.max_concurrency),
        tolerated_failure_percentage=_given(
            fields, "tolerated_failure_percentage", defaults.tolerated_failure_percentage
        ),
        replay_of=fields.get("replay_of"),
        only=fields.get("only"),
    )


def _given(fields: dict[str, Any], name: str, default: Any) -> Any:
    value = fields.get(name)
    return default if value is None else value


def _problems(fields: dict[str, Any], defaults: RunDefaults) -> Iterator[str]:
    checks = _checks(defaults)
    unknown = [excerpt(name, limit=60) for name in fields if name not in checks]
    if unknown:
        yield f"unknown field {_first(unknown)} (known: {', '.join(checks)})"
    forms = [name for name in FORMS if name in fields]
    if len(forms) != 1:
        given = f"not {' and '.join(forms)} together" if forms else "none of them is there"
        yield f"exactly one of images, s3_prefix and manifest_key says which images to classify: {given}"
    for name, check in checks.items():
        if name in fields and (problem := check(fields[name])):
            yield f"{name} {problem}"
    if problem := _own_folder_problem(fields, defaults.data_bucket):
        yield problem


def _checks(defaults: RunDefaults) -> dict[str, Callable[[object], str | None]]:
    def whole(most: int, way_out: str = "") -> Callable[[object], str | None]:
        return lambda value: _optional(value, lambda given: _whole_problem(given, most, way_out))

    return {
        "images": lambda value: _images_problem(value, defaults.data_bucket),
        "s3_prefix": _prefix_problem,
        "manifest_key": key_problem,
        "s3_bucket": bucket_problem,
        "threshold": lambda value: _optional(value, threshold_problem),
        "batch_size": whole(MAX_BATCH_SIZE),
        "max_concurrency": whole(
            defaults.max_concurrency,
            ", what the endpoint's instances are set to take at once (a setting of the stage)",
        ),
        "tolerated_failure_percentage": lambda value: _optional(value, _percentage_problem),
        "replay_of": lambda value: _optional(value, _name_problem),
        "only": lambda value: _optional(value, _name_problem),
    }


def _optional(value: object, check: Callable[[object], str | None]) -> str | None:
    return None if value is None else check(value)


def _images_problem(value: object, default_bucket: str) -> str | None:
    if not isinstance(value, list):
        return f"must be an array of images, not {excerpt(value)}"
    poor = [
        f"[{index}] {problem}"
        for index, entry in enumerate(value)
        if (problem := read_image_entry(entry, default_bucket)[1])
    ]
    return _first(poor, between="; images ") if poor else None


def _prefix_problem(value: object) -> str | None:
    """None for any text that a key can begin with; the empty prefix is the whole bucket."""
    return None if value == "" else key_problem(value)


def _own_folder_problem(fields: dict[str, Any], data_bucket: str) -> str | None:
    prefix = fields.get("s3_prefix")
    if not isinstance(prefix, str) or fields.get("s3_bucket", data_bucket) != data_bucket:
        return None
    folder = next((folder for folder in OWN_FOLDERS if prefix.startswith(folder)), None)
    if folder is None:
        return None
    return (
        f"s3_prefix {excerpt(prefix)} lies in {folder}, where the application writes its own files: "
        "put the images elsewhere, or list them in a manifest"
    )


def _whole_problem(value: object, most: int, way_out: str) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
        return None
    return f"must be a whole number from 1 to {most:,}{way_out}, not {excerpt(value)}"


def _percentage_problem(value: object) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100:
        return None
    return f"must be a number from 0 to 100, not {excerpt(value)}"


def _name_problem(value: object) -> str | None:
    if isinstance(value, str) and 1 <= len(value) <= _MAX_NAME:
        return None
    return f"must be a string of 1 to {_MAX_NAME} characters, not {excerpt(value)}"


def _first(problems: list[str], between: str = ", ") -> str:
    more = f" and {len(problems) - _MOST_NAMED} more" if len(problems) > _MOST_NAMED else ""
    return between.join(problems[:_MOST_NAMED]) + more
