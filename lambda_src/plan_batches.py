"""State "Plan batches": list the images, give each a number, cut the list into batches."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from lambda_src.aws.run_files import RunFiles
from lambda_src.aws.s3 import s3_client
from lambda_src.core.invocation import logged, read_invocation
from lambda_src.core.run.environment import PlanEnvironment
from lambda_src.core.run.plan import plan_run
from lambda_src.core.run.request import RunDefaults, read_run_request

ENVIRONMENT = PlanEnvironment.read(os.environ)
FILES = RunFiles(s3_client(), ENVIRONMENT.data_bucket)


@logged("Plan batches")
def handler(event: Any, _context: object) -> dict[str, Any]:
    """Operator's input -> Planned; the plan itself and the lines without an image are in S3."""
    execution_name, fields = read_invocation(event)
    bucket, classes, size, concurrency, tolerated = ENVIRONMENT
    request = read_run_request(fields, RunDefaults(bucket, size, concurrency, tolerated))
    return plan_run(request, execution_name, FILES, classes, datetime.now(UTC))._asdict()
