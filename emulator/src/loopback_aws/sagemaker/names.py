"""ARNs and the names inside them."""

from __future__ import annotations

from dataclasses import dataclass

from loopback_aws.errors import ApiError


@dataclass(frozen=True)
class Region:
    """Where resources live: what an ARN says besides the resource."""

    name: str
    account: str

    def arn(self, kind: str, name: str) -> str:
        """ARN of a resource; SageMaker writes names in lower case there (`endpoint/my-endpoint`)."""
        return f"arn:aws:sagemaker:{self.name}:{self.account}:{kind}/{name.lower()}"

    def log_group_arn(self, endpoint: str) -> str:
        """ARN of the log group that an endpoint's containers write to on AWS."""
        return f"arn:aws:logs:{self.name}:{self.account}:log-group:{log_group(endpoint)}"


def log_group(endpoint: str) -> str:
    """Name of the CloudWatch log group of an endpoint."""
    return f"/aws/sagemaker/Endpoints/{endpoint}"


def name_of(reference: str) -> str:
    """The name in an ARN, or the name itself: CloudFormation's `Ref` gives ARNs."""
    return reference.rpartition("/")[2] if reference.startswith("arn:") else reference


def split_s3_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`, or of an `https` address of S3 in the path or the host style."""
    scheme, _, rest = uri.partition("://")
    host, _, path = rest.partition("/")
    if scheme == "s3" and host:
        return host, path
    if scheme == "https" and host.endswith(".amazonaws.com"):
        bucket = host.partition(".s3")[0] if ".s3" in host else ""
        if bucket:
            return bucket, path
        bucket, _, key = path.partition("/")
        return bucket, key
    raise ApiError("ValidationException", f'"{uri}" is not the address of an object in S3: s3://bucket/key.')
