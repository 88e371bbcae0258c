"""Whether an image is small enough for the way that it travels."""

from __future__ import annotations

from lambda_src.core.errors import ImageTooLarge
from lambda_src.core.limits import MAX_IMAGE_BYTES, MAX_INLINE_IMAGE_BYTES


def check_image_size(size: int, where: str) -> None:
    """Raise ImageTooLarge when `size` bytes are more than an endpoint takes in one request."""
    if size > MAX_IMAGE_BYTES:
        raise ImageTooLarge(
            f"{where} has {size:,} bytes; the endpoint takes at most {MAX_IMAGE_BYTES:,}: "
            "scale it down or compress it"
        )


def check_inline_size(characters: int) -> None:
    """Raise ImageTooLarge when base64 of so many characters does not fit into a state's input."""
    limit = MAX_INLINE_IMAGE_BYTES // 3 * 4
    if characters > limit:
        raise ImageTooLarge(
            f"image_data has {characters:,} characters of base64; at most {limit:,} "
            f"(an image of {MAX_INLINE_IMAGE_BYTES:,} bytes) travel inside an execution: put the image "
            "into S3 and give s3_bucket and s3_key instead"
        )


def travels_inline(size: int) -> bool:
    """Whether an image of `size` bytes goes through the workflow itself rather than by its S3 address."""
    return size <= MAX_INLINE_IMAGE_BYTES
