"""The inbox, many at once: a run of ClassifyBatch over all new objects that wait in the queue."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from lambda_src.aws.executions import StateMachine
from lambda_src.aws.inbox_ledger import S3Ledger
from lambda_src.aws.inbox_queue import InboxQueue
from lambda_src.aws.run_files import RunFiles
from lambda_src.aws.s3 import s3_client
from lambda_src.core.inbox.environment import GatherEnvironment
from lambda_src.core.inbox.gather import Inbox, gather
from lambda_src.core.invocation import lasts, logged

RESERVED_SECONDS = 15
"""Of an invocation, for what follows the last message."""
ENVIRONMENT = GatherEnvironment.read(os.environ)
INBOX = Inbox(
    queue=InboxQueue(ENVIRONMENT.queue_url),
    ledger=S3Ledger(s3_client(), ENVIRONMENT.data_bucket, ENVIRONMENT.gathering_prefix),
    files=RunFiles(s3_client(), ENVIRONMENT.data_bucket),
    start=StateMachine(ENVIRONMENT.state_machine).start,
)


@logged("Inbox")
def handler(_event: Any, context: object) -> dict[str, Any]:
    """Whatever -> the run that was started, if any, and how many objects it has."""
    return gather(INBOX, datetime.now(UTC), lambda: lasts(context, RESERVED_SECONDS))
