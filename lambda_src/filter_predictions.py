"""States "Keep confident prediction" and "Keep confident predictions": name the most probable class."""

from __future__ import annotations

import os
from typing import Any

from lambda_src.core.batch.predictions import filter_batch
from lambda_src.core.batch.records import read_classified_batch
from lambda_src.core.batch.size import fitting_state
from lambda_src.core.environment import FilterEnvironment
from lambda_src.core.image.prediction import keep_confident
from lambda_src.core.image.records import read_classification
from lambda_src.core.invocation import logged, read_invocation

ENVIRONMENT = FilterEnvironment.read(os.environ)


@logged("Keep confident prediction")
def handler(event: Any, _context: object) -> dict[str, Any]:
    """Classification -> Prediction, the execution's output; raises LowConfidence below the threshold.

    ClassifiedBatch -> FilteredBatch, where low confidence is a row.
    """
    invocation = read_invocation(event)
    if invocation.is_batch:
        return fitting_state(filter_batch(read_classified_batch(invocation.input), *ENVIRONMENT))
    return keep_confident(read_classification(invocation.input), *ENVIRONMENT).output()
