"""What must outlive the rest: the data bucket and, if the stage has one, the key to it."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from constructs import Construct

from contracts import outputs
from stacks.constructs.outputs import output
from stacks.settings import StageSettings
from stacks.storage.data_bucket import DataBucket
from stacks.storage.encryption_key import EncryptionKey


class StorageStack(Stack):
    def __init__(self, scope: Construct, id: str, *, settings: StageSettings, **options: Any) -> None:
        super().__init__(scope, id, description="scones: images and captured data", **options)
        self.encryption_key = None
        if settings.customer_managed_key:
            self.encryption_key = EncryptionKey(self, "EncryptionKey", alias=settings.names.key_alias).key
        self.data_bucket = DataBucket(
            self, "Data", settings=settings.storage, encryption_key=self.encryption_key
        ).bucket
        output(self, outputs.DATA_BUCKET, self.data_bucket.bucket_name, "Where images and captured data are")
