"""Data sets and result files of map runs in the local S3: long listings, large files, multipart uploads."""

from __future__ import annotations

import dataclasses
import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from loopback_aws.states.map_run.errors import ItemReaderFailed, ResultWriterFailed
from loopback_aws.states.map_run.items.reading import read_items
from loopback_aws.states.map_run.results import write_results
from loopback_aws.states.map_run.spec import ReaderSpec, WriterSpec
from loopback_aws.states.records import Child, MapRun

from tests.running.emulator import Emulator

BUCKET = "map-run-data"
GET = "arn:aws:states:::s3:getObject"
LIST = "arn:aws:states:::s3:listObjectsV2"
PUT = "arn:aws:states:::s3:putObject"
NOW = datetime(2025, 2, 4, 1, 49, 50, tzinfo=UTC)
RUN = MapRun(
    arn="arn:aws:states:us-east-1:000000000000:mapRun:m/Map:ad9b5f27",
    execution="arn:aws:states:us-east-1:000000000000:execution:m:e",
    machine="arn:aws:states:us-east-1:000000000000:stateMachine:m/Map",
    start=NOW,
)


@pytest.fixture(scope="module")
def s3(aws: Emulator) -> Iterator[Any]:
    """A client of the local S3 with an empty bucket, which is gone afterwards."""
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    yield client
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        keys = [{"Key": content["Key"]} for content in page.get("Contents", ())]
        client.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})
    client.delete_bucket(Bucket=BUCKET)


def read(s3: Any, resource: str, arguments: dict[str, Any], **config: Any) -> list[Any]:
    spec = ReaderSpec.of(resource, {"Bucket": BUCKET} | arguments, config)
    return [item.input for item in read_items(spec, s3)]


def test_a_listing_of_more_keys_than_a_page_has(s3: Any) -> None:
    """Of 1,000; more pages than two, small ones, are in unit/states/map_run/test_items.py."""
    keys = [f"many/{number:04}.txt" for number in range(1010)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda key: s3.put_object(Bucket=BUCKET, Key=key, Body=b"12345"), keys))
    found = read(s3, LIST, {"Prefix": "many/"})
    assert [item["Key"] for item in found] == keys
    head = s3.head_object(Bucket=BUCKET, Key=keys[0])
    assert found[0] == {
        "Etag": head["ETag"],
        "Key": keys[0],
        "LastModified": int(head["LastModified"].timestamp()),
        "Size": 5,
        "StorageClass": "STANDARD",
    }
    assert len(read(s3, LIST, {"Prefix": "many/"}, MaxItems=1005)) == 1005


def test_a_csv_of_several_pieces(s3: Any) -> None:
    body = "name,text\r\n" + "".join(f'{number},"ä, ""{number}"""\r\n' for number in range(20_000))
    s3.put_object(Bucket=BUCKET, Key="rows.csv", Body=body.encode("utf-8-sig"))
    found = read(s3, GET, {"Key": "rows.csv"}, InputType="CSV", CSVHeaderLocation="FIRST_ROW")
    assert found == [{"name": str(number), "text": f'ä, "{number}"'} for number in range(20_000)]


def test_a_json_document_of_several_pieces(s3: Any) -> None:
    value = {"skipped": ["x" * 200_000], "found": [{"number": number} for number in range(20_000)]}
    s3.put_object(Bucket=BUCKET, Key="nested.json", Body=json.dumps(value).encode())
    assert read(s3, GET, {"Key": "nested.json"}, InputType="JSON", ItemsPointer="/found") == value["found"]


def test_an_inventory(s3: Any) -> None:
    lines = "".join(f'"{BUCKET}","key {number}","{number}"\n' for number in range(5_000))
    s3.put_object(Bucket=BUCKET, Key="inventory/1.csv.gz", Body=gzip.compress(lines.encode()))
    manifest = {
        "destinationBucket": f"arn:aws:s3:::{BUCKET}",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "inventory/1.csv.gz"}],
    }
    s3.put_object(Bucket=BUCKET, Key="inventory/manifest.json", Body=json.dumps(manifest).encode())
    found = read(s3, GET, {"Key": "inventory/manifest.json"}, InputType="MANIFEST")
    assert found == [
        {"Bucket": BUCKET, "Key": f"key {number}", "Size": str(number)} for number in range(5_000)
    ]


def test_load_and_flatten(s3: Any) -> None:
    for number in range(3):
        body = gzip.compress(f'{{"number": {number}}}\n'.encode())
        s3.put_object(Bucket=BUCKET, Key=f"lines/{number}.jsonl.gz", Body=body)
    found = read(s3, LIST, {"Prefix": "lines/"}, InputType="JSONL", Transformation="LOAD_AND_FLATTEN")
    assert found == [{"number": number} for number in range(3)]


@pytest.mark.parametrize(
    ("resource", "arguments", "code"),
    [
        (GET, {"Key": "nothing"}, "NoSuchKey"),
        (GET, {"Bucket": "no-such-bucket", "Key": "nothing"}, "NoSuchBucket"),
        (LIST, {"Bucket": "no-such-bucket"}, "NoSuchBucket"),
    ],
)
def test_what_is_not_there(s3: Any, resource: str, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(ItemReaderFailed) as failure:
        read(s3, resource, arguments, **({"InputType": "JSON"} if resource == GET else {}))
    assert f"Status Code: 404; Error Code: {code}" in failure.value.cause


def test_result_files_are_read_back(s3: Any) -> None:
    """10 MB of rows are sent as a multipart upload."""
    children = (
        Child(
            index=index,
            execution_arn=f"arn:aws:states:us-east-1:000000000000:execution:m/Map:c{index}",
            name=f"c{index}",
            status="SUCCEEDED" if index % 5 else "FAILED",
            input=json.dumps({"number": index}),
            output=json.dumps("x" * 10_000) if index % 5 else None,
            error=None if index % 5 else "Broken",
            start=NOW,
            stop=NOW,
        )
        for index in range(1_250)
    )
    output = write_results(WriterSpec.of(PUT, {"Bucket": BUCKET, "Prefix": "out"}, None), RUN, children, s3)
    details = output["ResultWriterDetails"]
    assert details == {"Bucket": BUCKET, "Key": "out/ad9b5f27/manifest.json"}
    files = _json(s3, details["Key"])["ResultFiles"]
    assert files["PENDING"] == []
    for kind, number in (("SUCCEEDED", 1000), ("FAILED", 250)):
        (file,) = files[kind]
        assert s3.head_object(Bucket=BUCKET, Key=file["Key"])["ContentLength"] == file["Size"]
        rows = _json(s3, file["Key"])
        assert len(rows) == number
        assert {row["Status"] for row in rows} == {kind}
    assert read(s3, GET, {"Key": files["FAILED"][0]["Key"]}, InputType="JSON") == rows


@pytest.mark.parametrize("size", [0, 10, 9_000_000])
def test_results_for_a_bucket_that_is_not_there(s3: Any, size: int) -> None:
    """Neither the manifest alone, nor a file, nor a file in parts."""
    child = Child(index=0, execution_arn="a", name="c", status="SUCCEEDED", input="{}", start=NOW, stop=NOW)
    children = [dataclasses.replace(child, output=json.dumps("x" * size))] if size else []
    with pytest.raises(ResultWriterFailed, match="Error Code: NoSuchBucket"):
        write_results(WriterSpec.of(PUT, {"Bucket": "no-such-bucket"}, None), RUN, children, s3)


def _json(s3: Any, key: str) -> Any:
    return json.load(s3.get_object(Bucket=BUCKET, Key=key)["Body"])
