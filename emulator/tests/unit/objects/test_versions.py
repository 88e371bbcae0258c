"""Entries of the versions' index: as the emulator makes them, without the bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from loopback_aws.objects.versions import Version
from ministack.services import s3

WHOLE: dict[str, Any] = s3._build_object_record(
    b"body", {"content-type": "image/png", "x-amz-meta-a": "b"}, checksums={"CRC32": "x"}
) | {"parts": [{"PartNumber": 1, "Size": 4}], "replication_status": "COMPLETED", "content_encoding": "gzip"}


@pytest.mark.parametrize("record", [WHOLE, s3._build_object_record(b"", {})])
def test_an_entry_says_what_the_emulators_own_says(record: dict[str, Any]) -> None:
    entry = Version(record, "1")
    entry["is_latest"] = True
    own = s3._version_entry_from_record(record, "1", None) | {"is_latest": True}
    assert dict(entry) == own
    assert json.dumps(dict(entry), sort_keys=True) == json.dumps(own, sort_keys=True)
    assert entry.get("is_delete_marker") is None
    with pytest.raises(KeyError):
        entry["etag"] = "another"
