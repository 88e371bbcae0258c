"""One synthesized assembly a session and settings: templates are looked at, never deployed, here."""

from __future__ import annotations

import os

os.environ["CDK_VALIDATION"] = "false"  # before aws_cdk is imported: the built-in validator costs seconds

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template

import app as application
from stacks.artifact import ModelArtifact, read_artifact
from stacks.settings import StageSettings, parse_settings
from tests.artifacts import make_artifact

CONTEXT = json.loads((Path(application.__file__).parent / "cdk.json").read_text())["context"]
STAGES = CONTEXT["stages"]

SMALLEST: dict[str, Any] = {
    "endpoint": {"image": {"source": "uri", "uri": "1" * 12 + ".dkr.ecr.eu-west-1.amazonaws.com/x:1"}}
}
FULLEST: dict[str, Any] = {
    "account": "210987654321",
    "region": "eu-west-1",
    "termination_protection": True,
    "tags": {"owner": "platform"},
    "customer_managed_key": True,
    "storage": {
        "on_destroy": "empty",
        "access_logs": True,
        "results_days": 30,
        "packs_days": 2,
        "reports_days": 60,
    },
    "endpoint": {
        "min_instances": 2,
        "max_instances": 4,
        "capture_percentage": 20,
        "keep_scaled_capacity": True,
        "image": {"source": "codebuild"},
        "rollout": {"strategy": "canary", "canary_percent": 25},
    },
    "workflow": {
        "threshold": 0.75,
        "readable_buckets": ["partner-images"],
        "log_execution_data": False,
        "classify_image": {"reserved_concurrency": 10, "memory_mb": 512},
        "batch": {"size": 50, "tolerated_failure_percentage": 2.5},
        "inbox": {"mode": "gather", "prefix": "in*box/", "suffixes": [".png", ".Jpg"], "seconds": 120},
    },
    "notification": {"emails": ["operations@example.com"], "failed_executions": 3},
    "monitoring": {
        "schedule_minutes": 15,
        "image_every": 10,
        "runbook_url": "https://wiki.example.com/scones",
        "model": {"failed_executions_percent": 25, "drift_psi": 0.3},
        "alarms": {"endpoint_latency_ms": 500},
    },
}

Templates = dict[str, Template]


def new_app(folder: Path, *, staged: bool = False) -> App:
    """An app with the feature flags of cdk.json: a bare one synthesizes other templates.

    Unless `staged`, assets stay where they are: no copy of the monitor's packages for each app.
    """
    flags = {key: value for key, value in CONTEXT.items() if key != "stages"}
    flags["aws:cdk:disable-asset-staging"] = not staged
    return App(outdir=str(folder), context=flags, analytics_reporting=False, stack_traces=False)


def stacks_of(app: App) -> dict[str, Stack]:
    """The stacks by what they are for: storage, inference, workflow, monitoring."""
    return {
        stack.stack_name.rpartition("-")[2]: stack for stack in app.node.children if isinstance(stack, Stack)
    }


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> ModelArtifact:
    return read_artifact(make_artifact(tmp_path_factory.mktemp("model") / "model.tar.gz"))


@pytest.fixture(scope="session")
def synthesize(
    artifact: ModelArtifact, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[StageSettings], Templates]:
    """Templates by stack, from typed settings; equal settings are synthesized once."""
    made: dict[str, Templates] = {}

    def templates(settings: StageSettings) -> Templates:
        key = settings.stage + settings.model_dump_json()
        if key not in made:
            app = application.build(new_app(tmp_path_factory.mktemp("cdk")), settings, artifact)
            made[key] = {name: Template.from_stack(stack) for name, stack in stacks_of(app).items()}
        return made[key]

    return templates


@pytest.fixture(scope="session")
def smallest(synthesize: Callable[[StageSettings], Templates]) -> Templates:
    return synthesize(parse_settings("test", SMALLEST))


@pytest.fixture(scope="session")
def fullest(synthesize: Callable[[StageSettings], Templates]) -> Templates:
    return synthesize(parse_settings("test", FULLEST))
