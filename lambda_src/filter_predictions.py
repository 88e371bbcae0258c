"""State "Keep confident prediction": name the most probable class, if it is probable enough."""

from __future__ import annotations

import os
from typing import Any

from lambda_src.core.environment import FilterEnvironment
from lambda_src.core.invocation import read_invocation
from lambda_src.core.log import logged
from lambda_src.core.prediction import keep_confident
from lambda_src.core.records import read_classification

ENVIRONMENT = FilterEnvironment.read(os.environ)


@logged("Keep confident prediction")
def handler(event: Any, _context: object) -> dict[str, Any]:
    """Classification -> Prediction, the execution's output; raises LowConfidence below the threshold."""
    classification = read_classification(read_invocation(event).input)
    return keep_confident(classification, ENVIRONMENT.class_names, ENVIRONMENT.threshold)._asdict()
