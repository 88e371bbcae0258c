"""Models: a container image, where its data lies and its environment."""

from __future__ import annotations

import re
import time
from typing import Any

from loopback_aws.errors import ApiError
from loopback_aws.sagemaker.listing import list_page
from loopback_aws.sagemaker.names import split_s3_uri
from loopback_aws.sagemaker.store import Store, public

IMAGE_SUFFIX = "scones-serving"
"""How the repository name of an image ends that the local SageMaker can run."""


def create_model(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    name = request["ModelName"]
    check_container(only_container(request))
    record = {key: value for key, value in request.items() if key != "Tags"}
    record |= {
        "ModelArn": store.arn("model", name),
        "CreationTime": time.time(),
        "EnableNetworkIsolation": request.get("EnableNetworkIsolation", False),
    }
    store.add("model", name, record, request.get("Tags") or [])
    return {"ModelArn": record["ModelArn"]}


def describe_model(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    return public(store.need("model", request["ModelName"]))


def delete_model(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    store.need("model", request["ModelName"])
    store.remove("model", request["ModelName"])
    return {}


def list_models(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    members = ("ModelName", "ModelArn", "CreationTime")
    page, token = list_page(store.all("model"), request, prefix="Model", members=members)
    return {"Models": page} | ({"NextToken": token} if token else {})


def only_container(model: dict[str, Any]) -> dict[str, Any]:
    """The model's one container."""
    several = model.get("Containers") or []
    if len(several) > 1 or (several and model.get("PrimaryContainer")):
        raise ApiError(
            "ValidationException",
            f"CreateModel: several containers are not emulated on loopback ({len(several)} in Containers): "
            "give one, as PrimaryContainer.",
        )
    container: dict[str, Any] | None = model.get("PrimaryContainer") or (several[0] if several else None)
    if container is None:
        raise ApiError("ValidationException", "CreateModel: give PrimaryContainer, the model's container.")
    return container


def check_container(container: dict[str, Any]) -> None:
    """ApiError unless the container is one that `python -m serving` stands for."""
    image = container.get("Image") or ""
    if not repository_of(image).endswith(IMAGE_SUFFIX):
        raise ApiError(
            "ValidationException",
            f'Container image "{image}" is not emulated on loopback: only images whose repository name '
            f'ends in "{IMAGE_SUFFIX}" run there, as the process `python -m serving`.',
        )
    _only(container.get("Mode"), "SingleModel", "Mode")
    _only(
        (container.get("ImageConfig") or {}).get("RepositoryAccessMode"), "Platform", "RepositoryAccessMode"
    )
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    _only(source.get("S3DataType"), "S3Object", "S3DataType")
    _only(source.get("CompressionType"), "Gzip", "CompressionType")
    if uri := model_data_uri(container):
        split_s3_uri(uri)


def model_data_uri(container: dict[str, Any]) -> str | None:
    """Where the container's model.tar.gz lies, None without model data."""
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    return container.get("ModelDataUrl") or source.get("S3Uri")


def repository_of(image: str) -> str:
    """Repository name in an image's address: registry, tag and digest left out."""
    return re.sub(r"(@sha256:\w+|:[\w.\-]+)$", "", image).rpartition("/")[2]


def _only(value: str | None, emulated: str, parameter: str) -> None:
    if value not in (None, emulated):
        raise ApiError(
            "ValidationException",
            f"CreateModel: {parameter} {value} is not emulated on loopback, only {emulated}.",
        )
