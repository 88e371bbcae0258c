"""JPEG (ITU-T T.81): the segments that make its pixels, and how far its scans are there.

Metadata are left out before a decoder sees the file, so that they cannot decide; only how the camera was held
is read from them. Of several pictures in a file (MPO) the first one counts. Standard library only.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pictures.kinds import JPEG
from pictures.limits import MAX_SCANS
from pictures.orientation import UPRIGHT, orientation
from pictures.refusals import DamagedImage, TooManyScans, UnsupportedImage

END_OF_IMAGE = b"\xff\xd9"
CUT_SHORT, CORRUPTED = "it is cut short", "its scan is corrupted"
_EOI, _SOS, _DRI, _APP0, _APP1, _APP14, _COMMENT = 0xD9, 0xDA, 0xDD, 0xE0, 0xE1, 0xEE, 0xFE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE, _ARITHMETIC = frozenset({0xC2, 0xCA}), frozenset({0xC9, 0xCA})
_TABLES = frozenset({0xC4, 0xCC, 0xDB, _DRI})
_METADATA = frozenset({*range(_APP0, 0xF0), _COMMENT})
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_MARKER = re.compile(rb"\xff([^\x00\xff])", re.DOTALL)
_NOT_RESTART = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
"""What ends the data of a scan: their own bytes ff are followed by 00."""
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
_COEFFICIENTS = 64


class Scan(NamedTuple):
    """One pass over a part of the picture: where its entropy-coded data lie in the file's content."""

    start: int
    end: int
    components: int
    first: int
    last: int
    brings: float
    """Of its coefficients, `first` to `last`: 0.5 for their first bits, 0.5 for their last ones, or both."""


class JpegFile(NamedTuple):
    """A JPEG as its segments describe it; `content` has no metadata and ends as a JPEG should."""

    kind: str
    width: int
    height: int
    orientation: int
    content: bytes
    damage: str
    """Why there is less of it than its header promises; empty where the row of segments is unbroken."""
    scans: tuple[Scan, ...]
    components: int
    """1, 3 or 4: grey, colours, or colours for printing."""
    intervals: int
    """Pieces of a scan between restarts that there should be; 1 without restarts."""
    progressive: bool
    arithmetic: bool

    @property
    def simple(self) -> bool:
        """One scan in one piece, coded by Huffman: as nearly all encoders write."""
        return len(self.scans) == 1 and self.intervals == 1 and not self.progressive and not self.arithmetic


def read_jpeg(body: bytes) -> JpegFile:
    """Raises DamagedImage for a file without a frame or a scan."""
    parts, frame, turned, interval, position = [body[:2]], b"", UPRIGHT, 0, 2
    marker = 0
    while marker != _SOS:
        if not (found := _MARKER.search(body, position)) or (marker := found[1][0]) == _EOI:
            raise DamagedImage(f"a damaged JPEG: it has no {'pixels' if frame else 'frame'}; send it again")
        start = found.start()
        if marker in _WITHOUT_LENGTH:
            position = start + 2
            continue
        position = start + 2 + max(2, int.from_bytes(body[start + 2 : start + 4]))
        segment = body[start:position]
        if marker in _METADATA:
            parts.append(_needed(marker, segment))
            if marker == _APP1 and turned == UPRIGHT and segment[4:10] == b"Exif\0\0":
                turned = orientation(segment[10:])
        elif marker != _SOS:
            parts.append(segment)
            if marker in _FRAMES:
                frame = _frame(segment, frame)
            elif marker == _DRI:
                interval = int.from_bytes(segment[4:6])
    if not frame:
        raise DamagedImage("a damaged JPEG: a scan comes before the frame; send it again")
    header = b"".join(parts)
    width, height = int.from_bytes(frame[7:9]), int.from_bytes(frame[5:7])
    scans, damage, end = _read_scans(body, start, interval)
    shift = len(header) - start
    return JpegFile(
        JPEG,
        width,
        height,
        turned,
        header + body[start:end] + END_OF_IMAGE,
        damage,
        tuple(scan._replace(start=scan.start + shift, end=scan.end + shift) for scan in scans),
        frame[9],
        _intervals(frame, interval, width, height) if interval and width and height else 1,
        frame[1] in _PROGRESSIVE,
        frame[1] in _ARITHMETIC,
    )


def coverage(file: JpegFile, last_is_whole: bool) -> float:
    """The share of a row of scans that breaks off: of its intervals, or of all components' coefficients.

    A coefficient that lacks its last bits counts by half.
    """
    if not file.progressive and len(file.scans) == 1:
        found = 1 + len(_RESTART.findall(file.content, file.scans[0].start, file.scans[0].end))
        return min(1.0, found / file.intervals)
    scans = file.scans if last_is_whole else file.scans[:-1]
    brought = sum(scan.components * (scan.last + 1 - scan.first) * scan.brings for scan in scans)
    return min(1.0, brought / (file.components * _COEFFICIENTS))


def with_filler(file: JpegFile, filler: bytes) -> bytes:
    """The content with `filler` behind the data of scans and intervals: a whole picture does not use it."""
    pieces, position = [], 0
    for scan in file.scans:
        pieces.append(file.content[position : scan.start])
        pieces.append(_RESTART.sub(lambda found: filler + found[0], file.content[scan.start : scan.end]))
        pieces.append(filler)
        position = scan.end
    return b"".join([*pieces, file.content[position:]])


def _frame(segment: bytes, earlier: bytes) -> bytes:
    if earlier or len(segment) < 10 or len(segment) < 10 + 3 * segment[9]:
        raise DamagedImage("a damaged JPEG: its frame header is broken; send it again")
    if segment[4] != 8 or segment[9] not in (1, 3, 4):
        raise UnsupportedImage(
            f"a JPEG of {segment[9]} components with {segment[4]} bits; save it with 8 bits in grey or RGB"
        )
    return segment


def _needed(marker: int, segment: bytes) -> bytes:
    """What decoders read of a segment of metadata: whether the colours are YCbCr."""
    if marker == _APP0 and segment[4:9] == b"JFIF\0" and len(segment) >= 16:
        return _JFIF
    if marker == _APP14 and segment[4:9] == b"Adobe" and len(segment) >= 16:
        return b"\xff\xee\0\x0e" + segment[4:16]
    return b""


def _read_scans(body: bytes, position: int, interval: int) -> tuple[list[Scan], str, int]:
    """The scans from the first one's marker on, what is wrong with their row, and where it ends."""
    scans: list[Scan] = []
    marker = _SOS
    while True:
        after = position + 2 + max(2, int.from_bytes(body[position + 2 : position + 4]))
        if marker == _SOS:
            stop = (_NOT_RESTART if interval else _MARKER).search(body, after)
            end = stop.start() if stop else len(body)
            while body[end - 1] == 0xFF and end > after:
                end -= 1
            if not stop and end <= after:
                return scans, CUT_SHORT, position
            scans.append(_scan(body[position:after], after, end))
            if len(scans) > MAX_SCANS:
                raise TooManyScans(
                    f"a JPEG of more than {MAX_SCANS} scans, the limit: each costs as much as a picture; "
                    "save it as a baseline JPEG or as PNG"
                )
            damage = _wrong_restarts(body, scans[-1]) if interval else ""
        else:
            if marker == _DRI:
                interval = int.from_bytes(body[position + 4 : position + 6])
            stop = _MARKER.search(body, after)
            end, damage = after, ""
        if stop is None or damage:
            return scans, damage or CUT_SHORT, end
        marker, position = stop[1][0], stop.start()
        if marker == _EOI:
            return scans, "", end
        if marker not in _TABLES and marker not in _METADATA and marker != _SOS:
            return scans, CORRUPTED, end


def _scan(header: bytes, start: int, end: int) -> Scan:
    count = header[4] if len(header) > 4 else 0
    first, last, bits = (*header[5 + 2 * count : 8 + 2 * count], 0, 0, 0)[:3]
    brings = 0.5 * (not bits >> 4) + 0.5 * (not bits & 15)
    return Scan(start, end, count, min(first, 63), min(max(first, last), 63), brings)


def _wrong_restarts(body: bytes, scan: Scan) -> str:
    numbers = [found[1][0] & 7 for found in _RESTART.finditer(body, scan.start, scan.end)]
    return "" if numbers == [at % 8 for at in range(len(numbers))] else "its restarts are out of order"


def _intervals(frame: bytes, interval: int, width: int, height: int) -> int:
    """Of a scan over all components, `interval` blocks each."""
    samplings = frame[11 : 10 + 3 * frame[9] : 3]
    across = 8 * (max(value >> 4 for value in samplings) if len(samplings) > 1 else 1)
    down = 8 * (max(value & 15 for value in samplings) if len(samplings) > 1 else 1)
    blocks = -(-width // max(across, 8)) * -(-height // max(down, 8))
    return -(-blocks // interval)
