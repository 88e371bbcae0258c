"""Executions that a workflow cannot report itself: those that ran out of time or were aborted."""

from __future__ import annotations

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

STOPPED = ["TIMED_OUT", "ABORTED"]


class StoppedExecutions(Construct):
    """A rule on the execution's status, one message each."""

    def __init__(
        self, scope: Construct, id: str, *, state_machine: sfn.StateMachine, failures: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        rule = events.Rule(
            self,
            "Rule",
            description="Tells people of executions that timed out or were aborted",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"status": STOPPED, "stateMachineArn": [state_machine.state_machine_arn]},
            ),
        )
        rule.add_target(targets.SnsTopic(failures, message=_message()))


def _message() -> events.RuleTargetInput:
    """The image is named by the input as a whole: a rule cannot look into what the event carries as a string.

    Step Functions leaves an input out of its event that would make it too large to be told.
    """
    execution = events.EventField.from_path("$.detail.executionArn")
    machine = events.EventField.from_path("$.detail.stateMachineArn")
    status = events.EventField.from_path("$.detail.status")
    given = events.EventField.from_path("$.detail.input")
    region = events.EventField.from_path("$.region")
    console = f"https://{region}.console.aws.amazon.com/states/home?region={region}"
    return events.RuleTargetInput.from_multiline_text(
        "\n".join(
            [
                f"What failed: the execution ({status})",
                f"Image: the one in the input {given}",
                "Why: it ran out of time (TIMED_OUT) or somebody stopped it (ABORTED)",
                f"Execution: {execution}",
                f"Console: {console}#/v2/executions/details/{execution}",
                "To run it again:",
                f"aws stepfunctions describe-execution --execution-arn {execution} "
                "--query input --output text > input.json",
                f"aws stepfunctions start-execution --state-machine-arn {machine} --input file://input.json",
            ]
        )
    )
