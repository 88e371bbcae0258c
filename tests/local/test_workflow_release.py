"""Releases on a running system: update in place, diff, and an end that leaves nothing.

Runs after test_workflow.py, whose deployment it changes and destroys.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.outputs import ENDPOINT, FAILURE_TOPIC, MODEL_DIGEST
from tests.local.deployed.deployment import RED, Deployment, picture, read_marked, subscribe_queue
from tests.local.deployed.emulator import ROOT, Emulator, descendants, is_alive


def model_servers(aws: Emulator) -> set[int]:
    """Process ids of the model servers."""
    found = set()
    for pid in descendants(aws.process.pid):
        if is_alive(pid) and b"serving" in Path(f"/proc/{pid}/cmdline").read_bytes():
            found.add(pid)
    return found


def test_a_deployed_system_has_no_difference(deployment: Deployment) -> None:
    """Another synthesis gives the same templates: tests/template shows it."""
    assert "Number of stacks with differences: 0" in deployment.diff()


def test_a_new_artifact_updates_the_endpoint_in_place(aws: Emulator, deployment: Deployment) -> None:
    sagemaker, runtime = aws.client("sagemaker"), aws.client("sagemaker-runtime")
    name = deployment.outputs()[ENDPOINT]
    before = sagemaker.describe_endpoint(EndpointName=name)
    digests: list[str] = []
    errors: list[Exception] = []
    done = threading.Event()

    def ask() -> None:
        while not done.wait(0.05):
            try:
                answer = runtime.invoke_endpoint(
                    EndpointName=name, ContentType="image/png", Body=picture(RED)
                )
                digests.append(answer["CustomAttributes"])
            except Exception as error:  # noqa: BLE001 - the test reports whatever a client saw
                errors.append(error)

    client = threading.Thread(target=ask)
    client.start()
    try:
        outputs = deployment.deploy(seed=1)
    finally:
        done.set()
        client.join()
    after = sagemaker.describe_endpoint(EndpointName=name)
    assert not errors, "the endpoint serves without a gap"
    assert after["EndpointArn"] == before["EndpointArn"]
    assert after["CreationTime"] == before["CreationTime"]
    assert after["EndpointConfigName"] != before["EndpointConfigName"]
    assert digests[0] != digests[-1] == f"model={outputs[MODEL_DIGEST][:12]}"
    models = sagemaker.list_models(NameContains="scones-local-inference")["Models"]
    assert len(models) == 2, "the old model stays: a rollback serves it"
    old = next(model for model in models if model["ModelName"] not in _served(sagemaker, after))
    role = sagemaker.describe_model(ModelName=old["ModelName"])["ExecutionRoleArn"].rpartition("/")[2]
    policy = aws.client("iam").get_role_policy(RoleName=role, PolicyName="Hosting")["PolicyDocument"]
    assert "s3:GetObject" in str(policy), "and may read its artifact"


def _served(sagemaker: Any, endpoint: Any) -> list[str]:
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    return [variant["ModelName"] for variant in config["ProductionVariants"]]


def test_a_release_that_is_rolled_back_fails_the_deployment_and_is_told(
    aws: Emulator, deployment: Deployment
) -> None:
    sagemaker, outputs = aws.client("sagemaker"), deployment.outputs()
    name, queue = outputs[ENDPOINT], subscribe_queue(aws, outputs[FAILURE_TOPIC])
    before = sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    with pytest.raises(AssertionError, match="scones-local-inference failed to deploy"):
        deployment.deploy(seed=-1)
    after = sagemaker.describe_endpoint(EndpointName=name)
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", before)
    (told,) = read_marked(aws, outputs[FAILURE_TOPIC], queue, 1)
    assert told["Subject"] == "scones-local: the release was rolled back"
    runbook = "docs/operations.md#a-release-that-was-rolled-back"
    for text in ("model.onnx", f"model {outputs[MODEL_DIGEST][:12]}", runbook):
        assert text in told["Message"]


def left(aws: Emulator) -> dict[str, list[str]]:
    """Everything whose name says that it belongs to the application, by kind."""
    calls: dict[str, Callable[[], list[Any]]] = {
        "stacks": lambda: [
            stack["StackName"]
            for stack in aws.client("cloudformation").list_stacks()["StackSummaries"]
            if stack["StackStatus"] != "DELETE_COMPLETE"
        ],
        "buckets": lambda: aws.client("s3").list_buckets()["Buckets"],
        "functions": lambda: aws.client("lambda").list_functions()["Functions"],
        "state machines": lambda: aws.client("stepfunctions").list_state_machines()["stateMachines"],
        "topics": lambda: aws.client("sns").list_topics()["Topics"],
        "subscriptions": lambda: aws.client("sns").list_subscriptions()["Subscriptions"],
        "rules": lambda: aws.client("events").list_rules()["Rules"],
        "alarms": lambda: aws.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "log groups": lambda: aws.client("logs").describe_log_groups()["logGroups"],
        "roles": lambda: aws.client("iam").list_roles()["Roles"],
        "endpoints": lambda: aws.client("sagemaker").list_endpoints()["Endpoints"],
        "endpoint configs": lambda: aws.client("sagemaker").list_endpoint_configs()["EndpointConfigs"],
        "models": lambda: aws.client("sagemaker").list_models()["Models"],
        "scaling targets": lambda: aws.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="sagemaker"
        )["ScalableTargets"],
    }
    found = {
        kind: [str(item) for item in call() if "scones-local" in str(item)] for kind, call in calls.items()
    }
    return {kind: items for kind, items in found.items() if items}


def test_destroy_leaves_only_what_a_rollback_needed_and_that_goes_when_asked(
    aws: Emulator, deployment: Deployment
) -> None:
    assert model_servers(aws)
    assert {"buckets", "functions", "endpoints", "scaling targets", "alarms", "rules"} <= set(left(aws))
    deployment.destroy()
    assert {kind: len(items) for kind, items in left(aws).items()} == {
        "roles": 1,
        "endpoint configs": 1,
        "models": 1,
    }
    deleted = subprocess.run(
        [sys.executable, "-m", "operations", "leftovers", "--delete"],
        env=aws.environment,
        cwd=ROOT,
        input="local\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (deleted.returncode, deleted.stdout.count("deleted")) == (0, 3), deleted.stdout + deleted.stderr
    assert left(aws) == {}
    assert not model_servers(aws)
