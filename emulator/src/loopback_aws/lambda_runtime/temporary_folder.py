# ruff: noqa: PTH100, PTH102, PTH103, PTH109, PTH110, PTH112, PTH120, PTH123 - pathlib costs 10 ms of every cold start
"""A `/tmp` of its own for each environment of a function, without privileges.

Where the kernel allows it, the process takes a mount namespace of its own and mounts a folder of its own on
`/tmp`: then the paths are those of AWS for everything, C libraries and child processes included. Elsewhere
(macOS, most containers, systems that keep user namespaces to administrators) Python's own functions are given
the folder's path in place of one that begins with `/tmp`, and `TMPDIR` names it to all others.

What the process itself needs (its Python, its code) stays where it is, if that is below `/tmp`.

Runs in the function's process: standard library only. As a script it exits with 0 if a mount is allowed.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

SHARED = "/tmp"
"""The folder that processes of a machine share."""
NAMES = (SHARED, os.path.realpath(SHARED))
"""What it is called; on macOS it is a link."""
NEW_MOUNTS, NEW_USERS = 0x00020000, 0x10000000
READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 0x1, 0x20, 0x1000, 0x4000, 0x40000
KEPT_FLAGS = {2: 2, 4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}
"""Flags of a mount that a remount must repeat (nosuid, nodev, …): as statvfs says and mount takes them."""
BY_PATH = ["access", "chdir", "chmod", "chown", "lchown", "listdir", "listxattr", "lstat", "mkdir", "mkfifo"]
BY_PATH += ["open", "pathconf", "readlink", "remove", "rmdir", "scandir", "stat", "statvfs", "truncate"]
BY_PATH += ["unlink", "utime"]
"""Functions of `os` whose first argument is a path; all others that take one call these."""
BY_TWO_PATHS = ("link", "rename", "replace", "symlink")
SETS = ("supports_dir_fd", "supports_effective_ids", "supports_fd", "supports_follow_symlinks")
"""What `os` says of its functions, by the functions themselves."""


def needed(folders: Iterable[str]) -> list[str]:
    """The given folders, and those of this Python, that are below `/tmp` and exist; outer ones only."""
    everything = {path for path in (*folders, sys.prefix, sys.base_prefix, *sys.path) if path}
    everything |= {os.path.realpath(path) for path in everything}
    outer: list[str] = []
    for path in sorted(os.path.abspath(path) for path in everything):
        inside = place_of(path, SHARED) is not None and os.path.exists(path)
        if inside and not any(path.startswith(f"{other}/") for other in outer):
            outer.append(path)
    return outer


def place_of(path: str, own: str) -> str | None:
    """Where a normalized path below `/tmp` is when `own` stands for that folder; None for all other paths."""
    for shared in NAMES:
        if path == shared or path.startswith(f"{shared}/"):
            return own + path[len(shared) :]
    return None


def mount(own: str, kept: Sequence[str]) -> None:
    """Put the folder `own` in the place of `/tmp` for this process and its children; `kept` stays, read-only.

    OSError when the kernel does not allow it; the process may then be of no use any more. One thread only.
    """
    import ctypes  # 5 ms, for those only who need it

    library = ctypes.CDLL(None, use_errno=True)

    def call(name: str, *arguments: Any) -> None:
        if getattr(library, name)(*arguments):
            raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")

    def bind(source: str, target: str, flags: int) -> None:
        call("mount", source.encode(), target.encode(), None, ctypes.c_ulong(flags), None)

    user, group = os.geteuid(), os.getegid()
    try:
        call("unshare", NEW_MOUNTS)  # enough for who may; in a user namespace root owns its own files only
    except OSError:
        call("unshare", NEW_MOUNTS | NEW_USERS)
        maps = {"setgroups": "deny", "uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}
        for name, text in maps.items():
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    bind("none", "/", RECURSIVE | PRIVATE)
    for path in kept:
        place = str(place_of(path, own))
        _make_place(path, place)
        bind(path, place, BIND)
        told = os.statvfs(place).f_flag
        flags = sum(flag for said, flag in KEPT_FLAGS.items() if told & said)
        with contextlib.suppress(OSError):  # it is protected if it can be
            bind("none", place, REMOUNT | BIND | READ_ONLY | flags)
    bind(own, NAMES[1], BIND | RECURSIVE)
    with contextlib.suppress(FileNotFoundError):
        os.chdir(os.getcwd())  # to the same folder, as it is now


def _make_place(path: str, place: str) -> None:
    """Make what a file or folder can be mounted on."""
    if os.path.isdir(path):
        os.makedirs(place, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        open(place, "a").close()


def redirect(own: str, kept: Sequence[str]) -> None:
    """Have Python's functions take paths below `/tmp`, but for those in `kept`, for paths below `own`."""
    prefixes = tuple(f"{path}/" for path in (*kept, own))

    def moved(path: Any) -> Any:
        try:
            text = os.fsdecode(path)
        except TypeError:  # a descriptor, or nothing that is a path
            return path
        plain = os.path.normpath(text)
        place = None if f"{plain}/".startswith(prefixes) else place_of(plain, own)
        if place is None:
            return path
        return os.fsencode(place) if isinstance(path, bytes) else place

    for name in BY_PATH:
        if hasattr(os, name):
            _replace(name, _with_moved(getattr(os, name), moved, 1))
    for name in BY_TWO_PATHS:
        _replace(name, _with_moved(getattr(os, name), moved, 2))
    builtins.open = io.open = _with_moved(builtins.open, moved, 1)
    os.environ["TMPDIR"] = own


def _with_moved(function: Callable[..., Any], moved: Callable[[Any], Any], paths: int) -> Callable[..., Any]:
    names = {1: ("path", "file"), 2: ("src", "dst")}[paths]

    def call(*arguments: Any, **keywords: Any) -> Any:
        named = {name: moved(value) if name in names else value for name, value in keywords.items()}
        return function(*map(moved, arguments[:paths]), *arguments[paths:], **named)

    call.__name__ = call.__qualname__ = function.__name__
    return call


def _replace(name: str, function: Callable[..., Any]) -> None:
    original = getattr(os, name)
    for said in (getattr(os, name) for name in SETS):
        if original in said:
            said.add(function)
    setattr(os, name, function)


def give_own(own: str, folders: Iterable[str], *, mounts: bool) -> None:
    """Give this process the folder `own`, which is made, for its `/tmp`; `folders` stay where they are.

    `mounts`: whether the kernel allows the first way.
    """
    os.mkdir(own)
    kept = needed(folders)
    if mounts:
        with contextlib.suppress(OSError):
            mount(own, kept)
            return
    redirect(own, kept)


if __name__ == "__main__":
    mount(sys.argv[1], ())
