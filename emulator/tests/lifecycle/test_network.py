"""The emulator as a process: what it binds and what it answers."""

from __future__ import annotations

from pathlib import Path

from tests.running.emulator import Emulator, descendants


def listening_addresses(pid: int) -> set[tuple[str, int]]:
    """Hex address and port of every listening TCP socket and every bound UDP socket of the process."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(str(descriptor.readlink()))
        except OSError:
            continue
    found = set()
    for table, state in {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}.items():
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == state and f"socket:[{columns[9]}]" in inodes:
                address, port = columns[1].split(":")
                found.add((address, int(port, 16)))
    return found


def test_only_the_loopback_address_is_bound(aws: Emulator) -> None:
    """0100007F is 127.0.0.1; model servers' ports, if any, are on it as well."""
    assert listening_addresses(aws.process.pid) == {("0100007F", aws.instance.port)}
    for child in descendants(aws.process.pid):
        assert {address for address, _ in listening_addresses(child)} <= {"0100007F"}
