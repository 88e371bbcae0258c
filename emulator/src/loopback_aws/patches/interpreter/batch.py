"""moto's AWS Batch, of which the interpreter imports one enumeration, without moto's EC2, which comes along
and takes as long to import as everything else together.

Acts when it is imported already: that must be before moto's interpreter is.
"""

from __future__ import annotations

import sys
from types import ModuleType

PRIVATE = ("moto.batch:batch_backends", "moto.batch.utils:JobStatus")
_MODELS = "moto.batch.models"


def apply() -> None:
    """Put an empty module in its place, unless something has imported it already."""
    if _MODELS not in sys.modules:
        empty = ModuleType(_MODELS, "Batch is not emulated here.")
        empty.batch_backends = {}  # type: ignore[attr-defined]
        sys.modules[_MODELS] = empty


apply()
