"""Read a pickle that may hold plain values and numpy arrays of bytes, and nothing else.

A pickle is a program: loading it can call anything. This reader lets it call nothing of Python's or
numpy's. The four names that a pickled array refers to, in the spelling of numpy 1 and of numpy 2, are
answered by inert records made for one reading; the array is then built from the record, once its
type, shape and length have been checked.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from typing import Any

import numpy as np
from numpy.typing import NDArray


class UnsafePickle(ValueError):
    """The pickle refers to something that is not an array, or is not a pickle at all."""


MOST_TUPLES = 1000
"""An archive's arrays have a handful."""
_PUTS = ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE")
_GETS = ("GET", "BINGET", "LONG_BINGET")
_SILENT = ("PROTO", "FRAME")
_NO_TUPLES = {
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE"),
    *("SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    *("BYTEARRAY8", "EMPTY_LIST", "LIST", "EMPTY_DICT", "DICT"),
    *("GLOBAL", "STACK_GLOBAL", "REDUCE"),
}
"""What makes an object that is no tuple: only such may be used again."""
_BROKEN = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What loading a damaged or hostile pickle can raise."""


def load(data: bytes) -> Any:
    """The pickled value, with byte strings as `bytes` and arrays as `PickledArray` records.

    Raises UnsafePickle.
    """
    try:
        _require_plain(data)
        return _Reader(io.BytesIO(data), encoding="bytes").load()
    except UnsafePickle:
        raise
    except _BROKEN as error:
        raise UnsafePickle(f"not a readable pickle ({type(error).__name__}: {error})") from error


def _require_plain(data: bytes) -> None:
    """Refuse a pickle that numbers more objects than it has bytes, uses a tuple twice, or has many.

    The reader keeps room for every number up to the highest: six bytes could ask for 32 GiB. And a tuple that
    holds one twice, which holds one twice, … is short to write and endless to hash, as a dictionary's key is.
    """
    last, tuples, numbers, doubtful = "", 0, set[int](), set[int]()
    for opcode, argument, _ in pickletools.genops(data):
        name = opcode.name
        if name in _PUTS:
            number = len(numbers) if argument is None else int(argument)
            if not 0 <= number <= len(data):
                raise UnsafePickle(f"it numbers an object {argument} in {len(data)} bytes")
            numbers.add(number)
            (doubtful.discard if last in _NO_TUPLES else doubtful.add)(number)
        elif name not in _SILENT:
            last, tuples = name, tuples + name.startswith("TUPLE")
            if name == "DUP" or (name in _GETS and int(argument or 0) in doubtful) or tuples > MOST_TUPLES:
                raise UnsafePickle(f"it uses a tuple again, or has more than {MOST_TUPLES}")


class PickledArray:
    """What a pickle says of an array; nothing in it is believed before `bytes_of` has checked it."""

    shape: Any = None
    dtype: Any = None
    column_major: Any = False
    data: Any = None

    def __setstate__(self, state: Any) -> None:
        _version, self.shape, self.dtype, self.column_major, self.data = state


class _PickledType:
    """A dtype's code, as `u1` or `|u1`."""

    def __init__(self, code: Any, *_flags: Any) -> None:
        self.code = code.decode("ascii", "replace") if isinstance(code, bytes) else code

    def __setstate__(self, state: Any) -> None:
        """Byte order and fields: of no meaning for single bytes."""


def bytes_of(array: Any, width: int) -> NDArray[np.uint8]:
    """The uint8 [rows, width] array of a record; raises ValueError for any other kind of array."""
    if not isinstance(array, PickledArray):
        raise ValueError(f"an array was expected, not {type(array).__name__}")
    code = getattr(array.dtype, "code", None)
    if code not in ("u1", "|u1", "uint8"):
        raise ValueError(f"an array of uint8 was expected, not of {_shown(code)}")
    shape = array.shape
    if not (isinstance(shape, tuple) and len(shape) == 2 and all(type(n) is int for n in shape)):
        raise ValueError(f"an array of two dimensions was expected, not {_shown(shape)}")
    rows, columns = shape
    if columns != width or array.column_major:
        raise ValueError(f"rows of {width} bytes were expected, not shape {shape!r}")
    if not isinstance(array.data, bytes | bytearray) or len(array.data) != rows * columns:
        raise ValueError(f"the array's data does not fill its shape {shape!r}")
    return np.frombuffer(bytes(array.data), dtype=np.uint8).reshape(rows, columns)


def _shown(value: Any) -> str:
    """A value in a message: lists inside each other could be written for ever."""
    if isinstance(value, str):
        return repr(value[:40])
    size = f" of {len(value)}" if isinstance(value, list | tuple | dict | bytes) else ""
    return f"a {type(value).__name__}{size}"


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, *, encoding: str) -> None:
        super().__init__(file, encoding=encoding)
        self._admitted = _admitted()

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._admitted[module, name]
        except KeyError:
            raise UnsafePickle(f"it refers to {module}.{name}, which is not an array") from None

    def persistent_load(self, _pid: Any) -> Any:
        raise UnsafePickle("it refers to an object outside itself")


def _admitted() -> dict[tuple[str, str], Any]:
    """Fresh stand-ins for each reading, so that no pickle can leave a mark on the next one."""

    class Array(PickledArray):
        pass

    class Type(_PickledType):
        pass

    def reconstruct(_kind: Any, _shape: Any, _code: Any) -> Array:
        return Array()

    def from_buffer(data: Any, dtype: Any, shape: Any, order: Any) -> Array:
        array = Array()
        array.__setstate__((1, shape, dtype, order != "C", data))
        return array

    def encode(text: str, encoding: str) -> bytes:
        """How Python 3 writes byte strings into the pickle protocols of Python 2."""
        if encoding not in ("latin1", "latin-1"):
            raise UnsafePickle(f"it asks for the encoding {encoding!r}")
        return text.encode("latin-1")

    names: dict[tuple[str, str], Any] = {
        ("numpy", "ndarray"): Array,
        ("numpy", "dtype"): Type,
        ("_codecs", "encode"): encode,
    }
    for core in ("numpy.core", "numpy._core"):
        names[f"{core}.multiarray", "_reconstruct"] = reconstruct
        names[f"{core}.numeric", "_frombuffer"] = from_buffer
    return names
