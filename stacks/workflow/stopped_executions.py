"""Executions that a workflow cannot report itself, told of by their change of status."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

STOPPED = ("TIMED_OUT", "ABORTED")
UNSUCCESSFUL = ("FAILED", *STOPPED)

_EXECUTION = events.EventField.from_path("$.detail.executionArn")
_MACHINE = events.EventField.from_path("$.detail.stateMachineArn")
_STATUS = events.EventField.from_path("$.detail.status")
_INPUT = events.EventField.from_path("$.detail.input")


class StoppedExecutions(Construct):
    """Tells of executions of ClassifyImage, which tells of its failed steps itself, that ran out of time or
    were aborted."""

    def __init__(self, scope: Construct, id: str, *, machine: sfn.StateMachine, topic: sns.ITopic) -> None:
        super().__init__(scope, id)
        description = "Tells people of executions that timed out or were aborted"
        _tell_of(self, machine, STOPPED, description, topic, image_lines())


class StoppedBatchExecutions(Construct):
    """Tells of executions of ClassifyBatch that did not come to their summary, whatever kept them from it."""

    def __init__(self, scope: Construct, id: str, *, machine: sfn.StateMachine, topic: sns.ITopic) -> None:
        super().__init__(scope, id)
        description = "Tells people of executions over many images that did not succeed"
        _tell_of(self, machine, UNSUCCESSFUL, description, topic, batch_lines())


def _tell_of(
    scope: Construct,
    machine: sfn.StateMachine,
    statuses: Sequence[str],
    description: str,
    topic: sns.ITopic,
    lines: Sequence[str],
) -> None:
    """A rule on the executions' status, one message each: `lines`, with fields of the event."""
    rule = events.Rule(
        scope,
        "Rule",
        description=description,
        event_pattern=events.EventPattern(
            source=["aws.states"],
            detail_type=["Step Functions Execution Status Change"],
            detail={"status": list(statuses), "stateMachineArn": [machine.state_machine_arn]},
        ),
    )
    message = events.RuleTargetInput.from_multiline_text("\n".join(lines))
    rule.add_target(targets.SnsTopic(topic, message=message))


def image_lines() -> list[str]:
    """Of ClassifyImage.

    The image is named by the input as a whole: a rule cannot look into what the event carries as a string.
    Step Functions leaves an input out of its event that would make it too large to be told.
    """
    return [
        f"What failed: the execution ({_STATUS})",
        f"Image: the one in the input {_INPUT}",
        "Why: it ran out of time (TIMED_OUT) or somebody stopped it (ABORTED)",
        *_where(),
        "To run it again:",
        *_run_again(),
    ]


def batch_lines() -> list[str]:
    """Of ClassifyBatch, with the error and the cause of its last state."""
    error, cause = (events.EventField.from_path(f"$.detail.{name}") for name in ("error", "cause"))
    return [
        f"What failed: the execution over many images ({_STATUS}) {error}",
        f"Images: those of the input {_INPUT}",
        f"Why: {cause}",
        "TIMED_OUT without a reason: it ran out of time. ABORTED without one: somebody stopped it.",
        *_where(),
        "To go on where it stopped, with the batches that have no result yet, within 14 days:",
        f"aws stepfunctions redrive-execution --execution-arn {_EXECUTION}",
        "To run all of it again:",
        *_run_again(),
    ]


def _where() -> list[str]:
    region = events.EventField.from_path("$.region")
    console = f"https://{region}.console.aws.amazon.com/states/home?region={region}"
    return [f"Execution: {_EXECUTION}", f"Console: {console}#/v2/executions/details/{_EXECUTION}"]


def _run_again() -> list[str]:
    return [
        f"aws stepfunctions describe-execution --execution-arn {_EXECUTION} "
        "--query input --output text > input.json",
        f"aws stepfunctions start-execution --state-machine-arn {_MACHINE} --input file://input.json",
    ]
