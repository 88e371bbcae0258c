"""The inbox: the queue of new objects, and the function that hands them to a workflow."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from contracts.names import GATHERING_FOLDER, RESULTS_FOLDER, StageNames
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.function_schedule import FunctionSchedule
from stacks.constructs.python_function import PythonFunction
from stacks.settings.workflow import InboxSettings
from stacks.workflow.grants import allow_reading_results, allow_writing
from stacks.workflow.inbox.arrivals import Arrivals

AT_ONCE = 2
"""Invocations by the queue, the fewest that Lambda takes: they start some 60 executions a second, which is
what keeps a flood of images from taking the account's functions and the endpoint."""
MESSAGES = 10
"""Of an invocation by the queue."""
GATHERED = f"{RESULTS_FOLDER}*/gathered.jsonl"


class Inbox(Construct):
    """Each object's version is handed on once, though everything on its way may tell of it twice.

    `single`: the queue invokes the function, which starts ClassifyImage by a name made of the version.
    `gather`: a schedule does, and the function starts one run over all that waits; a ledger in the data
    bucket knows what has been handed on. `dead_letters` is that of the schedule.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: StageNames,
        settings: InboxSettings,
        log_days: int,
        data_bucket: s3.IBucket,
        image_machine: sfn.StateMachine,
        batch_machine: sfn.StateMachine,
        dead_letters: DeadLetters,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        single = settings.mode == "single"
        self.arrivals = Arrivals(
            self,
            "Arrivals",
            name=names.inbox,
            data_bucket=data_bucket,
            prefix=settings.prefix,
            suffixes=settings.suffixes,
            function_timeout=Duration.seconds(settings.function.timeout_seconds),
        )
        machine = image_machine if single else batch_machine
        environment = {"STATE_MACHINE": machine.state_machine_arn}
        if not single:
            environment |= {
                "QUEUE_URL": self.arrivals.queue.queue_url,
                "DATA_BUCKET": data_bucket.bucket_name,
                "GATHERING_PREFIX": GATHERING_FOLDER,
            }
        self.worker = PythonFunction(
            self,
            "Function",
            name=names.inbox,
            module="lambda_src.start_executions" if single else "lambda_src.gather_objects",
            description="Starts an execution for each new image"
            if single
            else "Starts one execution over all new images",
            environment=environment,
            settings=settings.function,
            log_days=log_days,
            encryption_key=encryption_key,
        )
        machine.grant_start_execution(self.worker.role)
        if single:
            self._by_queue()
        else:
            self._by_schedule(names, settings, data_bucket, dead_letters, encryption_key)

    def _by_queue(self) -> None:
        self.worker.function.add_event_source(
            sources.SqsEventSource(
                self.arrivals.queue,
                batch_size=MESSAGES,
                max_concurrency=AT_ONCE,
                report_batch_item_failures=True,
            )
        )

    def _by_schedule(
        self,
        names: StageNames,
        settings: InboxSettings,
        data_bucket: s3.IBucket,
        dead_letters: DeadLetters,
        encryption_key: kms.IKey | None,
    ) -> None:
        role = self.worker.role
        self.arrivals.queue.grant(role, "sqs:ReceiveMessage", "sqs:DeleteMessage")
        allow_reading_results(role, data_bucket, GATHERING_FOLDER, encryption_key)
        allow_writing(role, data_bucket, [GATHERING_FOLDER, GATHERED], encryption_key)
        schedule = FunctionSchedule(
            self,
            "Schedule",
            name=names.inbox,
            description=f"Gathers new images every {settings.seconds} seconds",
            minutes=settings.seconds // 60,
            function=self.worker.function,
            dead_letters=dead_letters,
        )
        # The first invocation is at once, and would be refused while the function's role has no policy.
        schedule.node.add_dependency(self.worker)
