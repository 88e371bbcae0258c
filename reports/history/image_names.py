"""Which image an inference was about, and in which execution: captured data itself does not say it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.core.batch.rows import RESULTS
from lambda_src.core.inference_id import inference_id, pack_inference_id
from reports.history.descriptions import Description, Descriptions
from reports.history.executions import ExecutionHistory, execution_arn
from reports.history.result_rows import rows_with

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

_PACKED = re.compile(r"([0-9a-f]{16})-[^#]*#\d+")
"""`<digest>-<pack>#i`, and `<digest>-<pack>.<start>-<stop>#i` of a pack that was asked for in parts."""
_UNLISTED = 100
"""Ids that no listed execution has are taken for names of older ones, so many at most."""
_FOLDERS = 20_000


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
    packed = {id: match[1] for id in ids if (match := _PACKED.fullmatch(id))}
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
    digests: Mapping[str, str], executions: ExecutionHistory, s3: S3Client, data_bucket: str
) -> dict[str, ImageName]:
    """Of packs: the rows of their run's results hold each image's id."""
    machine = executions.machines.get("batch", "")
    by_digest: dict[str, set[str]] = defaultdict(set)
    for id, digest in digests.items():
        by_digest[digest].add(id)
    names: dict[str, ImageName] = {}
    for run in _runs(set(by_digest), executions, s3, data_bucket):
        arn = execution_arn(machine, run)
        for id, row in rows_with(by_digest[_digest(run)], s3, data_bucket, run):
            names[id] = ImageName(row.get("s3_bucket") or data_bucket, row.get("s3_key") or "", run, arn)
    return names


def _runs(digests: set[str], executions: ExecutionHistory, s3: S3Client, data_bucket: str) -> Iterator[str]:
    """Names of the runs that these digests stand for; of those not listed from the folders of results."""
    listed = (one.name for one in executions.executions if one.kind == "batch")
    missing = set(digests)
    names = _chained(listed, s3, data_bucket)
    while missing and (name := next(names, None)) is not None:
        if (digest := _digest(name)) in missing:
            missing.discard(digest)
            yield name


def _chained(listed: Iterable[str], s3: S3Client, data_bucket: str) -> Iterator[str]:
    """The listed names, then those that folders of results have, asked for only once they are needed."""
    yield from listed
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=data_bucket, Prefix=RESULTS, Delimiter="/"
        )
        folders = (folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", ()))
        for folder in islice(folders, _FOLDERS):
            yield folder.removeprefix(RESULTS).rstrip("/")
    except (ClientError, BotoCoreError):
        return


def _digest(execution_name: str) -> str:
    return pack_inference_id(execution_name, "").removesuffix("-")
