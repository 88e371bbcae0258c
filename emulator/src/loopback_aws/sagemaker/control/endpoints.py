"""Endpoints: the requests that create, update, scale, describe and delete them."""

from __future__ import annotations

import time
from typing import Any

from loopback_aws.errors import ApiError
from loopback_aws.requests.listing import list_page
from loopback_aws.sagemaker.control.summary import describe
from loopback_aws.sagemaker.guardrails.policy import read_policy
from loopback_aws.sagemaker.hosting.deployment import Plan, check_instance_limit, make_plan
from loopback_aws.sagemaker.hosting.rollouts import IN_PROGRESS, Rollouts
from loopback_aws.sagemaker.store import Record, Store


class Endpoints:
    """The endpoints' records in the store; the work behind them is that of `rollouts`."""

    def __init__(self, store: Store, rollouts: Rollouts) -> None:
        self._store = store
        self._rollouts = rollouts

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["EndpointName"]
        config = self._store.need("endpoint-config", request["EndpointConfigName"])
        plan = make_plan(self._store, config)
        read_policy(
            request.get("DeploymentConfig"), plan["counts"]
        )  # kept for updates: a creation moves nothing
        now = time.time()
        record: Record = {
            "EndpointName": name,
            "EndpointArn": self._store.arn("endpoint", name),
            "EndpointConfigName": config["EndpointConfigName"],
            "EndpointStatus": "Creating",
            "CreationTime": now,
            "LastModifiedTime": now,
            "_plan": plan,
        }
        if request.get("DeploymentConfig"):
            record["LastDeploymentConfig"] = request["DeploymentConfig"]
        self._store.add("endpoint", name, record, request.get("Tags") or [])
        self._rollouts.create(record)
        return {"EndpointArn": record["EndpointArn"]}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        config = self._store.need("endpoint-config", request["EndpointConfigName"])
        with self._store.change():
            record = self._settled(request["EndpointName"])
            self._store.need("endpoint-config", record["EndpointConfigName"])
            self._refuse_scaled_changes(record, config)
            plan = make_plan(self._store, config)
            if request.get("RetainAllVariantProperties"):
                _retain(plan, record["_plan"], request.get("ExcludeRetainedVariantProperties") or [])
                check_instance_limit(plan["counts"])
            retained = record.get("LastDeploymentConfig") if request.get("RetainDeploymentConfig") else None
            deployment_config = request.get("DeploymentConfig") or retained
            policy = read_policy(deployment_config, plan["counts"])
            self._rollouts.check_alarms(policy)
            record.pop("LastDeploymentConfig", None)
            if deployment_config:
                record["LastDeploymentConfig"] = deployment_config
            self._begin(record, pending=plan)
        self._rollouts.replace(record, plan, policy)
        return {"EndpointArn": record["EndpointArn"]}

    def update_weights_and_capacities(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted = request["DesiredWeightsAndCapacities"]
        with self._store.change():
            record = self._settled(request["EndpointName"])
            plan = record["_plan"]
            for variant in wanted:
                if variant["VariantName"] not in plan["counts"]:
                    raise ApiError(
                        "ValidationException",
                        f'The variant name(s) "{variant["VariantName"]}" is/are not present within endpoint '
                        f'configuration "{record["EndpointConfigName"]}".',
                    )
            counts = {
                v["VariantName"]: v["DesiredInstanceCount"] for v in wanted if "DesiredInstanceCount" in v
            }
            weights = {v["VariantName"]: v["DesiredWeight"] for v in wanted if "DesiredWeight" in v}
            if zero := [name for name, count in counts.items() if count < 1]:
                raise ApiError(
                    "ValidationException", f"DesiredInstanceCount of variant {zero[0]} must be at least 1."
                )
            check_instance_limit(plan["counts"] | counts)
            self._begin(record)
        self._rollouts.scale(record, counts, weights)
        return {"EndpointArn": record["EndpointArn"]}

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            record = self._store.need("endpoint", request["EndpointName"])
            return describe(record, self._rollouts.traffic(record["EndpointName"]))

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        members = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
        page, token = list_page(self._store.all("endpoint"), request, prefix="Endpoint", members=members)
        return {"Endpoints": page} | ({"NextToken": token} if token else {})

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answers when everything is gone."""
        with self._store.change():
            record = self._settled(request["EndpointName"], failed_too=True)
            record["EndpointStatus"] = "Deleting"
        self._rollouts.remove(record)
        self._store.remove("endpoint", record["EndpointName"])
        return {}

    def _settled(self, name: str, *, failed_too: bool = False) -> Record:
        """The endpoint's record; ApiError when work on it is under way, or it failed."""
        record = self._store.need("endpoint", name)
        arn = record["EndpointArn"]
        if record["EndpointStatus"] in IN_PROGRESS:
            raise ApiError("ValidationException", f'Cannot update in-progress endpoint "{arn}".')
        if record["EndpointStatus"] == "Failed" and not failed_too:
            raise ApiError(
                "ValidationException", f'Cannot update failed endpoint "{arn}": delete it instead.'
            )
        return record

    def _refuse_scaled_changes(self, record: Record, config: dict[str, Any]) -> None:
        """A variant that Application Auto Scaling scales keeps its instance type."""
        if self._rollouts.scaling is None:
            return
        new = {variant["VariantName"]: variant["InstanceType"] for variant in config["ProductionVariants"]}
        for variant in record["_plan"]["config"]["ProductionVariants"]:
            name = variant["VariantName"]
            changed = name in new and new[name] != variant["InstanceType"]
            if changed and self._rollouts.scaling.is_target(record["EndpointName"], name):
                raise ApiError(
                    "ValidationException",
                    f"The instance type of variant {name} cannot change from {variant['InstanceType']} to "
                    f"{new[name]} while the variant is registered as a scalable target: deregister it with "
                    "Application Auto Scaling first.",
                )

    def _begin(self, record: Record, pending: Plan | None = None) -> None:
        record.pop("FailureReason", None)
        record |= {"EndpointStatus": "Updating", "LastModifiedTime": time.time()}
        if pending:
            record["_pending"] = {"plan": pending, "start": time.time()}


def _retain(plan: Plan, old: Plan, excluded: list[dict[str, str]]) -> None:
    """Carry the running counts and weights over to the new plan, except what the request excludes."""
    kinds = {entry["VariantPropertyType"] for entry in excluded}
    for kind, member in (("DesiredInstanceCount", "counts"), ("DesiredWeight", "weights")):
        if kind not in kinds:
            plan[member] |= {name: value for name, value in old[member].items() if name in plan[member]}
