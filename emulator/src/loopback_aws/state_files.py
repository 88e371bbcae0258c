"""Saved state that cannot be read is put aside and reported, never overwritten."""

from __future__ import annotations

import json
import time
from pathlib import Path


def set_aside_unreadable(folder: Path) -> list[str]:
    """Rename every JSON file of `folder` that does not parse; one message a file, empty when all do."""
    messages = []
    for path in sorted(folder.glob("*.json")):
        try:
            json.loads(path.read_bytes())
        except ValueError as error:
            aside = path.with_name(f"{path.name}.unreadable-{time.strftime('%Y%m%dT%H%M%S')}")
            path.rename(aside)
            messages.append(
                f"{path} cannot be read ({error}); {path.stem} starts empty, the file is kept as "
                f"{aside.name}. Deploy again to bring back what it held."
            )
    for left_over in (*folder.glob(".*.json.*"), *folder.glob("*.json.tmp")):
        left_over.unlink()
    return messages
