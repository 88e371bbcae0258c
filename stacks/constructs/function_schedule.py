"""A function that runs every so many minutes."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from stacks.constructs.accepted_finding import accept_wildcards
from stacks.constructs.dead_letters import DeadLetters


class FunctionSchedule(Construct):
    """Starts the function every so many minutes, the first time at once, with a role for that alone.

    An attempt that does not reach Lambda is made twice more, until the next one is due, then kept in
    `dead_letters`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        description: str,
        minutes: int,
        function: lambda_.IFunction,
        dead_letters: DeadLetters,
    ) -> None:
        super().__init__(scope, id)
        every, role = Duration.minutes(minutes), self._role(name)
        self.schedule = scheduler.Schedule(
            self,
            "Schedule",
            schedule_name=name,
            description=description,
            schedule=scheduler.ScheduleExpression.rate(every),
            target=targets.LambdaInvoke(
                function,
                role=role,
                retry_attempts=2,
                max_event_age=every,
                dead_letter_queue=dead_letters.queue,
                input=scheduler.ScheduleTargetInput.from_object({}),
            ),
        )
        # The first run is at once, and would be refused while the role has no policy.
        self.schedule.node.add_dependency(role)

    def _role(self, name: str) -> iam.Role:
        """For schedules of this account's default group: the service names no other source."""
        stack = Stack.of(self)
        group = stack.format_arn(service="scheduler", resource="schedule-group", resource_name="default")
        role = iam.Role(
            self,
            "Role",
            description=f"Lets the schedule start {name}",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": stack.account, "aws:SourceArn": group}},
            ),
        )
        accept_wildcards(role, {".Arn>:*": "Versions of the function, which the grant of CDK covers too"})
        return role
