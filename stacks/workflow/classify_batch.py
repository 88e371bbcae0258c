"""The state machine ClassifyBatch: many images in, one result for each, one message a run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from contracts.names import StageNames
from stacks.constructs.python_function import PythonFunction
from stacks.settings.workflow import WorkflowSettings
from stacks.workflow import summary_message
from stacks.workflow.batch_map import LABEL, PLANS, RESULTS, BatchMap, allow_batches
from stacks.workflow.classification_functions import ClassificationFunctions
from stacks.workflow.function_step import ENDPOINT_ERRORS, STORAGE_ERRORS, function_step, retry_on
from stacks.workflow.standard_machine import standard_machine

INPUT_EXAMPLE = {"s3_bucket": "my-bucket", "s3_prefix": "inbox/2026-11-20/"}
COMMENT = (
    f"Classifies many images. Input: {json.dumps(INPUT_EXAMPLE)}. "
    "s3_bucket may be left out (the data bucket); in place of s3_prefix there can be manifest_key, that "
    'of JSON lines {"s3_bucket", "s3_key"}, or images, an array of the same; threshold, batch_size, '
    "max_concurrency and tolerated_failure_percentage may be given."
)


class ClassifyBatch(Construct):
    """Plan batches, classify each in a child execution, merge the results, tell people what came of it.

    Nothing is caught: a step that fails ends the execution there, so that a redrive goes on from there, with
    the failed batches only, and a rule on the execution's status tells people.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: StageNames,
        settings: WorkflowSettings,
        log_days: int,
        functions: ClassificationFunctions,
        data_bucket: s3.IBucket,
        topic: sns.ITopic,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self._retry = settings.retry
        plan = self._step(
            "Plan batches", "Lists the images, numbers them, cuts the list", functions.plan_batches
        )
        batches = BatchMap(self, "Classify batches", comment="One child execution a batch")
        batches.item_processor(self._batch(functions))
        merge = self._step(
            "Merge results", "Writes each image's result, proves none is missing", functions.merge_results
        )
        self.state_machine = standard_machine(
            self,
            plan.next(batches).next(merge).next(self._tell(topic, names)),
            name=names.batch_machine,
            comment=COMMENT,
            timeout_seconds=settings.batch.timeout_seconds,
            log_days=log_days,
            log_execution_data=settings.log_execution_data,
            encryption_key=encryption_key,
            wildcards={
                f"/{PLANS}": "Each execution has a plan of its own",
                f"/{RESULTS}": "Each execution has results of its own",
                "]}:*": "Executions of this machine, whose names nobody knows before",
                f"/{LABEL}:*": "Child executions of its map, whose names nobody knows before",
            },
        )
        allow_batches(self.state_machine, data_bucket)

    def _batch(self, functions: ClassificationFunctions) -> sfn.Chain:
        """The three steps of a single image, for a batch. They are told the run's name, not the child's,
        which is another one in each attempt."""
        name = "{% $states.input.execution_name %}"
        serialize = self._step(
            "Serialize images",
            "Reads the images and packs them",
            functions.serialize_image,
            execution_name=name,
            assign={"execution_name": name},
        )
        classify = self._step(
            "Classify images",
            "Asks the endpoint, once a pack",
            functions.classify_image,
            STORAGE_ERRORS + ENDPOINT_ERRORS,
            execution_name="{% $execution_name %}",
        )
        keep = self._step(
            "Keep confident predictions",
            "Applies the threshold to each",
            functions.filter_predictions,
            retried=(),
            execution_name="{% $execution_name %}",
        )
        return sfn.Chain.start(serialize).next(classify).next(keep)

    def _step(
        self,
        name: str,
        comment: str,
        worker: PythonFunction,
        retried: Sequence[str] = STORAGE_ERRORS,
        **naming: Any,
    ) -> tasks.LambdaInvoke:
        return function_step(self, name, comment, worker, retry=self._retry, retried=retried, **naming)

    def _tell(self, topic: sns.ITopic, names: StageNames) -> tasks.SnsPublish:
        """The last step. Where nobody can be told the execution fails here, and can be redriven from here."""
        tell = tasks.SnsPublish.jsonata(
            self,
            "Tell summary",
            comment="One message a run: what came of it, and where the results are",
            topic=topic,
            subject=summary_message.subject(names.prefix),
            message=sfn.TaskInput.from_text(summary_message.message(names.stage)),
            outputs="{% $states.input %}",
        )
        retry_on(tell, ["States.TaskFailed"], self._retry)
        return tell
