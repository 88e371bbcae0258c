"""What the monitor may do: look at what others did, and keep reports and its place."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets

from contracts.names import CAPTURE_FOLDER, MONITOR_FOLDER, REPORTS_FOLDER, RESULTS_FOLDER
from stacks.constructs.accepted_finding import KEY_ACTIONS, accept_wildcards
from stacks.constructs.assets import allow_decrypting_assets


def allow_reading_artifact(role: iam.Role, artifact: s3_assets.Asset) -> None:
    """Read this model artifact: it holds the figures that captured data is compared with."""
    _allow(role, "ReadTheModel", ["s3:GetObject"], [artifact.bucket.arn_for_objects(artifact.s3_object_key)])
    allow_decrypting_assets(role, artifact.bucket)


def allow_monitoring_data(role: iam.Role, data_bucket: s3.IBucket, encryption_key: kms.IKey | None) -> None:
    """Read what was captured and the rows of results, which name images; keep reports and a place.

    Listing is how captured data is found, and what tells a missing object from a forbidden one.
    """
    own = [data_bucket.arn_for_objects(f"{prefix}*") for prefix in (REPORTS_FOLDER, MONITOR_FOLDER)]
    others = [data_bucket.arn_for_objects(f"{prefix}*") for prefix in (CAPTURE_FOLDER, RESULTS_FOLDER)]
    _allow(role, "FindData", ["s3:ListBucket"], [data_bucket.bucket_arn])
    _allow(role, "ReadData", ["s3:GetObject"], [*others, *own])
    _allow(role, "KeepReports", ["s3:PutObject"], own)
    if encryption_key:
        encryption_key.grant_encrypt_decrypt(role)
    accept_wildcards(
        role,
        {
            f"/{CAPTURE_FOLDER}*": "Captured data has a new key for each file",
            f"/{RESULTS_FOLDER}*": "Each execution has results of its own",
            f"/{REPORTS_FOLDER}*": "Each run writes a page of its own",
            f"/{MONITOR_FOLDER}*": "The monitor's own folder",
            "kms:GenerateDataKey*": KEY_ACTIONS,
            "kms:ReEncrypt*": KEY_ACTIONS,
        },
    )


def allow_watching_executions(role: iam.Role, machines: Sequence[str]) -> None:
    """List executions of the machines of these names and look at each: which error, which image."""

    def arns(resource: str, suffix: str = "") -> list[str]:
        return [
            Stack.of(role).format_arn(
                service="states",
                resource=resource,
                resource_name=f"{machine}{suffix}",
                arn_format=ArnFormat.COLON_RESOURCE_NAME,
            )
            for machine in machines
        ]

    _allow(role, "ListExecutions", ["states:ListExecutions"], arns("stateMachine"))
    _allow(role, "LookAtExecutions", ["states:DescribeExecution"], arns("execution", ":*"))
    accept_wildcards(role, {":*": "Executions of these machines, whose names nobody knows before"})


def _allow(role: iam.Role, sid: str, actions: list[str], resources: list[str]) -> None:
    role.add_to_policy(iam.PolicyStatement(sid=sid, actions=actions, resources=resources))
