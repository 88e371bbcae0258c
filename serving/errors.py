"""Everything a caller can be refused with: the class's name is the error's name, in JSON and in logs."""

from __future__ import annotations

from serving.limits import RETRY_AFTER_SECONDS


class Refusal(Exception):
    """A request that gets no prediction; its text says value, limit and way out, never image data."""

    status = 400
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def name(self) -> str:
        return type(self).__name__


class ImageRefused(Refusal):
    """A picture that `pictures` refuses, under the name that it has there."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self._name = name

    @property
    def name(self) -> str:
        return self._name


class DecodingTooLong(Refusal):
    """The decoder was stopped over an image after more processor time than any sound one takes."""


class MalformedRecordIO(Refusal):
    """A pack of images whose RecordIO framing is broken."""


class TooManyImages(Refusal):
    """A pack with more records than are answered at once."""


class TooManyPixels(Refusal):
    """A pack whose images announce more pixels together than are decoded for one request."""


class PackTooLong(Refusal):
    """A pack that is not answered before its caller stops waiting."""


class MalformedRequest(Refusal):
    """What arrived is not HTTP/1.1."""


class NotFound(Refusal):
    status = 404


class MethodNotAllowed(Refusal):
    status = 405

    def __init__(self, message: str, allowed: str) -> None:
        super().__init__(message)
        self.headers = ((b"allow", allowed.encode()),)


class RequestTimeout(Refusal):
    """The head or the body did not arrive in time."""

    status = 408
    headers = ((b"connection", b"close"),)


class BodyTooLarge(Refusal):
    status = 413
    headers = ((b"connection", b"close"),)


class UnsupportedContentType(Refusal):
    status = 415


class HeadTooLarge(Refusal):
    """Request line and headers of more bytes than are read."""

    status = 431


class ModelFailed(Refusal):
    """The model did not answer with probabilities: the server's fault, never the caller's."""

    status = 500


class DecoderFailed(Refusal):
    """The process that decodes ended by itself, or cannot be started: the server's fault."""

    status = 500


class ModelLoading(Refusal):
    """The process listens already but its model cannot answer yet."""

    status = 503
    headers = ((b"retry-after", b"%d" % RETRY_AFTER_SECONDS),)


class Overloaded(Refusal):
    """More requests are waiting than a process holds."""

    status = 503
    headers = ((b"retry-after", b"%d" % RETRY_AFTER_SECONDS),)


class ClientGone(Exception):
    """The caller closed the connection before it was answered: nobody is there to answer."""


class StartFailed(Exception):
    """The server cannot start: the text is the one line that says why."""


class MalformedArtifact(StartFailed):
    """The model directory does not hold a model that this server can answer with."""
