"""What tests of SageMaker hosting share: models in S3, endpoints, invocations."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from tests.archives import model_data
from tests.running.emulator import Emulator, descendants
from tests.running.waiting import until

ROLE = "arn:aws:iam::000000000000:role/test"
TEXT = b"red red"
"""A text that the tests' model knows the first word of."""


def fresh(name: str) -> str:
    """A resource name that no other test uses."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


class Hosting:
    """Makes resources on a local AWS and remembers the endpoints to delete."""

    def __init__(self, aws: Emulator) -> None:
        self.aws = aws
        self.api = aws.client("sagemaker")
        self.runtime = aws.client("sagemaker-runtime")
        self.s3 = aws.client("s3")
        self.bucket = fresh("hosting")
        self.s3.create_bucket(Bucket=self.bucket)

    def upload(self, content: bytes | None = None) -> str:
        """URI of model data; the tests' model when no other content is given."""
        key = f"{fresh('models')}/model.tar.gz"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=model_data() if content is None else content)
        return f"s3://{self.bucket}/{key}"

    def model(self, content: bytes | None = None, version: str = "1", **environment: str) -> str:
        name = fresh("model")
        container = {
            "Image": "model-server:test",
            "ModelDataUrl": self.upload(content),
            "Environment": {"VERSION": version, **environment},
        }
        self.api.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)
        return name

    def config(self, *models: str, count: int = 1, **further: Any) -> str:
        """A config with one variant a model: AllTraffic, or A, B, … when there are several."""
        name = fresh("config")
        names = ["AllTraffic"] if len(models) == 1 else list("ABCDEFGHIJ"[: len(models)])
        variants = [
            {"VariantName": v, "ModelName": m, "InstanceType": "ml.m5.large", "InitialInstanceCount": count}
            for v, m in zip(names, models, strict=True)
        ]
        self.api.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants, **further)
        return name

    def endpoint(self, config: str) -> str:
        """An endpoint in service on the config."""
        name = fresh("endpoint")
        self.api.create_endpoint(EndpointName=name, EndpointConfigName=config)
        assert self.settled(name)["EndpointStatus"] == "InService"
        return name

    def settled(self, endpoint: str) -> dict[str, Any]:
        def describe() -> dict[str, Any] | None:
            answer: dict[str, Any] = self.api.describe_endpoint(EndpointName=endpoint)
            return answer if answer["EndpointStatus"] in ("InService", "Failed") else None

        return dict(until(describe, f"{endpoint} is at rest"))

    def invoke(self, endpoint: str, body: bytes = b"", **further: Any) -> dict[str, Any]:
        request = {"ContentType": "text/plain", "Body": body or TEXT, **further}
        return dict(self.runtime.invoke_endpoint(EndpointName=endpoint, **request))

    def servers(self, endpoint: str) -> list[int]:
        """Process ids of the model servers of an endpoint."""
        return [pid for pid in descendants(self.aws.process.pid) if _serves(pid, endpoint)]


def _serves(pid: int, endpoint: str) -> bool:
    """Whether the process was started as a model server for the endpoint; its workers do not count."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        group = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[2]
    except OSError:
        return False
    return int(group) == pid and f"/models/{endpoint.lower()}/".encode() in environment
