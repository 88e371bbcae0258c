"""What happens behind endpoints: fleets come up, are replaced without a gap, scaled, ended and restored."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from loopback_aws.errors import ApiError
from loopback_aws.sagemaker.guardrails.policy import Policy
from loopback_aws.sagemaker.guardrails.surroundings import Surroundings
from loopback_aws.sagemaker.hosting.blue_green import BlueGreen, RolledBack
from loopback_aws.sagemaker.hosting.deployment import Deployment, DeploymentFailed, Host, Plan
from loopback_aws.sagemaker.hosting.progress import Progress, scaling, terminating
from loopback_aws.sagemaker.hosting.traffic import Traffic
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

    def __init__(self, store: Store, host: Host, surroundings: Surroundings) -> None:
        self._store = store
        self._host = host
        self._surroundings = surroundings
        self._live: dict[str, Traffic] = {}
        self._starting: set[Deployment] = set()
        self._stopping = threading.Event()
        self.scaling: Scaling | None = None
        self.progress = Progress(store, self._stopping)

    def traffic(self, name: str) -> Traffic | None:
        """What divides the endpoint's requests; None when nothing answers them."""
        return self._live.get(name.lower())

    def live(self, name: str) -> Deployment | None:
        """The deployment that the endpoint is on; None when it is on none."""
        traffic = self.traffic(name)
        return traffic.deployment if traffic else None

    def route(self, name: str) -> Deployment | None:
        """The deployment for the endpoint's next request: during an update, the new one for its share."""
        traffic = self.traffic(name)
        return traffic.choose() if traffic else None

    def check_alarms(self, policy: Policy) -> None:
        """ApiError when an alarm of the policy is not there. What AWS says then is not documented."""
        states = self._surroundings.alarm_states(policy.alarms) if policy.alarms else {}
        if missing := [name for name, state in states.items() if state is None]:
            raise ApiError(
                "ValidationException",
                f"AutoRollbackConfiguration: no CloudWatch alarm is named {' or '.join(missing)}.",
            )

    def create(self, record: Record) -> None:
        """Bring a new endpoint up, in the background."""
        self.progress.tell(record)
        self._work(self._bring_up, record)

    def replace(self, record: Record, plan: Plan, policy: Policy) -> None:
        """Update an endpoint to another plan as a policy says, in the background."""
        self.progress.tell(record)
        self._work(self._replace, record, plan, policy)

    def scale(self, record: Record, counts: dict[str, int], weights: dict[str, float]) -> None:
        """Change instance counts and weights of variants, in the background."""
        self.progress.tell(record)
        self._work(self._scale, record, counts, weights)

    def remove(self, record: Record) -> None:
        """End everything of an endpoint: scalable targets, processes, models, logs."""
        name = record["EndpointName"]
        self.progress.tell(record)
        if self.scaling:
            self.scaling.deregister(name)
        if traffic := self._live.pop(name.lower(), None):
            for deployment in traffic.all():
                deployment.close()
        for folder in (self._host.models(name), self._host.logs(name)):
            shutil.rmtree(folder, ignore_errors=True)

    def wait_until_settled(self, name: str, seconds: float) -> Record:
        """The record once no work is under way; TimeoutError after `seconds`."""
        end = time.monotonic() + seconds
        while (record := self._store.need("endpoint", name))["EndpointStatus"] in IN_PROGRESS:
            if self._stopping.is_set():
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
        self._stopping.set()
        for deployment in list(self._starting):
            deployment.close(drain=False)
        live = [deployment for traffic in list(self._live.values()) for deployment in traffic.all()]
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
                self.progress.finish(record, self._status_after_failure(record), str(error))
            except Exception as error:  # noqa: BLE001 - a bug must not leave the endpoint in progress for ever
                _log.exception("Endpoint %s", record["EndpointName"])
                self.progress.finish(
                    record, self._status_after_failure(record), f"{type(error).__name__}: {error}"[:1024]
                )

        threading.Thread(target=run, name=f"endpoint-{record['EndpointName']}", daemon=True).start()

    def _status_after_failure(self, record: Record) -> str:
        """An update that fails leaves the old fleet in service; a creation leaves nothing."""
        return "InService" if self.live(record["EndpointName"]) else "Failed"

    def _bring_up(self, record: Record) -> None:
        self._go_live(record, record["_plan"])
        self.progress.finish(record, "InService")

    def _go_live(self, record: Record, plan: Plan) -> None:
        """Start a plan and let it answer all requests."""
        deployment = Deployment(record["EndpointName"], plan, self._host)
        self._start(deployment, deployment.start)
        self._live[record["EndpointName"].lower()] = Traffic(deployment)

    def _start(self, deployment: Deployment, start: Callable[[], None]) -> None:
        """Start a deployment in a way that `stop` can interrupt."""
        self._starting.add(deployment)
        try:
            start()
            if self._stopping.is_set():
                deployment.close(drain=False)
                raise DeploymentFailed("The local AWS was stopped.")
        finally:
            self._starting.discard(deployment)

    def _replace(self, record: Record, plan: Plan, policy: Policy) -> None:
        """Blue/green: the new fleet is up before it gets traffic, the old one ends after its last answer."""
        traffic = self._live[record["EndpointName"].lower()]
        update = BlueGreen(
            policy=policy,
            surroundings=self._surroundings,
            ended=self._stopping,
            tell=lambda status, messages: self.progress.stage(record, status, messages, incoming=True),
        )
        new = Deployment(record["EndpointName"], plan, self._host)
        self._start(new, lambda: update.create(new))
        try:
            update.shift(traffic, new)
        except RolledBack as error:
            self.progress.rolling_back(record)
            self.progress.stage(record, "Deleting", terminating(new), incoming=True)
            new.close(drain=not self._stopping.is_set())
            config = plan["config"]["EndpointConfigName"]
            raise DeploymentFailed(f"The update to {config} was rolled back: {error}."[:1024]) from error
        except BaseException:
            traffic.take_back()
            new.close()
            raise
        self._settle_on(record, plan, traffic)
        self.progress.finish(record, "InService")

    def _settle_on(self, record: Record, plan: Plan, traffic: Traffic) -> None:
        """The new fleet has all traffic: end the old one, whose models stay until the record says so."""
        gone = set(record["_plan"]["counts"]) - set(plan["counts"])
        if self.scaling and gone:
            self.scaling.deregister(record["EndpointName"], gone)
        self.progress.stage(record, "Deleting", terminating(traffic.deployment), incoming=False)
        traffic.deployment.close(keep_files=True)
        old = traffic.switch()
        with self._store.note():
            record |= {"_plan": plan, "EndpointConfigName": plan["config"]["EndpointConfigName"]}
        old.close()
        self._keep_within_bounds(record)

    def _scale(self, record: Record, counts: dict[str, int], weights: dict[str, float]) -> None:
        deployment = self.live(record["EndpointName"])
        if deployment is None:
            raise DeploymentFailed("The endpoint is not in service.")
        before = record["_plan"]["counts"]
        self.progress.stage(record, "Updating", scaling(before, counts), incoming=False)
        try:
            deployment.scale(counts)
        except DeploymentFailed:
            self.progress.rolling_back(record)
            deployment.scale({name: before[name] for name in counts})
            raise
        deployment.set_weights(weights)
        with self._store.note():
            record["_plan"]["counts"] |= counts
            record["_plan"]["weights"] |= weights
        self._keep_within_bounds(record)
        self.progress.finish(record, "InService")

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
            self.progress.finish(
                record, "Failed", "The local AWS was stopped while the endpoint was being created."
            )
        elif status != "Failed":
            with self._store.note():
                record["EndpointStatus"] = "SystemUpdating"
            updating = status in ("Updating", "RollingBack")
            reason = "The local AWS was stopped during an update." if updating else None
            try:
                self._go_live(record, record["_plan"])
                self.progress.finish(record, "InService", reason)
            except DeploymentFailed as error:
                _log.warning("Endpoint %s did not come back: %s", record["EndpointName"], error)
                self.progress.finish(record, "Failed", str(error))

    def _sweep(self, wanted: set[tuple[str, str]]) -> None:
        """Delete the models of deployments that no endpoint has any more: a kill leaves them behind."""
        for folder in (self._host.folder / "models").glob("*/*"):
            if (folder.parent.name, folder.name) not in wanted:
                shutil.rmtree(folder, ignore_errors=True)
