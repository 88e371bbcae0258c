"""The workflow stack as the monitoring stack sees it: by the names of what it has."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from contracts.names import RUN_STEPS, STEPS, StageNames, function_log_group


class WatchedWorkflow(Construct):
    """Not by references: each would be an output of the other stack, beside the few that are for people.

    `functions`: names by what the dashboard calls them, in the order of an image's way; `log_groups` of them
    likewise; `machines`: names. `inbox`: whether there is one.
    """

    def __init__(self, scope: Construct, id: str, *, names: StageNames, inbox: bool) -> None:
        super().__init__(scope, id)
        topic_arn = Stack.of(self).format_arn(service="sns", resource=names.topic)
        self.topic = sns.Topic.from_topic_arn(self, "Topic", topic_arn)
        self.machines = (names.image_machine, names.batch_machine)
        self.image_machine = self._machine("ClassifyImage", names.image_machine)
        self.batch_machine = self._machine("ClassifyBatch", names.batch_machine)
        self.functions = {_title(step): names.function(step) for step in (*STEPS, *RUN_STEPS)}
        if inbox:
            self.functions["Inbox"] = names.inbox
        self.log_groups = {
            title: logs.LogGroup.from_log_group_name(self, f"{title}Logs", function_log_group(name))
            for title, name in self.functions.items()
        }

    def _machine(self, id: str, name: str) -> sfn.IStateMachine:
        return sfn.StateMachine.from_state_machine_name(self, id, name)


def _title(step: str) -> str:
    return "".join(word.capitalize() for word in step.split("-"))
