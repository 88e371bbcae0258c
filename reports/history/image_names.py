"""Which image an inference was about, and in which execution: captured data itself does not say it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from lambda_src.core.inference_id import inference_id
from reports.history.descriptions import Description, Descriptions
from reports.history.executions import ExecutionHistory, execution_arn
from reports.history.packed_rows import is_packed, packed_rows

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

_UNLISTED = 100
"""Ids that no listed execution has are taken for names of older ones, so many at most."""


class ImageName(NamedTuple):
    """An image's place and its execution. Bucket and key are "" where the image came inline."""

    s3_bucket: str
    s3_key: str
    execution: str
    execution_arn: str


def image_names(
    inference_ids: Iterable[str],
    executions: ExecutionHistory,
    states: SFNClient,
    s3: S3Client,
    data_bucket: str,
    *,
    limit: int = 1000,
) -> dict[str, ImageName]:
    """The images by inference id, of the first `limit` ids; those of direct invocations are left out.

    Nothing is raised: an image stays without its name when its execution or the results of its run are
    gone, not written yet, or may not be read.
    """
    ids = list(dict.fromkeys(islice(inference_ids, limit)))
    packed = {id for id in ids if is_packed(id)}
    names = _single([id for id in ids if id not in packed and "#" not in id], executions, states, data_bucket)
    return names | _packed(packed, executions, s3, data_bucket)


def _single(
    ids: list[str], executions: ExecutionHistory, states: SFNClient, data_bucket: str
) -> dict[str, ImageName]:
    """Of requests for one image: their id is their execution's name, or made of it."""
    machine = executions.machines.get("image", "")
    listed = {inference_id(one.name): one.arn for one in executions.executions if one.kind == "image"}
    arns = {id: listed[id] for id in ids if id in listed}
    guessed = [id for id in ids if id not in listed and machine]
    arns |= {id: execution_arn(machine, id) for id in guessed[:_UNLISTED]}
    known = {arn: executions.descriptions[arn] for arn in arns.values() if arn in executions.descriptions}
    found = known | Descriptions(states).read(arn for arn in arns.values() if arn not in known)
    return {id: _named(found[arn], arn, data_bucket) for id, arn in arns.items() if arn in found}


def _named(description: Description, arn: str, data_bucket: str) -> ImageName:
    key = description.s3_key
    bucket = (description.s3_bucket or data_bucket) if key else ""
    return ImageName(bucket, key, arn.rpartition(":")[2], arn)


def _packed(
    ids: set[str], executions: ExecutionHistory, s3: S3Client, data_bucket: str
) -> dict[str, ImageName]:
    """Of packs: the rows of their run's results hold each image's id."""
    machine = executions.machines.get("batch", "")
    listed = [one.name for one in executions.executions if one.kind == "batch"]
    return {
        id: ImageName(
            row.get("s3_bucket") or data_bucket, row.get("s3_key") or "", run, execution_arn(machine, run)
        )
        for id, run, row in packed_rows(ids, listed, s3, data_bucket)
    }
