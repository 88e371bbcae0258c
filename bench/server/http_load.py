"""A lean load generator: one process, one system call to wait and two a request, bytes built beforehand.

It shares the cores with the server that it measures, so what it costs is taken from the server: it does not
parse what it can compare.
"""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

ANSWER_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Load:
    """What a number of clients got in a stretch of time: each sends its next request when answered."""

    requests_a_second: float
    latencies: list[float]
    """Seconds from sending a request to having its answer, sorted."""
    cpu_ms_a_request: float
    """What the clients themselves cost."""
    longest_wait: float
    """Seconds that one waited at most, for an answer or in vain until the end."""


def serve_commands(commands: Connection, port: int, request: bytes) -> None:
    """Answer (clients, seconds) with a `Load` until None comes; runs in its own process."""
    while command := commands.recv():
        commands.send(generate(port, request, *command))


def generate(port: int, request: bytes, clients: int, seconds: float) -> Load:
    """Keep `clients` keep-alive connections busy for `seconds`; any answer but 200 is an error."""
    waiting = select.poll()
    connections: dict[int, socket.socket] = {}
    sent: dict[int, float] = {}
    latencies: list[float] = []
    clock = time.perf_counter
    for _ in range(clients):
        connection = socket.create_connection(("127.0.0.1", port), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connections[connection.fileno()] = connection
        waiting.register(connection, select.POLLIN)
    began, cpu_began = clock(), time.process_time()
    for number, connection in connections.items():
        connection.sendall(request)
        sent[number] = clock()
    end = began + seconds
    while clock() < end:
        for number, _ in waiting.poll(1000):
            answer = connections[number].recv(ANSWER_BYTES)
            if not answer.startswith(b"HTTP/1.1 200") or not answer.endswith(b"]"):
                raise RuntimeError(f"the server answered {answer[:300]!r}")
            now = clock()
            latencies.append(now - sent[number])
            connections[number].sendall(request)
            sent[number] = now
    took, cpu = clock() - began, time.process_time() - cpu_began
    longest = max(*latencies, *(clock() - since for since in sent.values()))
    for connection in connections.values():
        connection.close()
    return Load(len(latencies) / took, sorted(latencies), 1000 * cpu / len(latencies), longest)
