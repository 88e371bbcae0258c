"""The table of what is emulated: a parameter that is not in it is refused by name.

A path names a member of the request, list indices left out; everything below a path that ends in `.*` is
covered by it. HONOURED parameters act, ACCEPTED ones are kept and described but change nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loopback_aws.errors import ApiError

_VARIANT = "ProductionVariants"
_LISTING = ("SortBy", "SortOrder", "NextToken", "MaxResults", "NameContains")
_GUARDRAILS = (
    "DeploymentConfig",
    "DeploymentConfig.BlueGreenUpdatePolicy.*",
    "DeploymentConfig.AutoRollbackConfiguration.*",
)
_CREATED = ("CreationTimeBefore", "CreationTimeAfter")


def _container(path: str) -> tuple[str, ...]:
    members = (
        "Image",
        "ModelDataUrl",
        "Environment.*",
        "Mode",
        "ImageConfig",
        "ImageConfig.RepositoryAccessMode",
    )
    source = ("S3Uri", "S3DataType", "CompressionType")
    return (
        path,
        *(f"{path}.{member}" for member in members),
        f"{path}.ModelDataSource",
        f"{path}.ModelDataSource.S3DataSource",
        *(f"{path}.ModelDataSource.S3DataSource.{member}" for member in source),
    )


HONOURED: dict[str, tuple[str, ...]] = {
    "CreateModel": ("ModelName", "Tags.*", *_container("PrimaryContainer"), *_container("Containers")),
    "DescribeModel": ("ModelName",),
    "DeleteModel": ("ModelName",),
    "ListModels": (*_LISTING, *_CREATED),
    "CreateEndpointConfig": (
        "EndpointConfigName",
        "Tags.*",
        "DataCaptureConfig.*",
        _VARIANT,
        f"{_VARIANT}.VariantName",
        f"{_VARIANT}.ModelName",
        f"{_VARIANT}.InitialInstanceCount",
        f"{_VARIANT}.InitialVariantWeight",
        f"{_VARIANT}.ContainerStartupHealthCheckTimeoutInSeconds",
    ),
    "DescribeEndpointConfig": ("EndpointConfigName",),
    "DeleteEndpointConfig": ("EndpointConfigName",),
    "ListEndpointConfigs": (*_LISTING, *_CREATED),
    "CreateEndpoint": ("EndpointName", "EndpointConfigName", "Tags.*", *_GUARDRAILS),
    "UpdateEndpoint": (
        "EndpointName",
        "EndpointConfigName",
        "RetainAllVariantProperties",
        "ExcludeRetainedVariantProperties.*",
        "RetainDeploymentConfig",
        *_GUARDRAILS,
    ),
    "UpdateEndpointWeightsAndCapacities": (
        "EndpointName",
        "DesiredWeightsAndCapacities",
        "DesiredWeightsAndCapacities.VariantName",
        "DesiredWeightsAndCapacities.DesiredWeight",
        "DesiredWeightsAndCapacities.DesiredInstanceCount",
    ),
    "DescribeEndpoint": ("EndpointName",),
    "DeleteEndpoint": ("EndpointName",),
    "ListEndpoints": (
        *_LISTING,
        *_CREATED,
        "LastModifiedTimeBefore",
        "LastModifiedTimeAfter",
        "StatusEquals",
    ),
    "ListTrainingJobs": (*_LISTING, *_CREATED),
    "AddTags": ("ResourceArn", "Tags.*"),
    "ListTags": ("ResourceArn", "NextToken", "MaxResults"),
    "DeleteTags": ("ResourceArn", "TagKeys.*"),
}

ACCEPTED: dict[str, tuple[str, ...]] = {
    "CreateModel": (
        "ExecutionRoleArn",
        "EnableNetworkIsolation",
        "PrimaryContainer.ContainerHostname",
        "Containers.ContainerHostname",
    ),
    "CreateEndpointConfig": (
        "KmsKeyId",
        "ExecutionRoleArn",
        "EnableNetworkIsolation",
        "MetricsConfig.*",
        f"{_VARIANT}.InstanceType",
        f"{_VARIANT}.VolumeSizeInGB",
        f"{_VARIANT}.RoutingConfig.*",
        f"{_VARIANT}.InferenceAmiVersion",
        f"{_VARIANT}.ModelDataDownloadTimeoutInSeconds",
        f"{_VARIANT}.EnableSSMAccess",
    ),
}


def refuse_unsupported(operation: str, request: dict[str, Any]) -> None:
    """ApiError that names the operation, or the first parameter, that is not emulated."""
    if operation not in HONOURED:
        named = f"SageMaker's {operation}" if operation else "A streamed or asynchronous invocation"
        raise ApiError("UnknownOperationException", f"{named} is not emulated on loopback.")
    known = HONOURED[operation] + ACCEPTED.get(operation, ())
    whole = tuple(path.removesuffix(".*") for path in known if path.endswith(".*"))
    for path in _paths(request, ""):
        covered = path in known or any(path == root or path.startswith(f"{root}.") for root in whole)
        if not covered:
            raise ApiError("ValidationException", f"{operation}: {path} is not emulated on loopback.")


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            member = f"{path}.{name}" if path else name
            if item is None or item == [] or item == {}:
                continue
            yield member
            yield from _paths(item, member)
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item, path)
