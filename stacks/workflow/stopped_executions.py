"""Executions that a workflow cannot report itself, told of by their change of status."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.console import console_host
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.runbook import Runbook

STOPPED = ("TIMED_OUT", "ABORTED")
UNSUCCESSFUL = ("FAILED", *STOPPED)

_EXECUTION = events.EventField.from_path("$.detail.executionArn")
_MACHINE = events.EventField.from_path("$.detail.stateMachineArn")
_STATUS = events.EventField.from_path("$.detail.status")
# EventBridge puts values into a text as they are: a quote in an input, an error or a cause would end it, and
# the message would be dropped. So only such are taken as AWS makes itself, which have no quotes.


class StoppedExecutions(Construct):
    """Tells of executions of ClassifyImage, which tells of its failed steps itself, that ran out of time or
    were aborted."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        machine: sfn.StateMachine,
        topic: sns.ITopic,
        runbook: Runbook,
        dead_letters: DeadLetters,
    ) -> None:
        super().__init__(scope, id)
        description = "Tells people of executions that timed out or were aborted"
        lines = image_lines(console_host(self), runbook)
        _tell_of(self, name, machine, STOPPED, description, topic, dead_letters, lines)


class StoppedBatchExecutions(Construct):
    """Tells of executions of ClassifyBatch that did not come to their summary, whatever kept them from it."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        machine: sfn.StateMachine,
        topic: sns.ITopic,
        runbook: Runbook,
        dead_letters: DeadLetters,
    ) -> None:
        super().__init__(scope, id)
        description = "Tells people of executions over many images that did not succeed"
        lines = batch_lines(console_host(self), runbook)
        _tell_of(self, name, machine, UNSUCCESSFUL, description, topic, dead_letters, lines)


def _tell_of(
    scope: Construct,
    name: str,
    machine: sfn.StateMachine,
    statuses: Sequence[str],
    description: str,
    topic: sns.ITopic,
    dead_letters: DeadLetters,
    lines: Sequence[str],
) -> None:
    """A rule on the executions' status, one message each: `lines`, with fields of the event."""
    rule = events.Rule(
        scope,
        "Rule",
        rule_name=name,
        description=description,
        event_pattern=events.EventPattern(
            source=["aws.states"],
            detail_type=["Step Functions Execution Status Change"],
            detail={"status": list(statuses), "stateMachineArn": [machine.state_machine_arn]},
        ),
    )
    message = events.RuleTargetInput.from_multiline_text("\n".join(lines))
    rule.add_target(targets.SnsTopic(topic, message=message, dead_letter_queue=dead_letters.queue))
    dead_letters.watch(rule)


def image_lines(console: str, runbook: Runbook) -> list[str]:
    """Of ClassifyImage. The image is named by the execution's input, which a command shows."""
    return [
        f"What failed: the execution ({_STATUS})",
        "Why: it ran out of time (TIMED_OUT) or somebody stopped it (ABORTED)",
        *_where(console),
        "Which image, and what was said when it was stopped:",
        _details(),
        f"What to do: {runbook.section('Run it again')}",
        "To run it again:",
        *_run_again(),
    ]


def batch_lines(console: str, runbook: Runbook) -> list[str]:
    """Of ClassifyBatch. The error and the cause of its last state, and its input, a command shows."""
    return [
        f"What failed: the execution over many images ({_STATUS})",
        *_where(console),
        "Why, and which images:",
        _details(),
        "TIMED_OUT without a reason: it ran out of time. ABORTED without one: somebody stopped it.",
        f"What to do: {runbook.section('When a run fails')}",
        "To go on where it stopped, with the batches that have no result yet, within 14 days:",
        f"aws stepfunctions redrive-execution --execution-arn {_EXECUTION}",
        "To run all of it again:",
        *_run_again(),
    ]


def _where(console: str) -> list[str]:
    region = events.EventField.from_path("$.region")
    page = f"https://{region}.{console}/states/home?region={region}#/v2/executions/details/{_EXECUTION}"
    return [f"Execution: {_EXECUTION}", f"Console: {page}"]


def _details() -> str:
    """The command that shows what a message cannot hold: the error, its cause, the input."""
    return (
        f"aws stepfunctions describe-execution --execution-arn {_EXECUTION} "
        "--query '[error, cause, input]' --output text"
    )


def _run_again() -> list[str]:
    return [
        f"aws stepfunctions describe-execution --execution-arn {_EXECUTION} "
        "--query input --output text > input.json",
        f"aws stepfunctions start-execution --state-machine-arn {_MACHINE} --input file://input.json",
    ]
