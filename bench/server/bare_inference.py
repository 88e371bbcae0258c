"""The server's decoding and inference in bare processes: what HTTP is measured against."""

from __future__ import annotations

import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from serving.images import decode_image
from serving.invocations import answers, to_json
from serving.model import Model, load_model


@dataclass(frozen=True, slots=True)
class Bare:
    """What one process did in a stretch of time."""

    images_a_second: float
    cpu_ms_an_image: float


def serve_commands(commands: Connection, model_directory: Path, image: bytes) -> None:
    """Answer a number of seconds with a `Bare` until None comes; runs in its own process."""
    model = load_model(model_directory)
    classify(model, image)
    while seconds := commands.recv():
        images = 0
        began, cpu_began = time.perf_counter(), time.process_time()
        while time.perf_counter() < began + seconds:
            classify(model, image)
            images += 1
        took, cpu = time.perf_counter() - began, time.process_time() - cpu_began
        commands.send(Bare(images / took, 1000 * cpu / images))


def classify(model: Model, image: bytes) -> bytes:
    """What the server does for one image between reading the request and writing the answer."""
    pixels = decode_image(image, model.width, model.height)
    return to_json(answers(model, pixels[np.newaxis], unfamiliarity=False)[0])
