"""The workflows' functions, each told what it needs to know and nothing else."""

from __future__ import annotations

from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.artifact import ModelArtifact
from stacks.constructs.python_function import PythonFunction
from stacks.settings import StageSettings
from stacks.settings.functions import FunctionSettings
from stacks.storage.data_bucket import PACKS_PREFIX


class ClassificationFunctions(Construct):
    """What they may do is granted by the stack.

    Serialize image, classify image and filter predictions take one image or a batch; plan batches and merge
    results are the first and the last step of an execution over many images.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: StageSettings,
        artifact: ModelArtifact,
        bucket_name: str,
        endpoint_name: str,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self._settings = settings
        self._encryption_key = encryption_key
        workflow = settings.workflow
        threshold = str(settings.threshold(artifact.threshold))
        steps = (workflow.serialize_image, workflow.classify_image, workflow.filter_predictions)
        self.serialize_image = self._function(
            "SerializeImage",
            "serialize_image",
            "Checks the input and reads the image",
            workflow.serialize_image,
            DATA_BUCKET=bucket_name,
            PACKS_PREFIX=PACKS_PREFIX,
        )
        self.classify_image = self._function(
            "ClassifyImage",
            "classify_image",
            "Asks the endpoint what the image shows",
            workflow.classify_image,
            ENDPOINT_NAME=endpoint_name,
            CLASS_COUNT=str(len(artifact.classes)),
            MODEL_DIGEST=artifact.sha256,
        )
        self.filter_predictions = self._function(
            "FilterPredictions",
            "filter_predictions",
            "Keeps a confident prediction",
            workflow.filter_predictions,
            CLASS_NAMES=artifact.class_names,
            THRESHOLD=threshold,
        )
        self.plan_batches = self._function(
            "PlanBatches",
            "plan_batches",
            "Lists the images and plans the batches",
            workflow.batch.plan_batches,
            DATA_BUCKET=bucket_name,
            CLASS_NAMES=artifact.class_names,
            BATCH_SIZE=str(workflow.batch.size),
            MAX_CONCURRENCY=str(settings.batch_concurrency),
            TOLERATED_FAILURE_PERCENTAGE=str(workflow.batch.tolerated_failure_percentage),
        )
        self.merge_results = self._function(
            "MergeResults",
            "merge_results",
            "Merges what the batches answered, each image once",
            workflow.batch.merge_results,
            DATA_BUCKET=bucket_name,
            CLASS_NAMES=artifact.class_names,
            THRESHOLD=threshold,
            MODEL_DIGEST=artifact.sha256,
            FUNCTION_MEMORY_MB=str(max(step.memory_mb for step in steps)),
        )

    @property
    def all(self) -> tuple[PythonFunction, ...]:
        """Those that take an image's way, in its order, then those of executions over many."""
        return (
            self.serialize_image,
            self.classify_image,
            self.filter_predictions,
            self.plan_batches,
            self.merge_results,
        )

    def _function(
        self, id: str, module: str, description: str, size: FunctionSettings, **environment: str
    ) -> PythonFunction:
        return PythonFunction(
            self,
            id,
            name=self._settings.named(module.replace("_", "-")),
            module=f"lambda_src.{module}",
            description=description,
            environment=environment,
            settings=size,
            log_days=self._settings.log_retention_days,
            encryption_key=self._encryption_key,
        )
