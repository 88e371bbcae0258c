"""States "Keep confident prediction" and "Keep confident predictions": name the most probable class."""

from __future__ import annotations

import os
from typing import Any

from lambda_src.core.batch.predictions import filter_batch
from lambda_src.core.batch.records import batch_state, is_batch, read_classified_batch
from lambda_src.core.batch.size import fit
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
    fields = read_invocation(event).input
    if is_batch(fields):
        batch = filter_batch(read_classified_batch(fields), *ENVIRONMENT)
        return fit(batch_state(batch), batch.rows)
    return keep_confident(read_classification(fields), *ENVIRONMENT)._asdict()
