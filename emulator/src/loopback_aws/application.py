"""The whole local AWS as one ASGI application: emulator, patches, the project's services, their life.

Importing this module imports the emulator, which reads its environment at import: see `server`.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

import boto3
import ministack.app
from botocore.config import Config

from loopback_aws import autoscaling, patches
from loopback_aws.acknowledging import Acknowledging
from loopback_aws.autoscaling import ApplicationAutoScaling
from loopback_aws.cloudformation import auto_delete, interrupted_stacks
from loopback_aws.cloudwatch import composites, endpoint_metrics, execution_metrics
from loopback_aws.cloudwatch.clock import Clock
from loopback_aws.front import HEALTH_PATH, Front, Message, Receive, Send
from loopback_aws.guard import issued_keys
from loopback_aws.guard.gate import Guard
from loopback_aws.guard.keys import KeyPair, Keyring
from loopback_aws.lambda_runtime import process
from loopback_aws.patches.services.provisioning import ResourceTypes
from loopback_aws.sagemaker import cloudformation
from loopback_aws.sagemaker.guardrails.surroundings import Surroundings
from loopback_aws.sagemaker.service import SageMaker
from loopback_aws.saving import Saver
from loopback_aws.schedules import cloudformation as schedule_types
from loopback_aws.service_events import Telling
from loopback_aws.settings import ACCOUNT, HOST, REGION, AfterRollback, Settings
from loopback_aws.states.flow.pauses import set_speed
from loopback_aws.states.service import StepFunctions

_log = logging.getLogger("loopback_aws.application")


class Application:
    """Starts and stops what runs beside the requests; passes requests through the guard to the front."""

    def __init__(self, settings: Settings, port: int, keys: KeyPair) -> None:
        self._waiting_for = ["the emulator"]
        self._saver = Saver(settings.services, settings.save_seconds)
        self._telling = Telling("aws.sagemaker", ACCOUNT, REGION)
        self._sagemaker = SageMaker(
            state=settings.state,
            account=ACCOUNT,
            region=REGION,
            s3=OwnS3(port, keys),
            images=settings.images,
            surroundings=Surroundings(
                alarm_states=lambda names: self._clock.states(ACCOUNT, REGION, names),
                publish=self._telling.tell,
                speed=settings.deployment_speed,
            ),
        )
        scaling = ApplicationAutoScaling(self._sagemaker, settings.state)
        front = Front(
            emulator=Acknowledging(ministack.app.app, self._saver),
            hosting=self._sagemaker,
            scaling=scaling,
            waiting_for=lambda: self._waiting_for,
        )
        self._guard = Guard(
            front,
            port=port,
            keys=Keyring(keys, issued_keys.secret_of),
            public=HEALTH_PATH,
            env=settings.commands.env,
        )
        patches.check_private_names()
        self._states = StepFunctions(state=settings.state, port=port, secret=keys.secret_access_key)
        set_speed(settings.execution_speed)
        self._states.watch(execution_metrics.count)
        self._clock = Clock(settings.alarm_seconds, self._publish_endpoint_metrics)
        patches.apply(
            patches.Parts(
                lambda_concurrency=settings.lambda_concurrency,
                states=self._states,
                clock=self._clock,
                resource_types=resource_types(self._sagemaker, scaling, settings.after_rollback),
                keys=keys,
            )
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await ministack.app.app(scope, receive, self._starting_with(send))
        else:
            await self._guard(scope, receive, send)

    def stop(self) -> None:
        """End everything that runs beside the requests; they must be answered meanwhile."""
        self._states.stop()
        self._sagemaker.stop()
        process.stop()
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


def resource_types(
    sagemaker: SageMaker, scaling: ApplicationAutoScaling, after_rollback: AfterRollback
) -> ResourceTypes:
    """CloudFormation's resource types that the emulator lacks, or of which it leaves properties out."""
    return ResourceTypes(
        handlers=(
            cloudformation.handlers(sagemaker, after_rollback)
            | autoscaling.handlers(scaling)
            | composites.handlers()
            | schedule_types.handlers()
            | auto_delete.handlers()
        ),
        replacing=cloudformation.CREATE_ONLY | composites.CREATE_ONLY | schedule_types.CREATE_ONLY,
        tags=cloudformation.TAGS_PROPERTY | composites.TAGS_PROPERTY,
    )


class OwnS3:
    """A client of the emulator's own S3, shared by the threads of the project's services.

    It is made when it is first used: most runs never do, and making it takes a seventh of the start.
    """

    def __init__(self, port: int, keys: KeyPair) -> None:
        self._url = f"http://{HOST}:{port}"
        self._keys = keys
        self._making = threading.Lock()
        self._client: Any = None

    def __getattr__(self, operation: str) -> Any:
        with self._making:
            self._client = self._client or boto3.session.Session().client(
                "s3",
                endpoint_url=self._url,
                region_name=REGION,
                aws_access_key_id=self._keys.access_key_id,
                aws_secret_access_key=self._keys.secret_access_key,
                config=Config(max_pool_connections=64, proxies={}),
            )
        return getattr(self._client, operation)
