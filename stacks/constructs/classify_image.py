"""The state machine ClassifyImage: one image in, one answer out, or one notification that says why not."""

from __future__ import annotations

import json

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.constructs import failure_message
from stacks.constructs.accepted_finding import KEY_ACTIONS, accept_wildcards
from stacks.constructs.classification_functions import ClassificationFunctions
from stacks.constructs.log_retention import log_retention
from stacks.constructs.python_function import PythonFunction
from stacks.settings import RetrySettings, StageSettings

INPUT_EXAMPLE = {"image_data": "", "s3_bucket": "my-bucket", "s3_key": "test/bicycle_s_000513.png"}
COMMENT = (
    f"Classifies one image. Input: {json.dumps(INPUT_EXAMPLE)}. "
    "s3_bucket may be left out (the data bucket); threshold, from 0 to 1, may be given; "
    "a non-empty image_data is the image itself in base64."
)

# Errors that can pass by themselves. All others of the functions are final: asking again changes nothing.
LAMBDA_ERRORS = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.TooManyRequestsException",
]
STORAGE_ERRORS = ["StorageUnavailable"]
ENDPOINT_ERRORS = ["EndpointThrottled", "EndpointUnavailable", "ModelFailed"]
# A function ends by its own time-out first; the state waits a little longer for the answer to arrive.
TIMEOUT_MARGIN = Duration.seconds(5)


class ClassifyImage(Construct):
    """Serialize image, classify image, keep a confident prediction; tell people when a step fails."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: StageSettings,
        functions: ClassificationFunctions,
        failures: sns.ITopic,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        name = settings.named("classify-image")
        workflow = settings.workflow
        self._retry = workflow.retry
        self._failure = self._notify(failures, f"scones-{settings.stage}")
        serialize = self._step(
            "Serialize image", "Reads the image", functions.serialize_image, STORAGE_ERRORS
        )
        classify = self._step(
            "Classify image", "Asks the endpoint", functions.classify_image, STORAGE_ERRORS + ENDPOINT_ERRORS
        )
        keep = self._step("Keep confident prediction", "Applies the threshold", functions.filter_predictions)
        definition = sfn.Chain.start(serialize).next(classify).next(keep)
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=name,
            state_machine_type=sfn.StateMachineType.STANDARD,
            definition_body=sfn.DefinitionBody.from_chainable(definition),
            query_language=sfn.QueryLanguage.JSONATA,
            comment=COMMENT,
            timeout=Duration.seconds(workflow.timeout_seconds),
            tracing_enabled=True,
            logs=sfn.LogOptions(
                level=sfn.LogLevel.ALL,
                include_execution_data=workflow.log_execution_data,
                destination=self._logs(name, settings.log_retention_days, encryption_key),
            ),
        )
        if encryption_key:
            encryption_key.grant_encrypt_decrypt(self.state_machine.role)
        accept_wildcards(
            self.state_machine,
            {
                ".Arn>:*": "Versions of the three functions, which the grant of CDK covers too",
                "*": "X-Ray's actions and the delivery of logs know no resources",
                "kms:GenerateDataKey*": KEY_ACTIONS,
                "kms:ReEncrypt*": KEY_ACTIONS,
            },
        )

    def _logs(self, name: str, days: int, encryption_key: kms.IKey | None) -> logs.LogGroup:
        """Below the prefix that keeps the account's log resource policy from growing with each machine."""
        return logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/vendedlogs/states/{name}",
            retention=log_retention(days),
            encryption_key=encryption_key,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _step(
        self, name: str, comment: str, worker: PythonFunction, retried: list[str] | None = None
    ) -> tasks.LambdaInvoke:
        """One function: told the execution's name and the state's input, answering the next state's."""
        step = tasks.LambdaInvoke.jsonata(
            self,
            name,
            comment=comment,
            lambda_function=worker.function,
            payload=sfn.TaskInput.from_object(
                {
                    "execution_name": "{% $states.context.Execution.Name %}",
                    "input": "{% $states.input %}",
                }
            ),
            outputs="{% $states.result.Payload %}",
            retry_on_service_exceptions=False,
            task_timeout=sfn.Timeout.duration(worker.timeout.plus(TIMEOUT_MARGIN)),
        )
        self._retry_on(step, LAMBDA_ERRORS)
        if retried:
            self._retry_on(step, retried)
        step.add_catch(
            self._failure,
            errors=["States.ALL"],
            outputs={
                "Error": "{% $states.errorOutput.Error %}",
                "Cause": '{% $exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : "" %}',
                "State": name,
            },
        )
        return step

    def _retry_on(self, step: sfn.TaskStateBase, errors: list[str]) -> None:
        retry: RetrySettings = self._retry
        step.add_retry(
            errors=errors,
            interval=Duration.seconds(retry.interval_seconds),
            backoff_rate=retry.backoff_rate,
            max_delay=Duration.seconds(retry.max_delay_seconds),
            max_attempts=retry.max_attempts,
            jitter_strategy=sfn.JitterType.FULL,
        )

    def _notify(self, failures: sns.ITopic, project: str) -> tasks.SnsPublish:
        """Publishes and ends the execution, with the error of the step even if nobody can be told."""
        failed = self._fail()
        notify = tasks.SnsPublish.jsonata(
            self,
            "Notify failure",
            comment="Says what failed, on which image, why, and how to run it again",
            topic=failures,
            subject=failure_message.subject(project),
            message=sfn.TaskInput.from_text(failure_message.message()),
            outputs="{% $states.input %}",
        )
        self._retry_on(notify, ["States.TaskFailed"])
        notify.add_catch(failed, errors=["States.ALL"], outputs="{% $states.input %}")
        notify.next(failed)
        return notify

    def _fail(self) -> sfn.Fail:
        return sfn.Fail.jsonata(
            self,
            "Classification failed",
            comment="Ends the execution with the error of the step that failed",
            error="{% $states.input.Error %}",
            cause="{% $states.input.Cause %}",
        )
