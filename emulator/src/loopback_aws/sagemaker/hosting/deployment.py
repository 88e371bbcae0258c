"""A deployed endpoint config: the fleets of its variants and the share of traffic of each."""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loopback_aws.errors import ApiError
from loopback_aws.sagemaker.containers import image_of, model_data_uri, only_container
from loopback_aws.sagemaker.hosting.artifact import ModelDataError, fetch_model_data
from loopback_aws.sagemaker.hosting.fleet import Fleet
from loopback_aws.sagemaker.hosting.instance import READY_SECONDS, Launch, NotHealthy
from loopback_aws.sagemaker.hosting.spawn import Spawner
from loopback_aws.sagemaker.store import Store
from loopback_aws.settings import Image

MOST_INSTANCES = 16
"""Instances of one endpoint, as a service quota on AWS: each is a process on this machine."""

Plan = dict[str, Any]
"""What a deployment is made of, as it is saved: `id`, `config`, and by variant `containers`, `counts`,
`weights`. Complete, because a config or model may be deleted while an endpoint runs on it."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """What deployments need of the emulator."""

    s3: Any
    spawner: Spawner
    images: Sequence[Image]
    """Those that models can run in."""
    folder: Path
    """Endpoints' files: `models/ENDPOINT/DEPLOYMENT/VARIANT/` and `logs/ENDPOINT/VARIANT.log`."""

    def models(self, endpoint: str) -> Path:
        return self.folder / "models" / endpoint.lower()

    def logs(self, endpoint: str) -> Path:
        return self.folder / "logs" / endpoint.lower()


class DeploymentFailed(Exception):
    """The new fleet did not come up; the text is the endpoint's FailureReason."""


def make_plan(store: Store, config: dict[str, Any]) -> Plan:
    """Plan of a config with its own counts and weights; ApiError when a model is gone or it is too large."""
    variants = config["ProductionVariants"]
    plan: Plan = {
        "id": uuid.uuid4().hex[:12],
        "config": config,
        "containers": {
            variant["VariantName"]: only_container(store.need("model", variant["ModelName"]))
            for variant in variants
        },
        "counts": {variant["VariantName"]: variant["InitialInstanceCount"] for variant in variants},
        "weights": {variant["VariantName"]: variant["InitialVariantWeight"] for variant in variants},
    }
    check_instance_limit(plan["counts"])
    return plan


def check_instance_limit(counts: dict[str, int]) -> None:
    total = sum(counts.values())
    if total > MOST_INSTANCES:
        raise ApiError(
            "ResourceLimitExceeded",
            f"An endpoint on loopback runs at most {MOST_INSTANCES} instances, each a process on this "
            f"machine; {total} were asked for. Lower the instance counts.",
        )


class Deployment:
    """A plan that runs."""

    def __init__(self, endpoint: str, plan: Plan, host: Host) -> None:
        self.plan = plan
        self._endpoint = endpoint
        self._host = host
        self._folder = host.models(endpoint) / plan["id"]
        self._lock = threading.Lock()
        self._credit = dict.fromkeys(plan["weights"], 0.0)
        self.fleets = {
            name: Fleet(self._launch(name, container), host.spawner)
            for name, container in plan["containers"].items()
        }

    @property
    def capture(self) -> dict[str, Any]:
        """The config's DataCaptureConfig, empty when it has none."""
        return self.plan["config"].get("DataCaptureConfig") or {}

    def start(self) -> None:
        """Fetch the models and start every variant; DeploymentFailed leaves nothing running and no files."""
        try:
            with ThreadPoolExecutor(len(self.fleets)) as pool:
                list(pool.map(self._start_variant, self.fleets))
        except (DeploymentFailed, ModelDataError) as error:
            self.close(drain=False)
            raise DeploymentFailed(str(error)[:1024]) from error

    def scale(self, counts: dict[str, int]) -> None:
        """Bring variants to these instance counts; DeploymentFailed leaves the one that failed as it was."""
        for name, count in counts.items():
            try:
                self.fleets[name].scale(count)
            except NotHealthy as error:
                raise DeploymentFailed(_ping_failure(name, error)[:1024]) from error

    def choose(self) -> str | None:
        """The variant for the next request, so that shares follow the weights exactly over time."""
        with self._lock:
            weights = {name: weight for name, weight in self.plan["weights"].items() if weight > 0}
            if not weights:
                return None
            for name, weight in weights.items():
                self._credit[name] += weight
            chosen = max(weights, key=lambda name: self._credit[name])
            self._credit[chosen] -= sum(weights.values())
            return chosen

    def set_weights(self, weights: dict[str, float]) -> None:
        with self._lock:
            self.plan["weights"] |= weights
            self._credit = dict.fromkeys(self._credit, 0.0)

    def close(self, *, drain: bool = True, keep_files: bool = False) -> None:
        """End all instances, after the requests in flight unless `drain` is False, and delete the models."""
        with ThreadPoolExecutor(len(self.fleets)) as pool:
            list(pool.map(lambda fleet: fleet.close(drain=drain), self.fleets.values()))
        if not keep_files:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start_variant(self, name: str) -> None:
        uri = model_data_uri(self.plan["containers"][name])
        folder = self._folder / name
        if not folder.exists():  # kept over a stop of the emulator, as instances keep their disks
            if uri:
                fetch_model_data(self._host.s3, uri, folder)
            else:
                folder.mkdir(parents=True)
        try:
            self.fleets[name].scale(self.plan["counts"][name])
        except NotHealthy as error:
            raise DeploymentFailed(_ping_failure(name, error)) from error

    def _launch(self, name: str, container: dict[str, Any]) -> Launch:
        variant = next(v for v in self.plan["config"]["ProductionVariants"] if v["VariantName"] == name)
        try:
            image = image_of(container, self._host.images)
        except ApiError as error:  # of an endpoint that another configuration made
            raise DeploymentFailed(error.message) from error
        return Launch(
            command=image.command,
            working_directory=image.working_directory,
            environment={**(container.get("Environment") or {}), **image.environment},
            model_dir=self._folder / name,
            log=self._host.logs(self._endpoint) / f"{name}.log",
            ready_seconds=variant.get("ContainerStartupHealthCheckTimeoutInSeconds") or READY_SECONDS,
        )


def _ping_failure(variant: str, error: NotHealthy) -> str:
    return (
        f"The primary container for production variant {variant} did not pass the ping health check. "
        f"Please check CloudWatch logs for this endpoint. ({error})"
    )
