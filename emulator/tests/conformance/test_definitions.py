"""Definitions are checked when a state machine is made, changed or validated, by the API and by templates.

What each field may hold is tested without an emulator (`tests/unit/states/definitions`); here is one
case of each kind of fault, and every way by which a definition comes in.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance import machines
from tests.conformance.definitions import END, machine
from tests.conformance.documents import aws_document
from tests.running.emulator import Emulator

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg"
API = "https://docs.aws.amazon.com/step-functions/latest/apireference"
CODES = f"{API}/API_ValidateStateMachineDefinitionDiagnostic.html"
CREATE, UPDATE = f"{API}/API_CreateStateMachine.html", f"{API}/API_UpdateStateMachine.html"
VALIDATE = f"{API}/API_ValidateStateMachineDefinition.html"
ERRORS = f"{GUIDE}/concepts-error-handling.html"
JSONATA = f"{GUIDE}/transforming-data.html"
DISTRIBUTED_MAP = f"{GUIDE}/state-map-distributed.html"
TEMPLATE = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-resource-stepfunctions-statemachine.html"
)
SPECIFICATION = "https://states-language.net/spec.html"
WORDING = "the text of the message and, where the page names none, its code"

LAMBDA = "arn:aws:states:::lambda:invoke"
DANGLING = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Gone"}, "B": END}}
DANGLING_WORDS = (
    "Invalid State Machine Definition: "
    "'MISSING_TRANSITION_TARGET: Missing 'Next' target: Gone at /States/A/Next, "
    'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B\''
)
SOUND = machine({"A": {"Type": "Pass"}})


def one(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A machine of the state A, which ends it unless it says where it goes."""
    return machine({"A": state}, **more)


def spread(mode: str = "DISTRIBUTED", **fields: Any) -> dict[str, Any]:
    config = {"Mode": mode} | ({"ExecutionType": "STANDARD"} if mode == "DISTRIBUTED" else {})
    processor = machine({"I": {"Type": "Pass"}}) | {"ProcessorConfig": config}
    return one({"Type": "Map", "ItemProcessor": processor, **fields})


def case(name: str, definition: Any, words: str, url: str, assumed: str | None = WORDING) -> Any:
    return pytest.param(definition, words, id=name, marks=aws_document(url, assumed=assumed))


def task(**fields: Any) -> dict[str, Any]:
    return one({"Type": "Task", "Resource": LAMBDA, "Parameters": {"FunctionName": "f"}, **fields})


FAULTS = [
    case("no JSON", "{", "INVALID_JSON_DESCRIPTION: ", CODES),
    case("no object", "[]", "INVALID_JSON_DESCRIPTION: ", CODES),
    case("no StartAt", {"States": {"A": END}}, "These fields are required: [StartAt] at /", SPECIFICATION),
    case("StartAt nowhere", {"StartAt": "X", "States": {"A": END}}, "target: X at /StartAt", CODES),
    case("target nowhere", DANGLING, DANGLING_WORDS, CODES, None),
    case(
        "no end",
        machine({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}),
        "MISSING_END_STATE: Workflow has no terminal state",
        CODES,
    ),
    case(
        "name in two scopes",
        one({"Type": "Parallel", "Branches": [one(END)]}),
        "DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[0]/States/A",
        f"{GUIDE}/statemachine-structure.html",
    ),
    case("name of 81 characters", machine({"x" * 81: END}), "INVALID_STATE_NAME", CODES),
    case("type unknown", one({"Type": "Loop"}), "at /States/A/Type", SPECIFICATION),
    case("field unknown", one({"Type": "Pass", "Foo": 1}), "Field 'Foo' is not supported", SPECIFICATION),
    case("Catch of Pass", one({"Type": "Pass", "Catch": []}), "'Catch' is not supported", SPECIFICATION),
    case("Next and End", one(END | {"Next": "A"}), "[End, Next] at /States/A", SPECIFICATION),
    case("no Next", {"StartAt": "A", "States": {"A": {"Type": "Pass"}}}, "[Next, End] at", SPECIFICATION),
    case(
        "choice without Next",
        one({"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True}]}),
        "SCHEMA_VALIDATION_FAILED: These fields are required: [Next] at /States/A/Choices[0]",
        f"{GUIDE}/state-choice.html",
    ),
    case(
        "two waits",
        one({"Type": "Wait", "Seconds": 1, "SecondsPath": "$"}),
        "There should only be one of the following fields: [Seconds, SecondsPath] at /States/A",
        f"{GUIDE}/state-wait.html",
    ),
    case(
        "two errors",
        one({"Type": "Fail", "Error": "a", "ErrorPath": "$"}),
        "There should only be one of the following fields: [Error, ErrorPath] at /States/A",
        f"{GUIDE}/state-fail.html",
    ),
    case(
        "States.ALL before others",
        task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]),
        "at /States/A/Retry[0]/ErrorEquals",
        ERRORS,
    ),
    case("backoff below 1", task(Retry=[{"ErrorEquals": ["E"], "BackoffRate": 0.9}]), "BackoffRate", ERRORS),
    case(
        "heartbeat not below time-out",
        task(TimeoutSeconds=5, HeartbeatSeconds=6),
        "HeartbeatSeconds",
        f"{GUIDE}/state-task.html",
    ),
    case(
        "no path",
        one({"Type": "Pass", "OutputPath": "Test"}),
        "Value must be a valid JSONPath. at /States/A/OutputPath",
        f"{GUIDE}/amazon-states-language-paths.html",
    ),
    case(
        "no path in a template",
        task(Parameters={"FunctionName.$": "foo"}),
        "The value for the field 'FunctionName.$' must be a valid JSONPath",
        f"{GUIDE}/input-output-inputpath-params.html",
    ),
    case("no ARN", one({"Type": "Task", "Resource": "create"}), "ARN at /States/A/Resource", SPECIFICATION),
    case(
        "pattern that Lambda has not",
        task(Resource=f"{LAMBDA}.sync"),
        f"The resource provided {LAMBDA}.sync not recognized",
        f"{GUIDE}/integrate-optimized.html",
    ),
    case(
        "action that SQS has not",
        task(Resource="arn:aws:states:::sqs:purgeQueue"),
        "purgeQueue not recognized. The value is not a valid resource ARN, or the resource is not available "
        "in this region. at /States/A/Resource",
        f"{GUIDE}/connect-sqs.html",
    ),
    *(
        case(
            f"SDK integration {name}",
            task(Resource=f"arn:aws:states:::aws-sdk:{name}"),
            f"The resource provided arn:aws:states:::aws-sdk:{name} not recognized",
            f"{GUIDE}/supported-services-awssdk.html",
        )
        for name in ("nothing:getObject", "s3:getNothing", "s3:GetObject", "events:putEvents")
    ),
    case(
        "JSONPath field in JSONata",
        one({"Type": "Pass", "InputPath": "$"}, QueryLanguage="JSONata"),
        "field 'InputPath' is only supported for the 'JSONPath' QueryLanguage at /States/A",
        JSONATA,
    ),
    case("JSONata field in JSONPath", one({"Type": "Pass", "Output": 1}), "for the 'JSONata' Query", JSONATA),
    case(
        "JSONPath state in JSONata machine",
        one({"Type": "Pass", "QueryLanguage": "JSONPath"}, QueryLanguage="JSONata"),
        "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        JSONATA,
    ),
    case(
        "JSONata that cannot be parsed",
        one({"Type": "Pass", "Output": {"v": "{% 1 + %}"}}, QueryLanguage="JSONata"),
        "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/A/Output/v",
        JSONATA,
    ),
    case(
        "JSONata without context",
        one({"Type": "Pass", "Output": "{% phone %}"}, QueryLanguage="JSONata"),
        "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported.",
        JSONATA,
    ),
    case(
        "tolerance above 100 per cent",
        spread(ToleratedFailurePercentage=101),
        "Maximum value is 100.0 at /States/A/ToleratedFailurePercentage",
        DISTRIBUTED_MAP,
    ),
    case("label of 41 characters", spread(Label="x" * 41), "INVALID_LABEL_NAME", DISTRIBUTED_MAP),
    case(
        "batches above 256 KiB",
        spread(ItemBatcher={"MaxInputBytesPerBatch": 262_145}),
        "MaxInputBytesPerBatch",
        f"{GUIDE}/input-output-itembatcher.html",
    ),
]
"""Of each kind one, with what the message must hold."""


@pytest.mark.parametrize(("definition", "words"), FAULTS)
def test_a_fault_is_refused_on_creation(aws: Emulator, definition: Any, words: str) -> None:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    message = refusal(aws, text)
    assert message.startswith("Invalid State Machine Definition: '")
    assert words in message


@pytest.mark.parametrize(
    "resource", ["arn:aws:states:::ecs:runTask.sync", f"{LAMBDA}.waitForTaskToken", "activity"]
)
@aws_document(f"{GUIDE}/choosing-workflow-type.html", assumed=WORDING)
def test_what_waits_is_refused_in_express(aws: Emulator, resource: str) -> None:
    arn = "arn:aws:states:us-east-1:000000000000:activity:a" if resource == "activity" else resource
    text = json.dumps(task(Resource=arn))
    assert "Express state machine does not support" in refusal(aws, text, "EXPRESS")
    machines.define(aws, json.loads(text))


@aws_document(f"{GUIDE}/choosing-workflow-type.html", assumed=WORDING)
def test_a_distributed_map_is_refused_in_express(aws: Emulator) -> None:
    assert "Distributed Map at /States/A" in refusal(aws, json.dumps(spread()), "EXPRESS")
    machines.define(aws, spread())


@aws_document(f"{GUIDE}/service-quotas.html", assumed="a longer one fails the request's validation")
def test_a_definition_has_at_most_1_mib(aws: Emulator) -> None:
    with pytest.raises(ClientError, match="1048576") as error:
        create(aws, json.dumps(SOUND | {"Comment": "x" * 1_048_576}))
    assert error.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize(
    ("definition", "named"),
    [
        (task(Resource="arn:aws:states:::http:invoke"), "arn:aws:states:::http:invoke"),
        (
            spread(
                ItemReader={
                    "Resource": "arn:aws:states:::s3:getObject",
                    "ReaderConfig": {"InputType": "PARQUET"},
                    "Parameters": {"Bucket": "b", "Key": "k"},
                }
            ),
            "InputType PARQUET",
        ),
    ],
    ids=["HTTP task", "Parquet"],
)
@aws_document(f"{GUIDE}/integrate-services.html", assumed="what cannot run here is refused by name")
def test_what_is_not_emulated_is_refused_by_name(aws: Emulator, definition: Any, named: str) -> None:
    message = refusal(aws, json.dumps(definition))
    assert "NOT_EMULATED: the local AWS does not emulate" in message
    assert named in message


@aws_document(CREATE)
def test_a_refused_definition_leaves_the_next_ones_alone(aws: Emulator) -> None:
    refusal(aws, json.dumps(task(Resource="arn:aws:states:::sqs:purgeQueue")))
    assert machines.output(aws, SOUND, {"a": 1}) == {"a": 1}


@aws_document(UPDATE)
def test_an_update_with_a_fault_changes_nothing(aws: Emulator) -> None:
    client, arn = aws.client("stepfunctions"), machines.define(aws, SOUND)
    before = client.describe_state_machine(stateMachineArn=arn)
    with pytest.raises(ClientError) as error:
        client.update_state_machine(stateMachineArn=arn, definition=json.dumps(DANGLING))
    assert error.value.response["Error"] == {"Code": "InvalidDefinition", "Message": DANGLING_WORDS}
    after = client.describe_state_machine(stateMachineArn=arn)
    assert after | {"ResponseMetadata": None} == before | {"ResponseMetadata": None}


@aws_document(UPDATE, assumed=WORDING)
def test_an_update_knows_the_type_of_the_machine(aws: Emulator) -> None:
    arn = machines.define(aws, SOUND, "EXPRESS")
    with pytest.raises(ClientError, match="Express state machine does not support"):
        aws.client("stepfunctions").update_state_machine(
            stateMachineArn=arn, definition=json.dumps(task(Resource=f"{LAMBDA}.waitForTaskToken"))
        )


@aws_document(VALIDATE)
def test_a_sound_definition_is_ok(aws: Emulator) -> None:
    answer = aws.client("stepfunctions").validate_state_machine_definition(definition=json.dumps(SOUND))
    assert (answer["result"], answer["diagnostics"], answer["truncated"]) == ("OK", [], False)


@aws_document(CODES)
def test_validation_answers_with_code_place_and_severity(aws: Emulator) -> None:
    answer = aws.client("stepfunctions").validate_state_machine_definition(definition=json.dumps(DANGLING))
    assert answer["result"] == "FAIL"
    assert answer["diagnostics"] == [
        {
            "severity": "ERROR",
            "code": "MISSING_TRANSITION_TARGET",
            "message": "Missing 'Next' target: Gone",
            "location": "/States/A/Next",
        },
        {
            "severity": "ERROR",
            "code": "MISSING_TRANSITION_TARGET",
            "message": 'State "B" is not reachable.',
            "location": "/States/B",
        },
    ]


@aws_document(VALIDATE)
def test_validation_is_truncated_at_max_results(aws: Emulator) -> None:
    validate = aws.client("stepfunctions").validate_state_machine_definition
    answer = validate(definition=json.dumps(DANGLING), maxResults=1)
    assert (answer["result"], len(answer["diagnostics"]), answer["truncated"]) == ("FAIL", 1, True)
    answer = validate(definition=json.dumps(DANGLING), maxResults=0)
    assert (len(answer["diagnostics"]), answer["truncated"]) == (2, False)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("NO_DOLLAR", {"Type": "Pass", "Parameters": {"a": "$.b"}}),
        ("NO_PATH", {"Type": "Fail", "Error": "$.error"}),
        ("PASS_RESULT_IS_STATIC", {"Type": "Pass", "Result": {"a": "$.b"}}),
    ],
)
@aws_document(CODES)
def test_warnings_are_listed_on_demand_and_do_not_fail(
    aws: Emulator, code: str, state: dict[str, Any]
) -> None:
    validate, text = aws.client("stepfunctions").validate_state_machine_definition, json.dumps(one(state))
    answer = validate(definition=text, severity="WARNING")
    assert answer["result"] == "OK"
    assert [(found["severity"], found["code"]) for found in answer["diagnostics"]] == [("WARNING", code)]
    assert validate(definition=text)["diagnostics"] == []


@aws_document(VALIDATE, assumed=WORDING)
def test_validation_takes_a_type(aws: Emulator) -> None:
    validate = aws.client("stepfunctions").validate_state_machine_definition
    text = json.dumps(task(Resource=f"{LAMBDA}.waitForTaskToken"))
    assert validate(definition=text, type="STANDARD")["result"] == "OK"
    assert validate(definition=text, type="EXPRESS")["result"] == "FAIL"


class Stack:
    """A stack of one state machine."""

    def __init__(self, aws: Emulator) -> None:
        self.aws, self.name = aws, f"definitions-{uuid.uuid4().hex[:8]}"
        self.machine = f"machine-{self.name}"

    def create(self, **properties: Any) -> str:
        self.aws.client("cloudformation").create_stack(**self._template(properties))
        return self._settled()

    def update(self, **properties: Any) -> str:
        self.aws.client("cloudformation").update_stack(**self._template(properties))
        return self._settled()

    def reasons(self) -> str:
        """Why resources failed."""
        events = self.aws.client("cloudformation").describe_stack_events(StackName=self.name)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in events)

    def definition(self) -> Any:
        arn = f"arn:aws:states:us-east-1:000000000000:stateMachine:{self.machine}"
        found = self.aws.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
        return json.loads(found["definition"])

    def _template(self, properties: dict[str, Any]) -> dict[str, str]:
        given = {"StateMachineName": self.machine, "RoleArn": machines.ROLE, **properties}
        resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": given}
        return {"StackName": self.name, "TemplateBody": json.dumps({"Resources": {"Machine": resource}})}

    def _settled(self) -> str:
        """The stack's status once it has come to rest."""
        client, end = self.aws.client("cloudformation"), time.monotonic() + 60
        while time.monotonic() < end:
            status: str = client.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                return status
            time.sleep(0.05)
        raise AssertionError(f"{self.name} did not come to rest")


@pytest.fixture
def stack(aws: Emulator) -> Iterator[Stack]:
    stack = Stack(aws)
    yield stack
    aws.client("cloudformation").delete_stack(StackName=stack.name)


@aws_document(TEMPLATE)
def test_a_template_with_a_fault_in_its_text_fails(stack: Stack) -> None:
    assert stack.create(DefinitionString=json.dumps(DANGLING)) == "ROLLBACK_COMPLETE"
    words = f'Resource handler returned message: "{DANGLING_WORDS} (Service: Sfn, Status Code: 400'
    assert words in stack.reasons()


@aws_document(TEMPLATE)
def test_a_template_with_a_fault_in_its_object_fails(stack: Stack) -> None:
    assert stack.create(Definition=one({"Type": "Pass", "Catch": []})) == "ROLLBACK_COMPLETE"
    assert "SCHEMA_VALIDATION_FAILED: Field 'Catch' is not supported at /States/A" in stack.reasons()


@aws_document(TEMPLATE)
def test_substitutions_are_made_before_the_check(stack: Stack) -> None:
    text = json.dumps(one({"Type": "Task", "Resource": "${Function}"}))
    arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
    status = stack.create(DefinitionString=text, DefinitionSubstitutions={"Function": arn})
    assert status == "CREATE_COMPLETE", stack.reasons()
    assert stack.definition()["States"]["A"]["Resource"] == arn
    status = stack.update(DefinitionString=text, DefinitionSubstitutions={"Function": "f"})
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert "at /States/A/Resource" in stack.reasons()


@aws_document(TEMPLATE)
def test_a_template_with_a_fault_in_its_file_fails(aws: Emulator, stack: Stack) -> None:
    bucket, s3 = f"bucket-{stack.name}", aws.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="good.json", Body=json.dumps(SOUND))
    s3.put_object(Bucket=bucket, Key="bad.json", Body="{")
    location = {"Bucket": bucket, "Key": "good.json"}
    assert stack.create(DefinitionS3Location=location) == "CREATE_COMPLETE", stack.reasons()
    status = stack.update(DefinitionS3Location=location | {"Key": "bad.json"})
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert "INVALID_JSON_DESCRIPTION" in stack.reasons()


@aws_document(TEMPLATE)
def test_an_update_of_a_template_with_a_fault_leaves_the_machine(stack: Stack) -> None:
    assert stack.create(DefinitionString=json.dumps(SOUND)) == "CREATE_COMPLETE", stack.reasons()
    assert stack.update(DefinitionString=json.dumps(DANGLING)) == "UPDATE_ROLLBACK_COMPLETE"
    assert DANGLING_WORDS in stack.reasons()
    assert stack.definition() == SOUND


@aws_document(TEMPLATE, assumed=WORDING)
def test_a_template_knows_the_type_of_the_machine(stack: Stack) -> None:
    text = json.dumps(task(Resource=f"{LAMBDA}.waitForTaskToken"))
    assert stack.create(DefinitionString=text, StateMachineType="EXPRESS") == "ROLLBACK_COMPLETE"
    assert "Express state machine does not support" in stack.reasons()


def create(aws: Emulator, text: str, kind: str = "STANDARD") -> Any:
    return aws.client("stepfunctions").create_state_machine(
        name=f"case-{uuid.uuid4().hex[:10]}", definition=text, roleArn=machines.ROLE, type=kind
    )


def refusal(aws: Emulator, text: str, kind: str = "STANDARD") -> str:
    """The message of the InvalidDefinition that a creation must answer with."""
    with pytest.raises(ClientError) as error:
        create(aws, text, kind)
    assert error.value.response["Error"]["Code"] == "InvalidDefinition", error.value
    message: str = error.value.response["Error"]["Message"]
    return message
