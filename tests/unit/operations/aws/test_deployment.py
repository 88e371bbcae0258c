"""Finding a stage: which AWS, which outputs, and what a person reads when it is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from operations.aws.deployment import find_deployment, is_loopback
from operations.aws.errors import OperationError

OUTPUTS: dict[str, dict[str, str]] = {
    "storage": {"DataBucketName": "data-bucket"},
    "inference": {"EndpointName": "scones-dev"},
    "workflow": {"StateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:one"},
    "monitoring": {"MonitorFunctionName": "scones-dev-monitor"},
}


def stack(name: str, part: str, **given: Any) -> dict[str, Any]:
    return {
        "StackId": f"arn:aws:cloudformation:eu-west-1:123456789012:stack/{name}/1",
        "StackName": name,
        "CreationTime": "2026-11-20T00:00:00Z",
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in OUTPUTS[part].items()],
    } | given


@contextmanager
def cloudformation(url: str | None = None) -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client(
        "cloudformation",
        region_name="eu-west-1",
        endpoint_url=url,
        aws_access_key_id="id",
        aws_secret_access_key="secret",
    )
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def add_stage(stub: Stubber, stage: str) -> None:
    for part in OUTPUTS:
        name = f"scones-{stage}-{part}"
        stub.add_response("describe_stacks", {"Stacks": [stack(name, part)]}, {"StackName": name})


def test_on_aws_the_stage_is_dev_and_account_and_region_are_told() -> None:
    with cloudformation() as (client, stub):
        add_stage(stub, "dev")
        deployment = find_deployment(cloudformation=client)
    assert str(deployment) == "AWS account 123456789012, eu-west-1, stage dev"
    assert deployment.in_aws
    assert (deployment.data_bucket, deployment.endpoint_name) == ("data-bucket", "scones-dev")


def test_on_loopback_the_stage_is_local_and_the_address_is_told() -> None:
    with cloudformation("http://127.0.0.1:4566") as (client, stub):
        add_stage(stub, "local")
        deployment = find_deployment(None, client)
    assert str(deployment) == "AWS on loopback, http://127.0.0.1:4566, stage local"
    assert not deployment.in_aws


def test_an_emulator_elsewhere_is_not_aws() -> None:
    with cloudformation("https://emulator.example.com") as (client, stub):
        add_stage(stub, "dev")
        deployment = find_deployment(cloudformation=client)
    assert str(deployment) == "AWS at https://emulator.example.com, stage dev"
    assert not deployment.in_aws


def test_a_stage_that_is_named_is_the_one() -> None:
    with cloudformation("http://127.0.0.1:4566") as (client, stub):
        add_stage(stub, "prod")
        assert find_deployment("prod", client).stage == "prod"


def test_a_stage_without_its_monitoring_still_works() -> None:
    with cloudformation() as (client, stub):
        for part in ("storage", "inference", "workflow"):
            name = f"scones-dev-{part}"
            stub.add_response("describe_stacks", {"Stacks": [stack(name, part)]}, {"StackName": name})
        stub.add_client_error("describe_stacks", "ValidationError", "does not exist", 400)
        deployment = find_deployment(None, client)
    assert deployment.data_bucket == "data-bucket"
    assert "MonitorFunctionName" not in deployment.outputs


def test_nothing_deployed_tells_the_command_and_what_else_is_there() -> None:
    with cloudformation() as (client, stub):
        stub.add_client_error("describe_stacks", "ValidationError", "Stack with id … does not exist", 400)
        there = [stack(f"scones-prod-{part}", part) for part in OUTPUTS]
        half = stack("scones-half-storage", "storage")
        stub.add_response("describe_stacks", {"Stacks": [half, *there]}, {})
        with pytest.raises(OperationError) as raised:
            find_deployment(None, client)
    assert "there is no stack scones-dev-storage. Deployed here: prod (--stage NAME)." in str(raised.value)
    assert str(raised.value).endswith("Deploy it: npx cdk deploy --all -c stage=dev")


def test_stacks_that_may_not_be_listed_hide_no_reason() -> None:
    with cloudformation() as (client, stub):
        stub.add_client_error("describe_stacks", "ValidationError", "does not exist", 400)
        stub.add_client_error("describe_stacks", "AccessDenied", "not authorized", 403)
        with pytest.raises(OperationError, match=r"no stack scones-dev-storage\. Deploy it"):
            find_deployment(None, client)


def test_a_stack_on_its_way_is_no_deployment() -> None:
    with cloudformation() as (client, stub):
        unfinished = stack("scones-dev-storage", "storage", StackStatus="CREATE_IN_PROGRESS", Outputs=[])
        stub.add_response("describe_stacks", {"Stacks": [unfinished]})
        with pytest.raises(OperationError, match="is CREATE_IN_PROGRESS and has no outputs"):
            find_deployment(None, client)


def test_an_output_of_a_later_version_is_asked_for_by_name() -> None:
    with cloudformation() as (client, stub):
        add_stage(stub, "dev")
        deployment = find_deployment(None, client)
    with pytest.raises(OperationError, match=r"has no output BatchStateMachineArn.*cdk deploy --all"):
        _ = deployment.batch_state_machine


def test_what_aws_refuses_passes_through() -> None:
    with cloudformation() as (client, stub):
        stub.add_client_error("describe_stacks", "ExpiredToken", "expired", 403)
        with pytest.raises(ClientError, match="ExpiredToken"):
            find_deployment(None, client)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://127.8.0.1", True),
        ("http://[::1]:4566", True),
        ("http://localhost:4566", True),
        ("http://localhost.example.com", False),
        ("https://states.eu-west-1.amazonaws.com", False),
        ("http://10.0.0.1:4566", False),
    ],
)
def test_loopback_is_told_from_the_host(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


def test_an_aws_that_does_not_answer_is_told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    with pytest.raises(EndpointConnectionError):
        find_deployment()
    assert sum(pauses) < 8, "it paused for 40 seconds"
