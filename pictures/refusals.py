"""Everything a picture can be refused with: the class's name is the refusal's name, wherever it is told."""

from __future__ import annotations


class PictureRefused(Exception):
    """A picture that is not read; its text says value, limit and way out, never image data."""

    @property
    def name(self) -> str:
        return type(self).__name__


class UnsupportedImage(PictureRefused):
    """The bytes are no PNG or JPEG, are damaged, or cannot be turned into RGB faithfully."""


class ImageTooLarge(PictureRefused):
    """The image's header announces more pixels than are decoded."""


class TooManyScans(PictureRefused):
    """A JPEG whose scans go over the whole picture again and again."""
