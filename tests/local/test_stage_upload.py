"""`scones stage --to` against the S3 of the local AWS, led there by the standard environment alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.local.deployed.emulator import Emulator
from tests.local.deployed.verbs import Verbs


@pytest.fixture
def verbs(aws: Emulator, verb_server: subprocess.Popen[str], tmp_path: Path) -> Verbs:
    return Verbs(aws, verb_server, tmp_path)


def stage(verbs: Verbs, bucket: str) -> subprocess.CompletedProcess[str]:
    return verbs.run("stage", "--images", "30", "--out", "data", "--to", bucket, "--json")


def test_staging_to_a_bucket_twice(verbs: Verbs) -> None:
    s3 = verbs.aws.client("s3")
    s3.create_bucket(Bucket="staged-data")
    uploaded = []
    for _ in range(2):
        done = stage(verbs, "s3://staged-data")
        assert done.returncode == 0, done.stderr
        uploaded.append(json.loads(done.stdout)["uploaded"])
    assert uploaded == [64, 0]
    lines = (verbs.folder / "data/test.lst").read_text().splitlines()
    key = lines[0].split("\t")[2]
    stored = s3.get_object(Bucket="staged-data", Key=key)
    assert stored["Body"].read() == (verbs.folder / "data" / key).read_bytes()
    assert stored["ContentType"] == "image/png"


def test_a_bucket_that_is_not_there(verbs: Verbs) -> None:
    done = stage(verbs, "s3://no-such-bucket-here/prefix")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Cannot upload to s3://no-such-bucket-here/prefix: The bucket does not exist" in done.stderr
