"""`python -m serving.health`: the container's health check; exit code 0 when /ping answers 200."""

from __future__ import annotations

import os
import sys
from urllib.error import URLError
from urllib.request import urlopen

TIMEOUT_SECONDS = 2


def healthy(port: str) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/ping", timeout=TIMEOUT_SECONDS) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(os.environ.get("PORT") or "8080") else 1)
