"""Models: a container image, where its data lies and its environment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from loopback_aws.requests.listing import list_page
from loopback_aws.sagemaker.containers import check_container, only_container
from loopback_aws.sagemaker.store import Store, public
from loopback_aws.settings import Image


def create_model(store: Store, images: Sequence[Image], request: dict[str, Any]) -> dict[str, Any]:
    name = request["ModelName"]
    check_container(only_container(request), images)
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
