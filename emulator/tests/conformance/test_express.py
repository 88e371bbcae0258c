"""Express workflows: synchronous answers, nothing that is kept, and logs as their only trace."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conformance import definitions, machines
from tests.conformance.documents import aws_document
from tests.running import executions
from tests.running.emulator import Emulator

API = "https://docs.aws.amazon.com/step-functions/latest/apireference"
GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg"
TYPES = f"{GUIDE}/choosing-workflow-type.html"
SYNC = f"{API}/API_StartSyncExecution.html"
PASS = definitions.machine({"A": {"Type": "Pass"}})


def express(aws: Emulator, definition: dict[str, Any], **more: Any) -> str:
    """The ARN of an Express machine."""
    return machines.define(aws, definition, "EXPRESS", **more)


def client(aws: Emulator) -> Any:
    """A client that sends StartSyncExecution to the endpoint itself: no `sync-` before its host."""
    return aws.client_with("stepfunctions", Config(inject_host_prefix=False))


def answered(
    aws: Emulator, definition: dict[str, Any] | str, given: Any = None, **more: Any
) -> dict[str, Any]:
    """What StartSyncExecution answers."""
    arn = definition if isinstance(definition, str) else express(aws, definition)
    answer: dict[str, Any] = client(aws).start_sync_execution(
        stateMachineArn=arn, input=json.dumps({} if given is None else given), **more
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    return answer


def refused(code: str, call: Callable[..., Any], **request: Any) -> None:
    with pytest.raises(ClientError) as error:
        call(**request)
    assert error.value.response["Error"]["Code"] == code


@aws_document(SYNC)
def test_success_is_the_answer(aws: Emulator) -> None:
    machine = express(aws, PASS)
    answer = answered(
        aws, machine, {"a": 1}, name="one", traceHeader="Root=1-5759e988-bd862e3fe1be46a994272793"
    )
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"a": 1})
    assert (json.loads(answer["input"]), answer["inputDetails"]) == ({"a": 1}, {"included": True})
    assert answer["outputDetails"] == {"included": True}
    assert (answer["stateMachineArn"], answer["name"]) == (machine, "one")
    assert answer["stopDate"] >= answer["startDate"]
    assert answer["traceHeader"].startswith("Root=")
    assert not {"error", "cause"} & answer.keys()


@aws_document(SYNC)
def test_failure_is_an_answer_as_well(aws: Emulator) -> None:
    answer = answered(aws, definitions.machine({"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}))
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "E", "c")
    assert "output" not in answer


@aws_document(SYNC, assumed="error and cause are left out")
def test_time_out_is_an_answer_as_well(aws: Emulator) -> None:
    definition = definitions.machine({"W": {"Type": "Wait", "Seconds": machines.LONG}}, TimeoutSeconds=1)
    before = time.monotonic()
    answer = answered(aws, definition)
    assert 1 <= (time.monotonic() - before) * machines.SPEED < machines.LONG / 2
    assert answer["status"] == "TIMED_OUT"
    assert "output" not in answer


@aws_document(SYNC)
def test_bill(aws: Emulator) -> None:
    """Duration in steps of 100 ms, memory in steps of 64 MB."""
    wait = {"Type": "Wait", "Seconds": machines.SPEED}
    bill = answered(aws, definitions.machine({"W": wait}))["billingDetails"]
    assert 1000 <= bill["billedDurationInMilliseconds"] < 10_000
    assert bill["billedDurationInMilliseconds"] % 100 == 0
    assert bill["billedMemoryUsedInMB"] % 64 == 0


@aws_document(SYNC)
def test_answer_without_data(aws: Emulator) -> None:
    answer = answered(aws, PASS, {"a": 1}, includedData="METADATA_ONLY")
    assert not {"input", "output"} & answer.keys()
    assert answer["outputDetails"] == {"included": False}


@aws_document(SYNC)
def test_standard_machine_cannot_be_run_in_sync(aws: Emulator) -> None:
    machine = machines.define(aws, PASS)
    refused("StateMachineTypeNotSupported", client(aws).start_sync_execution, stateMachineArn=machine)


@aws_document(SYNC)
def test_what_sync_refuses(aws: Emulator) -> None:
    call, machine = client(aws).start_sync_execution, express(aws, PASS)
    none = "arn:aws:states:us-east-1:000000000000:stateMachine:none"
    refused("StateMachineDoesNotExist", call, stateMachineArn=none)
    refused("InvalidArn", call, stateMachineArn="nonsense")
    refused("InvalidExecutionInput", call, stateMachineArn=machine, input="{")
    refused("InvalidName", call, stateMachineArn=machine, name="a b")


@pytest.mark.parametrize("sync", [True, False])
@aws_document(
    f"{GUIDE}/concepts-statemachines.html", assumed="ARNs of Express executions as users report them"
)
def test_arn(aws: Emulator, sync: bool) -> None:
    """`express`, the machine's name, the execution's name, a UUID."""
    machine = express(aws, PASS)
    start = getattr(client(aws), "start_sync_execution" if sync else "start_execution")
    arn = start(stateMachineArn=machine, name="one")["executionArn"]
    prefix, unique = arn.rsplit(":", 1)
    assert prefix == machine.replace(":stateMachine:", ":express:") + ":one"
    uuid.UUID(unique)


@pytest.mark.parametrize("sync", [True, False])
@aws_document(TYPES)
def test_names_may_repeat(aws: Emulator, sync: bool) -> None:
    """Express executions are not idempotent: each request runs, whatever its name."""
    machine = express(aws, PASS)
    start = getattr(client(aws), "start_sync_execution" if sync else "start_execution")
    arns = {
        start(stateMachineArn=machine, name="one", input=text)["executionArn"] for text in ("{}", "{}", "[]")
    }
    assert len(arns) == 3


@pytest.mark.parametrize(
    "operation",
    [
        "describe_execution",
        "describe_state_machine_for_execution",
        "get_execution_history",
        "stop_execution",
    ],
)
@aws_document(
    f"{API}/API_Operations.html",
    assumed="the error of an operation that Express executions do not have is InvalidArn",
)
def test_nothing_is_kept_of_an_execution(aws: Emulator, operation: str) -> None:
    """Not supported by Express state machines, says each operation's page."""
    arn = client(aws).start_execution(stateMachineArn=express(aws, PASS))["executionArn"]
    refused("InvalidArn", getattr(client(aws), operation), executionArn=arn)


@aws_document(f"{API}/API_ListExecutions.html")
def test_executions_are_not_listed(aws: Emulator) -> None:
    refused("StateMachineTypeNotSupported", client(aws).list_executions, stateMachineArn=express(aws, PASS))


@aws_document(f"{GUIDE}/cw-logs.html")
def test_log_is_the_trace_of_an_execution(aws: Emulator) -> None:
    """Every event with its data, under the ARN that the start answered."""
    group = f"/aws/vendedlogs/states/case-{uuid.uuid4().hex[:8]}"
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"
    configuration = {
        "level": "ALL",
        "includeExecutionData": True,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
    }
    machine = express(aws, PASS, loggingConfiguration=configuration)
    execution = client(aws).start_execution(stateMachineArn=machine, input='{"a": 1}')["executionArn"]
    end = time.monotonic() + 60
    lines: list[dict[str, Any]] = []
    while time.monotonic() < end and len(lines) < 4:
        lines = [json.loads(e["message"]) for e in logs.filter_log_events(logGroupName=group)["events"]]
        time.sleep(0.02)
    assert [line["type"] for line in lines] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert {line["execution_arn"] for line in lines} == {execution}
    assert json.loads(lines[0]["details"]["input"]) == {"a": 1}
    assert json.loads(lines[-1]["details"]["output"]) == {"a": 1}
    logs.delete_log_group(logGroupName=group)


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:none"},
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
        },
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync",
            "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:none"},
        },
        {
            "Type": "Map",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                **definitions.machine({"A": {"Type": "Pass"}}),
            },
        },
    ],
    ids=["activity", "callback", "job", "distributed map"],
)
@aws_document(TYPES)
def test_patterns_that_express_does_not_have(aws: Emulator, state: dict[str, Any]) -> None:
    """No activities, callbacks, jobs and Distributed Maps."""
    refused(
        "InvalidDefinition",
        client(aws).create_state_machine,
        name=f"case-{uuid.uuid4().hex[:8]}",
        definition=json.dumps(definitions.machine({"S": state})),
        roleArn=machines.ROLE,
        type="EXPRESS",
    )


@aws_document(f"{GUIDE}/supported-services-awssdk.html")
def test_nested_express_by_the_sdk(aws: Emulator) -> None:
    """A Standard workflow that starts an Express one in sync gets its answer."""
    child = express(aws, definitions.machine({"A": {"Type": "Pass", "Result": {"r": 1}}}))
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
        "Parameters": {"StateMachineArn": child, "Input": "{}"},
    }
    output = machines.output(aws, definitions.machine({"T": state}))
    assert (output["Status"], json.loads(output["Output"])) == ("SUCCEEDED", {"r": 1})


@aws_document(TYPES)
def test_many_at_once(aws: Emulator) -> None:
    """Asynchronous executions are started without waiting for one another."""
    machine = express(aws, definitions.machine({"W": {"Type": "Wait", "Seconds": 30}}, TimeoutSeconds=2))
    before = time.monotonic()
    arns = {executions.start(aws, machine, {}) for _ in range(20)}
    assert time.monotonic() - before < 2 * 20
    assert len(arns) == 20
