"""The reader of pickled arrays runs nothing, whatever the pickle says."""

from __future__ import annotations

import contextlib
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.training.staging.cifar.archives import python2_pickle
from training.staging.cifar.array_pickle import UnsafePickle, bytes_of, load

ARRAY = np.arange(12, dtype=np.uint8).reshape(3, 4)
PICKLED = python2_pickle({b"data": ARRAY, b"labels": [1, 2, 3]})
SPELLINGS = {
    "python 2": PICKLED,
    **{
        f"protocol {n}": pickle.dumps({b"data": ARRAY, b"labels": [1, 2, 3]}, protocol=n)
        for n in (2, 3, 4, 5)
    },
}
SPELLINGS["numpy 1"] = SPELLINGS["protocol 3"].replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


class Calls:
    """Pickles as a call of `function`."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_an_array_is_read(spelling: str) -> None:
    value = load(SPELLINGS[spelling])
    assert value[b"labels"] == [1, 2, 3]
    assert (bytes_of(value[b"data"], 4) == ARRAY).all()


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_call_is_refused_and_not_made(protocol: int, tmp_path: Path) -> None:
    marker = tmp_path / "called"
    hostile = pickle.dumps({b"data": Calls(os.mkdir, str(marker))}, protocol=protocol)
    with pytest.raises(UnsafePickle, match=r"posix\.mkdir|nt\.mkdir"):
        load(hostile)
    assert not marker.exists()


@pytest.mark.parametrize(
    "name",
    [b"builtins\neval\n", b"numpy\nload\n", b"numpy.core.multiarray\nfromfile\n", b"_codecs\ndecode\n"],
)
def test_names_beside_those_of_an_array_are_refused(name: bytes) -> None:
    with pytest.raises(UnsafePickle, match="is not an array"):
        load(b"\x80\x02c" + name + b".")


@pytest.mark.parametrize("numbering", [b"r\xff\xff\xff\x7f", b"p2147483647\n"])
def test_a_few_bytes_cannot_ask_for_all_memory(numbering: bytes) -> None:
    with pytest.raises(UnsafePickle, match="numbers an object 2147483647"):
        load(b"\x80\x02}" + numbering + b".")


def endless(levels: int, again: bytes) -> bytes:
    """A dictionary's key that holds the same tuple twice, so many times over: 2 ** levels to look at."""
    level = b"q\x00" + again + b"\x86"
    return b"\x80\x02}K\x01\x85" + level * levels + b"K\x01s."


@pytest.mark.parametrize("again", [b"h\x00", b"N0h\x00", b"2"])
def test_a_few_bytes_cannot_ask_for_all_time(again: bytes) -> None:
    with pytest.raises(UnsafePickle, match="uses a tuple again"):
        load(endless(40, again))


def test_a_tuple_is_not_hidden_behind_what_does_nothing() -> None:
    for nothing in (b"N0", b"Nb", b"(e"):
        with pytest.raises(UnsafePickle, match="uses a tuple again"):
            load(b"\x80\x02}K\x01\x85" + (nothing + b"q\x00h\x00\x86") * 40 + b"K\x01s.")


def test_tuples_inside_each_other_end() -> None:
    with pytest.raises(UnsafePickle, match="more than 1000"):
        load(b"\x80\x02}K\x01" + b"\x85" * 1_000_000 + b"K\x01s.")


def test_a_shape_of_lists_inside_each_other_is_not_written_out() -> None:
    array = load(PICKLED)[b"data"]
    nested: list[object] = []
    for _ in range(60):
        nested = [nested, nested]
    array.shape = nested
    with pytest.raises(ValueError, match="not a list of 2"):
        bytes_of(array, 3)


def test_only_the_encoding_of_byte_strings_is_admitted() -> None:
    with pytest.raises(UnsafePickle, match="zlib"):
        load(b"c_codecs\nencode\n(X\x01\x00\x00\x00aX\x04\x00\x00\x00zlibtR.")


@pytest.mark.parametrize(
    "data", [b"", b".", b"hello", b"cnumpy\ndtype\n)R.", b"\x80\x02K\x01K\x02b.", PICKLED[:-1]]
)
def test_what_is_no_pickle_or_no_sense_is_refused(data: bytes) -> None:
    with pytest.raises(UnsafePickle, match="not a readable pickle"):
        load(data)


@given(st.data())
def test_damaged_pickles_are_refused_or_harmless(data: st.DataObject) -> None:
    damaged = bytearray(PICKLED)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnsafePickle):
        load(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (ARRAY.astype(np.float32), "uint8"),
        (ARRAY[0], "two dimensions"),
        (ARRAY.reshape(4, 3), "rows of 4"),
        (np.asfortranarray(ARRAY), "rows of 4"),
        (ARRAY.astype(object), "uint8"),
        ([1, 2], "not list"),
    ],
)
def test_other_arrays_are_refused(array: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        bytes_of(load(pickle.dumps(array, protocol=2)), 4)


def test_data_that_does_not_fill_its_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fill"):
        bytes_of(load(PICKLED.replace(b"J\x03\x00\x00\x00J\x04", b"J\x09\x00\x00\x00J\x04"))[b"data"], 4)
