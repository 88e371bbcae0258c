"""Keep the page below its size: pictures are what may be left out."""

from __future__ import annotations

from typing import Any

from reports.page.data import picture

# Bytes of the whole page.
LARGEST = 3_000_000


def keep_pictures(records: list[dict[str, Any]], room: int) -> list[dict[str, Any]]:
    """Records with the pictures that fit into so many bytes: of low confidence first, then the newest.

    `records` are ordered oldest first, and so is the answer.
    """
    kept = list(records)
    for index in sorted(range(len(records)), key=lambda i: (records[i]["low"], i), reverse=True):
        size = len(picture(records[index]) or "")
        if size <= room:
            room -= size
        else:
            kept[index] = {**records[index], "picture": None}
    return kept
