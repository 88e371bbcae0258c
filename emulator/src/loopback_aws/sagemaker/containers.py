"""The container of a model: its image, where its data lies, and what of it can run here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from loopback_aws.errors import ApiError
from loopback_aws.sagemaker.names import split_s3_uri
from loopback_aws.settings import Image


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


def check_container(container: dict[str, Any], images: Sequence[Image]) -> None:
    """ApiError unless a process can stand for the container."""
    image_of(container, images)
    _only(container.get("Mode"), "SingleModel", "Mode")
    _only(
        (container.get("ImageConfig") or {}).get("RepositoryAccessMode"), "Platform", "RepositoryAccessMode"
    )
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    _only(source.get("S3DataType"), "S3Object", "S3DataType")
    _only(source.get("CompressionType"), "Gzip", "CompressionType")
    if uri := model_data_uri(container):
        split_s3_uri(uri)


def image_of(container: dict[str, Any], images: Sequence[Image]) -> Image:
    """Which of the images that can run the container has; ApiError when it has another one."""
    address = container.get("Image") or ""
    name = repository_of(address)
    found = next((image for image in images if name.endswith(image.repository)), None)
    if found:
        return found
    known = " or ".join(f'"{image.repository}"' for image in images)
    names = f"only images whose repository name ends in {known} run there" if known else "no image runs there"
    raise ApiError(
        "ValidationException",
        f'Container image "{address}" is not emulated on loopback: {names}; [[images]] of its configuration '
        "names them.",
    )


def model_data_uri(container: dict[str, Any]) -> str | None:
    """Where the container's model.tar.gz lies, None without model data."""
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    return container.get("ModelDataUrl") or source.get("S3Uri")


def repository_of(address: str) -> str:
    """Repository name in an image's address: registry, tag and digest left out."""
    return re.sub(r"(@sha256:\w+|:[\w.\-]+)$", "", address).rpartition("/")[2]


def _only(value: str | None, emulated: str, parameter: str) -> None:
    if value not in (None, emulated):
        raise ApiError(
            "ValidationException",
            f"CreateModel: {parameter} {value} is not emulated on loopback, only {emulated}.",
        )
