"""A request that changes objects: done whole, or not at all, and told to nobody before it is done."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

_current: contextvars.ContextVar[Change | None] = contextvars.ContextVar("change", default=None)
_Key = tuple[str, str, str]
"""Account, bucket and key."""


@dataclass
class Change:
    """What a request may have changed in memory and not yet on disk, and what is to be done after it."""

    s3: ModuleType
    before: dict[_Key, _Snapshot] = field(default_factory=dict)
    then: list[Callable[[], object]] = field(default_factory=list)
    over: bool = False

    def remember(self, bucket: str, key: str) -> None:
        """Note how the key of the account that the request is in is now, unless that is noted already."""
        place = (self.s3.get_account_id(), bucket, key)
        if place not in self.before:
            self.before[place] = _Snapshot.of(self.s3, bucket, key)

    def remember_displaced(self, bucket: str, key: str, displaced: dict[str, Any] | None) -> None:
        """The same for one whose object was just replaced in memory, and only that."""
        place = (self.s3.get_account_id(), bucket, key)
        if place not in self.before:
            self.before[place] = _Snapshot.of(self.s3, bucket, key)
            self.before[place].object = dict(displaced) if displaced else None

    def undo(self) -> None:
        """Have everything in memory as it is on disk."""
        for (account, bucket, key), snapshot in self.before.items():
            with self.s3._in_account(account):
                snapshot.restore(self.s3, bucket, key)


@dataclass
class _Snapshot:
    """What is in memory of a key: its object, versions, and what is kept beside them by version."""

    object: dict[str, Any] | None
    versions: list[tuple[Any, bool]]
    """The index's entries, and whether each is the latest, which is all that changes of one."""
    beside: list[dict[_Key, Any]]

    @classmethod
    def of(cls, s3: ModuleType, bucket: str, key: str) -> _Snapshot:
        found = (s3._buckets.get(bucket) or {"objects": {}})["objects"].get(key)
        versions = s3._object_versions.get((bucket, key))
        places = _places(s3, bucket, key)
        return cls(
            object=dict(found) if found else None,
            versions=[(version, version["is_latest"]) for version in versions or ()],
            beside=[{place: store[place] for place in places if place in store} for store in _stores(s3)],
        )

    def restore(self, s3: ModuleType, bucket: str, key: str) -> None:
        places = _places(s3, bucket, key)
        for store, kept in zip(_stores(s3), self.beside, strict=True):
            for place in places:
                store.pop(place, None)
            store.update(kept)
        for version, is_latest in self.versions:
            version["is_latest"] = is_latest
        _put(s3._object_versions, (bucket, key), [version for version, _ in self.versions] or None)
        if bucket in s3._buckets:
            _put(s3._buckets[bucket]["objects"], key, self.object)


def _put(store: Any, place: Any, value: Any) -> None:
    if value is None:
        store.pop(place, None)
    else:
        store[place] = value


def _stores(s3: ModuleType) -> tuple[Any, ...]:
    """What is kept by bucket, key and version."""
    return (
        s3._object_tags,
        s3._object_acl,
        s3._object_annotations,
        s3._object_retention,
        s3._object_legal_hold,
    )


def _places(s3: ModuleType, bucket: str, key: str) -> list[_Key]:
    versions = [version["version_id"] for version in s3._object_versions.get((bucket, key)) or ()]
    return [(bucket, key, version) for version in {None, "null", *versions}]


def current() -> Change | None:
    """The change that the running request is making; None outside of one."""
    change = _current.get()
    return None if change is None or change.over else change


def within(change: Change, work: Callable[[], Any]) -> Any:
    """The answer of `work`, a part of the change; undone when it raises, or when its answer is an error."""
    token = _current.set(change)
    try:
        answer = work()
    except BaseException:
        change.undo()
        raise
    finally:
        change.over = True
        _current.reset(token)
    if answer[0] >= 400:
        change.undo()
        return answer
    for action in change.then:
        action()
    return answer


def settle(bucket: str, key: str) -> None:
    """The key is on disk as it is in memory: there is nothing to undo."""
    if change := current():
        change.before.pop((change.s3.get_account_id(), bucket, key), None)


def afterwards(action: Callable[[], object]) -> None:
    """Have something done once the change is; at once outside of one."""
    if change := current():
        change.then.append(action)
    else:
        action()
