"""What is answered when it is on disk, and what is refused while it cannot be."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Collection
from typing import Any

import pytest
from loopback_aws.acknowledging import Acknowledging, states_of
from loopback_aws.front import Message, Receive, Send

FULL = OSError(errno.ENOSPC, "No space left on device")


class Keeper:
    """Saves nothing, and notes what it was to save."""

    folder = "STATE/services"

    def __init__(self, *, failing: bool = False, error: OSError | None = None) -> None:
        self.failing = failing
        self.error = error
        self.asked: list[Collection[str] | None] = []

    def commit(self, names: Collection[str] | None) -> None:
        self.asked.append(names)
        if self.error:
            raise self.error


def ask(
    keeper: Keeper, service: str, *, target: str = "", method: str = "POST", path: str = "/", body: str = ""
) -> tuple[int, str, list[str]]:
    """Status and body of the answer, and the bodies that reached the emulator, which answers 200."""
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, x"
    }
    if target:
        headers["x-amz-target"] = f"Service.{target}"
    if body.startswith("Action="):
        headers["content-type"] = "application/x-www-form-urlencoded"
    scope = {"type": "http", "method": method, "path": path, "query_string": b""}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
    incoming = [
        {"type": "http.request", "body": each.encode(), "more_body": each != ""} for each in (body, "")
    ]
    if not body:
        incoming.pop()
    sent: list[Message] = []
    reached: list[str] = []

    async def emulator(_: Message, receive: Receive, send: Send) -> None:
        message: Message = {"more_body": True}
        while message["more_body"]:
            message = await receive()
            reached.append(message["body"].decode())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    async def receive() -> Message:
        return incoming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Acknowledging(emulator, keeper)(scope, receive, send))
    start, answer = sent
    return start["status"], answer["body"].decode(), reached


@pytest.mark.parametrize(
    ("service", "asked", "saved"),
    [
        ("sqs", {"target": "CreateQueue"}, ["sqs"]),
        ("sqs", {"target": "SendMessage"}, None),
        ("sqs", {"target": "GetQueueUrl"}, None),
        ("sns", {"body": "Action=CreateTopic&Name=a"}, ["sns"]),
        ("sns", {"body": "Action=Publish&Message=a"}, None),
        ("events", {"target": "PutRule"}, ["eventbridge"]),
        ("events", {"target": "PutEvents"}, None),
        ("monitoring", {"target": "PutMetricAlarm"}, ["cloudwatch"]),
        ("monitoring", {"target": "PutMetricData"}, None),
        ("dynamodb", {"target": "CreateTable"}, ["dynamodb"]),
        ("dynamodb", {"target": "PutItem"}, None),
        ("states", {"target": "CreateStateMachine"}, ["stepfunctions"]),
        ("states", {"target": "StartExecution"}, None),
        ("lambda", {"method": "PUT", "path": "/2015-03-31/functions/a/code"}, ["lambda", "lambda_durable"]),
        ("lambda", {"path": "/2015-03-31/functions/a/invocations"}, None),
        ("lambda", {"method": "GET", "path": "/2015-03-31/functions/a"}, None),
        ("s3", {"method": "PUT", "path": "/bucket"}, ["s3"]),
        ("s3", {"method": "PUT", "path": "/bucket/key"}, None),
        ("scheduler", {"method": "DELETE", "path": "/schedules/a"}, ["scheduler"]),
    ],
)
def test_a_change_waits_until_it_is_saved(
    service: str, asked: dict[str, Any], saved: list[str] | None
) -> None:
    keeper = Keeper()
    assert ask(keeper, service, **asked)[:2] == (200, "done")
    assert [list(names or ()) for names in keeper.asked] == ([saved] if saved else [])


@pytest.mark.parametrize("service", ["cloudformation", "unheard-of"])
def test_where_it_is_not_known_what_changed_all_is_saved(service: str) -> None:
    assert states_of(service) is None


@pytest.mark.parametrize(
    ("service", "asked", "form"),
    [
        ("sqs", {"target": "CreateQueue", "body": "{}"}, '"__type": "ServiceUnavailable"'),
        ("iam", {"body": "Action=CreateRole"}, "<Code>ServiceUnavailable</Code>"),
    ],
)
def test_a_change_that_is_not_kept_is_an_error(service: str, asked: dict[str, str], form: str) -> None:
    status, body, reached = ask(Keeper(error=FULL), service, **asked)
    assert (status, len(reached)) == (503, 2), "it was done"
    assert form in body
    assert "STATE/services (No space left on device): make room on that disk" in body
    assert "lost if the local AWS ends" in body


def test_while_nothing_can_be_kept_no_change_reaches_the_emulator() -> None:
    full = Keeper(failing=True, error=FULL)
    status, body, reached = ask(full, "sqs", target="SendMessage", body="{}")
    assert (status, reached) == (503, [])
    assert "try again. Nothing was changed." in body
    assert ask(full, "sqs", target="ReceiveQueue", method="GET")[0] == 503
    assert ask(full, "sqs", target="ListQueues", body="{}") == (200, "done", ["{}", ""])
    assert ask(full, "s3", method="PUT", path="/bucket/key")[0] == 200, "objects see for themselves"
    again = Keeper(failing=True)
    assert ask(again, "sqs", target="SendMessage", body="{}") == (200, "done", ["{}", ""])


def test_a_message_is_kept_before_the_answer_until_all_is_saved_again() -> None:
    again = Keeper(failing=True)
    assert ask(again, "dynamodb", target="PutItem", body="{}")[0] == 200
    assert len(again.asked) == 2, "before and after it"
