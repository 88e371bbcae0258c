"""Archives and cards that every reader takes, and such that none takes, each with what is said of it."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterable
from typing import Any

from contracts.artifact.archive import (
    MAXIMUM_BYTES,
    MAXIMUM_CARD_BYTES,
    MAXIMUM_GOLDEN_BYTES,
    MAXIMUM_MEMBERS,
    pack,
)
from contracts.artifact.golden import GoldenPicture, golden_members
from tests.artifacts import colour_model, model_card

NETWORK = colour_model(2)
CARD = json.dumps(model_card()).encode()
SOUND = {"model.json": CARD, "model.onnx": NETWORK}
REQUIRED = ("schema_version", "classes", "input", "threshold")

GOLDEN_PICTURES = (
    GoldenPicture("golden/00.png", b"a picture", "bicycle", (0.75, 0.25)),
    GoldenPicture("golden/01.jpg", b"another", "motorcycle", (0.125, 0.875)),
)
GOLDEN = golden_members(GOLDEN_PICTURES)

Member = tuple[tarfile.TarInfo, bytes]


def file(name: str, content: bytes = b"") -> Member:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member, content


def special(name: str, kind: bytes) -> Member:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    return member, b""


def sound(prefix: str = "") -> list[Member]:
    return [file(prefix + name, content) for name, content in SOUND.items()]


def tar(members: Iterable[Member], kind: int = tarfile.USTAR_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def archive(members: Iterable[Member], kind: int = tarfile.USTAR_FORMAT) -> bytes:
    return gzip.compress(tar(members, kind), mtime=0)


def with_card(card: Any) -> bytes:
    """A sound archive of this model.json: bytes as they are, all else as JSON."""
    return pack({**SOUND, "model.json": card if isinstance(card, bytes) else json.dumps(card).encode()})


def announced(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """An archive whose only header announces more than follows."""
    header = tarfile.TarInfo(name)
    header.size, header.type = size, kind
    return gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(2 << 20))


def damaged_checksum() -> bytes:
    whole = bytearray(pack(SOUND))
    whole[-8] ^= 1
    return bytes(whole)


def damaged_header() -> bytes:
    """The second member's header is no header: tarfile takes it for the archive's end."""
    plain = bytearray(tar(sound()))
    start = plain.index(b"model.onnx\0")
    plain[start + 148 : start + 156] = b"99999999"
    return gzip.compress(bytes(plain))


def in_two_pieces() -> bytes:
    plain = tar(sound())
    return gzip.compress(plain[:700]) + gzip.compress(plain[700:])


ACCEPTED: dict[str, Callable[[], bytes]] = {
    "as training packs it": lambda: pack(SOUND),
    "tar czf model.tar.gz -C dir .": lambda: archive([special("./", tarfile.DIRTYPE), *sound("./")]),
    "the network first": lambda: archive(reversed(sound())),
    "in pax format": lambda: archive(sound("./"), tarfile.PAX_FORMAT),
    "in GNU's format": lambda: archive(sound("./"), tarfile.GNU_FORMAT),
    "further files and folders": lambda: archive(
        [special("code", tarfile.DIRTYPE), file("code/inference.py", b"pass"), file("._model.json"), *sound()]
    ),
    "files of one name in two folders": lambda: archive([file("old/model.json", b"{}"), *sound()]),
    "a name of 200 letters": lambda: archive([file("a" * 200), *sound()], tarfile.GNU_FORMAT),
    "zeros behind it": lambda: pack(SOUND) + bytes(1000),
    "compressed in two pieces": in_two_pieces,
    "no block that marks the end": lambda: gzip.compress(tar(sound()).rstrip(b"\0") + bytes(511)),
    "with golden pictures": lambda: pack({**SOUND, **GOLDEN}),
    "with a golden.json of another version": lambda: pack({**SOUND, **GOLDEN, "golden.json": b"[]"}),
    "a card without what came later": lambda: with_card(
        {key: value for key, value in model_card().items() if key in REQUIRED}
    ),
    "a card that names neither input nor output": lambda: with_card(
        {**model_card(), "input": {"height": 32, "width": 32}, "output": {}}
    ),
    "a card of a later version": lambda: with_card({**model_card(), "licence": {"name": "MIT"}, "tags": [1]}),
    "a card with malformed figures": lambda: with_card(
        {**model_card(), "metrics": [], "baseline": "none", "training": None, "dataset": 7}
    ),
}

REFUSED_ARCHIVES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", r"no complete \.tar\.gz"),
    "text": (lambda: b"text", r"no complete \.tar\.gz"),
    "no tar": (lambda: gzip.compress(b"text"), r"no complete \.tar\.gz"),
    "a symbolic link": (
        lambda: archive([special("model.onnx", tarfile.SYMTYPE)]),
        "'model.onnx' is a link or a device",
    ),
    "a hard link": (lambda: archive([*sound(), special("x", tarfile.LNKTYPE)]), "'x' is a link or a device"),
    "a device": (lambda: archive([*sound(), special("x", tarfile.CHRTYPE)]), "'x' is a link or a device"),
    "a pipe": (lambda: archive([*sound(), special("x", tarfile.FIFOTYPE)]), "'x' is a link or a device"),
    "above it": (
        lambda: archive([file("../model.json"), *sound()]),
        r"'\.\./model\.json' leads outside",
    ),
    "an absolute name": (
        lambda: archive([file("/model.json"), *sound()]),
        "'/model.json' leads outside",
    ),
    "up and down": (
        lambda: archive([file("a/../../model.json"), *sound()]),
        r"'a/\.\./\.\./model\.json' leads outside",
    ),
    "a folder above it": (
        lambda: archive([special("../x", tarfile.DIRTYPE), *sound()]),
        r"'\.\./x' leads outside",
    ),
    "the card twice": (lambda: archive([file("./model.json", b"{}"), *sound()]), "holds model.json twice"),
    "another file twice": (lambda: archive([file("x"), file("./x"), *sound()]), "holds x twice"),
    "no card": (lambda: archive([file("model.onnx")]), "holds no model.json, found model.onnx"),
    "no network": (lambda: archive([file("model.json", CARD)]), "holds no model.onnx, found model.json"),
    "nothing": (lambda: archive([]), "holds no model.json and no model.onnx, found nothing"),
    "in a folder": (
        lambda: archive(sound("model/")),
        "holds no model.json and no model.onnx, found model/model.json, model/model.onnx",
    ),
    "a huge card": (
        lambda: archive([file("model.json", bytes(MAXIMUM_CARD_BYTES + 1)), file("model.onnx")]),
        "its model.json has 5,000,001 bytes, the limit is 5,000,000",
    ),
    "a huge golden.json": (
        lambda: announced("golden.json", MAXIMUM_GOLDEN_BYTES + 1),
        r"its golden\.json has 1,000,001 bytes, the limit is 1,000,000",
    ),
    "a huge golden picture": (
        lambda: announced("./golden/15.webp", MAXIMUM_GOLDEN_BYTES + 1),
        r"its golden/15\.webp has 1,000,001 bytes",
    ),
    "a huge file": (
        lambda: announced("x", MAXIMUM_BYTES + 1),
        "unpacks to more than 268,435,456 bytes",
    ),
    "a huge name": (
        lambda: announced("x", 1 << 34, tarfile.GNUTYPE_LONGNAME),
        "header announces 17,179,869,184 bytes, the limit is 1,048,576",
    ),
    "too many files": (
        lambda: archive([*(file(f"x{number}") for number in range(MAXIMUM_MEMBERS)), *sound()]),
        "more than 1,000 members",
    ),
    "less than announced": (lambda: announced("model.onnx", 100 << 20), r"no complete \.tar\.gz"),
    "text behind it": (lambda: pack(SOUND) + b"text", "something follows it"),
    "text behind the tar": (
        lambda: gzip.compress(tar(sound()) + b"text"),
        "something follows its last member",
    ),
    "another archive behind it": (lambda: pack(SOUND) * 2, "something follows its last member"),
    "a damaged header": (damaged_header, "something follows its last member"),
    "a damaged checksum": (damaged_checksum, r"no complete \.tar\.gz.*CRC"),
    "cut in its first bytes": (lambda: pack(SOUND)[:1], r"no complete \.tar\.gz"),
    "cut in the middle": (lambda: pack(SOUND)[: len(pack(SOUND)) // 2], r"no complete \.tar\.gz"),
    "cut by one byte": (lambda: pack(SOUND)[:-1], r"no complete \.tar\.gz"),
}


def changed(**entries: Any) -> bytes:
    return json.dumps({**model_card(), **entries}).encode()


REFUSED_CARDS: dict[str, tuple[bytes, str]] = {
    "text": (b"hello", "it is not JSON"),
    "latin-1": (b'{"a": "\xe9"}', "it is not JSON"),
    "deeply nested": (b"[" * 100_000, "it is not JSON"),
    "a list": (b"[]", r"it is \[\], not a JSON object"),
    "a later schema": (changed(schema_version=2), "schema_version is 2, 1 is read"),
    "no schema": (changed(schema_version=None), "schema_version is None, 1 is read"),
    "a truth for a schema": (changed(schema_version=True), "schema_version is True, 1 is read"),
    "no classes": (changed(classes=None), "classes is None, not a list of names"),
    "text for classes": (changed(classes="ab"), "classes is 'ab', not a list of names"),
    "a number for a class": (changed(classes=["a", 1]), r"classes is \['a', 1\], not a list of names"),
    "a blank class": (changed(classes=["a", " "]), r"classes is \['a', ' '\], not a list of names"),
    "half a character": (changed(classes=["a", "\ud800"]), r"'\\ud800'\], not a list of names"),
    "one class": (changed(classes=["only"]), "classes has 1 names, 2 to 100 are possible"),
    "101 classes": (
        changed(classes=[str(n) for n in range(101)]),
        "classes has 101 names, 2 to 100 are possible",
    ),
    "a class that controls a terminal": (
        changed(classes=["a", "b\x1b[2J"]),
        r"classes names \['b\\x1b\[2J'\], with characters that control a terminal",
    ),
    "a class that turns text round": (changed(classes=["a", "\u202eb"]), r"classes names \['\\u202eb'\]"),
    "a class twice": (changed(classes=["a", "b", "a"]), "classes names more than once: a"),
    "measured on other classes": (
        changed(metrics={"confusion_matrix": [[1]]}),
        "metrics.confusion_matrix has 1 rows for 2 classes",
    ),
    "no input": (changed(input=None), "input.height is None, not a whole number of pixels from 1 on"),
    "no width": (changed(input={"height": 32}), "input.width is None, not a whole number"),
    "half a pixel": (
        changed(input={"height": 32.5, "width": 32}),
        "input.height is 32.5, not",
    ),
    "no pixels": (changed(input={"height": 32, "width": 0}), "input.width is 0, not a whole number"),
    "a number for the input's name": (
        changed(input={"name": 7, "height": 32, "width": 32}),
        "input.name is 7, not a name",
    ),
    "a number for the output's name": (changed(output={"name": 7}), "output.name is 7, not a name"),
    "no threshold": (changed(threshold=None), r"threshold.recommended is None, not a number in \[0, 1\]"),
    "a threshold above 1": (changed(threshold={"recommended": 1.2}), "threshold.recommended is 1.2, not"),
    "a truth for a threshold": (changed(threshold={"recommended": True}), "recommended is True, not"),
    "a number of 400 digits": (changed(threshold={"recommended": 10**400}), "recommended is 1000"),
    "no number": (changed(threshold={"recommended": float("nan")}), "recommended is nan, not"),
    "everything at once": (
        b"{}",
        "schema_version is None.*; classes is None.*; input.height.*; input.width.*; threshold",
    ),
}
