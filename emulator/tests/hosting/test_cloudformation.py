"""Hosting declared in CloudFormation: created, updated in place, rolled back, deleted without a rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.archives import archive
from tests.hosting.hosting import ROLE, Hosting, fresh
from tests.running.emulator import Emulator
from tests.running.waiting import until

OLD, NEW = "1.0", "1.1"


@pytest.fixture(scope="module")
def hosting(aws: Emulator) -> Hosting:
    return Hosting(aws)


def template(endpoint: str, uri: str, version: str, **changes: Any) -> dict[str, Any]:
    """Model, config, endpoint, scalable target and policy, with scalars as the strings of a template."""
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InstanceType": changes.get("instance_type", "ml.m5.large"),
        "InitialInstanceCount": "1",
        "InitialVariantWeight": "1",
    }
    resources: dict[str, Any] = {
        "Model": {
            "Type": "AWS::SageMaker::Model",
            "Properties": {
                "ExecutionRoleArn": ROLE,
                "EnableNetworkIsolation": "true",
                "PrimaryContainer": {
                    "Image": "model-server:test",
                    "ModelDataUrl": uri,
                    "Environment": {"VERSION": version},
                },
            },
        },
        "Config": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {
                "ProductionVariants": [variant],
                "DataCaptureConfig": {
                    "EnableCapture": "true",
                    "InitialSamplingPercentage": "50",
                    "DestinationS3Uri": "s3://some-bucket/data-capture",
                    "CaptureOptions": [{"CaptureMode": "Input"}],
                },
                "Tags": [{"Key": "team", "Value": changes.get("team", "coffee")}],
            },
        },
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                "EndpointName": endpoint,
                "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
                "RetainAllVariantProperties": "true",
            },
        },
        "Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "DependsOn": "Endpoint",
            "Properties": {
                "ServiceNamespace": "sagemaker",
                "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
                "ResourceId": f"endpoint/{endpoint}/variant/AllTraffic",
                "MinCapacity": "2",
                "MaxCapacity": "3",
            },
        },
        "Policy": {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
            "Properties": {
                "PolicyName": "concurrency",
                "PolicyType": "TargetTrackingScaling",
                "ScalingTargetId": {"Ref": "Target"},
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": "5",
                    "ScaleInCooldown": "300",
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "SageMakerVariantConcurrentRequestsPerModelHighResolution"
                    },
                },
            },
        },
    }
    for name in changes.get("without", ()):
        del resources[name]
    outputs = {
        "Endpoint": {"Value": {"Fn::GetAtt": ["Endpoint", "EndpointName"]}},
        "Arn": {"Value": {"Ref": "Model"}},
    }
    return {"Resources": resources, "Outputs": outputs}


class Stack:
    """A stack of the emulator's CloudFormation."""

    def __init__(self, aws: Emulator) -> None:
        self.name = fresh("hosting")
        self._cloudformation = aws.client("cloudformation")

    def create(self, body: dict[str, Any]) -> str:
        return self._run(self._cloudformation.create_stack, body)

    def update(self, body: dict[str, Any]) -> str:
        return self._run(self._cloudformation.update_stack, body)

    def delete(self) -> None:
        self._cloudformation.delete_stack(StackName=self.name)

        def gone() -> bool:
            statuses = ["DELETE_COMPLETE", "DELETE_FAILED"]
            listed = self._cloudformation.list_stacks(StackStatusFilter=statuses)["StackSummaries"]
            return any(stack["StackName"] == self.name for stack in listed)

        until(gone)

    def outputs(self) -> dict[str, str]:
        stack = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def physical(self) -> dict[str, str]:
        listed = self._cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]
        return {entry["LogicalResourceId"]: entry["PhysicalResourceId"] for entry in listed}

    def reasons(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in events)

    def _run(self, call: Callable[..., Any], body: dict[str, Any]) -> str:
        """Final status of the operation."""
        call(StackName=self.name, TemplateBody=json.dumps(body))

        def settled() -> str | None:
            stack = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
            status = str(stack["StackStatus"])
            return None if status.endswith("_IN_PROGRESS") else status

        return str(until(settled, seconds=60))


def test_a_stack_is_deployed_updated_and_destroyed(hosting: Hosting) -> None:
    stack, endpoint, uri = Stack(hosting.aws), fresh("endpoint"), hosting.upload()
    assert stack.create(template(endpoint, uri, OLD)) == "CREATE_COMPLETE", stack.reasons()
    first = stack.physical()
    assert stack.outputs()["Endpoint"] == endpoint
    assert stack.outputs()["Arn"].startswith("arn:aws:sagemaker:us-east-1:000000000000:model/")
    assert first["Endpoint"] == f"arn:aws:sagemaker:us-east-1:000000000000:endpoint/{endpoint}"
    described = hosting.api.describe_endpoint(EndpointName=endpoint)
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 2  # raised to the target's minimum
    assert described["DataCaptureConfig"]["CurrentSamplingPercentage"] == 50
    tags = hosting.api.list_tags(ResourceArn=first["Config"])["Tags"]
    assert {"Key": "team", "Value": "coffee"} in tags
    target, policy = scaling_of(hosting, endpoint)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 3)
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 5.0

    servers = hosting.servers(endpoint)
    assert stack.update(template(endpoint, uri, OLD, team="tea")) == "UPDATE_COMPLETE", stack.reasons()
    assert stack.physical() == first  # tags only: nothing was replaced
    assert hosting.servers(endpoint) == servers
    assert {"Key": "team", "Value": "tea"} in hosting.api.list_tags(ResourceArn=first["Config"])["Tags"]

    assert stack.update(template(endpoint, uri, NEW, team="tea")) == "UPDATE_COMPLETE", stack.reasons()
    second = stack.physical()
    assert second["Endpoint"] == first["Endpoint"]
    assert second["Model"] != first["Model"]
    assert second["Config"] != first["Config"]
    assert hosting.invoke(endpoint)["CustomAttributes"] == f"version={NEW}"
    assert len(hosting.servers(endpoint)) == 2  # RetainAllVariantProperties
    assert not [m for m in all_models(hosting) if m["ModelArn"] == first["Model"]]

    other_type = template(endpoint, uri, NEW, team="tea", instance_type="ml.m5.xlarge")
    assert stack.update(other_type) == "UPDATE_ROLLBACK_COMPLETE"
    assert "registered as a scalable target" in stack.reasons()
    assert stack.physical() == second

    broken = hosting.upload(archive({"readme.txt": b"no model"}))
    assert stack.update(template(endpoint, broken, OLD, team="tea")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "serves as before: The primary container" in stack.reasons()
    assert hosting.invoke(endpoint)["CustomAttributes"] == f"version={NEW}"
    assert stack.physical() == second

    stack.delete()
    assert not hosting.servers(endpoint)
    assert not scaling_of(hosting, endpoint)
    assert not hosting.api.list_endpoints(NameContains=endpoint)["Endpoints"]
    assert not [m for m in all_models(hosting) if m["ModelArn"] == second["Model"]]


def test_a_creation_that_fails_is_rolled_back_with_the_reason(hosting: Hosting) -> None:
    stack, endpoint = Stack(hosting.aws), fresh("endpoint")
    body = template(endpoint, f"s3://{hosting.bucket}/absent.tar.gz", OLD)
    assert stack.create(body) == "ROLLBACK_COMPLETE"
    assert "Failed to download model data" in stack.reasons()
    assert not hosting.api.list_endpoints(NameContains=endpoint)["Endpoints"]
    assert not hosting.servers(endpoint)
    stack.delete()


def test_an_image_that_cannot_run_is_named_in_the_stack_event(hosting: Hosting) -> None:
    stack = Stack(hosting.aws)
    body = template(fresh("endpoint"), hosting.upload(), OLD)
    body["Resources"]["Model"]["Properties"]["PrimaryContainer"]["Image"] = "pytorch:latest"
    assert stack.create(body) == "ROLLBACK_COMPLETE"
    assert 'Container image "pytorch:latest" is not emulated on loopback' in stack.reasons()
    stack.delete()


def test_a_renamed_endpoint_is_replaced(hosting: Hosting) -> None:
    stack, uri, old, new = Stack(hosting.aws), hosting.upload(), fresh("endpoint"), fresh("endpoint")
    without = ("Target", "Policy")
    assert stack.create(template(old, uri, OLD, without=without)) == "CREATE_COMPLETE", stack.reasons()
    assert stack.update(template(new, uri, OLD, without=without)) == "UPDATE_COMPLETE", stack.reasons()
    assert not hosting.servers(old)
    assert len(hosting.servers(new)) == 1
    stack.delete()
    assert not hosting.servers(new)


def scaling_of(hosting: Hosting, endpoint: str) -> list[dict[str, Any]]:
    """The endpoint's scalable targets, then its scaling policies."""
    scaling = hosting.aws.client("application-autoscaling")
    resource = f"endpoint/{endpoint}/variant/AllTraffic"
    targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[resource])
    policies = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=resource)
    return list(targets["ScalableTargets"] + policies["ScalingPolicies"])


def all_models(hosting: Hosting) -> list[dict[str, Any]]:
    pages = hosting.api.get_paginator("list_models").paginate()
    return [model for page in pages for model in page["Models"]]
