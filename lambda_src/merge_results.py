"""State "Merge results": what the batches answered becomes the run's files, each image in one of them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from typing import Any

from lambda_src.aws.run_files import RunFiles
from lambda_src.aws.s3 import s3_client
from lambda_src.core.invocation import logged, read_invocation
from lambda_src.core.run.environment import MergeEnvironment
from lambda_src.core.run.merge import merge_run
from lambda_src.core.run.records import read_merge_request

ENVIRONMENT = MergeEnvironment.read(os.environ)
FILES = RunFiles(s3_client(), ENVIRONMENT.data_bucket)


@logged("Merge results")
def handler(event: Any, _context: object) -> dict[str, Any]:
    """MergeRequest -> the summary without its long parts, and where the files are."""
    execution_name, fields = read_invocation(event)
    request = read_merge_request(fields)
    return merge_run(request, execution_name, FILES, ENVIRONMENT, partial(datetime.now, UTC))
