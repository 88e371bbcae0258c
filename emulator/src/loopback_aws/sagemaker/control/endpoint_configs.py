"""Endpoint configs: which models an endpoint serves, on how many instances, and what it captures."""

from __future__ import annotations

import time
from typing import Any

from loopback_aws.errors import ApiError
from loopback_aws.requests.listing import list_page
from loopback_aws.sagemaker.store import Store, public

MOST_VARIANTS = 10


def create_endpoint_config(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    name = request["EndpointConfigName"]
    variants = [_variant(store, variant) for variant in request["ProductionVariants"]]
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) < len(names):
        raise ApiError("ValidationException", f"Variant names must be unique, given: {', '.join(names)}.")
    if len(names) > MOST_VARIANTS:
        raise ApiError("ValidationException", f"{len(names)} variants, {MOST_VARIANTS} are allowed.")
    record = {key: value for key, value in request.items() if key != "Tags"}
    record |= {
        "ProductionVariants": variants,
        "EndpointConfigArn": store.arn("endpoint-config", name),
        "CreationTime": time.time(),
    }
    store.add("endpoint-config", name, record, request.get("Tags") or [])
    return {"EndpointConfigArn": record["EndpointConfigArn"]}


def describe_endpoint_config(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    return public(store.need("endpoint-config", request["EndpointConfigName"]))


def delete_endpoint_config(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    store.need("endpoint-config", request["EndpointConfigName"])
    store.remove("endpoint-config", request["EndpointConfigName"])
    return {}


def list_endpoint_configs(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    members = ("EndpointConfigName", "EndpointConfigArn", "CreationTime")
    page, token = list_page(store.all("endpoint-config"), request, prefix="EndpointConfig", members=members)
    return {"EndpointConfigs": page} | ({"NextToken": token} if token else {})


def _variant(store: Store, variant: dict[str, Any]) -> dict[str, Any]:
    """The variant with defaults filled in; ApiError when it cannot be hosted here."""
    name = variant["VariantName"]
    missing = [
        member for member in ("ModelName", "InstanceType", "InitialInstanceCount") if not variant.get(member)
    ]
    if missing:
        raise ApiError(
            "ValidationException",
            f"Variant {name}: {', '.join(missing)} is missing; serverless variants and inference components, "
            "which do without, are not emulated on loopback.",
        )
    store.need("model", variant["ModelName"])
    return {"InitialVariantWeight": 1.0, **variant}
