"""SageMaker's and CloudWatch's side of releases: what serves, what is kept, what goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from lambda_src.aws.client import aws_client
from lambda_src.core.probabilities import short_digest
from lambda_src.core.releases.serving import RungAlarm, Serving, rollback_alarms
from lambda_src.core.releases.superseded import Release, Superseded

READ_TIMEOUT_SECONDS = 20
_GONE = re.compile("could not find|does not exist|cannot be found", re.IGNORECASE)


class Releases:
    """Those of one endpoint, whose configs, models and roles bear `tags`."""

    def __init__(self, endpoint: str, tags: dict[str, str]) -> None:
        self._endpoint = endpoint
        self._tags = tags
        self._sagemaker = aws_client("sagemaker", READ_TIMEOUT_SECONDS)

    def serving(self) -> Serving:
        """What the endpoint serves now."""
        endpoint = self._sagemaker.describe_endpoint(EndpointName=self._endpoint)
        config = endpoint["EndpointConfigName"]
        model, digest = self._model_of(config)
        return Serving(
            endpoint=self._endpoint,
            status=endpoint["EndpointStatus"],
            config=config,
            model=model,
            digest=digest,
            failure=endpoint.get("FailureReason", ""),
            changed=endpoint["LastModifiedTime"],
            alarms=self._ringing(rollback_alarms(endpoint)),
        )

    def needed(self) -> list[str]:
        """Configs that the endpoint serves, or that an update is bringing."""
        endpoint = self._sagemaker.describe_endpoint(EndpointName=self._endpoint)
        pending = endpoint.get("PendingDeploymentSummary") or {}
        return [name for name in (endpoint["EndpointConfigName"], pending.get("EndpointConfigName")) if name]

    def kept(self) -> Iterator[Release]:
        """Every config of the stage that there still is, with its model and role."""
        for page in self._sagemaker.get_paginator("list_endpoint_configs").paginate():
            for listed in page["EndpointConfigs"]:
                if self._is_ours(listed["EndpointConfigArn"]):
                    name = listed["EndpointConfigName"]
                    model = self._models(name)[0]
                    yield Release(name, model, self._role_of(model), listed["CreationTime"])

    def delete(self, old: Superseded) -> None:
        """Configs before models, models before roles; what is gone already is as good as deleted."""
        for config in old.configs:
            _unless_gone(self._sagemaker.delete_endpoint_config, EndpointConfigName=config)
        for model in old.models:
            _unless_gone(self._sagemaker.delete_model, ModelName=model)
        if not (roles := list(filter(None, old.roles))):
            return
        iam = aws_client("iam", READ_TIMEOUT_SECONDS)
        for role in roles:
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                iam.delete_role_policy(RoleName=role, PolicyName=policy)
            iam.delete_role(RoleName=role)

    def _models(self, config: str) -> list[str]:
        described = self._sagemaker.describe_endpoint_config(EndpointConfigName=config)
        return [variant["ModelName"] for variant in described["ProductionVariants"]]

    def _model_of(self, config: str) -> tuple[str, str]:
        model = self._models(config)[0]
        container = self._sagemaker.describe_model(ModelName=model).get("PrimaryContainer", {})
        return model, short_digest(container.get("Environment", {}).get("MODEL_DIGEST", ""))

    def _role_of(self, model: str) -> str:
        """The role's name, without its path; "" where the model is gone."""
        try:
            arn: str = self._sagemaker.describe_model(ModelName=model)["ExecutionRoleArn"]
        except ClientError as error:
            if _GONE.search(str(error)):
                return ""
            raise
        return arn.rpartition("/")[2]

    def _is_ours(self, arn: str) -> bool:
        tags = {tag["Key"]: tag["Value"] for tag in self._sagemaker.list_tags(ResourceArn=arn)["Tags"]}
        return self._tags.items() <= tags.items()

    def _ringing(self, names: list[str]) -> list[RungAlarm]:
        if not names:
            return []
        cloudwatch = aws_client("cloudwatch", READ_TIMEOUT_SECONDS)
        found = cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
        return [
            RungAlarm(alarm["AlarmName"], alarm.get("StateReason", ""))
            for alarm in found
            if alarm["StateValue"] == "ALARM"
        ]


def _unless_gone(call: Any, **request: str) -> None:
    try:
        call(**request)
    except ClientError as error:
        if not _GONE.search(str(error)):
            raise
