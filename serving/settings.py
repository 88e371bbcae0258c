"""The environment variables that the server reads, checked all at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.artifact.digest import SHORT_DIGITS
from pictures.limits import WHOLE, share_from_text
from serving.errors import StartFailed

MAX_WORKERS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one server is told at its start."""

    host: str
    """SERVING_HOST: address to listen on; 127.0.0.1 unless said otherwise, the container says 0.0.0.0."""
    port: int
    """PORT: 8080 as SageMaker expects; 0 takes any free port, named by the log line `listening`."""
    model_directory: Path
    """SM_MODEL_DIR: folder with model.json and model.onnx; /opt/ml/model is where SageMaker unpacks it."""
    workers: int
    """SERVING_WORKERS: processes; one a core unless said otherwise."""
    required_share: float
    """REQUIRED_SHARE: how much of a damaged picture must be there, from 0 to 1; 1 unless said otherwise."""
    model_digest: str
    """MODEL_DIGEST: SHA-256 of the artifact in hexadecimal, or empty; answered with each prediction."""


def cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings, or `StartFailed` that lists every wrong one."""
    problems: list[str] = []

    def number(name: str, default: int, low: int, high: int) -> int:
        text = environment.get(name, "") or str(default)
        if text.isascii() and text.isdigit() and low <= int(text) <= high:
            return int(text)
        problems.append(f"{name} is {text!r}; it must be a whole number from {low} to {high}")
        return default

    port = number("PORT", 8080, 0, 65_535)
    workers = number("SERVING_WORKERS", cores(), 1, MAX_WORKERS)
    digest = environment.get("MODEL_DIGEST", "")
    if digest and not re.fullmatch(rf"[0-9a-f]{{{SHORT_DIGITS},64}}", digest):
        problems.append(f"MODEL_DIGEST is {digest!r}; it must be a SHA-256 in lower-case hexadecimal")
    try:
        required_share = share_from_text(environment.get("REQUIRED_SHARE", "") or str(WHOLE))
    except ValueError as problem:
        problems.append(f"REQUIRED_SHARE {problem}")
        required_share = WHOLE
    if problems:
        raise StartFailed("; ".join(problems))
    return Settings(
        host=environment.get("SERVING_HOST", "") or "127.0.0.1",
        port=port,
        model_directory=Path(environment.get("SM_MODEL_DIR", "") or "/opt/ml/model"),
        workers=workers,
        required_share=required_share,
        model_digest=digest,
    )
