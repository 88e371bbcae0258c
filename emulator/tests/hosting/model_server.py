"""A model server as small as the contract allows: what stands for the tests' containers.

`model.json` names words; the answer to a text is each word's share of them in it, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


def read_words(folder: Path) -> list[str]:
    """The model's words; SystemExit with the reason when the folder holds no model."""
    path = folder / "model.json"
    if not path.exists():
        sys.exit("model.json is missing")
    words = json.loads(path.read_text()).get("words")
    if not isinstance(words, list) or len(words) < 2:
        sys.exit(f"model.json names no words to tell apart: {words!r}")
    return words


def shares(words: list[str], text: str) -> list[float]:
    """Of all the model's words in the text, the share of each; nothing but zeros when there are none."""
    counts = [text.split().count(word) for word in words]
    return [count / (sum(counts) or 1) for count in counts]


class Server(BaseHTTPRequestHandler):
    """Answers `/ping` and `/invocations`, with the version that the container's environment names."""

    protocol_version = "HTTP/1.1"
    words: list[str]

    def do_GET(self) -> None:
        self._reply(200 if self.path == "/ping" else 404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.headers.get("Content-Type", "")
        if kind != "text/plain":
            return self._reply(415, {"error": f"{kind} is no text/plain"})
        try:
            self._reply(200, shares(self.words, body.decode()))
        except UnicodeDecodeError:
            self._reply(400, {"error": "no text"})

    def log_message(self, *_: object) -> None:
        """Say nothing: every request would be a line."""

    def _reply(self, status: int, answer: Any) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Amzn-SageMaker-Custom-Attributes", f"version={os.environ.get('VERSION', '')}")
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    Server.words = read_words(Path(os.environ["SM_MODEL_DIR"]))
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Server).serve_forever()
