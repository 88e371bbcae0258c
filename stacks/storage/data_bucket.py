"""The data bucket: staged images, images to classify, results, captured data, reports on it."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from contracts.names import CAPTURE_FOLDER, PACKS_FOLDER, REPORTS_FOLDER, RESULTS_FOLDER
from stacks.constructs.accepted_finding import accept
from stacks.settings.storage import StorageSettings

ABANDONED_UPLOAD_DAYS = 7


class DataBucket(Construct):
    """Encrypted, versioned, private, TLS only; tells EventBridge of every object."""

    def __init__(
        self, scope: Construct, id: str, *, settings: StorageSettings, encryption_key: kms.IKey | None
    ) -> None:
        super().__init__(scope, id)
        empty = settings.on_destroy == "empty"
        self.removal_policy = RemovalPolicy.DESTROY if empty else RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS if encryption_key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=encryption_key,
            bucket_key_enabled=True if encryption_key else None,
            versioned=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=self._lifecycle(settings),
            server_access_logs_bucket=self._access_logs(settings) if settings.access_logs else None,
            removal_policy=self.removal_policy,
            auto_delete_objects=empty,
        )
        self._announce_objects()
        if not settings.access_logs:
            accept(
                self.bucket, "AwsSolutions-S1", "Access logs are a setting (storage.access_logs), off here"
            )

    def _lifecycle(self, settings: StorageSettings) -> list[s3.LifecycleRule]:
        return [
            s3.LifecycleRule(
                id="captured-data",
                prefix=CAPTURE_FOLDER,
                expiration=Duration.days(settings.captured_data_days),
            ),
            s3.LifecycleRule(
                id="results",
                prefix=RESULTS_FOLDER,
                expiration=Duration.days(settings.results_days),
            ),
            s3.LifecycleRule(
                id="batch-packs",
                prefix=PACKS_FOLDER,
                expiration=Duration.days(settings.packs_days),
                noncurrent_version_expiration=Duration.days(1),  # copies of images that are still there
            ),
            s3.LifecycleRule(
                id="reports",
                prefix=REPORTS_FOLDER,
                expiration=Duration.days(settings.reports_days),
            ),
            s3.LifecycleRule(
                id="old-versions",
                noncurrent_version_expiration=Duration.days(settings.old_versions_days),
                abort_incomplete_multipart_upload_after=Duration.days(ABANDONED_UPLOAD_DAYS),
                expired_object_delete_marker=True,
            ),
        ]

    def _access_logs(self, settings: StorageSettings) -> s3.Bucket:
        logs = s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,  # S3 delivers access logs to no other
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(id="access-logs", expiration=Duration.days(settings.access_log_days))
            ],
            removal_policy=self.removal_policy,
            auto_delete_objects=settings.on_destroy == "empty",
        )
        accept(logs, "AwsSolutions-S1", "Holds the access logs; logging its own would never end")
        return logs

    def _announce_objects(self) -> None:
        """EventBridge notifications without the custom resource (and its function) that the L2 adds."""
        resource = self.bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                event_bridge_enabled=True
            )
        )
