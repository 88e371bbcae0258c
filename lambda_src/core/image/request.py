"""The input of an execution, as operators write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from lambda_src.core.errors import ImageTooLarge, InvalidInput
from lambda_src.core.excerpt import excerpt
from lambda_src.core.fields import threshold_problem
from lambda_src.core.image import base64_image
from lambda_src.core.limits import MAX_INLINE_IMAGE_BYTES
from lambda_src.core.location import bucket_problem, key_problem, uri_problem, without_uri
from lambda_src.core.s3_events import event_images, is_event

EXAMPLE = '{"image_data": "", "s3_bucket": "my-bucket", "s3_key": "test/bicycle_s_000513.png"}'
_MAX_INLINE_CHARACTERS = MAX_INLINE_IMAGE_BYTES // 3 * 4
_MOST_FIELDS = 5


class ImageRequest(NamedTuple):
    """Which image to classify. With `image` (the bytes themselves) bucket and key are labels, perhaps ""."""

    s3_bucket: str
    s3_key: str
    threshold: float | None
    image: bytes | None


def read_request(fields: dict[str, Any], default_bucket: str) -> ImageRequest:
    """The request in an execution's input; `default_bucket` stands in for a missing s3_bucket.

    An s3_key may be an address, `s3://bucket/key`; the input may be S3's event on one object.

    Raises InvalidInput with all problems at once, or ImageTooLarge for an inline image that no state holds.
    """
    if is_event(fields):
        fields = _only_image(event_images(fields))
    conflict = uri_problem(fields, "s3_key")
    fields = without_uri(fields, "s3_key")
    problems = [*([f"s3_key {conflict}"] if conflict else ()), *_problems(fields)]
    if problems:
        raise InvalidInput(f"{'; '.join(problems)}. An input looks like {EXAMPLE}")
    inline: str = fields.get("image_data", "")
    _check_inline_size(len(inline))
    return ImageRequest(
        s3_bucket=fields.get("s3_bucket", "" if inline else default_bucket),
        s3_key=fields.get("s3_key", ""),
        threshold=fields.get("threshold"),
        image=base64_image.decode(inline) if inline else None,
    )


def _only_image(images: list[dict[str, str]]) -> dict[str, Any]:
    if len(images) != 1:
        raise InvalidInput(
            f"the event tells of {len(images)} objects, and an execution of this state machine takes one: "
            "start the one over many images with it"
        )
    return dict(images[0])


def _check_inline_size(characters: int) -> None:
    if characters > _MAX_INLINE_CHARACTERS:
        raise ImageTooLarge(
            f"image_data has {characters:,} characters of base64; at most {_MAX_INLINE_CHARACTERS:,} "
            f"(an image of {MAX_INLINE_IMAGE_BYTES:,} bytes) travel inside an execution: put the image "
            "into S3 and give s3_bucket and s3_key instead"
        )


def _problems(fields: dict[str, Any]) -> Iterator[str]:
    unknown = [excerpt(name, limit=60) for name in fields if name not in _CHECKS]
    if unknown:
        more = f" and {len(unknown) - _MOST_FIELDS} more" if len(unknown) > _MOST_FIELDS else ""
        yield f"unknown field {', '.join(unknown[:_MOST_FIELDS])}{more} (known: {', '.join(_CHECKS)})"
    inline = fields.get("image_data", "") != ""
    for name, check in _CHECKS.items():
        only_a_label = inline and name in ("s3_bucket", "s3_key") and fields.get(name) == ""
        if name in fields and not only_a_label and (problem := check(fields[name])):
            yield f"{name} {problem}"
    if not inline and "s3_key" not in fields:
        yield "s3_key is missing: name the object to classify, or give the image itself in image_data"


def _image_data_problem(value: object) -> str | None:
    if not isinstance(value, str):
        return f"must be a string of base64, not {excerpt(value)}"
    if len(value) > _MAX_INLINE_CHARACTERS:
        return None  # Its size has an error of its own.
    try:
        base64_image.decode(value)
    except ValueError as error:
        return f"is not base64: {error}"
    return None


def _optional_threshold_problem(value: object) -> str | None:
    return None if value is None else threshold_problem(value)


_CHECKS: dict[str, Callable[[object], str | None]] = {
    "image_data": _image_data_problem,
    "s3_bucket": bucket_problem,
    "s3_key": key_problem,
    "threshold": _optional_threshold_problem,
}
