"""The workflow's three functions, each told what it needs to know and nothing else."""

from __future__ import annotations

from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.artifact import ModelArtifact
from stacks.constructs.python_function import PythonFunction
from stacks.settings import FunctionSettings, StageSettings


class ClassificationFunctions(Construct):
    """Serialize image, classify image, filter predictions: what they may do is granted by the stack."""

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
        threshold = artifact.threshold if workflow.threshold is None else workflow.threshold
        self.serialize_image = self._function(
            "SerializeImage",
            "serialize_image",
            "Checks the input and reads the image",
            workflow.serialize_image,
            DATA_BUCKET=bucket_name,
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
            THRESHOLD=str(threshold),
        )

    def _function(
        self, id: str, module: str, description: str, size: FunctionSettings, **environment: str
    ) -> PythonFunction:
        return PythonFunction(
            self,
            id,
            name=self._settings.named(module.replace("_", "-")),
            module=module,
            description=description,
            environment=environment,
            settings=size,
            log_days=self._settings.log_retention_days,
            encryption_key=self._encryption_key,
        )
