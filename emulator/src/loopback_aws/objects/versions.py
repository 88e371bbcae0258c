"""A version of an object as the emulator's index has it, in a tenth of the memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_OF_THE_OBJECT: dict[str, Any] = {
    "last_modified": None,
    "etag": None,
    "size": 0,
    "content_type": "application/octet-stream",
    "content_encoding": None,
    "metadata": {},
    "preserved_headers": {},
    "storage_class": "STANDARD",
    "checksums": {},
    "parts": None,
    "replication_status": None,
}
"""What a version has from its object's record, and what it is where that has nothing."""
_NAMES = ("version_id", "is_latest", "data", *_OF_THE_OBJECT)


class Version(Mapping[str, Any]):
    """A view of the record that the object has while the version is the current one.

    It has no bytes: those are on disk. What can be set is `is_latest`.
    """

    __slots__ = ("_is_latest", "_record", "_version")

    def __init__(self, record: Mapping[str, Any], version: str, *, is_latest: bool = False) -> None:
        self._record = record
        self._version = version
        self._is_latest = is_latest

    def __getitem__(self, name: str) -> Any:
        match name:
            case "version_id":
                return self._version
            case "is_latest":
                return self._is_latest
            case "data":
                return None
        found = self._record.get(name) or _OF_THE_OBJECT[name]
        return {} if found == {} else found

    def __setitem__(self, name: str, value: Any) -> None:
        if name != "is_latest":
            raise KeyError(name)
        self._is_latest = value

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)
