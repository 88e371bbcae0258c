"""The names that people, alarms and programs find a stage's resources by: changed ones replace resources."""

from __future__ import annotations

from dataclasses import asdict
from typing import get_args

import pytest

from contracts.names import (
    RUN_STEPS,
    STEPS,
    RunStep,
    StackPart,
    StageNames,
    Step,
    build_log_group,
    complete_stages,
    dead_letters,
    endpoint_log_group,
    function_log_group,
    machine_log_group,
)

DEV = StageNames("dev")


def test_names_are_those_that_deployed_stages_have() -> None:
    assert asdict(DEV) == {"stage": "dev"}
    named = {
        name: getattr(DEV, name) for name, kind in vars(StageNames).items() if isinstance(kind, property)
    }
    assert named == {
        "prefix": "scones-dev",
        "endpoint": "scones-dev",
        "image_machine": "scones-dev-classify-image",
        "batch_machine": "scones-dev-classify-batch",
        "image_machine_stopped": "scones-dev-classify-image-stopped",
        "batch_machine_stopped": "scones-dev-classify-batch-stopped",
        "inbox": "scones-dev-inbox",
        "topic": "scones-dev-failures",
        "monitor": "scones-dev-monitor",
        "monitor_packages": "scones-dev-monitor-packages",
        "release_check": "scones-dev-release-check",
        "release_watch": "scones-dev-release-watch",
        "dashboard": "scones-dev",
        "errors_namespace": "scones/dev",
        "key_alias": "alias/scones-dev",
        "image_build": "scones-dev-serving-image",
        "image_build_start": "scones-dev-serving-image-start",
        "image_build_ended": "scones-dev-serving-image-ended",
    }
    assert DEV.stack("storage") == "scones-dev-storage"
    assert dead_letters(DEV.stack("workflow")) == "scones-dev-workflow-dead-letters"
    assert DEV.alarm("drift") == "scones-dev-drift"
    assert DEV.function("plan-batches") == "scones-dev-plan-batches"


def test_the_steps_are_all_there_are() -> None:
    assert (get_args(Step), get_args(RunStep)) == (STEPS, RUN_STEPS)
    assert set(get_args(StackPart)) == {"storage", "inference", "workflow", "monitoring"}


def test_where_resources_log() -> None:
    assert function_log_group(DEV.monitor) == "/aws/lambda/scones-dev-monitor"
    assert machine_log_group(DEV.image_machine) == "/aws/vendedlogs/states/scones-dev-classify-image"
    assert endpoint_log_group(DEV.endpoint) == "/aws/sagemaker/Endpoints/scones-dev"
    assert build_log_group(DEV.image_build) == "/aws/codebuild/scones-dev-serving-image"


@pytest.mark.parametrize(
    ("there", "stages"),
    [
        ([], []),
        (["scones-dev-storage", "scones-dev-workflow", "other-storage"], ["dev"]),
        (["scones-b-storage", "scones-b-workflow", "scones-a-storage", "scones-a-workflow"], ["a", "b"]),
        (["scones-half-storage"], []),
    ],
)
def test_a_stage_is_there_when_all_its_stacks_are(there: list[str], stages: list[str]) -> None:
    assert complete_stages(there, ("storage", "workflow")) == stages
