"""What data capture has written of the deployed endpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from contracts.outputs import CAPTURED_DATA, ENDPOINT
from tests.local.deployed.emulator import Emulator

_read: dict[str, bytes] = {}
"""Files by key: one is written once, under a name of its own."""


def files(aws: Emulator, outputs: Mapping[str, str]) -> dict[str, bytes]:
    """All files by key, since the stage was deployed first."""
    s3 = aws.client("s3")
    bucket, _, prefix = outputs[CAPTURED_DATA].removeprefix("s3://").partition("/")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"{prefix}/{outputs[ENDPOINT]}/"
    )
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    for key in keys:
        if key not in _read:
            _read[key] = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return {key: _read[key] for key in keys}


def records(aws: Emulator, outputs: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every captured request."""
    return [json.loads(line) for content in files(aws, outputs).values() for line in content.splitlines()]
