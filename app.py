"""The application: settings of a stage and a model artifact in, four stacks out.

`npx cdk synth -c stage=NAME -c model_artifact=PATH`. No AWS call, no network, no clock.
"""

from __future__ import annotations

import sys
from pathlib import Path

from stacks.needs import missing

try:
    from aws_cdk import App, Environment

    from contracts.artifact.archive import ArtifactError
    from contracts.names import DEFAULT_STAGE, PROJECT
    from stacks.artifact import ModelArtifact, read_artifact
    from stacks.inference import InferenceStack
    from stacks.monitoring import MonitoringStack
    from stacks.policy import add_policy
    from stacks.settings import SettingsError, StageSettings, read_stage
    from stacks.storage import StorageStack
    from stacks.workflow import WorkflowStack
except ModuleNotFoundError:
    if not (problems := missing()):
        raise
    sys.exit("\n".join([*problems, "a model artifact, unless there is one already: make train"]))


def build(app: App, settings: StageSettings, artifact: ModelArtifact) -> App:
    """Add the stage's stacks to the app, the stateful one first."""
    names = settings.names
    options = {
        "env": Environment(account=settings.account, region=settings.region),
        "tags": {"project": PROJECT, "stage": settings.stage, **settings.tags},
        "termination_protection": settings.termination_protection,
    }
    storage = StorageStack(app, names.stack("storage"), settings=settings, **options)
    inference = InferenceStack(
        app,
        names.stack("inference"),
        settings=settings,
        artifact=artifact,
        data_bucket=storage.data_bucket,
        encryption_key=storage.encryption_key,
        **options,
    )
    workflow = WorkflowStack(
        app,
        names.stack("workflow"),
        settings=settings,
        artifact=artifact,
        data_bucket=storage.data_bucket,
        encryption_key=storage.encryption_key,
        **options,
    )
    workflow.add_stack_dependency(inference)  # it knows the endpoint by its name
    MonitoringStack(
        app,
        names.stack("monitoring"),
        settings=settings,
        artifact=artifact,
        data_bucket=storage.data_bucket,
        inference=inference,
        workflow=workflow,
        encryption_key=storage.encryption_key,
        **options,
    )
    return app


def read_context(app: App) -> tuple[StageSettings, ModelArtifact]:
    """The stage that `-c stage=` names and its artifact; raises SettingsError or ArtifactError."""
    stage = app.node.try_get_context("stage") or DEFAULT_STAGE
    settings = read_stage(app.node.try_get_context("stages"), str(stage))
    path = app.node.try_get_context("model_artifact") or settings.model_artifact
    return settings, read_artifact(Path(__file__).parent / path)


def main() -> None:
    # Without stack traces, which name temporary files: twice must give the same bytes.
    app, problems = App(stack_traces=False), missing()
    try:
        settings, artifact = read_context(app)
    except (SettingsError, ArtifactError) as error:
        problems.append(str(error))
    if problems:
        sys.exit("\n".join(problems))
    build(app, settings, artifact)
    add_policy(
        app, own_key=settings.customer_managed_key, captured_input=settings.endpoint.capture_input
    ).synth()


if __name__ == "__main__":
    main()
