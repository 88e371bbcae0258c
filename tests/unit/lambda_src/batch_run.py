"""A batch run as the tests drive it: its files, and between the two handlers what a map run would write."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from tests.aws import Aws

BUCKET = "data-bucket"
RUN = "execution-1"
FOLDER = f"results/{RUN}/"
MAP_FOLDER = f"{FOLDER}batches/8a7b/"


def read_lines(aws: Aws, name: str, folder: str = FOLDER) -> list[Any]:
    """The JSON values of a file of the run."""
    return [json.loads(line) for line in aws.objects[BUCKET, folder + name].splitlines()]


def answer_row(image: list[Any], confidence: float = 0.97) -> dict[str, Any]:
    """What a batch answers for one image of the plan."""
    n, bucket, key = image
    return {
        "n": n,
        "s3_bucket": bucket,
        "s3_key": key,
        "outcome": "accepted" if confidence >= 0.9 else "low_confidence",
        "predicted_class": "bicycle",
        "confidence": confidence,
        "threshold": 0.9,
        "model": "fedcba987654",
        "inference_id": f"0123456789abcdef-0-0#{n}",
    }


def succeeded(line: dict[str, Any], rows: list[Any] | None = None, **fields: Any) -> dict[str, Any]:
    """ResultWriter's row of a batch that answered `rows`, all accepted by default."""
    rows = [answer_row(image) for image in line["images"]] if rows is None else rows
    output = json.dumps({"batch": line["batch"], "rows": rows})
    return child(line, "SUCCEEDED", Output=output, OutputDetails={"Included": True}, **fields)


def child(line: dict[str, Any], status: str, **fields: Any) -> dict[str, Any]:
    """ResultWriter's row of a batch, with the input that the map's ItemSelector gave it."""
    times = {"StartDate": "2026-11-20T10:00:00.000Z", "StopDate": "2026-11-20T10:00:01.250Z"}
    return {
        "ExecutionArn": f"arn:aws:states:us-east-1:000000000000:express:m/8a7b:{line['batch']}",
        "Input": json.dumps({"execution_name": RUN, "threshold": None, "batch": line}),
        "InputDetails": {"Included": True},
        "Status": status,
        **({} if status == "PENDING" else times),
        **fields,
    }


def write_results(
    aws: Aws,
    kinds: dict[str, list[list[dict[str, Any]]]],
    encode: Callable[[Iterable[Any]], bytes] | None = None,
) -> dict[str, str]:
    """Write ResultWriter's files, a list of rows each, and its manifest; the map's ResultWriterDetails."""
    encode = encode or json_lines
    files: dict[str, list[dict[str, Any]]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for kind, contents in kinds.items():
        for index, rows in enumerate(contents):
            key, body = f"{MAP_FOLDER}{kind}_{index}.json", encode(rows)
            aws.objects[BUCKET, key] = body
            files[kind].append({"Key": key, "Size": len(body)})
    manifest = {"DestinationBucket": BUCKET, "MapRunArn": "arn:…:8a7b", "ResultFiles": files}
    aws.objects[BUCKET, f"{MAP_FOLDER}manifest.json"] = json.dumps(manifest).encode()
    return {"Bucket": BUCKET, "Key": f"{MAP_FOLDER}manifest.json"}


def json_lines(rows: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def json_array(rows: Iterable[Any]) -> bytes:
    return json.dumps(list(rows), ensure_ascii=False).encode()
