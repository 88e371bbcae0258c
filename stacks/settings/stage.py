"""What can be set for a stage: every field with its meaning, its unit and its default.

A stage is an entry of `"stages"` in cdk.json; `stacks.settings.reading` reads it. The objects are frozen,
refuse unknown keys and wrong types, and are the only way by which a setting reaches a construct: a stack
takes all of a stage's, a construct those that are its own. `docs/settings.md` is generated from them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.names import StageNames
from stacks.settings.endpoint import EndpointSettings
from stacks.settings.monitoring import MonitoringSettings
from stacks.settings.notification import NotificationSettings
from stacks.settings.setting import Settings, group, setting
from stacks.settings.storage import StorageSettings
from stacks.settings.workflow import MAX_BATCHES_AT_ONCE, WorkflowSettings

LogDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
TagKey = Annotated[str, Field(pattern=r"^[\w .:/=+@-]{1,128}$")]


class StageSettings(Settings):
    """All settings of one stage. `stage` is the entry's name and no setting of its own."""

    stage: str = Field(pattern=r"^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$", exclude=True)
    account: str | None = setting(
        None, "The only account to deploy to; none means that of the credentials", pattern=r"^\d{12}$"
    )
    region: str | None = setting(
        None,
        "The only region to deploy to; none means that of the credentials",
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d$",
    )
    termination_protection: bool = setting(False, "Refuse to delete the stacks until this is taken back")
    tags: dict[TagKey, str] = setting({}, "Tags on every stack and so on every resource in it")
    model_artifact: str = setting(
        "build/model/model.tar.gz",
        "The model to serve, as `make train` writes it; `-c model_artifact=PATH` wins",
    )
    customer_managed_key: bool = setting(
        False,
        "Encrypt bucket, captured data, volumes, logs and topic with a key of this project. Taken back, the "
        "key is kept, for what it encrypted cannot be read without it: copy the objects onto themselves or "
        "wait until they expire; after `cdk destroy`, `scones leftovers --delete` deletes it",
    )
    log_retention_days: LogDays = setting(30, "How long logs are kept", "days")
    storage: StorageSettings = group(StorageSettings, "The data bucket")
    endpoint: EndpointSettings = group(EndpointSettings, "The endpoint and its model")
    workflow: WorkflowSettings = group(WorkflowSettings, "The state machines and their functions")
    notification: NotificationSettings = group(NotificationSettings, "Failures and who hears of them")
    monitoring: MonitoringSettings = group(MonitoringSettings, "What is watched, and when people are told")

    @property
    def names(self) -> StageNames:
        """What the stage's resources are called."""
        return StageNames(self.stage)

    def threshold(self, recommended: float) -> float:
        """The least confidence that counts: the stage's own, or what the model recommends."""
        return recommended if self.workflow.threshold is None else self.workflow.threshold

    @property
    def batch_concurrency(self) -> int:
        """Batches at once: what the stage says, or else all that endpoint and functions are set to take."""
        if self.workflow.batch.max_concurrency is not None:
            return self.workflow.batch.max_concurrency
        workflow, endpoint = self.workflow, self.endpoint
        steps = (workflow.serialize_image, workflow.classify_image, workflow.filter_predictions)
        reserved = [step.reserved_concurrency for step in steps if step.reserved_concurrency is not None]
        capacity = endpoint.max_instances * endpoint.concurrent_requests_per_instance
        return min(capacity, MAX_BATCHES_AT_ONCE, *reserved)
