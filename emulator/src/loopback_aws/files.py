"""Files that are never half-written, and the state that services keep in them."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from loopback_aws.errors import LocalError


def write_atomically(path: Path, data: bytes, *, synchronize: bool = True) -> None:
    """Write `data` to `path` so that a reader, or a crash, sees the old content or the new, never a part.

    `synchronize` waits for the device, so that it outlives a loss of power, too. OSError: all is as before.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if synchronize:
                os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write the state of a service as JSON; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(state, indent=1).encode())


def load_state(path: Path, keys: tuple[str, ...], service: str, lost: str) -> dict[str, Any] | None:
    """What `save_state` wrote, None when there is nothing yet.

    Raises LocalError when the file does not hold an object for each of `keys`; it says that deleting the
    file gives up what is `lost`.
    """
    if not path.exists():
        return None
    try:
        state = json.loads(path.read_text())
        return {key: dict(state[key]) for key in keys}
    except (ValueError, KeyError, TypeError) as error:
        raise LocalError(
            f"{path} is not a state of the local {service} ({error}). Delete it to start without {lost}, "
            "or take another folder with --state DIR."
        ) from None
