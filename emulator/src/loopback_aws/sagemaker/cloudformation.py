"""CloudFormation's resource types of SageMaker hosting, for the emulator's provisioner.

A handler raises an exception with the reason when a resource fails; `Ref` is the ARN, as on AWS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loopback_aws.errors import ApiError
from loopback_aws.requests.shapes import input_shape
from loopback_aws.requests.typed import typed
from loopback_aws.sagemaker.control.tags import replace_tags
from loopback_aws.sagemaker.names import name_of
from loopback_aws.sagemaker.service import SageMaker
from loopback_aws.settings import AfterRollback

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]
"""Physical id and the attributes that `Fn::GetAtt` reads."""

MODEL, CONFIG, ENDPOINT = (f"AWS::SageMaker::{kind}" for kind in ("Model", "EndpointConfig", "Endpoint"))
CREATE_ONLY = {
    MODEL: tuple(name for name in input_shape("sagemaker", "CreateModel").members if name != "Tags"),
    CONFIG: tuple(
        name for name in input_shape("sagemaker", "CreateEndpointConfig").members if name != "Tags"
    ),
    ENDPOINT: ("EndpointName",),
}
"""Properties whose change replaces the resource."""
TAGS_PROPERTY = dict.fromkeys((MODEL, CONFIG, ENDPOINT), ("Tags", "list"))
"""Where the tags of a stack go."""
PRIVATE = (
    "ministack.services.cloudformation.provisioners:_physical_name",
    "ministack.services.cloudformation.provisioners:_seeded_create",
)

_SECONDS = 36_000.0
"""Longest time for an endpoint to settle: the longest deployment that SageMaker allows, and its rollback."""
_UPDATE_ONLY = ("RetainAllVariantProperties", "ExcludeRetainedVariantProperties", "RetainDeploymentConfig")
_CREATE_ONLY_CALL = ("Tags",)


def handlers(sagemaker: SageMaker, after_rollback: AfterRollback = "fails") -> dict[str, dict[str, Any]]:
    """Resource type -> its create, update and delete.

    `after_rollback`: whether CloudFormation takes an update for failed when the endpoint is in service on its
    old config again. AWS does not document that; elsewhere it was taken for a success.
    """
    return {
        MODEL: _Immutable(sagemaker, MODEL, "Model", "ModelName", "model").handler(),
        CONFIG: _Immutable(
            sagemaker, CONFIG, "EndpointConfig", "EndpointConfigName", "endpoint-config"
        ).handler(),
        ENDPOINT: _Endpoint(sagemaker, after_rollback).handler(),
    }


class _Immutable:
    """A model or an endpoint config: every change but one of tags makes a new one."""

    def __init__(
        self, sagemaker: SageMaker, type_name: str, noun: str, name_property: str, kind: str
    ) -> None:
        self._sagemaker = sagemaker
        self._type = type_name
        self._noun = noun
        self._name_property = name_property
        self._kind = kind

    def handler(self) -> dict[str, Any]:
        return _handler(self.create, self.update, self.delete)

    def create(self, logical_id: str, properties: Properties, stack: str) -> Created:
        request = _request(f"Create{self._noun}", properties)
        name = request.setdefault(self._name_property, _physical_name(stack, logical_id))
        for variant in request.get("ProductionVariants", []):
            variant["ModelName"] = name_of(variant.get("ModelName", ""))
        self._sagemaker.call(f"Create{self._noun}", request)
        return self._created(name)

    def update(
        self, physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
    ) -> Created:
        if any(old.get(name) != new.get(name) for name in CREATE_ONLY[self._type]):
            return _create_anew(self.create, logical_id or physical_id, new, stack)
        replace_tags(self._sagemaker.store, physical_id, old.get("Tags") or [], new.get("Tags") or [])
        record = self._sagemaker.store.need(self._kind, name_of(physical_id))
        return self._created(record[self._name_property])

    def delete(self, physical_id: str, _properties: Properties) -> None:
        name = name_of(physical_id)
        if self._sagemaker.store.find(self._kind, name):
            self._sagemaker.call(f"Delete{self._noun}", {self._name_property: name})

    def _created(self, name: str) -> Created:
        arn = self._sagemaker.store.arn(self._kind, name)
        return arn, {self._name_property: name, "Id": arn}


class _Endpoint:
    """An endpoint: created and updated in place until it is in service."""

    def __init__(self, sagemaker: SageMaker, after_rollback: AfterRollback) -> None:
        self._sagemaker = sagemaker
        self._after_rollback = after_rollback

    def handler(self) -> dict[str, Any]:
        return _handler(self.create, self.update, self.delete)

    def create(self, logical_id: str, properties: Properties, stack: str) -> Created:
        request = _request("CreateEndpoint", _without(properties, _UPDATE_ONLY))
        name = request.setdefault("EndpointName", _physical_name(stack, logical_id))
        request["EndpointConfigName"] = name_of(request.get("EndpointConfigName", ""))
        self._sagemaker.call("CreateEndpoint", request)
        record = self._sagemaker.rollouts.wait_until_settled(name, _SECONDS)
        if record["EndpointStatus"] != "InService":
            reason = record.get("FailureReason", "no reason was given")
            self._sagemaker.call("DeleteEndpoint", {"EndpointName": name})
            raise RuntimeError(f"Endpoint {name} did not come into service: {reason}")
        return self._created(name)

    def update(
        self, physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
    ) -> Created:
        if old.get("EndpointName") != new.get("EndpointName"):
            return _create_anew(self.create, logical_id or physical_id, new, stack)
        name = self._sagemaker.store.need("endpoint", name_of(physical_id))["EndpointName"]
        replace_tags(self._sagemaker.store, physical_id, old.get("Tags") or [], new.get("Tags") or [])
        request = _request("UpdateEndpoint", _without(new, _CREATE_ONLY_CALL))
        request |= {
            "EndpointName": name,
            "EndpointConfigName": name_of(request.get("EndpointConfigName", "")),
        }
        record = self._sagemaker.rollouts.wait_until_settled(name, _SECONDS)
        if record["EndpointConfigName"] != request["EndpointConfigName"]:
            self._sagemaker.call("UpdateEndpoint", request)
            record = self._sagemaker.rollouts.wait_until_settled(name, _SECONDS)
        rolled_back = record["EndpointConfigName"] != request["EndpointConfigName"]
        if rolled_back and self._after_rollback == "fails":
            reason = record.get("FailureReason", "no reason was given")
            raise RuntimeError(f"Endpoint {name} was not updated and serves as before: {reason}")
        return self._created(name)

    def delete(self, physical_id: str, _properties: Properties) -> None:
        name = name_of(physical_id)
        if self._sagemaker.store.find("endpoint", name):
            self._sagemaker.rollouts.wait_until_settled(name, _SECONDS)
            self._sagemaker.call("DeleteEndpoint", {"EndpointName": name})

    def _created(self, name: str) -> Created:
        arn = self._sagemaker.store.arn("endpoint", name)
        return arn, {"EndpointName": name, "Id": arn}


def _handler(
    create: Callable[..., Created], update: Callable[..., Created], delete: Callable[..., None]
) -> Any:
    return {
        "create": _worded(create),
        "update": _worded(update),
        "update_with_logical_id": True,
        "delete": _worded(delete),
    }


def _worded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The service's errors as a stack event tells them."""

    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except ApiError as error:
            raise RuntimeError(
                f'Resource handler returned message: "{error.message}" '
                f"(Service: SageMaker, Status Code: {error.status}, Error Code: {error.code})"
            ) from error

    return call


def _request(operation: str, properties: Properties) -> dict[str, Any]:
    request: dict[str, Any] = typed(input_shape("sagemaker", operation), properties)
    return request


def _without(properties: Properties, names: tuple[str, ...]) -> Properties:
    return {name: value for name, value in properties.items() if name not in names}


def _physical_name(stack: str, logical_id: str) -> str:
    from ministack.services.cloudformation import provisioners

    return str(provisioners._physical_name(stack, logical_id, max_len=63))


def _create_anew(
    create: Callable[..., Created], logical_id: str, properties: Properties, stack: str
) -> Created:
    """A replacement, under another generated name; the emulator deletes the old resource afterwards."""
    from ministack.services.cloudformation import provisioners

    created: Created = provisioners._seeded_create(create, logical_id, properties, stack)
    return created
