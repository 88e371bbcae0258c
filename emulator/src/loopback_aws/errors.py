"""The two kinds of error of the local AWS: answers of a service, and messages to the person at the shell."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An error answer of a service, as AWS words it.

    `code` is the AWS error code (`ValidationException`), `status` the HTTP status; `fields` are further
    members of the JSON body (`OriginalStatusCode` of a ModelError).
    """

    def __init__(
        self, code: str, message: str, status: int = 400, fields: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields or {}


class LocalError(Exception):
    """The local AWS cannot do what was asked; the text says the value, the limit and the way out."""
