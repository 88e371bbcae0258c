"""Versions of objects: each is there with its own bytes, and none of them is held in memory."""

from __future__ import annotations

from pathlib import Path

from tests.running.emulator import Emulator

MEGABYTE = 1024**2
VERSIONS = 24


def test_old_versions_are_on_the_disk_and_not_in_memory(aws: Emulator) -> None:
    """A monitor that runs for days writes the same keys again and again."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="versions")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})

    def put(number: int) -> str:
        body = bytes([number]) * 4 * MEGABYTE
        version: str = s3.put_object(Bucket="versions", Key="page", Body=body)["VersionId"]
        return version

    def read(version: str | None = None) -> set[int]:
        given = {"VersionId": version} if version else {}
        return set(s3.get_object(Bucket="versions", Key="page", **given)["Body"].read())

    versions = [put(number) for number in range(2)]
    before = resident(aws)
    versions += [put(number) for number in range(2, VERSIONS)]
    assert resident(aws) - before < 40, "22 bodies of 4 MB"
    assert [read(version) for version in versions] == [{number} for number in range(VERSIONS)]
    s3.delete_object(Bucket="versions", Key="page", VersionId=versions[-1])
    assert read() == {VERSIONS - 2}, "the version before is the current one again"
    aws.restart()
    assert read() == {VERSIONS - 2}
    assert read(versions[0]) == {0}


def resident(emulator: Emulator) -> float:
    """Memory of the emulator's process, in MiB."""
    status = Path(f"/proc/{emulator.process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024
