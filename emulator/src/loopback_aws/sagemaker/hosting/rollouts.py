"""What happens behind endpoints: fleets come up, are replaced without a gap, scaled, ended and restored."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from loopback_aws.sagemaker.hosting.deployment import Deployment, DeploymentFailed, Host, Plan
from loopback_aws.sagemaker.store import Record, Store

IN_PROGRESS = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
"""Statuses of an endpoint that work is under way on."""

_log = logging.getLogger("loopback_aws.sagemaker.hosting.rollouts")


class Scaling(Protocol):
    """What endpoints ask of Application Auto Scaling."""

    def is_target(self, endpoint: str, variant: str) -> bool: ...

    def within_bounds(self, endpoint: str, counts: dict[str, int]) -> dict[str, int]: ...

    def deregister(self, endpoint: str, variants: set[str] | None = None) -> None: ...


class Rollouts:
    """The deployments that run, by endpoint, and the threads that change them. Records tell the outcome."""

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

    def create(self, record: Record) -> None:
        """Bring a new endpoint up, in the background."""
        self._work(self._bring_up, record)

    def replace(self, record: Record, plan: Plan) -> None:
        """Update an endpoint to another plan, in the background."""
        self._work(self._replace, record, plan)

    def scale(self, record: Record, counts: dict[str, int], weights: dict[str, float]) -> None:
        """Change instance counts and weights of variants, in the background."""
        self._work(self._scale, record, counts, weights)

    def remove(self, record: Record) -> None:
        """End everything of an endpoint: scalable targets, processes, models, logs."""
        name = record["EndpointName"]
        if self.scaling:
            self.scaling.deregister(name)
        if deployment := self._live.pop(name.lower(), None):
            deployment.close()
        for folder in (self._host.models(name), self._host.logs(name)):
            shutil.rmtree(folder, ignore_errors=True)

    def wait_until_settled(self, name: str, seconds: float) -> Record:
        """The record once no work is under way; TimeoutError after `seconds`."""
        end = time.monotonic() + seconds
        while (record := self._store.need("endpoint", name))["EndpointStatus"] in IN_PROGRESS:
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

    def _finish(self, record: Record, status: str, reason: str | None = None, **changes: Any) -> None:
        if self._stopping:
            return  # the file says what was under way, and `restore` settles it
        with self._store.note():
            record.pop("_pending", None)
            record |= {"EndpointStatus": status, "LastModifiedTime": time.time(), **changes}
            if reason:
                record["FailureReason"] = reason

    def _status_after_failure(self, record: Record) -> str:
        """An update that fails leaves the old fleet in service; a creation leaves nothing."""
        return "InService" if self.live(record["EndpointName"]) else "Failed"

    def _bring_up(self, record: Record) -> None:
        self._start(record, record["_plan"])
        self._finish(record, "InService")

    def _start(self, record: Record, plan: Plan) -> Deployment | None:
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

    def _replace(self, record: Record, plan: Plan) -> None:
        """Blue/green: the new fleet is up before it gets traffic, the old one ends after its last answer."""
        old = self._start(record, plan)
        gone = set(record["_plan"]["counts"]) - set(plan["counts"])
        if self.scaling and gone:
            self.scaling.deregister(record["EndpointName"], gone)
        with self._store.note():
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
        with self._store.note():
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
            with self._store.note():
                record["_plan"]["counts"] |= counts

    def _restore_one(self, record: Record) -> None:
        status = record["EndpointStatus"]
        if status == "Deleting":
            self.remove(record)
            self._store.remove("endpoint", record["EndpointName"])
        elif status == "Creating":
            self._finish(record, "Failed", "The local AWS was stopped while the endpoint was being created.")
        elif status != "Failed":
            with self._store.note():
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
