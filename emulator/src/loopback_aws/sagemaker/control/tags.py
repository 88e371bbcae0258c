"""Tags of models, endpoint configs and endpoints."""

from __future__ import annotations

from typing import Any

from loopback_aws.errors import ApiError
from loopback_aws.requests.listing import page_of
from loopback_aws.sagemaker.store import Store

MOST_TAGS = 50


def add_tags(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    arn = _existing(store, request["ResourceArn"])
    added = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    if reserved := [key for key in added if key.lower().startswith("aws:")]:
        raise ApiError("ValidationException", f"Tag keys that begin with aws: are reserved: {reserved[0]}.")
    with store.change():
        merged = store.tags.get(arn, {}) | added
        if len(merged) > MOST_TAGS:
            raise ApiError("ValidationException", f"{len(merged)} tags, {MOST_TAGS} are allowed on {arn}.")
        store.tags[arn] = merged
    return {"Tags": _listed(merged)}


def list_tags(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    tags = _listed(store.tags.get(_existing(store, request["ResourceArn"]), {}))
    page, token = page_of(tags, {"MaxResults": MOST_TAGS, **request})
    return {"Tags": page} | ({"NextToken": token} if token else {})


def delete_tags(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    arn = _existing(store, request["ResourceArn"])
    with store.change():
        for key in request["TagKeys"]:
            store.tags.get(arn, {}).pop(key, None)
    return {}


def replace_tags(store: Store, arn: str, old: list[dict[str, str]], new: list[dict[str, str]]) -> None:
    """What CloudFormation does on an update: its own tags change, those set elsewhere stay."""
    with store.change():
        kept = store.tags.setdefault(arn.lower(), {})
        for tag in old:
            kept.pop(tag["Key"], None)
        kept.update({tag["Key"]: tag["Value"] for tag in new})


def _existing(store: Store, arn: str) -> str:
    if not store.has_arn(arn):
        raise ApiError("ValidationException", f'Could not find resource "{arn}".')
    return arn.lower()


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
