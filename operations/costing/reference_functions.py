"""The three functions of the reference design, as tutorials write them; deployed, never imported here."""

import base64
import json
import os
from typing import Any

import boto3

S3 = boto3.client("s3")
RUNTIME = boto3.client("sagemaker-runtime")


def serialize(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Put the image into the state."""
    answer = S3.get_object(Bucket=event["s3_bucket"], Key=event["s3_key"])
    image = base64.b64encode(answer["Body"].read()).decode()
    return {"image_data": image, "s3_bucket": event["s3_bucket"], "s3_key": event["s3_key"], "inferences": []}


def classify(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Ask the endpoint, and add its answer to the state."""
    answer = RUNTIME.invoke_endpoint(
        EndpointName=os.environ["ENDPOINT_NAME"],
        ContentType="image/png",
        Body=base64.b64decode(event["image_data"]),
    )
    return event | {"inferences": json.loads(answer["Body"].read())}


def keep(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Apply a threshold."""
    return event | {"confident": max(event["inferences"]) >= float(os.environ["THRESHOLD"])}
