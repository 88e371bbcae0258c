"""Results of a map run, as AWS documents ResultWriter.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from loopback_aws.states.map_run.errors import InvalidField, ResultWriterFailed
from loopback_aws.states.map_run.results import result_values, write_results
from loopback_aws.states.map_run.spec import WriterSpec
from loopback_aws.states.records import Child, MapRun, Status

from tests.unit.states.map_run.s3 import MemoryS3

ARN = "arn:aws:states:us-east-1:000000000000"
START = datetime(2025, 2, 4, 1, 49, 50, 99_400, UTC)
STOP = datetime(2025, 2, 4, 1, 49, 51, tzinfo=UTC)
RUN = MapRun(
    arn=f"{ARN}:mapRun:orders/get:ad9b5f27",
    execution=f"{ARN}:execution:orders:e",
    machine=f"{ARN}:stateMachine:orders/get",
    start=START,
)
PUT = "arn:aws:states:::s3:putObject"
SUCCEEDED_ROW = {
    "ExecutionArn": f"{ARN}:execution:orders/get:c0",
    "Input": '{"number":0}',
    "InputDetails": {"Included": True},
    "Name": "c0",
    "Output": "[10,[11]]",
    "OutputDetails": {"Included": True},
    "RedriveCount": 0,
    "RedriveStatus": "NOT_REDRIVABLE",
    "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    "StartDate": "2025-02-04T01:49:50.099Z",
    "StateMachineArn": f"{ARN}:stateMachine:orders/get",
    "Status": "SUCCEEDED",
    "StopDate": "2025-02-04T01:49:51.000Z",
}
FAILED_ROW = {
    "Cause": "because",
    "Error": "Broken",
    "ExecutionArn": f"{ARN}:execution:orders/get:c1",
    "Input": '{"number":1}',
    "InputDetails": {"Included": True},
    "Name": "c1",
    "OutputDetails": {"Included": True},
    "RedriveCount": 0,
    "RedriveStatus": "REDRIVABLE",
    "StartDate": "2025-02-04T01:49:50.099Z",
    "StateMachineArn": f"{ARN}:stateMachine:orders/get",
    "Status": "FAILED",
    "StopDate": "2025-02-04T01:49:51.000Z",
}


def child(index: int, status: Status | str = "SUCCEEDED", **more: Any) -> Child:
    ended: dict[str, Any] = {"start": START, "stop": STOP}
    if status == "SUCCEEDED":
        ended["output"] = f"[{index}0,[{index}1]]" if index else "[10,[11]]"
    elif status == "PENDING":
        ended = {}
    else:
        ended |= {"error": "Broken", "cause": "because"}
    known = {"execution_arn": f"{ARN}:execution:orders/get:c{index}", "name": f"c{index}"}
    return Child(index=index, status=status, input=f'{{"number":{index}}}', **(known | ended | more))  # type: ignore[arg-type]


def write(
    children: list[Child], config: dict[str, Any] | None = None, **more: Any
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The state's output, and what the bucket has afterwards."""
    s3 = MemoryS3()
    spec = WriterSpec.of(PUT, {"Bucket": "b", "Prefix": "jobs"}, config)
    return write_results(spec, RUN, children, s3, **more), s3.objects


def test_one_file_for_each_kind_and_a_manifest() -> None:
    statuses = ["SUCCEEDED", "FAILED", "PENDING", "TIMED_OUT", "ABORTED", "SUCCEEDED"]
    output, objects = write([child(index, status) for index, status in enumerate(statuses)])
    assert output == {
        "MapRunArn": RUN.arn,
        "ResultWriterDetails": {"Bucket": "b", "Key": "jobs/ad9b5f27/manifest.json"},
    }
    rows = {
        kind: json.loads(objects[f"b/jobs/ad9b5f27/{kind}_0.json"])
        for kind in ("SUCCEEDED", "FAILED", "PENDING")
    }
    assert [row["Name"] for row in rows["SUCCEEDED"]] == ["c0", "c5"]
    assert [(row["Name"], row["Status"]) for row in rows["FAILED"]] == [
        ("c1", "FAILED"),
        ("c3", "TIMED_OUT"),
        ("c4", "ABORTED"),
    ]
    assert json.loads(objects["b/jobs/ad9b5f27/manifest.json"]) == {
        "DestinationBucket": "b",
        "MapRunArn": RUN.arn,
        "ResultFiles": {
            kind: [
                {
                    "Key": f"jobs/ad9b5f27/{kind}_0.json",
                    "Size": len(objects[f"b/jobs/ad9b5f27/{kind}_0.json"]),
                }
            ]
            for kind in ("FAILED", "PENDING", "SUCCEEDED")
        },
    }


def test_rows_have_the_documented_fields_in_the_documented_order() -> None:
    _, objects = write([child(0), child(1, "FAILED"), child(2, "PENDING")])
    for kind, row in (("SUCCEEDED", SUCCEEDED_ROW), ("FAILED", FAILED_ROW)):
        (found,) = json.loads(objects[f"b/jobs/ad9b5f27/{kind}_0.json"])
        assert list(found.items()) == list(row.items())
    (pending,) = json.loads(objects["b/jobs/ad9b5f27/PENDING_0.json"])
    assert pending == {
        "ExecutionArn": f"{ARN}:execution:orders/get:c2",
        "Input": '{"number":2}',
        "InputDetails": {"Included": True},
        "Name": "c2",
        "StateMachineArn": RUN.machine,
        "Status": "PENDING",
    }


def test_an_express_child_is_redriven_by_its_map_run() -> None:
    _, objects = write([child(0, "FAILED", execution_arn=f"{ARN}:express:orders/get:c0:1")])
    assert json.loads(objects["b/jobs/ad9b5f27/FAILED_0.json"])[0]["RedriveStatus"] == "REDRIVABLE_BY_MAP_RUN"


def test_kinds_without_children_have_no_file() -> None:
    _, objects = write([])
    assert list(objects) == ["b/jobs/ad9b5f27/manifest.json"]
    assert json.loads(objects["b/jobs/ad9b5f27/manifest.json"])["ResultFiles"] == {
        "FAILED": [],
        "PENDING": [],
        "SUCCEEDED": [],
    }


@pytest.mark.parametrize(
    ("config", "succeeded"),
    [
        ({"Transformation": "COMPACT"}, "[[10,[11]],[20,[21]]]"),
        ({"Transformation": "FLATTEN", "OutputType": "JSON"}, "[10,[11],20,[21]]"),
        ({"Transformation": "COMPACT", "OutputType": "JSONL"}, "[10,[11]]\n[20,[21]]\n"),
        ({"Transformation": "FLATTEN", "OutputType": "JSONL"}, "10\n[11]\n20\n[21]\n"),
    ],
)
def test_transformations_leave_failures_as_they_are(config: dict[str, Any], succeeded: str) -> None:
    _, objects = write([child(0), child(1, "FAILED"), child(2)], config)
    assert objects["b/jobs/ad9b5f27/SUCCEEDED_0.json"].decode() == succeeded
    failed = objects["b/jobs/ad9b5f27/FAILED_0.json"].decode()
    assert json.loads(failed) == (FAILED_ROW if failed.startswith("{") else [FAILED_ROW])


@pytest.mark.parametrize("output_type", ["JSON", "JSONL"])
def test_files_are_cut_at_their_size(output_type: str) -> None:
    rows = [child(index, output=json.dumps("x" * index)) for index in range(40)]
    config = {"Transformation": "COMPACT", "OutputType": output_type}
    _, objects = write(rows, config, file_bytes=100)
    listed = json.loads(objects["b/jobs/ad9b5f27/manifest.json"])["ResultFiles"]["SUCCEEDED"]
    assert len(listed) > 5
    values: list[str] = []
    for number, file in enumerate(listed):
        content = objects[f"b/{file['Key']}"].decode()
        assert file == {"Key": f"jobs/ad9b5f27/SUCCEEDED_{number}.json", "Size": len(content)}
        assert len(content) <= 100
        values += (
            json.loads(content) if output_type == "JSON" else [json.loads(x) for x in content.splitlines()]
        )
    assert values == ["x" * index for index in range(40)]


def test_text_is_written_as_it_is_and_half_a_surrogate_pair_as_its_escape() -> None:
    _, objects = write([child(0, output='"\\u00e9\\ud800"')], {"Transformation": "COMPACT"})
    assert objects["b/jobs/ad9b5f27/SUCCEEDED_0.json"] == '["é\\ud800"]'.encode()


@pytest.mark.parametrize(("prefix", "folder"), [("", ""), ("a/b", "a/b/"), ("a/b/", "a/b/"), (None, "")])
def test_the_prefix_is_a_folder(prefix: str | None, folder: str) -> None:
    spec = WriterSpec.of(PUT, {"Bucket": "b", "Prefix": prefix}, None)
    assert write_results(spec, RUN, [], MemoryS3())["ResultWriterDetails"]["Key"] == (
        f"{folder}ad9b5f27/manifest.json"
    )


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (None, [[10, [11]], FAILED_ROW]),
        ({"Transformation": "NONE"}, [SUCCEEDED_ROW, FAILED_ROW]),
        ({"Transformation": "COMPACT"}, [[10, [11]], FAILED_ROW]),
        ({"Transformation": "FLATTEN"}, [10, [11], FAILED_ROW]),
    ],
)
def test_values_for_the_output_of_the_state(config: dict[str, Any] | None, expected: list[Any]) -> None:
    spec = WriterSpec.of(None, None, config) if config else None
    assert list(result_values(spec, RUN, [child(0), child(1, "FAILED"), child(2, "PENDING")])) == expected


def test_memory_does_not_grow_with_the_results() -> None:
    class Discarding(MemoryS3):
        def upload_fileobj(self, *_: Any, **__: Any) -> Any:
            return None

    def rows() -> Iterator[Child]:
        return (child(index, output=json.dumps("x" * 10_000)) for index in range(3_000))

    spec = WriterSpec.of(PUT, {"Bucket": "b"}, None)
    tracemalloc.start()
    try:
        write_results(spec, RUN, rows(), Discarding())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


def test_a_bucket_that_cannot_be_written_to() -> None:
    class Refusing(MemoryS3):
        def put_object(self, **_: Any) -> Any:
            response = {
                "Error": {"Code": "NoSuchBucket", "Message": "The specified bucket does not exist"},
                "ResponseMetadata": {"HTTPStatusCode": 404, "RequestId": "R2"},
            }
            raise ClientError(response, "PutObject")  # type: ignore[arg-type]

    with pytest.raises(ResultWriterFailed) as failure:
        write_results(WriterSpec.of(PUT, {"Bucket": "b"}, None), RUN, [], Refusing())
    assert failure.value.error == "States.ResultWriterFailed"
    assert "Error Code: NoSuchBucket" in failure.value.cause


@pytest.mark.parametrize(
    ("resource", "arguments", "config"),
    [
        ("arn:aws:states:::s3:getObject", {"Bucket": "b"}, None),
        (PUT, {}, None),
        (None, None, None),
        (None, None, {"Transformation": "ZIP"}),
        (None, None, {"OutputType": "CSV"}),
    ],
)
def test_a_writer_that_cannot_be(resource: Any, arguments: Any, config: Any) -> None:
    with pytest.raises(InvalidField):
        WriterSpec.of(resource, arguments, config)


def test_a_time_of_another_zone_is_written_as_utc() -> None:
    east = timezone(timedelta(hours=2))
    shifted = child(0, start=datetime(2025, 2, 4, 3, 49, 50, 99_400, east))
    spec = WriterSpec.of(None, None, {"Transformation": "NONE"})
    assert list(result_values(spec, RUN, [shifted])) == [SUCCEEDED_ROW]
