"""The whole local AWS as one ASGI application: emulator, patches, the project's services, their life.

Importing this module imports the emulator, which reads its environment at import: see `server`.
"""

from __future__ import annotations

import logging
import threading

import boto3
import ministack.app
from botocore.config import Config

from loopback_aws import autoscaling
from loopback_aws.autoscaling import ApplicationAutoScaling
from loopback_aws.cloudwatch import composites, endpoint_metrics, execution_metrics
from loopback_aws.cloudwatch.clock import Clock
from loopback_aws.front import Front, Message, Receive, Send
from loopback_aws.patches import INTERPRETER, check_private_names, interrupted_stacks
from loopback_aws.patches.saving import Saver
from loopback_aws.patches.services import (
    alarms,
    auto_delete,
    buckets,
    definitions,
    execution_logs,
    functions,
    log_metrics,
    metrics,
    object_versions,
    provisioning,
    schedules,
    step_functions,
)
from loopback_aws.sagemaker import cloudformation
from loopback_aws.sagemaker.service import SageMaker
from loopback_aws.schedules import cloudformation as schedule_types
from loopback_aws.settings import ACCOUNT, HOST, REGION, Settings
from loopback_aws.states.service import StepFunctions

_log = logging.getLogger("loopback_aws.application")


class Application:
    """Starts and stops what runs beside the requests; passes requests to the front."""

    def __init__(self, settings: Settings, port: int) -> None:
        self._waiting_for = ["the emulator"]
        self._saver = Saver(settings.services, settings.save_seconds)
        self._sagemaker = SageMaker(
            state=settings.state,
            account=ACCOUNT,
            region=REGION,
            s3=own_s3(port),
            images=settings.images,
        )
        scaling = ApplicationAutoScaling(self._sagemaker, settings.state)
        self._front = Front(
            emulator=ministack.app.app,
            hosting=self._sagemaker,
            scaling=scaling,
            waiting_for=lambda: self._waiting_for,
        )
        check_private_names()
        self._states = StepFunctions(state=settings.state, port=port)
        functions.apply(settings.lambda_concurrency)
        for patch in INTERPRETER:
            patch.apply()
        step_functions.apply(self._states, execution_metrics.count)
        definitions.apply()
        execution_logs.apply()
        metrics.apply()
        log_metrics.apply()
        self._clock = Clock(settings.alarm_seconds, self._publish_endpoint_metrics)
        alarms.apply(self._clock)
        schedules.apply()
        buckets.apply()
        object_versions.apply()
        auto_delete.apply()
        provisioning.apply(
            cloudformation.handlers(self._sagemaker) | autoscaling.handlers(scaling),
            replacing=cloudformation.CREATE_ONLY,
            tags=cloudformation.TAGS_PROPERTY,
        )
        provisioning.apply(
            composites.handlers() | schedule_types.handlers(),
            replacing=composites.CREATE_ONLY | schedule_types.CREATE_ONLY,
            tags=composites.TAGS_PROPERTY,
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await ministack.app.app(scope, receive, self._starting_with(send))
        else:
            await self._front(scope, receive, send)

    def stop(self) -> None:
        """End everything that runs beside the requests; they must be answered meanwhile."""
        self._states.stop()
        self._sagemaker.stop()
        functions.stop()
        self._states.wait()  # functions that were interrupted write their last lines, which are to be saved
        self._clock.stop()
        self._saver.stop()

    def _publish_endpoint_metrics(self) -> None:
        endpoint_metrics.publish(self._sagemaker.measurements.take(), (ACCOUNT, REGION))

    def _starting_with(self, send: Send) -> Send:
        """`send` that starts the project's part once the emulator has started its own."""

        async def send_and_start(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                interrupted_stacks.settle()
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._saver.start()
                self._clock.start()
                threading.Thread(target=self._restore, name="restore", daemon=True).start()

        return send_and_start

    def _restore(self) -> None:
        """Tell what was interrupted and bring back what was in service; requests are answered meanwhile."""
        self._states.tell_interrupted()
        self._waiting_for = ["the endpoints that were in service"]
        try:
            self._sagemaker.restore()
        except Exception:  # noqa: BLE001 - one broken endpoint must not keep the rest from being ready
            _log.exception("The endpoints that were in service could not be restored")
        self._waiting_for = []


def own_s3(port: int) -> object:
    """A client of the emulator's own S3, shared by the threads of the project's services."""
    return boto3.client(
        "s3",
        endpoint_url=f"http://{HOST}:{port}",
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(max_pool_connections=64, proxies={}),
    )
