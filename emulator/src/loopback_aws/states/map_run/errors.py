"""What makes a Distributed Map state fail before or after its children, by the error name that a Catch sees.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations


class MapRunError(Exception):
    """A failure of the Map state: `error` is what Retry and Catch match, `cause` the text beside it."""

    error = "States.Runtime"

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class ItemReaderFailed(MapRunError):
    """The data set cannot be read: no such object, no permission, not of the form that it is said to have."""

    error = "States.ItemReaderFailed"


class ResultWriterFailed(MapRunError):
    """The results cannot be written to the bucket."""

    error = "States.ResultWriterFailed"


class DataLimitExceeded(MapRunError):
    """One item alone is larger than a child's input may be."""

    error = "States.DataLimitExceeded"


class InvalidField(MapRunError):
    """A field of the Map state has, once evaluated, a value that it must not have."""
