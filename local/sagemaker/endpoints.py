"""Endpoints: create, update without a gap, scale, delete, and come back after a restart."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from local.errors import ApiError
from local.sagemaker.deployment import Deployment, DeploymentFailed, Host, check_instance_limit, make_plan
from local.sagemaker.listing import list_page
from local.sagemaker.store import Record, Store
from local.sagemaker.summary import describe

_IN_PROGRESS = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")

_log = logging.getLogger("local.sagemaker.endpoints")


class Scaling(Protocol):
    """What endpoints ask of Application Auto Scaling."""

    def is_target(self, endpoint: str, variant: str) -> bool: ...

    def within_bounds(self, endpoint: str, counts: dict[str, int]) -> dict[str, int]: ...

    def deregister(self, endpoint: str, variants: set[str] | None = None) -> None: ...


class Endpoints:
    """The endpoints' records in the store, and what runs behind them."""

    def __init__(self, store: Store, host: Host) -> None:
        self._store = store
        self._host = host
        self._live: dict[str, Deployment] = {}
        self._starting: set[Deployment] = set()
        self._stopping = False
        self.scaling: Scaling | None = None

    def live(self, name: str) -> Deployment | None:
        """What answers the endpoint's requests now; None when nothing does."""
        return self._live.get(name.lower())

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["EndpointName"]
        config = self._store.need("endpoint-config", request["EndpointConfigName"])
        plan = make_plan(self._store, config)
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
        self._work(self._bring_up, record)
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
            if not request.get("RetainDeploymentConfig"):
                record.pop("LastDeploymentConfig", None)
            if request.get("DeploymentConfig"):
                record["LastDeploymentConfig"] = request["DeploymentConfig"]
            self._begin(record, pending=plan)
        self._work(self._replace, record, plan)
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
        self._work(self._scale, record, counts, weights)
        return {"EndpointArn": record["EndpointArn"]}

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._store.lock:
            record = self._store.need("endpoint", request["EndpointName"])
            return describe(record, self.live(record["EndpointName"]))

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        members = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
        page, token = list_page(self._store.all("endpoint"), request, prefix="Endpoint", members=members)
        return {"Endpoints": page} | ({"NextToken": token} if token else {})

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answers when everything is gone: the processes, the models, the logs, the scalable targets."""
        with self._store.change():
            record = self._settled(request["EndpointName"], failed_too=True)
            record["EndpointStatus"] = "Deleting"
        name = record["EndpointName"]
        if self.scaling:
            self.scaling.deregister(name)
        if deployment := self._live.pop(name.lower(), None):
            deployment.close()
        for folder in (self._host.models(name), self._host.logs(name)):
            shutil.rmtree(folder, ignore_errors=True)
        self._store.remove("endpoint", name)
        return {}

    def wait_until_settled(self, name: str, seconds: float) -> Record:
        """The record once no work is under way; TimeoutError after `seconds`."""
        end = time.monotonic() + seconds
        while (record := self._store.need("endpoint", name))["EndpointStatus"] in _IN_PROGRESS:
            if self._stopping:
                raise TimeoutError(
                    f"The local AWS stopped while endpoint {name} was {record['EndpointStatus']}."
                )
            if time.monotonic() > end:
                raise TimeoutError(
                    f"Endpoint {name} is still {record['EndpointStatus']} after {seconds:g} s."
                )
            time.sleep(0.02)
        return record

    def restore(self) -> None:
        """Start what was in service when the emulator stopped; returns when all of it answers or failed."""
        records = self._store.all("endpoint")
        self._sweep({(record["EndpointName"].lower(), record["_plan"]["id"]) for record in records})
        if records:
            with ThreadPoolExecutor(len(records)) as pool:
                list(pool.map(self._restore_one, records))

    def stop(self) -> None:
        """End every process, requests in flight last; what runs now is started again by `restore`."""
        self._stopping = True
        for deployment in list(self._starting):
            deployment.close(drain=False)
        live = list(self._live.values())
        self._live.clear()
        if live:
            with ThreadPoolExecutor(len(live)) as pool:
                list(pool.map(lambda deployment: deployment.close(keep_files=True), live))

    def _settled(self, name: str, *, failed_too: bool = False) -> Record:
        """The endpoint's record; ApiError when work on it is under way, or it failed."""
        record = self._store.need("endpoint", name)
        arn = record["EndpointArn"]
        if record["EndpointStatus"] in _IN_PROGRESS:
            raise ApiError("ValidationException", f'Cannot update in-progress endpoint "{arn}".')
        if record["EndpointStatus"] == "Failed" and not failed_too:
            raise ApiError(
                "ValidationException", f'Cannot update failed endpoint "{arn}": delete it instead.'
            )
        return record

    def _refuse_scaled_changes(self, record: Record, config: dict[str, Any]) -> None:
        """A variant that Application Auto Scaling scales keeps its instance type."""
        if self.scaling is None:
            return
        new = {variant["VariantName"]: variant["InstanceType"] for variant in config["ProductionVariants"]}
        for variant in record["_plan"]["config"]["ProductionVariants"]:
            name = variant["VariantName"]
            changed = name in new and new[name] != variant["InstanceType"]
            if changed and self.scaling.is_target(record["EndpointName"], name):
                raise ApiError(
                    "ValidationException",
                    f"The instance type of variant {name} cannot change from {variant['InstanceType']} to "
                    f"{new[name]} while the variant is registered as a scalable target: deregister it with "
                    "Application Auto Scaling first.",
                )

    def _begin(self, record: Record, pending: dict[str, Any] | None = None) -> None:
        record.pop("FailureReason", None)
        record |= {"EndpointStatus": "Updating", "LastModifiedTime": time.time()}
        if pending:
            record["_pending"] = {"plan": pending, "start": time.time()}

    def _finish(self, record: Record, status: str, reason: str | None = None, **changes: Any) -> None:
        if self._stopping:
            return  # the file says what was under way, and `restore` settles it
        with self._store.change():
            record.pop("_pending", None)
            record |= {"EndpointStatus": status, "LastModifiedTime": time.time(), **changes}
            if reason:
                record["FailureReason"] = reason

    def _work(self, task: Callable[..., None], record: Record, *arguments: Any) -> None:
        def run() -> None:
            try:
                task(record, *arguments)
            except DeploymentFailed as error:
                _log.warning("Endpoint %s: %s", record["EndpointName"], error)
                self._finish(record, self._status_after_failure(record), str(error))
            except Exception as error:  # noqa: BLE001 - a bug must not leave the endpoint in progress for ever
                _log.exception("Endpoint %s", record["EndpointName"])
                self._finish(
                    record, self._status_after_failure(record), f"{type(error).__name__}: {error}"[:1024]
                )

        threading.Thread(target=run, name=f"endpoint-{record['EndpointName']}", daemon=True).start()

    def _status_after_failure(self, record: Record) -> str:
        """An update that fails leaves the old fleet in service; a creation leaves nothing."""
        return "InService" if self.live(record["EndpointName"]) else "Failed"

    def _bring_up(self, record: Record) -> None:
        self._start(record, record["_plan"])
        self._finish(record, "InService")

    def _start(self, record: Record, plan: dict[str, Any]) -> Deployment | None:
        """Start a plan and let it answer; the deployment that answered before is returned."""
        deployment = Deployment(record["EndpointName"], plan, self._host)
        self._starting.add(deployment)
        try:
            deployment.start()
            if self._stopping:
                deployment.close(drain=False)
                raise DeploymentFailed("The local AWS was stopped.")
        finally:
            self._starting.discard(deployment)
        old = self.live(record["EndpointName"])
        self._live[record["EndpointName"].lower()] = deployment
        return old

    def _replace(self, record: Record, plan: dict[str, Any]) -> None:
        """Blue/green: the new fleet is up before it gets traffic, the old one ends after its last answer."""
        old = self._start(record, plan)
        gone = set(record["_plan"]["counts"]) - set(plan["counts"])
        if self.scaling and gone:
            self.scaling.deregister(record["EndpointName"], gone)
        with self._store.change():
            record |= {"_plan": plan, "EndpointConfigName": plan["config"]["EndpointConfigName"]}
        if old:
            old.close()
        self._keep_within_bounds(record)
        self._finish(record, "InService")

    def _scale(self, record: Record, counts: dict[str, int], weights: dict[str, float]) -> None:
        deployment = self.live(record["EndpointName"])
        if deployment is None:
            raise DeploymentFailed("The endpoint is not in service.")
        deployment.scale(counts)
        deployment.set_weights(weights)
        with self._store.change():
            record["_plan"]["counts"] |= counts
            record["_plan"]["weights"] |= weights
        self._keep_within_bounds(record)
        self._finish(record, "InService")

    def _keep_within_bounds(self, record: Record) -> None:
        deployment = self.live(record["EndpointName"])
        if self.scaling is None or deployment is None:
            return
        counts = self.scaling.within_bounds(record["EndpointName"], record["_plan"]["counts"])
        if counts != record["_plan"]["counts"]:
            deployment.scale(counts)
            with self._store.change():
                record["_plan"]["counts"] |= counts

    def _restore_one(self, record: Record) -> None:
        status = record["EndpointStatus"]
        if status == "Deleting":
            self._store.remove("endpoint", record["EndpointName"])
        elif status == "Creating":
            self._finish(record, "Failed", "The local AWS was stopped while the endpoint was being created.")
        elif status != "Failed":
            with self._store.change():
                record["EndpointStatus"] = "SystemUpdating"
            reason = "The local AWS was stopped during an update." if status == "Updating" else None
            try:
                self._start(record, record["_plan"])
                self._finish(record, "InService", reason)
            except DeploymentFailed as error:
                _log.warning("Endpoint %s did not come back: %s", record["EndpointName"], error)
                self._finish(record, "Failed", str(error))

    def _sweep(self, wanted: set[tuple[str, str]]) -> None:
        """Delete the models of deployments that no endpoint has any more: a kill leaves them behind."""
        for folder in (self._host.folder / "models").glob("*/*"):
            if (folder.parent.name, folder.name) not in wanted:
                shutil.rmtree(folder, ignore_errors=True)


def _retain(plan: dict[str, Any], old: dict[str, Any], excluded: list[dict[str, str]]) -> None:
    """Carry the running counts and weights over to the new plan, except what the request excludes."""
    kinds = {entry["VariantPropertyType"] for entry in excluded}
    for kind, member in (("DesiredInstanceCount", "counts"), ("DesiredWeight", "weights")):
        if kind not in kinds:
            plan[member] |= {name: value for name, value in old[member].items() if name in plan[member]}
