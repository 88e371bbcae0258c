"""Every way in which a classification can fail, by the name that operators see.

A class's name is the error's name in Lambda, in the state machine's Retry and Catch, in the history and in
the notification. `docs/operations.md` has a section for each.
"""

from __future__ import annotations

from typing import ClassVar


class ClassificationError(Exception):
    """Base of the named errors; its message names the value, the limit and the way out.

    `retried` says whether the same input can succeed a little later, with nothing changed by a person.
    """

    retried: ClassVar[bool] = False


class InvalidInput(ClassificationError):
    """The input is not what the workflow takes: a field is missing, unknown or out of its limits."""


class InvalidConfiguration(ClassificationError):
    """The deployment is at fault: a function's environment, or its own files cannot be written."""


class NothingToClassify(ClassificationError):
    """What a run over many images was given selects no image, or none that can be classified."""


class ImageNotFound(ClassificationError):
    """The bucket or the object does not exist."""


class ImageAccessDenied(ClassificationError):
    """S3 does not hand out the object: permission, encryption key or archive."""


class UnsupportedImage(ClassificationError):
    """The bytes are no picture that the model server reads, whatever the name says."""


class ImageTooLarge(ClassificationError):
    """The image has more bytes than the way it came, or the endpoint, can carry."""


class LowConfidence(ClassificationError):
    """The model answered, but its best class is less probable than the threshold."""


class ModelRejectedImage(ClassificationError):
    """The model server answered 4xx: it will not take this image."""


class IncompleteResults(ClassificationError):
    """The merged results of a run do not hold each listed image exactly once."""


class StorageUnavailable(ClassificationError):
    """S3 (or the key that encrypts the object) did not answer as it should: slow, throttled or failing."""

    retried = True


class EndpointThrottled(ClassificationError):
    """The endpoint takes no more requests at the moment."""

    retried = True


class EndpointUnavailable(ClassificationError):
    """The endpoint does not exist, is not in service, cannot be reached or may not be called."""

    retried = True


class ModelFailed(ClassificationError):
    """The model server answered 5xx, or with something that is not one probability a class."""

    retried = True


class WorkflowUnavailable(ClassificationError):
    """SQS or Step Functions did not answer the inbox as they should: throttled, failing, or busy."""

    retried = True


ERRORS: tuple[type[ClassificationError], ...] = (
    InvalidInput,
    InvalidConfiguration,
    NothingToClassify,
    ImageNotFound,
    ImageAccessDenied,
    UnsupportedImage,
    ImageTooLarge,
    LowConfidence,
    ModelRejectedImage,
    IncompleteResults,
    StorageUnavailable,
    EndpointThrottled,
    EndpointUnavailable,
    ModelFailed,
    WorkflowUnavailable,
)
INBOX_ERRORS: tuple[type[ClassificationError], ...] = (WorkflowUnavailable,)
"""What the inbox's function raises and no step of a workflow does; the queue brings the messages again."""
IMAGE_ERRORS: tuple[type[ClassificationError], ...] = (
    InvalidInput,
    ImageNotFound,
    ImageAccessDenied,
    UnsupportedImage,
    ImageTooLarge,
    ModelRejectedImage,
)
"""What an image, or a line of a list, is itself to blame for."""
