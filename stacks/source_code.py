"""Where the deployed sources lie: assets name folders by path, never by import."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

NOT_SOURCE = ("__pycache__", "*.pyc")
FUNCTIONS = ("/*", "!/lambda_src", *NOT_SOURCE)
SERVING = ("/*", "!/serving", "!/requirements-serving.txt", *NOT_SOURCE)
