"""The local SageMaker as the front sees it: operations by name, invocations, restore and stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from loopback_aws.requests.shapes import check_request
from loopback_aws.sagemaker.control import endpoint_configs, models, tags
from loopback_aws.sagemaker.control.endpoints import Endpoints
from loopback_aws.sagemaker.control.events import EndpointEvents
from loopback_aws.sagemaker.control.supported import refuse_unsupported
from loopback_aws.sagemaker.guardrails.surroundings import ALONE, Surroundings
from loopback_aws.sagemaker.hosting.deployment import Host
from loopback_aws.sagemaker.hosting.rollouts import Rollouts
from loopback_aws.sagemaker.hosting.spawn import Spawner
from loopback_aws.sagemaker.invocation.capture_writer import CaptureWriter
from loopback_aws.sagemaker.invocation.measurements import Measurements
from loopback_aws.sagemaker.invocation.runtime import Runtime
from loopback_aws.sagemaker.names import Region
from loopback_aws.sagemaker.store import Store
from loopback_aws.settings import Image

Operation = Callable[[dict[str, Any]], dict[str, Any]]


class SageMaker:
    """Models, endpoint configs and endpoints of one account and region, kept in `state`/sagemaker.

    `s3` reads model data and writes captured data. `images` are those that models can run in. `surroundings`
    are the alarms that watch updates, and who hears of them.
    """

    def __init__(
        self,
        *,
        state: Path,
        account: str,
        region: str,
        s3: Any,
        images: Sequence[Image],
        surroundings: Surroundings = ALONE,
    ) -> None:
        folder = state / "sagemaker"
        self.store = Store(folder / "resources.json", Region(region, account))
        self._spawner = Spawner()
        host = Host(s3=s3, spawner=self._spawner, images=images, folder=folder)
        self.rollouts = Rollouts(self.store, host, surroundings)
        self.rollouts.progress.listener = EndpointEvents(self.store, self.rollouts, surroundings.publish)
        self._endpoints = Endpoints(self.store, self.rollouts)
        self._capture = CaptureWriter(s3)
        self.measurements = Measurements()
        self._runtime = Runtime(self.rollouts, Region(region, account), self._capture, self.measurements)
        self._operations = self._table(images)

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer of a control plane operation; ApiError as AWS answers wrong requests, or naming what is not
        emulated."""
        refuse_unsupported(operation, {})
        check_request("sagemaker", operation, request)
        refuse_unsupported(operation, request)
        return self._operations[operation](
            {key: value for key, value in request.items() if value is not None}
        )

    def invoke(
        self, endpoint: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an InvokeEndpoint; `headers` in lower case. Blocks."""
        return self._runtime.invoke(endpoint, headers, body)

    def restore(self) -> None:
        """Start what was in service; returns when it is again, or has failed.

        S3 must answer meanwhile, for model data that is no longer unpacked in the state.
        """
        self.rollouts.restore()

    def stop(self) -> None:
        """Write the captured records that wait and end every process. S3 must still answer meanwhile."""
        self.rollouts.stop()
        self._capture.stop()
        self._spawner.close()

    def _table(self, images: Sequence[Image]) -> dict[str, Operation]:
        store, endpoints = self.store, self._endpoints
        return {
            "CreateModel": partial(models.create_model, store, images),
            "DescribeModel": partial(models.describe_model, store),
            "DeleteModel": partial(models.delete_model, store),
            "ListModels": partial(models.list_models, store),
            "CreateEndpointConfig": partial(endpoint_configs.create_endpoint_config, store),
            "DescribeEndpointConfig": partial(endpoint_configs.describe_endpoint_config, store),
            "DeleteEndpointConfig": partial(endpoint_configs.delete_endpoint_config, store),
            "ListEndpointConfigs": partial(endpoint_configs.list_endpoint_configs, store),
            "CreateEndpoint": endpoints.create,
            "UpdateEndpoint": endpoints.update,
            "UpdateEndpointWeightsAndCapacities": endpoints.update_weights_and_capacities,
            "DescribeEndpoint": endpoints.describe,
            "DeleteEndpoint": endpoints.delete,
            "ListEndpoints": endpoints.list,
            # Nothing trains here, so none is kept; who looks for what is left asks all the same.
            "ListTrainingJobs": lambda _request: {"TrainingJobSummaries": []},
            "AddTags": partial(tags.add_tags, store),
            "ListTags": partial(tags.list_tags, store),
            "DeleteTags": partial(tags.delete_tags, store),
        }
