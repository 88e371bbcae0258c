"""`scones stage --to` against the S3 of the local AWS, led there by the standard environment alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.local.emulator import ROOT, Emulator


def stage(aws: Emulator, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "operations", "stage", "--images", "30", "--out", str(folder), "--json"]
    return subprocess.run(
        [*command, *options], cwd=ROOT, env=aws.environment, capture_output=True, text=True, check=False
    )


def test_staging_to_a_bucket_twice(aws: Emulator, tmp_path: Path) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="staged-data")
    uploaded = []
    for _ in range(2):
        done = stage(aws, tmp_path / "data", "--to", "s3://staged-data")
        assert done.returncode == 0, done.stderr
        uploaded.append(json.loads(done.stdout)["uploaded"])
    assert uploaded == [64, 0]
    lines = (tmp_path / "data/test.lst").read_text().splitlines()
    key = lines[0].split("\t")[2]
    stored = s3.get_object(Bucket="staged-data", Key=key)
    assert stored["Body"].read() == (tmp_path / "data" / key).read_bytes()
    assert stored["ContentType"] == "image/png"


def test_a_bucket_that_is_not_there(aws: Emulator, tmp_path: Path) -> None:
    done = stage(aws, tmp_path / "data", "--to", "s3://no-such-bucket-here/prefix")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Cannot upload to s3://no-such-bucket-here/prefix: the bucket does not exist" in done.stderr
