"""The functions of the reference design, as projects of this kind publish them; deployed, not imported.

The first downloads the object and puts it as base64 into its answer, the second sends it to the endpoint, the
third raises when no class is sure enough. Nothing is checked. Clients are made once a process, as is right.
"""

import base64
import json
import os
from typing import Any

import boto3

S3 = boto3.client("s3")
RUNTIME = boto3.client("sagemaker-runtime")


def serialize(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Put the image into the state."""
    key, bucket = event["s3_key"], event["s3_bucket"]
    S3.download_file(bucket, key, "/tmp/image.png")
    with open("/tmp/image.png", "rb") as file:  # noqa: PTH123 as it is published
        image = base64.b64encode(file.read()).decode("utf-8")
    return {
        "statusCode": 200,
        "body": {"image_data": image, "s3_bucket": bucket, "s3_key": key, "inferences": []},
    }


def classify(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Ask the endpoint, and add its answer to the state."""
    body = event["body"]
    answer = RUNTIME.invoke_endpoint(
        EndpointName=os.environ["ENDPOINT_NAME"],
        ContentType="image/png",
        Body=base64.b64decode(body["image_data"]),
    )
    return {"statusCode": 200, "body": body | {"inferences": json.loads(answer["Body"].read())}}


def keep(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Apply a threshold."""
    body = event["body"]
    if max(body["inferences"]) < float(os.environ["THRESHOLD"]):
        raise Exception("THRESHOLD_CONFIDENCE_NOT_MET")
    return {"statusCode": 200, "body": body}
