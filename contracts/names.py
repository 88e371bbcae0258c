"""The names of a stage's resources, for who makes them and for who looks for them.

Only what is found by its name has one: CloudFormation names the rest, and the stacks' outputs tell.
A changed name makes CloudFormation replace the resource.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

PROJECT = "scones"
DEFAULT_STAGE = "dev"
"""The stage that is meant where none is named."""
LOOPBACK_STAGE = "local"
"""The stage for AWS on loopback, and the one that is meant there."""
LOOPBACK_ACCOUNT = "000000000000"
"""The account of AWS on loopback, as of other emulators: it has no console and e-mails nobody."""
METRICS = PROJECT
"""Namespace of what the monitor emits; the stage is a dimension."""
VARIANT = "AllTraffic"
"""The endpoint's only variant."""

CAPTURE_FOLDER = "data-capture/"
RESULTS_FOLDER = "results/"
# Not below the results: a lifecycle rule names a prefix without wildcards, and packs go much sooner.
PACKS_FOLDER = "batch-packs/"
REPORTS_FOLDER = "reports/"
# Where the monitor keeps its place. No rule deletes it: it is one object, overwritten by each run.
MONITOR_FOLDER = "monitor/"
# Where the inbox keeps what it has handed on. No rule deletes it: it is one object, too.
GATHERING_FOLDER = "gathering/"
# What became of each release. No rule deletes it: it is an object each.
RELEASES_FOLDER = "releases/"
OWN_FOLDERS = (
    CAPTURE_FOLDER,
    RESULTS_FOLDER,
    PACKS_FOLDER,
    REPORTS_FOLDER,
    MONITOR_FOLDER,
    GATHERING_FOLDER,
    RELEASES_FOLDER,
)
"""Where the application itself writes in the data bucket: no images of anybody."""
UPLOADS = "uploads/"
"""Where `scones classify` puts images of its machine, whose executions it starts itself."""

StackPart = Literal["storage", "inference", "workflow", "monitoring"]
Step = Literal["serialize-image", "classify-image", "filter-predictions"]
RunStep = Literal["plan-batches", "merge-results"]

STEPS: tuple[Step, ...] = ("serialize-image", "classify-image", "filter-predictions")
"""Functions that one image or one batch goes through, in its order."""
RUN_STEPS: tuple[RunStep, ...] = ("plan-batches", "merge-results")
"""The first and the last function of an execution over many images."""


@dataclass(frozen=True)
class StageNames:
    """Names of the resources of one stage, such as `dev`."""

    stage: str

    @property
    def prefix(self) -> str:
        """What the names below begin with: `scones-dev`."""
        return f"{PROJECT}-{self.stage}"

    def stack(self, part: StackPart) -> str:
        """A CloudFormation stack: `scones-dev-storage`."""
        return f"{self.prefix}-{part}"

    @property
    def endpoint(self) -> str:
        """Constant for a stage: a changed name would replace the endpoint instead of updating it."""
        return self.prefix

    @property
    def image_machine(self) -> str:
        """The state machine ClassifyImage."""
        return f"{self.prefix}-classify-image"

    @property
    def batch_machine(self) -> str:
        """The state machine ClassifyBatch."""
        return f"{self.prefix}-classify-batch"

    @property
    def image_machine_stopped(self) -> str:
        """The rule on executions of ClassifyImage that ran out of time or were aborted."""
        return f"{self.image_machine}-stopped"

    @property
    def batch_machine_stopped(self) -> str:
        """The rule on executions of ClassifyBatch that did not succeed."""
        return f"{self.batch_machine}-stopped"

    def function(self, step: Step | RunStep) -> str:
        """The function of a workflow's step. That of `classify-image` is named as a state machine is."""
        return f"{self.prefix}-{step}"

    @property
    def inbox(self) -> str:
        """The rule on new objects, their queue, the function that hands them on, and its schedule."""
        return f"{self.prefix}-inbox"

    @property
    def topic(self) -> str:
        """The SNS topic where failures and summaries are told."""
        return f"{self.prefix}-failures"

    @property
    def monitor(self) -> str:
        """The function that looks at captured data, and the schedule that starts it."""
        return f"{self.prefix}-monitor"

    @property
    def monitor_packages(self) -> str:
        """The layer with what the monitor imports that is no source of this project."""
        return f"{self.prefix}-monitor-packages"

    @property
    def release_check(self) -> str:
        """The function that fails a deployment whose model does not serve."""
        return f"{self.prefix}-release-check"

    @property
    def release_watch(self) -> str:
        """The rule on the endpoint's status, and the function that tells of a release rolled back."""
        return f"{self.prefix}-release-watch"

    @property
    def dashboard(self) -> str:
        """The CloudWatch dashboard."""
        return self.prefix

    def alarm(self, slug: str) -> str:
        """An alarm by its heading in the runbook, or an incident: `scones-dev-drift`, `scones-dev-model`."""
        return f"{self.prefix}-{slug}"

    @property
    def errors_namespace(self) -> str:
        """Namespace of errors in functions' logs: a filter of a log cannot add the stage as a dimension."""
        return f"{METRICS}/{self.stage}"

    @property
    def key_alias(self) -> str:
        """Alias of the stage's own key."""
        return f"alias/{self.prefix}"

    @property
    def image_build(self) -> str:
        """The CodeBuild project that makes the serving image."""
        return f"{self.prefix}-serving-image"

    @property
    def image_build_start(self) -> str:
        """The function that starts that project and waits for it."""
        return f"{self.image_build}-start"

    @property
    def image_build_ended(self) -> str:
        """The rule on builds of that project that have ended."""
        return f"{self.image_build}-ended"


def dead_letters(stack: str) -> str:
    """The queue for what this stack's rules, schedules and topics could not hand over."""
    return f"{stack}-dead-letters"


def function_log_group(function: str) -> str:
    """Where a function of this name logs."""
    return f"/aws/lambda/{function}"


def machine_log_group(machine: str) -> str:
    """Where a state machine of this name logs: below the prefix that keeps the account's log resource policy
    from growing with each machine."""
    return f"/aws/vendedlogs/states/{machine}"


def endpoint_log_group(endpoint: str) -> str:
    """Where SageMaker writes what the endpoint's container prints; the name is not ours to choose."""
    return f"/aws/sagemaker/Endpoints/{endpoint}"


def build_log_group(project: str) -> str:
    """Where a CodeBuild project of this name logs."""
    return f"/aws/codebuild/{project}"


def complete_stages(stacks: Iterable[str], parts: Iterable[StackPart]) -> list[str]:
    """Stages that have a stack of each of `parts` among these names of stacks, sorted."""
    there, wanted = set(stacks), tuple(parts)
    first = f"-{wanted[0]}"
    stages = {
        name.removeprefix(f"{PROJECT}-").removesuffix(first)
        for name in there
        if name.startswith(f"{PROJECT}-") and name.endswith(first)
    }
    return sorted(stage for stage in stages if all(StageNames(stage).stack(part) in there for part in wanted))
