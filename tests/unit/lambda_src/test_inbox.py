"""The inbox's function in both modes, over S3, SQS and Step Functions that answer in this process."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from lambda_src.aws.s3 import s3_client
from lambda_src.core.errors import (
    ClassificationError,
    InvalidConfiguration,
    InvalidInput,
    WorkflowUnavailable,
)
from lambda_src.core.inbox.naming import image_execution_name
from lambda_src.core.s3_events import Arrival
from tests.aws import CREDENTIALS, Answer, Aws, json_answer, s3_error
from tests.unit.lambda_src.s3_documents import eventbridge, notification

BUCKET = "data-bucket"
LEDGER = (BUCKET, "gathering/ledger.json")
ROLE = "arn:aws:iam::123456789012:role/states"
DEFINITION = '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}'
REFUSED = json_answer({"__type": "AccessDeniedException", "message": "no"}, 400)
THROTTLED = json_answer({"__type": "ThrottlingException", "message": "slow"}, 400)


ENVIRONMENT = CREDENTIALS | {
    "QUEUE_URL": f"https://sqs.us-east-1.amazonaws.com/{DEFAULT_ACCOUNT_ID}/inbox",
    "DATA_BUCKET": BUCKET,
    "GATHERING_PREFIX": "gathering/",
    "STATE_MACHINE": f"arn:aws:states:us-east-1:{DEFAULT_ACCOUNT_ID}:stateMachine:machine",
}


class Inbox:
    """A queue, a state machine, and a function between them."""

    def __init__(self, aws: Aws, handler: Any, sqs: Any, states: Any) -> None:
        self.aws, self.sqs, self.states = aws, sqs, states
        self.queue, self.machine = ENVIRONMENT["QUEUE_URL"], ENVIRONMENT["STATE_MACHINE"]
        sqs.create_queue(QueueName="inbox")
        states.create_state_machine(name="machine", definition=DEFINITION, roleArn=ROLE)
        self._handler = handler

    def drop(self, *documents: Any) -> None:
        for document in documents:
            body = document if isinstance(document, str) else json.dumps(document)
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=body)

    def gather(self, context: object = None) -> dict[str, Any]:
        """An invocation by the schedule; its log line."""
        done: dict[str, Any] = self._handler({}, context)
        return done

    def hand_over(self, *documents: Any) -> list[str]:
        """An invocation by SQS; the messages that are to come again."""
        records = [
            {"messageId": str(number), "body": one if isinstance(one, str) else json.dumps(one)}
            for number, one in enumerate(documents)
        ]
        answer = self._handler({"Records": records}, None)
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    def executions(self) -> dict[str, Any]:
        """Inputs by name."""
        return {
            one["name"]: json.loads(self.states.describe_execution(executionArn=one["executionArn"])["input"])
            for one in self.states.list_executions(stateMachineArn=self.machine)["executions"]
        }

    def listed(self) -> list[list[str]]:
        """Keys of each run's list."""
        manifests = [self.aws.objects[BUCKET, one["manifest_key"]] for one in self.executions().values()]
        return sorted([json.loads(line)["s3_key"] for line in one.splitlines()] for one in manifests)

    def later(self) -> int:
        """When messages that were received and not deleted are seen again; how many there are."""
        messages = sqs_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].queues["inbox"]._messages
        for message in messages:
            message.change_visibility(0)
        return len(messages)


@pytest.fixture(scope="module")
def modules() -> Iterator[Callable[[Aws, str], Inbox]]:
    """The functions, imported once, as Lambda does, and the clients that look at what they did."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        s3_client.cache_clear()
        # An empty queue answers at once: nothing comes while a test waits.
        patch.setattr("lambda_src.aws.inbox_queue.WAIT_SECONDS", 0)
        clients = (boto3.client("sqs"), boto3.client("stepfunctions"))

        def inbox(aws: Aws, module: str) -> Inbox:
            return Inbox(aws, importlib.import_module(f"lambda_src.{module}").handler, *clients)

        yield inbox
    s3_client.cache_clear()


@pytest.fixture
def single(aws: Aws, modules: Callable[[Aws, str], Inbox]) -> Inbox:
    return modules(aws, "start_executions")


@pytest.fixture
def gathering(aws: Aws, modules: Callable[[Aws, str], Inbox]) -> Inbox:
    return modules(aws, "gather_objects")


def test_each_new_object_has_an_execution(single: Inbox) -> None:
    assert single.hand_over(eventbridge("inbox/a b.png"), notification("inbox/c+d.png", "e.png")) == []
    assert sorted(given["s3_key"] for given in single.executions().values()) == [
        "e.png",
        "inbox/a b.png",
        "inbox/c d.png",
    ]


def test_a_version_is_started_once_and_the_next_one_anew(single: Inbox) -> None:
    for _ in range(2):
        assert (
            single.hand_over(eventbridge("a.png"), eventbridge("a.png"), eventbridge("a.png", version="v2"))
            == []
        )
    assert len(single.executions()) == 2


def test_an_execution_that_is_there_with_another_input_counts_as_started(single: Inbox) -> None:
    exists = json_answer({"__type": "ExecutionAlreadyExists", "message": "it has ended"}, 400)
    single.aws.answers["StartExecution"] = exists
    assert single.hand_over(eventbridge("a.png")) == []


def test_only_what_was_not_handed_on_comes_again(single: Inbox) -> None:
    single.aws.answers["StartExecution"] = lambda asked: THROTTLED if b"bad.png" in asked.body else None
    documents = [eventbridge("a.png"), eventbridge("bad.png"), "no JSON", "[]", eventbridge("b.png")]
    assert single.hand_over(*documents) == ["1", "2", "3"]
    assert len(single.executions()) == 2


def test_folders_and_trials_of_a_notification_are_no_pictures(single: Inbox) -> None:
    trial = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}
    assert single.hand_over(eventbridge("inbox/"), trial) == []
    assert single.executions() == {}


@pytest.mark.parametrize("event", [None, {}, {"Records": [7]}, {"Records": [{"messageId": "1"}]}])
def test_what_is_no_event_of_sqs_is_refused(single: Inbox, event: Any) -> None:
    with pytest.raises(InvalidInput):
        single._handler(event, None)


@pytest.mark.parametrize("key", ["a.png", "x/" + "é" * 500, "inbox/.hidden", "日本.png", "a.b.c"])
def test_names_of_executions_are_what_step_functions_and_the_endpoint_take(key: str) -> None:
    name = image_execution_name(Arrival(BUCKET, key, "v1"))
    assert len(name) <= 64
    assert re.fullmatch("[A-Za-z0-9_-]+", name)
    assert name != image_execution_name(Arrival(BUCKET, key, "v2"))


def test_what_waits_becomes_one_run(gathering: Inbox) -> None:
    gathering.drop(*(eventbridge(f"inbox/{n}.png") for n in range(23)), notification("inbox/x+y.png"))
    done = gathering.gather()
    assert (done["objects"], done["messages"], done["left"]) == (24, 24, 0)
    assert list(gathering.executions()) == [done["run"]]
    assert gathering.executions()[done["run"]] == {"manifest_key": f"results/{done['run']}/gathered.jsonl"}
    assert gathering.listed() == [[*(f"inbox/{n}.png" for n in range(23)), "inbox/x y.png"]]
    assert gathering.later() == 0


def test_nothing_new_starts_nothing(gathering: Inbox) -> None:
    assert gathering.gather() == {"run": None, "objects": 0, "messages": 0, "left": 0}
    assert LEDGER not in gathering.aws.objects


def test_a_version_is_in_one_run_whenever_s3_tells_of_it(gathering: Inbox) -> None:
    gathering.drop(eventbridge("a.png"), eventbridge("a.png"))
    gathering.gather()
    gathering.drop(eventbridge("a.png"), eventbridge("b.png"), eventbridge("a.png", version="v2"))
    gathering.gather()
    assert gathering.listed() == [["a.png"], ["b.png", "a.png"]]
    gathering.drop(eventbridge("b.png"))
    assert gathering.gather()["run"] is None
    assert gathering.later() == 0


def test_what_cannot_be_read_stays_for_the_dead_letters(gathering: Inbox) -> None:
    gathering.drop("no JSON", eventbridge("a.png"))
    gathering.gather()
    assert (gathering.listed(), gathering.later()) == ([["a.png"]], 1)


INTERRUPTIONS = {
    "the list": ("PutObject", lambda asked: "gathered" in asked.path),
    "the ledger": ("PutObject", lambda asked: "ledger" in asked.path),
    "the start": ("StartExecution", lambda _: True),
    "the ledger once more": ("PutObject", lambda asked: "if-match" in asked.headers),
    "the deletion": ("DeleteMessageBatch", lambda _: True),
}


@pytest.mark.parametrize("at", INTERRUPTIONS)
def test_an_interruption_anywhere_loses_nothing_and_doubles_nothing(gathering: Inbox, at: str) -> None:
    operation, meant = INTERRUPTIONS[at]
    broken = s3_error(503, "SlowDown") if operation == "PutObject" else THROTTLED
    gathering.drop(eventbridge("a.png"), eventbridge("b.png"))
    gathering.aws.answers[operation] = lambda asked: broken if meant(asked) else None
    with pytest.raises(ClassificationError) as error:
        gathering.gather()
    assert error.value.retried
    gathering.aws.answers.clear()
    gathering.later()
    gathering.drop(eventbridge("c.png"))
    gathering.gather()
    gathering.gather()
    assert sorted(key for keys in gathering.listed() for key in keys) == ["a.png", "b.png", "c.png"]
    assert gathering.later() == 0


def test_of_two_at_once_one_writes(gathering: Inbox) -> None:
    gathering.drop(eventbridge("a.png"))
    gathering.gather()
    gathering.drop(eventbridge("b.png"))
    gathering.aws.answers["PutObject"] = lambda asked: (
        s3_error(412, "PreconditionFailed")
        if "ledger" in asked.path and "if-match" in asked.headers
        else None
    )
    with pytest.raises(WorkflowUnavailable, match="another invocation"):
        gathering.gather()
    assert gathering.later() == 1


@pytest.mark.parametrize(
    ("operation", "answer", "error"),
    [
        ("StartExecution", REFUSED, InvalidConfiguration),
        ("ReceiveMessage", REFUSED, InvalidConfiguration),
        ("ReceiveMessage", Answer(500, b"oops"), WorkflowUnavailable),
        ("GetObject", s3_error(404, "NoSuchBucket"), ClassificationError),
    ],
)
def test_what_aws_refuses_has_a_name(
    gathering: Inbox, operation: str, answer: Answer, error: type[Exception]
) -> None:
    gathering.drop(eventbridge("a.png"))
    gathering.aws.answers[operation] = answer
    with pytest.raises(error):
        gathering.gather()


@pytest.mark.parametrize(
    "ledger", [b"", b"[]", b'{"gathered": 7, "pending": null}', b'{"gathered": [], "pending": 1}']
)
def test_a_damaged_ledger_is_named(gathering: Inbox, ledger: bytes) -> None:
    gathering.aws.objects[LEDGER] = ledger
    with pytest.raises(InvalidConfiguration, match=r"ledger\.json.*delete it"):
        gathering.gather()


def test_little_time_left_hands_on_what_is_there(gathering: Inbox) -> None:
    left = iter([60_000, 60_000, 10_000])

    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return next(left)

    gathering.drop(*(eventbridge(f"{n}.png") for n in range(25)))
    assert gathering.gather(Context())["objects"] == 20
    assert gathering.gather()["objects"] == 5
