"""Model data for tests."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping


def archive(members: Mapping[str, bytes]) -> bytes:
    """A gzipped tar of exactly these members, whatever their names."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as file:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return content.getvalue()


def model_data(*words: str) -> bytes:
    """A model of `model_server`: it tells the shares of these words in a text, red and blue unless given."""
    return archive({"model.json": json.dumps({"words": words or ("red", "blue")}).encode()})
