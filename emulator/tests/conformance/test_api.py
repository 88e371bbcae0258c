"""The operations on executions: their answers, their errors, their pages, and what outlasts a restart."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance import definitions, machines
from tests.conformance.documents import aws_document
from tests.running import executions
from tests.running.emulator import Emulator

API = "https://docs.aws.amazon.com/step-functions/latest/apireference"
GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg"
PASS = definitions.machine({"A": {"Type": "Pass"}})
WAIT = definitions.machine({"W": {"Type": "Wait", "Seconds": 60}})
NOBODY = "arn:aws:states:us-east-1:000000000000"


def refused(code: str, call: Callable[..., Any], **request: Any) -> str:
    """The message of the error that the call must answer with."""
    with pytest.raises(ClientError) as error:
        call(**request)
    answer = error.value.response
    assert answer["Error"]["Code"] == code, answer
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    return str(answer["Error"]["Message"])


def stopped(aws: Emulator, execution: str) -> None:
    aws.client("stepfunctions").stop_execution(executionArn=execution)


@aws_document(f"{API}/API_StartExecution.html")
def test_start_answers_with_arn_and_date(aws: Emulator) -> None:
    machine = machines.define(aws, PASS)
    answer = aws.client("stepfunctions").start_execution(stateMachineArn=machine, name="first")
    assert answer["executionArn"] == machine.replace(":stateMachine:", ":execution:") + ":first"
    assert abs(answer["startDate"].timestamp() - time.time()) < 30
    assert executions.finished(aws, answer["executionArn"])["input"] == "{}"


@aws_document(f"{API}/API_StartExecution.html")
def test_execution_without_a_name_gets_a_uuid(aws: Emulator) -> None:
    started = executions.start(aws, machines.define(aws, PASS), {})
    uuid.UUID(started.rpartition(":")[2])


@aws_document(f"{API}/API_StartExecution.html")
def test_same_name_and_input_while_it_runs_is_the_same_execution(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, WAIT)
    request = {"stateMachineArn": machine, "name": "one", "input": '{"a": 1}'}
    first, second = client.start_execution(**request), client.start_execution(**request)
    assert (first["executionArn"], first["startDate"]) == (second["executionArn"], second["startDate"])
    assert len(client.list_executions(stateMachineArn=machine)["executions"]) == 1
    stopped(aws, first["executionArn"])


@aws_document(f"{API}/API_StartExecution.html")
def test_same_name_and_other_input_is_refused(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, WAIT)
    arn = client.start_execution(stateMachineArn=machine, name="one", input="{}")["executionArn"]
    message = refused(
        "ExecutionAlreadyExists", client.start_execution, stateMachineArn=machine, name="one", input="[]"
    )
    assert arn in message
    stopped(aws, arn)


@aws_document(f"{API}/API_StartExecution.html")
def test_name_of_an_execution_that_has_ended_is_refused(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, PASS)
    executions.finished(aws, executions.start(aws, machine, {}, "one"))
    refused("ExecutionAlreadyExists", client.start_execution, stateMachineArn=machine, name="one", input="{}")


@pytest.mark.parametrize(
    "name", ["a b", "a<b", "a{b}", "a?b", 'a"b', "a#b", "a:b", "a/b", "a\u0007b", "a\u0085"]
)
@aws_document(f"{API}/API_StartExecution.html")
def test_names_with_forbidden_characters_are_refused(aws: Emulator, name: str) -> None:
    machine = machines.define(aws, PASS)
    refused("InvalidName", aws.client("stepfunctions").start_execution, stateMachineArn=machine, name=name)


@aws_document(f"{API}/API_StartExecution.html", assumed="a name of 81 characters is InvalidName")
def test_names_have_at_most_80_characters(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, PASS)
    client.start_execution(stateMachineArn=machine, name="n" * 80)
    refused("InvalidName", client.start_execution, stateMachineArn=machine, name="n" * 81)


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", "text"])
@aws_document(f"{API}/API_StartExecution.html")
def test_input_must_be_json(aws: Emulator, text: str) -> None:
    start = aws.client("stepfunctions").start_execution
    refused("InvalidExecutionInput", start, stateMachineArn=machines.define(aws, PASS), input=text)


@aws_document(f"{GUIDE}/service-quotas.html", assumed="the error's code")
def test_input_has_at_most_262_144_bytes(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, PASS)
    allowed = json.dumps("ä" * 131_071, ensure_ascii=False)
    assert len(allowed.encode()) == 262_144
    client.start_execution(stateMachineArn=machine, input=allowed)
    too_long = json.dumps("ä" * 131_072, ensure_ascii=False)
    refused("ValidationException", client.start_execution, stateMachineArn=machine, input=too_long)


@aws_document(f"{API}/API_StartExecution.html")
def test_start_of_what_does_not_exist(aws: Emulator) -> None:
    start = aws.client("stepfunctions").start_execution
    message = refused("StateMachineDoesNotExist", start, stateMachineArn=f"{NOBODY}:stateMachine:none")
    assert message == f"State Machine Does Not Exist: '{NOBODY}:stateMachine:none'"
    refused("InvalidArn", start, stateMachineArn="nonsense")
    refused("InvalidArn", start, stateMachineArn=f"{NOBODY}:activity:none")


@aws_document(f"{API}/API_StartExecution.html")
def test_start_of_a_version_and_of_an_alias(aws: Emulator) -> None:
    """A version runs as it was published, and what was started through it says so."""
    client, machine = aws.client("stepfunctions"), machines.define(aws, PASS)
    version = client.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    other = definitions.machine({"A": {"Type": "Pass", "Result": "new"}})
    client.update_state_machine(stateMachineArn=machine, definition=json.dumps(other))
    route = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = client.create_state_machine_alias(name="PROD", routingConfiguration=route)["stateMachineAliasArn"]
    by_alias = executions.run(aws, alias, "given")
    assert (by_alias["output"], by_alias["stateMachineAliasArn"]) == ('"given"', alias)
    assert (by_alias["stateMachineArn"], by_alias["stateMachineVersionArn"]) == (machine, version)
    assert executions.run(aws, machine, "given")["output"] == '"new"'
    listed = {
        arn: client.list_executions(stateMachineArn=arn)["executions"] for arn in (machine, version, alias)
    }
    assert [len(found) for found in listed.values()] == [2, 1, 1]
    client.delete_state_machine_alias(stateMachineAliasArn=alias)


@aws_document(f"{API}/API_DescribeExecution.html")
def test_describe(aws: Emulator) -> None:
    machine = machines.define(aws, PASS)
    header = "Root=1-5759e988-bd862e3fe1be46a994272793"
    arn = aws.client("stepfunctions").start_execution(
        stateMachineArn=machine, name="one", input='{"a":1}', traceHeader=header
    )["executionArn"]
    answer = executions.finished(aws, arn)
    assert answer["stopDate"] >= answer["startDate"]
    assert {
        key: answer[key] for key in answer if key not in ("startDate", "stopDate", "ResponseMetadata")
    } == {
        "executionArn": arn,
        "stateMachineArn": machine,
        "name": "one",
        "status": "SUCCEEDED",
        "input": '{"a":1}',
        "inputDetails": {"included": True},
        "output": '{"a":1}',
        "outputDetails": {"included": True},
        "traceHeader": header,
        "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    }


@aws_document(f"{API}/API_DescribeExecution.html")
def test_describe_a_failure(aws: Emulator) -> None:
    """There is no output; error and cause are the Fail state's."""
    states = {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}
    answer = machines.outcome(aws, definitions.machine(states))
    assert "output" not in answer
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "E", "c")
    assert answer["redriveStatus"] == "REDRIVABLE"


@aws_document(f"{API}/API_DescribeExecution.html")
def test_describe_without_data(aws: Emulator) -> None:
    arn = executions.run(aws, machines.define(aws, PASS), {"a": 1})["executionArn"]
    answer = aws.client("stepfunctions").describe_execution(executionArn=arn, includedData="METADATA_ONLY")
    assert not {"input", "output"} & answer.keys()
    assert answer["inputDetails"] == {"included": False}


@pytest.mark.parametrize(
    "operation",
    [
        "describe_execution",
        "describe_state_machine_for_execution",
        "get_execution_history",
        "list_map_runs",
        "stop_execution",
    ],
)
@aws_document(f"{API}/API_DescribeExecution.html")
def test_executions_that_do_not_exist(aws: Emulator, operation: str) -> None:
    call = getattr(aws.client("stepfunctions"), operation)
    arn = f"{NOBODY}:execution:none:none"
    assert refused("ExecutionDoesNotExist", call, executionArn=arn) == f"Execution Does Not Exist: '{arn}'"
    refused("InvalidArn", call, executionArn="nonsense")


@aws_document(f"{API}/API_StopExecution.html")
def test_stop(aws: Emulator) -> None:
    client = aws.client("stepfunctions")
    arn = executions.start(aws, machines.define(aws, WAIT), {})
    answer = client.stop_execution(executionArn=arn, error="E", cause="c")
    described = client.describe_execution(executionArn=arn)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "E", "c")
    assert described["stopDate"] == answer["stopDate"]
    assert "output" not in described


@aws_document(
    f"{API}/API_StopExecution.html", assumed="stopping what has ended changes nothing and is no error"
)
def test_stop_of_an_execution_that_has_ended(aws: Emulator) -> None:
    described = executions.run(aws, machines.define(aws, PASS), {})
    client, arn = aws.client("stepfunctions"), described["executionArn"]
    client.stop_execution(executionArn=arn, error="E")
    after = client.describe_execution(executionArn=arn)
    assert (after["status"], after["stopDate"]) == ("SUCCEEDED", described["stopDate"])


@aws_document(f"{API}/API_ListExecutions.html")
def test_list_is_newest_first_and_in_pages(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, PASS)
    names = [f"n{number}" for number in range(5)]
    for name in names:
        executions.finished(aws, executions.start(aws, machine, {}, name))
    pages = list(
        client.get_paginator("list_executions").paginate(
            stateMachineArn=machine, PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["executions"]) for page in pages] == [2, 2, 1]
    listed = [item for page in pages for item in page["executions"]]
    assert [item["name"] for item in listed] == names[::-1]
    assert {"executionArn", "stateMachineArn", "status", "startDate", "stopDate"} <= listed[0].keys()


@aws_document(f"{API}/API_ListExecutions.html")
def test_list_by_status(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, WAIT)
    first, second = (executions.start(aws, machine, {}) for _ in range(2))
    stopped(aws, first)

    def listed(status: str) -> list[str]:
        found = client.list_executions(stateMachineArn=machine, statusFilter=status)["executions"]
        return [item["executionArn"] for item in found]

    assert (listed("RUNNING"), listed("ABORTED"), listed("SUCCEEDED")) == ([second], [first], [])
    refused("ValidationException", client.list_executions, stateMachineArn=machine, statusFilter="GONE")
    stopped(aws, second)


@aws_document(f"{API}/API_ListExecutions.html")
def test_list_by_redrive(aws: Emulator) -> None:
    client = aws.client("stepfunctions")
    machine = machines.define(aws, definitions.machine({"F": {"Type": "Fail"}}))
    executions.run(aws, machine, {})

    def count(value: str) -> int:
        return len(client.list_executions(stateMachineArn=machine, redriveFilter=value)["executions"])

    assert (count("NOT_REDRIVEN"), count("REDRIVEN")) == (1, 0)


@aws_document(f"{API}/API_ListExecutions.html")
def test_list_needs_a_machine_or_a_map_run(aws: Emulator) -> None:
    client = aws.client("stepfunctions")
    refused("ValidationException", client.list_executions)
    refused("StateMachineDoesNotExist", client.list_executions, stateMachineArn=f"{NOBODY}:stateMachine:none")
    refused("InvalidArn", client.list_executions, stateMachineArn="nonsense")
    none = f"{NOBODY}:mapRun:none/m:00000000-0000-0000-0000-000000000000"
    refused("ResourceNotFound", client.list_executions, mapRunArn=none)


@pytest.mark.parametrize("operation", ["list_executions", "get_execution_history"])
@aws_document(f"{API}/API_ListExecutions.html")
def test_tokens_that_are_none(aws: Emulator, operation: str) -> None:
    arn = executions.run(aws, machines.define(aws, PASS), {})["executionArn"]
    machine = aws.client("stepfunctions").describe_execution(executionArn=arn)["stateMachineArn"]
    request = {"stateMachineArn": machine} if operation == "list_executions" else {"executionArn": arn}
    refused("InvalidToken", getattr(aws.client("stepfunctions"), operation), **request, nextToken="nonsense")


@aws_document(f"{API}/API_ListExecutions.html", assumed="the error's code")
def test_pages_have_at_most_1_000_results(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, PASS)
    client.list_executions(stateMachineArn=machine, maxResults=1000)
    refused("ValidationException", client.list_executions, stateMachineArn=machine, maxResults=1001)


@pytest.mark.parametrize("reverse", [False, True])
@aws_document(f"{API}/API_GetExecutionHistory.html")
def test_history_in_pages_from_either_end(aws: Emulator, reverse: bool) -> None:
    states = {name: {"Type": "Pass", "Next": following} for name, following in ("AB", "BC")}
    machine = machines.define(aws, definitions.machine(states | {"C": {"Type": "Pass"}}))
    arn = executions.run(aws, machine, {})["executionArn"]
    pages = list(
        aws.client("stepfunctions")
        .get_paginator("get_execution_history")
        .paginate(executionArn=arn, reverseOrder=reverse, PaginationConfig={"PageSize": 3})
    )
    ids = [event["id"] for page in pages for event in page["events"]]
    assert [len(page["events"]) for page in pages] == [3, 3, 2]
    assert ids == (list(range(8, 0, -1)) if reverse else list(range(1, 9)))


@aws_document(f"{API}/API_GetExecutionHistory.html")
def test_token_of_other_arguments(aws: Emulator) -> None:
    """All other arguments must stay as they were."""
    client = aws.client("stepfunctions")
    arn = executions.run(aws, machines.define(aws, PASS), {})["executionArn"]
    token = client.get_execution_history(executionArn=arn, maxResults=1)["nextToken"]
    refused(
        "InvalidToken", client.get_execution_history, executionArn=arn, reverseOrder=True, nextToken=token
    )


@aws_document(f"{API}/API_GetExecutionHistory.html")
def test_history_of_an_execution_that_runs(aws: Emulator) -> None:
    arn = executions.start(aws, machines.define(aws, WAIT), {})
    end = time.monotonic() + 60
    while len(found := machines.event_types(aws, arn)) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert found == ["ExecutionStarted", "WaitStateEntered"]
    stopped(aws, arn)


@aws_document(f"{API}/API_DescribeStateMachineForExecution.html")
def test_machine_for_an_execution_is_as_it_was(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, WAIT)
    arn = executions.start(aws, machine, {})
    client.update_state_machine(stateMachineArn=machine, definition=json.dumps(PASS))
    answer = client.describe_state_machine_for_execution(executionArn=arn)
    assert json.loads(answer["definition"]) == WAIT
    assert (answer["stateMachineArn"], answer["roleArn"]) == (machine, machines.ROLE)
    assert answer["name"] == machine.rpartition(":")[2]
    assert answer["loggingConfiguration"]["level"] == "OFF"
    stopped(aws, arn)


@aws_document(f"{API}/API_UpdateStateMachine.html")
def test_executions_that_run_keep_their_definition(aws: Emulator) -> None:
    client = aws.client("stepfunctions")
    machine = machines.define(
        aws,
        definitions.machine(
            {"W": {"Type": "Wait", "Seconds": 1, "Next": "A"}, "A": {"Type": "Pass", "Result": "old"}}
        ),
    )
    arn = executions.start(aws, machine, {})
    client.update_state_machine(stateMachineArn=machine, definition=json.dumps(PASS))
    assert executions.finished(aws, arn)["output"] == '"old"'


@aws_document(
    f"{API}/API_DeleteStateMachine.html",
    assumed="a running execution is over soon after its machine is deleted",
)
def test_delete_of_a_machine(aws: Emulator) -> None:
    """Executions of the machine end; nothing can be started; deleting what is gone is no error."""
    client, machine = aws.client("stepfunctions"), machines.define(aws, WAIT)
    executions.start(aws, machine, {})
    client.delete_state_machine(stateMachineArn=machine)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            client.describe_state_machine(stateMachineArn=machine)
        except client.exceptions.StateMachineDoesNotExist:
            break
        time.sleep(0.05)
    refused("StateMachineDoesNotExist", client.describe_state_machine, stateMachineArn=machine)
    refused("StateMachineDoesNotExist", client.start_execution, stateMachineArn=machine)
    refused("StateMachineDoesNotExist", client.list_executions, stateMachineArn=machine)
    client.delete_state_machine(stateMachineArn=machine)


@aws_document(f"{API}/API_TagResource.html", assumed="the wording of the message")
def test_tags_of_nothing_are_refused(aws: Emulator) -> None:
    client, nobody = aws.client("stepfunctions"), f"{NOBODY}:stateMachine:nobody"
    tags = [{"key": "k", "value": "v"}]
    refused("ResourceNotFound", client.tag_resource, resourceArn=nobody, tags=tags)
    refused("ResourceNotFound", client.untag_resource, resourceArn=nobody, tagKeys=["k"])
    refused("ResourceNotFound", client.list_tags_for_resource, resourceArn=nobody)


@aws_document(f"{API}/API_CreateStateMachine.html", assumed="the wording of the messages")
@pytest.mark.parametrize(
    ("code", "member"),
    [
        ("InvalidName", {"name": "white space"}),
        ("InvalidName", {"name": "n" * 81}),
        ("InvalidArn", {"roleArn": "nobody"}),
    ],
    ids=["white space", "long name", "role"],
)
def test_a_machine_needs_a_good_name_and_role(aws: Emulator, code: str, member: dict[str, str]) -> None:
    request = {"name": "good", "roleArn": machines.ROLE, "definition": json.dumps(PASS)} | member
    refused(code, aws.client("stepfunctions").create_state_machine, **request)


@aws_document(f"{API}/API_UpdateStateMachine.html", assumed="a new logging configuration alone is enough")
def test_an_update_changes_something(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, PASS)
    refused("MissingRequiredParameter", client.update_state_machine, stateMachineArn=machine)
    client.update_state_machine(stateMachineArn=machine, loggingConfiguration={"level": "OFF"})


@aws_document(f"{API}/API_UpdateStateMachine.html", assumed="a machine has no revision id before it changes")
def test_a_revision_comes_with_a_change(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, PASS)
    assert "revisionId" not in client.describe_state_machine(stateMachineArn=machine)
    same = client.update_state_machine(stateMachineArn=machine, definition=json.dumps(PASS, indent=1))
    assert "revisionId" not in same
    first = client.update_state_machine(stateMachineArn=machine, definition=json.dumps(WAIT))
    assert "stateMachineVersionArn" not in first
    again = client.update_state_machine(stateMachineArn=machine, roleArn=machines.ROLE)
    described = client.describe_state_machine(stateMachineArn=machine)
    assert again["revisionId"] == first["revisionId"] == described["revisionId"]
    traced = client.update_state_machine(stateMachineArn=machine, tracingConfiguration={"enabled": True})
    assert traced["revisionId"] != first["revisionId"]
    assert client.describe_state_machine(stateMachineArn=machine)["tracingConfiguration"] == {"enabled": True}


@aws_document(f"{API}/API_PublishStateMachineVersion.html", assumed="the wording of the conflict")
def test_a_revision_is_published_once(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, PASS)
    publish = partial(client.publish_state_machine_version, stateMachineArn=machine)
    first = publish(revisionId="INITIAL")["stateMachineVersionArn"]
    assert publish()["stateMachineVersionArn"] == first == f"{machine}:1"
    answer = client.update_state_machine(stateMachineArn=machine, publish=True)
    assert (answer["stateMachineVersionArn"], answer.get("revisionId")) == (first, None)
    answer = client.update_state_machine(
        stateMachineArn=machine, definition=json.dumps(WAIT), publish=True, versionDescription="waits"
    )
    assert answer["stateMachineVersionArn"] == f"{machine}:2"
    described = client.describe_state_machine(stateMachineArn=f"{machine}:2")
    assert (described["description"], described["revisionId"]) == ("waits", answer["revisionId"])
    assert not {"description", "revisionId"} & client.describe_state_machine(stateMachineArn=first).keys()
    message = refused("ConflictException", publish, revisionId="INITIAL")
    assert message == (
        "Failed to publish the State Machine version for revision INITIAL. "
        f"The current State Machine revision is {answer['revisionId']}."
    )


@aws_document(f"{API}/API_UpdateStateMachine.html", assumed="the wording, as of CreateStateMachine")
def test_only_what_is_published_has_a_versions_description(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, PASS)
    message = "Version description can only be set when publish is true"
    more = {"definition": json.dumps(WAIT), "versionDescription": "none"}
    assert (
        refused("ValidationException", client.update_state_machine, stateMachineArn=machine, **more)
        == message
    )
    new = {"name": f"case-{uuid.uuid4().hex[:10]}", "roleArn": machines.ROLE}
    assert refused("ValidationException", client.create_state_machine, **new, **more) == message


@aws_document(f"{API}/API_DescribeStateMachine.html")
def test_a_description_tells_which_states_read_which_variables(aws: Emulator) -> None:
    states = {"Set": {"Type": "Pass", "Assign": {"v": 1}, "Next": "Get"}}
    get = {"Type": "Pass", "Parameters": {"a.$": "$v", "b": "$v"}, "End": True}
    client, machine = (
        aws.client("stepfunctions"),
        machines.define(aws, definitions.machine(states | {"Get": get})),
    )
    described = client.describe_state_machine(stateMachineArn=machine)
    assert described["variableReferences"] == {"Get": ["v"]}
    assert described["tracingConfiguration"] == {"enabled": False}
    metadata = client.describe_state_machine(stateMachineArn=machine, includedData="METADATA_ONLY")
    assert (metadata["definition"], metadata.get("variableReferences")) == ("{}", None)
    execution = executions.start(aws, machine, {})
    of_execution = client.describe_state_machine_for_execution(executionArn=execution)
    assert of_execution["variableReferences"] == {"Get": ["v"]}


@aws_document(f"{API}/API_TagResource.html")
def test_tags_of_a_machine(aws: Emulator) -> None:
    client, machine = aws.client("stepfunctions"), machines.define(aws, PASS)
    client.tag_resource(resourceArn=machine, tags=[{"key": "k", "value": "v"}, {"key": "l", "value": "w"}])
    executions.run(aws, machine, {})
    client.untag_resource(resourceArn=machine, tagKeys=["l"])
    assert client.list_tags_for_resource(resourceArn=machine)["tags"] == [{"key": "k", "value": "v"}]


@aws_document(f"{API}/API_CreateActivity.html")
def test_activity_of_the_same_name_is_the_same_activity(aws: Emulator) -> None:
    client = aws.client("stepfunctions")
    first, second = (client.create_activity(name="case-idempotent") for _ in range(2))
    assert first["activityArn"] == second["activityArn"]
    assert first["creationDate"] == second["creationDate"]
    refused("InvalidName", client.create_activity, name="a b")
    for _ in range(2):
        client.delete_activity(activityArn=first["activityArn"])
    refused("ActivityDoesNotExist", client.describe_activity, activityArn=first["activityArn"])


@aws_document(f"{GUIDE}/eventbridge-integration.html")
def test_status_changes_are_events(aws: Emulator) -> None:
    """RUNNING and the last status of a Standard execution reach EventBridge."""
    queue = aws.client("sqs").create_queue(QueueName=f"case-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    target = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    machine = machines.define(aws, PASS)
    rule, events = f"case-{uuid.uuid4().hex[:8]}", aws.client("events")
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [machine]}}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "q", "Arn": target["Attributes"]["QueueArn"]}])
    described = executions.run(aws, machine, {"a": 1})
    told: dict[str, dict[str, Any]] = {}
    end = time.monotonic() + 60
    while len(told) < 2 and time.monotonic() < end:
        for message in (
            aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
        ):
            event = json.loads(message["Body"])
            assert event["detail-type"] == "Step Functions Execution Status Change"
            told[event["detail"]["status"]] = event["detail"]
            aws.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    events.remove_targets(Rule=rule, Ids=["q"])
    events.delete_rule(Name=rule)
    assert told.keys() == {"RUNNING", "SUCCEEDED"}
    assert told["RUNNING"]["stopDate"] is None
    succeeded = told["SUCCEEDED"]
    assert succeeded["executionArn"] == described["executionArn"]
    assert succeeded["startDate"] == round(described["startDate"].timestamp() * 1000)
    assert (json.loads(succeeded["input"]), json.loads(succeeded["output"])) == ({"a": 1}, {"a": 1})


@aws_document(
    f"{GUIDE}/service-quotas.html",
    assumed="an execution that runs while the service ends has failed: on AWS the service does not end",
)
def test_executions_outlast_a_restart(aws: Emulator) -> None:
    """Descriptions, histories and map runs are the same before and after."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        **definitions.machine({"A": {"Type": "Pass"}}),
    }
    machine = machines.define(aws, definitions.machine({"M": {"Type": "Map", "ItemProcessor": processor}}))
    ended = executions.run(aws, machine, [1, 2])["executionArn"]
    running = executions.start(aws, machines.define(aws, WAIT), {})
    before = _everything(aws, ended, machine)
    aws.restart()
    assert _everything(aws, ended, machine) == before
    assert len(before["map runs"]) == 1
    assert len(before["children"]) == 2
    failed = executions.described(aws, running)
    assert (failed["status"], failed["error"]) == ("FAILED", "States.ServiceRestart")
    assert machines.event_types(aws, running)[-1] == "ExecutionFailed"
    refused(
        "ExecutionAlreadyExists",
        aws.client("stepfunctions").start_execution,
        stateMachineArn=machine,
        name=ended.rpartition(":")[2],
        input="[1, 2]",
    )


def _everything(aws: Emulator, execution: str, machine: str) -> dict[str, Any]:
    """What the API says of an execution of a machine with a Distributed Map."""
    client = aws.client("stepfunctions")
    map_runs = client.list_map_runs(executionArn=execution)["mapRuns"]
    arns = [map_run["mapRunArn"] for map_run in map_runs]
    described = client.describe_execution(executionArn=execution)
    del described["ResponseMetadata"]
    counts = [client.describe_map_run(mapRunArn=arn)["itemCounts"] for arn in arns]
    children = [c for arn in arns for c in client.list_executions(mapRunArn=arn)["executions"]]
    return {
        "description": described,
        "history": machines.events(aws, execution),
        "list": client.list_executions(stateMachineArn=machine)["executions"],
        "map runs": map_runs,
        "counts": counts,
        "children": children,
    }
