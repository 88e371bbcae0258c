"""The workflows' functions, each told what it needs to know and nothing else."""

from __future__ import annotations

from aws_cdk import aws_kms as kms
from constructs import Construct

from contracts.names import PACKS_FOLDER, RunStep, StageNames, Step
from stacks.artifact import ModelArtifact
from stacks.constructs.python_function import PythonFunction
from stacks.settings.functions import FunctionSettings
from stacks.settings.workflow import WorkflowSettings


class ClassificationFunctions(Construct):
    """What they may do is granted by the stack.

    Serialize image, classify image and filter predictions take one image or a batch; plan batches and merge
    results are the first and the last step of an execution over many images. `threshold` is the least
    confidence that counts, `max_concurrency` the batches at once, `required_share` how much of a damaged
    picture must be there.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: StageNames,
        settings: WorkflowSettings,
        threshold: float,
        max_concurrency: int,
        required_share: float,
        log_days: int,
        artifact: ModelArtifact,
        bucket_name: str,
        endpoint_name: str,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self._names = names
        self._log_days = log_days
        self._encryption_key = encryption_key
        steps = (settings.serialize_image, settings.classify_image, settings.filter_predictions)
        self.serialize_image = self._function(
            "SerializeImage",
            "serialize-image",
            "Checks the input and reads the image",
            settings.serialize_image,
            DATA_BUCKET=bucket_name,
            PACKS_PREFIX=PACKS_FOLDER,
            REQUIRED_SHARE=str(required_share),
        )
        self.classify_image = self._function(
            "ClassifyImage",
            "classify-image",
            "Asks the endpoint what the image shows",
            settings.classify_image,
            ENDPOINT_NAME=endpoint_name,
            CLASS_COUNT=str(len(artifact.classes)),
            MODEL_DIGEST=artifact.sha256,
        )
        self.filter_predictions = self._function(
            "FilterPredictions",
            "filter-predictions",
            "Keeps a confident prediction",
            settings.filter_predictions,
            CLASS_NAMES=artifact.class_names,
            THRESHOLD=str(threshold),
        )
        self.plan_batches = self._function(
            "PlanBatches",
            "plan-batches",
            "Lists the images and plans the batches",
            settings.batch.plan_batches,
            DATA_BUCKET=bucket_name,
            CLASS_NAMES=artifact.class_names,
            BATCH_SIZE=str(settings.batch.size),
            MAX_CONCURRENCY=str(max_concurrency),
            TOLERATED_FAILURE_PERCENTAGE=str(settings.batch.tolerated_failure_percentage),
        )
        self.merge_results = self._function(
            "MergeResults",
            "merge-results",
            "Merges what the batches answered, each image once",
            settings.batch.merge_results,
            DATA_BUCKET=bucket_name,
            CLASS_NAMES=artifact.class_names,
            THRESHOLD=str(threshold),
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
        self, id: str, step: Step | RunStep, description: str, size: FunctionSettings, **environment: str
    ) -> PythonFunction:
        return PythonFunction(
            self,
            id,
            name=self._names.function(step),
            module=f"lambda_src.{step.replace('-', '_')}",
            description=description,
            environment=environment,
            settings=size,
            log_days=self._log_days,
            encryption_key=self._encryption_key,
        )
