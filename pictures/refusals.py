"""Everything a picture can be refused with: the class's name is the refusal's name, wherever it is told."""

from __future__ import annotations

import math


class PictureRefused(ValueError):
    """A picture that is not read; its text says value, limit and way out, never image data."""

    @property
    def name(self) -> str:
        return type(self).__name__


class UnsupportedImage(PictureRefused):
    """The bytes are no PNG, JPEG or WebP, are no picture, or cannot be turned into RGB faithfully."""


class DamagedImage(UnsupportedImage):
    """A part of the picture is missing, or its bytes are not those that were written."""


class ImageTooLarge(PictureRefused):
    """The image's header announces more pixels than are decoded."""


class TooManyScans(PictureRefused):
    """A JPEG whose scans go over the whole picture again and again."""


def damaged(kind: str, share: float, what: str, *, at_most: bool = False) -> DamagedImage:
    """A refusal that says which share of the picture is there, never rounded up to all of it."""
    percent = math.floor(share * 1000) / 10
    return DamagedImage(
        f"a damaged {kind}: {what}; {'at most ' if at_most else ''}{percent:g} % of the picture is there; "
        "save or send it again from its source"
    )
