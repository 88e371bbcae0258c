"""Small archives in CIFAR-100's published format, as Python 2 pickled it, and in bad ones."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = "cifar-100-python"
NAMES = [b"apple", b"bicycle", b"bus", b"motorcycle", b"train"]


def batch(part: str, per_class: int, names: list[bytes] | None = None) -> dict[bytes, Any]:
    """`per_class` random pictures of every class; file names occur in all classes and both parts."""
    count = per_class * len(NAMES)
    random = np.random.default_rng(len(part))
    return {
        b"filenames": names or [b"bike_s_%06d.png" % (index // len(NAMES)) for index in range(count)],
        b"batch_label": part.encode(),
        b"fine_labels": [index % len(NAMES) for index in range(count)],
        b"coarse_labels": [0] * count,
        b"data": random.integers(0, 256, (count, 3072), dtype=np.uint8),
    }


def meta() -> dict[bytes, Any]:
    return {b"fine_label_names": NAMES, b"coarse_label_names": [b"things"]}


def members(per_class: int = 20) -> dict[str, bytes]:
    """What an archive holds, by member name."""
    return {
        f"{FOLDER}/meta": python2_pickle(meta()),
        f"{FOLDER}/test": python2_pickle(batch("test", per_class)),
        f"{FOLDER}/train": python2_pickle(batch("train", per_class)),
    }


def write_archive(path: Path, contents: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def python2_pickle(value: Any) -> bytes:
    """Protocol 2 with Python 2's string opcodes, which no later Python writes."""
    return b"\x80\x02" + _opcodes(value) + b"."


def _opcodes(value: Any) -> bytes:
    match value:
        case bytes():
            return b"T" + struct.pack("<i", len(value)) + value
        case int():
            return b"J" + struct.pack("<i", value)
        case list():
            return b"](" + b"".join(map(_opcodes, value)) + b"e"
        case dict():
            return b"}(" + b"".join(_opcodes(part) for item in value.items() for part in item) + b"u"
        case np.ndarray():
            return _array_opcodes(value)
    return pickle.dumps(value, protocol=2)[2:-1]


def _array_opcodes(array: np.ndarray) -> bytes:
    code = array.dtype.str[1:].encode()
    return (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01"
        + b"".join(map(_opcodes, array.shape))
        + {1: b"\x85", 2: b"\x86", 3: b"\x87"}[array.ndim]
        + b"cnumpy\ndtype\nU\x02"
        + code
        + b"K\x00K\x01\x87R(K\x03U\x01|NNN"
        + b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        + _opcodes(array.tobytes())
        + b"tb"
    )
