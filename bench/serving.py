"""Requests a second of the model server, against the same decoding and inference without HTTP.

Server, bare processes and clients live through the whole measurement and take turns, round by round, so that
a busy machine disturbs them alike; each figure is a median of rounds, each ratio the median of the ratios
within a round. The clients run on the cores of the server and what they cost is not forgiven. A busy machine
still favours processes that sleep now and then, as a server's do: requests a CPU-second say the same without
the scheduler's favour, and need /proc (Linux).
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.server import bare_inference, http_load, resnet9
from contracts.artifact.archive import unpack
from serving.settings import cores

ROOT = Path(__file__).parents[1]
ARTIFACT = ROOT / "build/model/model.tar.gz"
ROUNDS = 5
SECONDS = 1.5
CLIENTS = (1, 8, 64)
TRAINED_NETWORKS = 4
"""Networks that training averages, each on the image and its mirror image."""
GOAL = {8: 0.90}
"""Clients -> smallest ratio that the project promises."""

Entry = dict[str, Any]


def run(rounds: int = ROUNDS, seconds: float = SECONDS) -> list[Entry]:
    """Throughput, latency and CPU time with the trained model, and throughput with the cheapest network."""
    with tempfile.TemporaryDirectory() as folder:
        trained = measure(trained_model(Path(folder, "trained")), rounds, seconds, CLIENTS)
        single = resnet9.write_model(Path(folder, "single"), networks=1, mirror=False)
        cheapest = measure(single, rounds, seconds, (8,))
    return [
        *throughput(trained, "serving", CLIENTS, GOAL),
        *latency(trained),
        cpu(trained, "serving", GOAL[8]),
        *throughput(cheapest, "serving one network", (8,), {}),
        cpu(cheapest, "serving one network", None),
    ]


def measure(
    model_directory: Path, rounds: int, seconds: float, counts: tuple[int, ...]
) -> list[dict[str, Any]]:
    """What each round took; a first round that warms up is not counted."""
    image = picture()
    with (
        started_server(model_directory) as (port, processes),
        started(http_load.serve_commands, port, post(image)) as clients,
        started_many(cores(), bare_inference.serve_commands, model_directory, image) as bare,
    ):
        return [take_round(clients, bare, processes, seconds, counts) for _ in range(rounds + 1)][1:]


def take_round(
    clients: Connection, bare: list[Connection], server: list[int], seconds: float, counts: tuple[int, ...]
) -> dict[str, Any]:
    """One turn of each: bare processes, then the server under each number of clients."""
    taken: dict[str, Any] = {"bare": ask(bare, seconds)}
    if 1 in counts:
        taken["bare one"] = ask(bare[:1], seconds)
    for count in counts:
        before = cpu_seconds(server)
        (load,) = ask([clients], (count, seconds))
        used = cpu_seconds(server) - before
        taken[f"{count}"] = load
        taken[f"{count} cpu"] = 1000 * used / len(load.latencies)
    return taken


def ask(processes: list[Connection], command: Any) -> list[Any]:
    """Each process's answer to a command given to all of them at once."""
    for process in processes:
        process.send(command)
    return [process.recv() for process in processes]


def throughput(
    taken: list[dict[str, Any]], what: str, counts: tuple[int, ...], goals: dict[int, float]
) -> Iterator[Entry]:
    """One client keeps one process busy at most, so one bare process is what it is compared with."""
    for count in counts:
        name = "bare one" if count == 1 else "bare"
        bare = [sum(each.images_a_second for each in taken_round[name]) for taken_round in taken]
        served = [taken_round[f"{count}"].requests_a_second for taken_round in taken]
        yield entry(
            f"{what}: {count} client{'s' * (count > 1)} / bare processes",
            "requests/s",
            served,
            bare,
            goal=goals.get(count),
        )


def latency(taken: list[dict[str, Any]]) -> Iterator[Entry]:
    for count in CLIENTS:
        slow = [1000 * quantile(taken_round[f"{count}"].latencies, 0.99) for taken_round in taken]
        middle = [1000 * quantile(taken_round[f"{count}"].latencies, 0.5) for taken_round in taken]
        yield entry(
            f"serving: {count} client{'s' * (count > 1)}, 99th percentile / median",
            "ms",
            slow,
            middle,
        )


def cpu(taken: list[dict[str, Any]], what: str, goal: float | None) -> Entry:
    """What no scheduler can flatter; the clients' CPU time counts against the server."""
    served = [1000 / (taken_round["8 cpu"] + taken_round["8"].cpu_ms_a_request) for taken_round in taken]
    bare = [
        1000 / statistics.mean(each.cpu_ms_an_image for each in taken_round["bare"]) for taken_round in taken
    ]
    return entry(f"{what}: 8 clients / bare processes, per CPU second", "requests/CPU-s", served, bare, goal)


def entry(
    name: str, unit: str, values: list[float], references: list[float], goal: float | None = None
) -> Entry:
    ratio = statistics.median(value / reference for value, reference in zip(values, references, strict=True))
    return {
        "name": name,
        "value": round(statistics.median(values), 3),
        "unit": unit,
        "reference": round(statistics.median(references), 3),
        "ratio": round(ratio, 3),
        "goal": goal,
        "met": None if goal is None else ratio >= goal,
    }


def quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def cpu_seconds(processes: list[int]) -> float:
    """CPU time that these processes have used, from the kernel's accounts (Linux)."""
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def trained_model(folder: Path) -> Path:
    """The trained model if there is one, else one of its shape and cost with random weights."""
    if not ARTIFACT.exists():
        return resnet9.write_model(folder, TRAINED_NETWORKS, mirror=True)
    with ARTIFACT.open("rb") as file:
        for name, content in unpack(file, str(ARTIFACT)).contents.items():
            (folder / name).write_bytes(content)
    return folder


def picture() -> bytes:
    """A PNG of 32 x 32 with soft shapes and some noise: about as large as one of CIFAR's."""
    random = np.random.default_rng(0)
    shapes = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8)).resize((32, 32))
    pixels = np.asarray(shapes) + random.normal(0, 6, (32, 32, 3))
    buffer = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def post(image: bytes) -> bytes:
    """A whole HTTP request for the image's probabilities."""
    head = f"POST /invocations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(image)}\r\n"
    return f"{head}Content-Type: image/png\r\n\r\n".encode() + image


@contextmanager
def started_server(model_directory: Path) -> Iterator[tuple[int, list[int]]]:
    """(port, processes) of a real server with one worker a core, once all of them can answer."""
    environment = {
        **os.environ,
        "PORT": "0",
        "SERVING_HOST": "127.0.0.1",
        "SM_MODEL_DIR": str(model_directory),
    }
    environment["SERVING_WORKERS"] = str(cores())
    command = [sys.executable, "-m", "serving"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        lines = [json.loads(server.stdout.readline()) for _ in range(1 + cores())]
        if [line["event"] for line in lines] != ["listening", *["ready"] * cores()]:
            raise RuntimeError(f"the model server did not start: {lines}")
        threading.Thread(target=server.stdout.read, daemon=True).start()  # a full pipe would hold it up
        yield lines[0]["port"], [line["pid"] for line in lines[1:]]
    finally:
        server.terminate()
        server.wait(60)


@contextmanager
def started(target: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """A process that answers commands on a pipe; it ends with the command None."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=target, args=(there, *arguments), daemon=True)
    process.start()
    there.close()
    try:
        yield here
        here.send(None)
        process.join(30)
    finally:
        process.terminate()
        process.join()


@contextmanager
def started_many(count: int, target: Callable[..., None], *arguments: Any) -> Iterator[list[Connection]]:
    if count == 0:
        yield []
        return
    with started(target, *arguments) as first, started_many(count - 1, target, *arguments) as others:
        yield [first, *others]


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
