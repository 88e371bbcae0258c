"""RecordIO by its definition, word by word: shares nothing with the writer or the model server's reader."""

from __future__ import annotations

import struct
from typing import NamedTuple

MAGIC = (0xCED7230A).to_bytes(4, "little")


class Read(NamedTuple):
    id: int
    label: float
    labels: tuple[float, ...]
    image: bytes


def read_payloads(pack: bytes) -> list[bytes]:
    """Payloads of a pack; every byte of it must be where the definition puts it."""
    payloads: list[bytes] = []
    open_payload: bytes | None = None
    while pack:
        magic, word, pack = pack[:4], int.from_bytes(pack[4:8], "little"), pack[8:]
        assert magic == MAGIC
        kind, length = word >> 29, word & 0x1FFFFFFF
        data, padding = pack[:length], pack[length : length + -length % 4]
        pack = pack[length + -length % 4 :]
        assert len(data) == length
        assert padding == b"\0" * (-length % 4)
        assert MAGIC not in [data[at : at + 4] for at in range(0, len(data), 4)], "a magic left inside a part"
        match kind:
            case 0:
                assert open_payload is None
                payloads.append(data)
            case 1:
                assert open_payload is None
                assert length % 4 == 0
                open_payload = data
            case 2:
                assert open_payload is not None
                assert length % 4 == 0
                open_payload += MAGIC + data
            case 3:
                assert open_payload is not None
                payloads.append(open_payload + MAGIC + data)
                open_payload = None
            case _:
                raise AssertionError(f"kind {kind}")
    assert open_payload is None
    return payloads


def read_images(pack: bytes) -> list[Read]:
    """Header, labels and image of each record."""
    return [_read(payload) for payload in read_payloads(pack)]


def _read(payload: bytes) -> Read:
    count, label, id, id2 = struct.unpack("<IfQQ", payload[:24])
    assert id2 == 0
    end = 24 + 4 * count
    return Read(id, label, struct.unpack(f"<{count}f", payload[24:end]), payload[end:])
