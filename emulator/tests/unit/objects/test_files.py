"""An object's body and record change together, whatever fails or ends in between."""

from __future__ import annotations

import errno
import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback_aws.objects import files

OLD, NEW = b"old body", b"the new one"


def store(path: Path, body: bytes) -> None:
    files.replace(path, {"size": len(body)}, body)


def stored(path: Path) -> bytes:
    """The body at `path`, of which the record says the same."""
    body = path.read_bytes()
    assert json.loads(files.record_path(path).read_bytes())["size"] == len(body)
    return body


def breaking(monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException) -> None:
    """Let the call of this number into the system fail: files are opened, and renamed."""
    calls = itertools.count()

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def broken(*arguments: object, **named: object) -> object:
            if next(calls) == number:
                raise error
            return call(*arguments, **named)

        return broken

    monkeypatch.setattr(os, "open", counted(os.open))
    monkeypatch.setattr(Path, "replace", counted(Path.replace))


@pytest.mark.parametrize("before", [None, OLD])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_the_disk_refuses_leaves_the_object_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bytes | None, number: int
) -> None:
    path = tmp_path / "folder" / "key"
    if before:
        store(path, before)
    with monkeypatch.context() as patch:
        breaking(patch, number, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(OSError, match="No space"):
            store(path, NEW)
    assert not before or stored(path) == before
    assert len(list(path.parent.iterdir())) == (2 if before else 0), "and nothing else"


@pytest.mark.parametrize("number", range(4))
def test_a_kill_leaves_the_old_object_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = tmp_path / "key"
    store(path, OLD)
    with monkeypatch.context() as patch:
        patch.setattr(files, "_remove", lambda *_: None)  # who is killed tidies nothing
        breaking(patch, number, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            store(path, NEW)
    files.recover(tmp_path)
    assert stored(path) == (NEW if number == 3 else OLD), "the record is what counts"
    assert {each.name for each in tmp_path.iterdir()} == {"key", "key.meta.json"}


def test_a_kept_copy_stays_when_the_object_changes(tmp_path: Path) -> None:
    path, copy = tmp_path / "key", tmp_path / "versions" / "1"
    store(path, OLD)
    for _ in range(2):  # again, as for a version that is current once more
        files.link(path, copy)
    store(path, NEW)
    assert (copy.read_bytes(), stored(path)) == (OLD, NEW)
    assert [each.name for each in copy.parent.iterdir()] == ["1"]
