"""SageMaker's: the endpoint, its scaling, its configs and models, training jobs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from contracts.names import VARIANT
from operations.aws.accounts import Account
from operations.inventory import prices
from operations.inventory.found import Found
from operations.inventory.ownership import Ownership, tag_map


def endpoints(account: Account, whose: Ownership) -> Iterator[Found]:
    """The endpoint, which costs its instances' hours whether or not anybody asks it."""
    sagemaker = account.client("sagemaker")
    name = whose.names.endpoint
    for listed in account.pages("sagemaker", "list_endpoints", "Endpoints", NameContains=name):
        if listed["EndpointName"] != name:
            continue
        described = sagemaker.describe_endpoint(EndpointName=name)
        monthly, note = _instances(sagemaker, described)
        yield Found(
            kind="endpoint",
            name=name,
            ids=frozenset({name, described["EndpointArn"]}),
            monthly=monthly,
            note=note,
            delete=partial(sagemaker.delete_endpoint, EndpointName=name),
        )


def _instances(sagemaker: Any, endpoint: dict[str, Any]) -> tuple[float | None, str]:
    variants = endpoint.get("ProductionVariants", ())
    count = sum(variant.get("CurrentInstanceCount", 0) for variant in variants)
    try:
        config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    except ClientError:  # deleted under its endpoint
        return None, f"{count} instances of an unknown type"
    kind = config["ProductionVariants"][0].get("InstanceType", "")
    return prices.instances(kind, count), f"{count} x {kind}"


def scaling(account: Account, whose: Ownership) -> Iterator[Found]:
    """What keeps the endpoint's instances between two counts."""
    client = account.client("application-autoscaling")
    resource = f"endpoint/{whose.names.endpoint}/variant/{VARIANT}"
    dimension = "sagemaker:variant:DesiredInstanceCount"
    targets = client.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[resource])
    for target in targets["ScalableTargets"]:
        yield Found(
            kind="scaling",
            name=target["ResourceId"],
            ids=frozenset({f"{resource}|{dimension}|sagemaker"}),
            delete=partial(
                client.deregister_scalable_target,
                ServiceNamespace="sagemaker",
                ResourceId=resource,
                ScalableDimension=dimension,
            ),
        )


def configs(account: Account, whose: Ownership) -> Iterator[Found]:
    """Endpoint configs, of releases gone by too."""
    client = account.client("sagemaker")
    for listed in account.pages("sagemaker", "list_endpoint_configs", "EndpointConfigs"):
        name, arn = listed["EndpointConfigName"], listed["EndpointConfigArn"]
        if whose.by_tags(_tags(client, arn)):
            delete = partial(client.delete_endpoint_config, EndpointConfigName=name)
            yield Found(kind="endpoint config", name=name, ids=frozenset({name, arn}), delete=delete)


def models(account: Account, whose: Ownership) -> Iterator[Found]:
    """Models, of releases gone by too."""
    client = account.client("sagemaker")
    for listed in account.pages("sagemaker", "list_models", "Models"):
        name, arn = listed["ModelName"], listed["ModelArn"]
        if whose.by_tags(_tags(client, arn)):
            delete = partial(client.delete_model, ModelName=name)
            yield Found(kind="model", name=name, ids=frozenset({name, arn}), delete=delete)


def training_jobs(account: Account, whose: Ownership) -> Iterator[Found]:
    """Records of trainings: they cost nothing and stay in the account."""
    client = account.client("sagemaker")
    prefix = whose.names.prefix
    for listed in account.pages(
        "sagemaker", "list_training_jobs", "TrainingJobSummaries", NameContains=prefix
    ):
        if whose.by_tags(_tags(client, listed["TrainingJobArn"])):
            running = listed["TrainingJobStatus"] in ("InProgress", "Stopping")
            yield Found(
                kind="training job",
                name=listed["TrainingJobName"],
                monthly=None if running else 0.0,
                note="it runs" if running else "a record, which SageMaker keeps",
            )


def _tags(client: Any, arn: str) -> dict[str, str]:
    return tag_map(client.list_tags(ResourceArn=arn).get("Tags"))
