"""Application Auto Scaling over boto3: targets need a variant, bounds hold, deleting deregisters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.hosting.hosting import Hosting
from tests.running.emulator import Emulator
from tests.running.waiting import until

TRACKING = {
    "TargetValue": 5.0,
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    },
}


@pytest.fixture(scope="module")
def hosting(aws: Emulator) -> Hosting:
    return Hosting(aws)


@pytest.fixture
def endpoint(hosting: Hosting) -> Iterator[str]:
    name = hosting.endpoint(hosting.config(hosting.model()))
    yield name
    if hosting.api.list_endpoints(NameContains=name)["Endpoints"]:
        hosting.settled(name)
        hosting.api.delete_endpoint(EndpointName=name)


def target(endpoint: str, variant: str = "AllTraffic") -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
    }


def registered(hosting: Hosting, endpoint: str) -> Any:
    """The endpoint's scalable targets and scaling policies."""
    scaling = hosting.aws.client("application-autoscaling")
    resource = target(endpoint)["ResourceId"]
    found = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[resource])
    policies = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=resource)
    return found["ScalableTargets"] + policies["ScalingPolicies"]


def instances(hosting: Hosting, endpoint: str) -> Any:
    return hosting.settled(endpoint)["ProductionVariants"][0]["CurrentInstanceCount"]


def test_bounds_hold_and_the_endpoints_end_deregisters(hosting: Hosting, endpoint: str) -> None:
    scaling = hosting.aws.client("application-autoscaling")
    scaling.register_scalable_target(**target(endpoint), MinCapacity=2, MaxCapacity=3)
    until(lambda: instances(hosting, endpoint) == 2)
    scaling.put_scaling_policy(
        **target(endpoint),
        PolicyName="concurrency",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=TRACKING,
    )
    activities = scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
    assert activities[0]["Description"] == "Setting desired instance count to 2."

    hosting.api.update_endpoint_weights_and_capacities(
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 4}],
    )
    assert instances(hosting, endpoint) == 3  # the maximum

    scaling.register_scalable_target(**target(endpoint), MaxCapacity=2)  # the minimum stays
    until(lambda: instances(hosting, endpoint) == 2)

    hosting.api.delete_endpoint(EndpointName=endpoint)
    assert not registered(hosting, endpoint)
    with pytest.raises(ClientError, match="No scalable target registered"):
        scaling.deregister_scalable_target(**target(endpoint))


def test_an_instance_type_cannot_change_while_a_target_is_registered(hosting: Hosting, endpoint: str) -> None:
    scaling = hosting.aws.client("application-autoscaling")
    scaling.register_scalable_target(**target(endpoint), MinCapacity=1, MaxCapacity=2)
    model, config = hosting.model(), hosting.config(hosting.model())
    larger = config + "-l"
    variant = {"VariantName": "AllTraffic", "ModelName": model, "InstanceType": "ml.c5.large"}
    hosting.api.create_endpoint_config(
        EndpointConfigName=larger, ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    with pytest.raises(ClientError, match="deregister it with Application Auto Scaling first"):
        hosting.api.update_endpoint(EndpointName=endpoint, EndpointConfigName=larger)
    scaling.deregister_scalable_target(**target(endpoint))
    hosting.api.update_endpoint(EndpointName=endpoint, EndpointConfigName=larger)
    assert hosting.settled(endpoint)["EndpointConfigName"] == larger


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (
            {"ResourceId": "endpoint/nowhere/variant/AllTraffic"},
            "ValidationException",
            "Could not find endpoint",
        ),
        ({"ResourceId": "table/x"}, "ValidationException", "is not endpoint/NAME/variant/NAME"),
        ({"MinCapacity": 3}, "ValidationException", "minimum <= maximum"),
        (
            {"ScalableDimension": "ecs:service:DesiredCount"},
            "ValidationException",
            "not emulated on loopback",
        ),
    ],
)
def test_wrong_targets_are_refused(hosting: Hosting, change: dict[str, Any], code: str, message: str) -> None:
    scaling = hosting.aws.client("application-autoscaling")
    request = {**target("nowhere"), "MinCapacity": 1, "MaxCapacity": 2, **change}
    if message == "minimum <= maximum":
        name = hosting.endpoint(hosting.config(hosting.model()))
        request["ResourceId"] = target(name)["ResourceId"]
    with pytest.raises(ClientError) as caught:
        scaling.register_scalable_target(**request)
    assert caught.value.response["Error"]["Code"] == code
    assert message in caught.value.response["Error"]["Message"]
    if message == "minimum <= maximum":
        hosting.api.delete_endpoint(EndpointName=name)


def test_a_policy_needs_a_target(hosting: Hosting) -> None:
    scaling = hosting.aws.client("application-autoscaling")
    with pytest.raises(ClientError) as caught:
        scaling.put_scaling_policy(
            **target("nowhere"),
            PolicyName="p",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=TRACKING,
        )
    assert caught.value.response["Error"]["Code"] == "ObjectNotFoundException"
