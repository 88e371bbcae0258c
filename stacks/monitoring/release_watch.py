"""What tells people of a release that did not take place, and clears away the models of old ones."""

from __future__ import annotations

import json

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from contracts.names import PROJECT, RELEASES_FOLDER, StageNames
from stacks.constructs.accepted_finding import KEY_ACTIONS, accept_wildcards
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.endpoint_grants import ACCEPTED, looking_at_endpoint
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.runbook import Runbook
from stacks.settings.functions import FunctionSettings

SETTLED_WITHIN_SECONDS = 900
STATUSES = ["IN_SERVICE", "ROLLING_BACK", "FAILED", "UPDATE_ROLLBACK_FAILED"]
SECTION = "A release that was rolled back"
"""Of the runbook."""


class ReleaseWatch(Construct):
    """A rule on the endpoint's status, and a function that looks at what serves then."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: StageNames,
        data_bucket: s3.IBucket,
        topic: sns.ITopic,
        runbook: Runbook,
        dead_letters: DeadLetters,
        log_days: int,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self.worker = PythonFunction(
            self,
            "Watch",
            name=names.release_watch,
            module="lambda_src.watch_releases",
            description="Tells people of a release that was rolled back, clears away old models",
            # Its contract is lambda_src/core/releases/environment.py.
            environment={
                "ENDPOINT_NAME": names.endpoint,
                "DATA_BUCKET": data_bucket.bucket_name,
                "RELEASES_PREFIX": RELEASES_FOLDER,
                "TOPIC_ARN": topic.topic_arn,
                "RUNBOOK": runbook.section(SECTION),
                "TAGS": json.dumps({"project": PROJECT, "stage": names.stage}),
            },
            settings=FunctionSettings(timeout_seconds=SETTLED_WITHIN_SECONDS),
            log_days=log_days,
            encryption_key=encryption_key,
        )
        role = self.worker.role
        for statement in (*looking_at_endpoint(self, names), *self._clearing(names), *_keeping(data_bucket)):
            role.add_to_policy(statement)
        topic.grant_publish(role)
        if encryption_key:
            encryption_key.grant_encrypt_decrypt(role)
        accept_wildcards(
            role,
            {
                **ACCEPTED,
                f":role/{names.prefix}/*": "Roles of models of this stage, told apart by their path",
                f"/{RELEASES_FOLDER}*": "Each release has an object of its own",
                "*": "ListEndpointConfigs knows no resources",
                "kms:GenerateDataKey*": KEY_ACTIONS,
                "kms:ReEncrypt*": KEY_ACTIONS,
            },
        )
        self._watch(names, dead_letters)

    def _watch(self, names: StageNames, dead_letters: DeadLetters) -> None:
        rule = events.Rule(
            self,
            "Rule",
            rule_name=names.release_watch,
            description="Changes of the endpoint's status",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=["SageMaker Endpoint State Change"],
                detail={"EndpointName": [names.endpoint], "EndpointStatus": STATUSES},
            ),
        )
        rule.add_target(targets.LambdaFunction(self.worker.function, dead_letter_queue=dead_letters.queue))
        dead_letters.watch(rule)

    def _clearing(self, names: StageNames) -> list[iam.PolicyStatement]:
        """Configs and models that bear the stage's tags, roles below its path."""
        stack = Stack.of(self)
        kinds = [
            stack.format_arn(service="sagemaker", resource=resource, resource_name="*")
            for resource in ("endpoint-config", "model")
        ]
        roles = stack.format_arn(service="iam", region="", resource="role", resource_name=f"{names.prefix}/*")
        tagged = {"aws:ResourceTag/project": PROJECT, "aws:ResourceTag/stage": names.stage}
        deleting = ["sagemaker:DeleteEndpointConfig", "sagemaker:DeleteModel"]
        clearing = ["iam:ListRolePolicies", "iam:DeleteRolePolicy", "iam:DeleteRole"]
        return [
            iam.PolicyStatement(actions=["sagemaker:ListEndpointConfigs"], resources=["*"]),
            iam.PolicyStatement(actions=["sagemaker:ListTags"], resources=kinds),
            iam.PolicyStatement(actions=deleting, resources=kinds, conditions={"StringEquals": tagged}),
            iam.PolicyStatement(actions=clearing, resources=[roles]),
        ]


def _keeping(data_bucket: s3.IBucket) -> list[iam.PolicyStatement]:
    """Where releases are written down; listing tells a missing object from a forbidden one."""
    own = data_bucket.arn_for_objects(f"{RELEASES_FOLDER}*")
    return [
        iam.PolicyStatement(actions=["s3:ListBucket"], resources=[data_bucket.bucket_arn]),
        iam.PolicyStatement(actions=["s3:GetObject", "s3:PutObject"], resources=[own]),
    ]
