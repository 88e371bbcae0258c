"""moto's JSONPath: each path is parsed once; a parse costs as much as the rest of a small state."""

from __future__ import annotations

from functools import lru_cache

from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.utils import json_path

PRIVATE = (
    "moto.stepfunctions.parser.asl.component.common.path.result_path:parse",
    "moto.stepfunctions.parser.asl.utils.json_path:parse",
)
PATHS = 4_096
"""Paths that are kept; intrinsic functions make some at run time."""


def apply() -> None:
    """Keep parsed paths, which hold nothing of the data that they are applied to."""
    for module in (result_path, json_path):
        module.parse = lru_cache(maxsize=PATHS)(module.parse)
