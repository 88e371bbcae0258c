"""The ways in which a run of the monitor ends early, by the names that its log shows."""

from __future__ import annotations

from lambda_src.core.errors import ClassificationError


class StateChanged(ClassificationError):
    """Another run wrote the state meanwhile. This one changed nothing; the next goes on from that state."""

    retried = True


class CaptureUnreadable(Exception):
    """Many capture files cannot be read: S3, a key or a permission is at fault. What was read is kept."""


class ArtifactUnreadable(Exception):
    """The model's artifact is not there, may not be read, or holds no model.json of this project."""
