"""The state machine ClassifyImage: one image in, one answer out, or one notification that says why not."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from contracts.names import StageNames
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.runbook import Runbook
from stacks.settings.workflow import WorkflowSettings
from stacks.workflow import failure_message
from stacks.workflow.classification_functions import ClassificationFunctions
from stacks.workflow.function_step import ENDPOINT_ERRORS, STORAGE_ERRORS, function_step, retry_on
from stacks.workflow.standard_machine import standard_machine

ERRORS = "Errors of the functions"
"""The chapter of the runbook that has a section for each."""
INPUT_EXAMPLE = {"image_data": "", "s3_bucket": "my-bucket", "s3_key": "test/bicycle_s_000513.png"}
COMMENT = (
    f"Classifies one image. Input: {json.dumps(INPUT_EXAMPLE)}. "
    "s3_bucket may be left out (the data bucket); threshold, from 0 to 1, may be given; "
    "a non-empty image_data is the image itself in base64."
)


class ClassifyImage(Construct):
    """Serialize image, classify image, keep a confident prediction; tell people when a step fails."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: StageNames,
        settings: WorkflowSettings,
        log_days: int,
        functions: ClassificationFunctions,
        topic: sns.ITopic,
        runbook: Runbook,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self._retry = settings.retry
        self._failure = self._notify(topic, names.prefix, runbook)
        serialize = self._step(
            "Serialize image", "Reads the image", functions.serialize_image, STORAGE_ERRORS
        )
        classify = self._step(
            "Classify image", "Asks the endpoint", functions.classify_image, STORAGE_ERRORS + ENDPOINT_ERRORS
        )
        keep = self._step("Keep confident prediction", "Applies the threshold", functions.filter_predictions)
        self.state_machine = standard_machine(
            self,
            sfn.Chain.start(serialize).next(classify).next(keep),
            name=names.image_machine,
            comment=COMMENT,
            timeout_seconds=settings.timeout_seconds,
            log_days=log_days,
            log_execution_data=settings.log_execution_data,
            encryption_key=encryption_key,
        )

    def _step(
        self, name: str, comment: str, worker: PythonFunction, retried: Sequence[str] = ()
    ) -> tasks.LambdaInvoke:
        """A function's step, and what people are told when it fails for good."""
        step = function_step(self, name, comment, worker, retry=self._retry, retried=retried)
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

    def _notify(self, topic: sns.ITopic, prefix: str, runbook: Runbook) -> tasks.SnsPublish:
        """Publishes and ends the execution, with the error of the step even if nobody can be told."""
        failed = self._fail()
        notify = tasks.SnsPublish.jsonata(
            self,
            "Notify failure",
            comment="Says what failed, on which image, why, and how to run it again",
            topic=topic,
            subject=failure_message.subject(prefix),
            message=sfn.TaskInput.from_text(failure_message.message(runbook.section(ERRORS))),
            outputs="{% $states.input %}",
        )
        retry_on(notify, ["States.TaskFailed"], self._retry)
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
