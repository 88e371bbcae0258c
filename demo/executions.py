"""Five executions as an operator starts them, one that an upload starts, and notifications of them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.model import Picked

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

TEXT_KEY = "test/notes.png"
INBOX, STARTED_BY_INBOX = "inbox/", "inbox-"
"""Where pictures are classified by themselves, and how the names of their executions begin."""
MISSING_KEY = "test/no_such_picture.png"
EXECUTION_SECONDS = 60.0
"""How long an execution may take, and below how long notifications may."""
NOTIFICATION_SECONDS = 30.0
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Case:
    """One execution of the demo: what it shows, and its input."""

    name: str
    input: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How the execution of a case ended."""

    case: Case
    status: str
    error: str | None
    cause: str | None
    output: dict[str, Any]
    seconds: float

    @property
    def answered(self) -> bool:
        """Whether the model was asked and gave an answer."""
        return self.error in (None, "LowConfidence")

    def as_summary(self) -> dict[str, Any]:
        return {
            "case": self.case.name,
            "status": self.status,
            "error": self.error,
            "predicted_class": self.output.get("predicted_class"),
            "confidence": self.output.get("confidence"),
            "seconds": round(self.seconds, 3),
        }

    def lines(self) -> list[str]:
        """Its input, and its answer or why there is none; whole, so that they can be copied."""
        ended = f"output  {json.dumps(self.output)}" if self.error is None else self._reason()
        return [f"input   {json.dumps(self.case.input)}", ended]

    def _reason(self) -> str:
        """The message in a function's error, or the cause as it is."""
        try:
            reason = str(json.loads(self.cause or "")["errorMessage"])
        except (ValueError, KeyError, TypeError):
            reason = self.cause or ""
        return f"error   {self.error}: {reason}"


def cases(sure: Picked, unsure: Picked) -> list[Case]:
    """The five executions of the demo, in the order in which they run."""
    return [
        Case("confident", sure.input),
        Case("below the threshold", unsure.input),
        Case("no such image", {"image_data": "", "s3_key": MISSING_KEY}),
        Case("text named .png", {"image_data": "", "s3_key": TEXT_KEY}),
        Case("no key", {"image_data": ""}),
    ]


def execute(states: SFNClient, machine: str, case: Case) -> Outcome:
    """Start an execution and poll until it has ended.

    Raises TimeoutError when it still runs after EXECUTION_SECONDS.
    """
    started = time.monotonic()
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(case.input))["executionArn"]
    return _ended(states, execution, case, started)


def drop(s3: S3Client, states: SFNClient, bucket: str, machine: str, picked: Picked) -> Outcome:
    """Copy a picture into the inbox, which starts its execution, and poll until that has ended.

    Raises TimeoutError when there is none, or it still runs, after EXECUTION_SECONDS.
    """
    key = f"{INBOX}{picked.key.rpartition('/')[2]}"
    started = time.monotonic()
    s3.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": picked.key})
    while time.monotonic() - started < EXECUTION_SECONDS:
        for found in states.list_executions(stateMachineArn=machine)["executions"]:
            if found["name"].startswith(STARTED_BY_INBOX):
                case = Case("dropped into the inbox", {"s3_bucket": bucket, "s3_key": key})
                return _ended(states, found["executionArn"], case, started)
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"nothing was started for {key} in the inbox within {EXECUTION_SECONDS:.0f} s")


def _ended(states: SFNClient, execution: str, case: Case, started: float) -> Outcome:
    while True:
        description = states.describe_execution(executionArn=execution)
        seconds = time.monotonic() - started
        if description["status"] != "RUNNING":
            break
        if seconds > EXECUTION_SECONDS:
            raise TimeoutError(f"{case.name}: {execution} still runs after {EXECUTION_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    return Outcome(
        case=case,
        status=description["status"],
        error=description.get("error"),
        cause=description.get("cause"),
        output=json.loads(description.get("output") or "{}"),
        seconds=seconds,
    )


@dataclass(frozen=True)
class Notification:
    """One message as it arrived."""

    subject: str
    message: str

    def as_summary(self, errors: Sequence[str]) -> dict[str, Any]:
        """The subject as received, and which of `errors` it names."""
        named = [error for error in errors if error in self.subject]
        return {"subject": self.subject, "error": named[0] if named else None}


class Subscriber:
    """Subscribes a new queue to `topic`: it can show what an e-mail would have said from then on."""

    def __init__(self, sns: SNSClient, sqs: SQSClient, topic: str) -> None:
        self._sqs = sqs
        self._queue = sqs.create_queue(QueueName="demo-subscriber")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["Attributes"]["QueueArn"])

    def receive(self, count: int) -> list[Notification]:
        """The next `count` notifications, oldest first.

        Raises TimeoutError naming how many came within NOTIFICATION_SECONDS.
        """
        received: list[Notification] = []
        deadline = time.monotonic() + NOTIFICATION_SECONDS
        while len(received) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(received)} of {count} notifications came")
            answer = self._sqs.receive_message(
                QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            for message in answer.get("Messages", []):
                body = json.loads(message["Body"])
                received.append(Notification(body.get("Subject", ""), body["Message"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return received
