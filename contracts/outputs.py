"""The keys of the stacks' outputs: what a deployed stage tells people and programs.

Few, and named for people: what a stack watches of another it knows by its name (contracts.names).
"""

from __future__ import annotations

from contracts.names import StackPart

DATA_BUCKET = "DataBucketName"

ENDPOINT = "EndpointName"
CAPTURED_DATA = "CapturedDataUri"
MODEL_DIGEST = "ModelDigest"
BASE_IMAGE_DIGEST = "BaseImageDigest"
"""Only where the serving image is built, and from a base that is known."""

IMAGE_MACHINE = "StateMachineArn"
IMAGE_MACHINE_CONSOLE = "StateMachineConsole"
BATCH_MACHINE = "BatchStateMachineArn"
BATCH_MACHINE_CONSOLE = "BatchStateMachineConsole"
FAILURE_TOPIC = "FailureTopicArn"
INBOX = "InboxUri"
"""Only where the inbox is on."""

DASHBOARD = "DashboardUrl"
REPORT = "ReportUri"
MONITOR = "MonitorFunctionName"
MODEL_ARTIFACT = "ModelArtifactUri"

OUTPUTS: dict[StackPart, frozenset[str]] = {
    "storage": frozenset({DATA_BUCKET}),
    "inference": frozenset({ENDPOINT, CAPTURED_DATA, MODEL_DIGEST, BASE_IMAGE_DIGEST}),
    "workflow": frozenset(
        {IMAGE_MACHINE, IMAGE_MACHINE_CONSOLE, BATCH_MACHINE, BATCH_MACHINE_CONSOLE, FAILURE_TOPIC, INBOX}
    ),
    "monitoring": frozenset({DASHBOARD, REPORT, MONITOR, MODEL_ARTIFACT}),
}
"""Which stack has which."""
