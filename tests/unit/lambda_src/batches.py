"""Batches for the three functions: images in a bucket, and a model server that answers a pack."""

from __future__ import annotations

import json
from typing import Any

from tests.aws import Answer, Aws, Request
from tests.unit.lambda_src.answers import model_error
from tests.unit.lambda_src.pictures import picture
from tests.unit.pictures.recordio_reader import read_images

PNG, JPEG = picture("PNG"), picture("JPEG")
POOR = PNG + b"poor"
"""An image that the model behind `container` dies of."""


def batch(keys: list[str], number: int = 0, threshold: float | None = None) -> dict[str, Any]:
    images = [[n, "inbox", key] for n, key in enumerate(keys)]
    return {"batch": {"batch": number, "images": images}, "threshold": threshold}


def container(request: Request) -> Answer:
    """A model server: 0.97 for what is in the records, 500 for a pack with a poor one."""
    images = read_images(request.body)
    if any(read.image == POOR for read in images):
        return model_error(500, "worker died")
    entries = [
        {"error": "UnsupportedImage: damaged"} if read.image.endswith(b"damaged") else [0.97, 0.03]
        for read in images
    ]
    headers = (("X-Amzn-SageMaker-Custom-Attributes", "model=0123456789ab"),)
    return Answer(body=json.dumps(entries).encode(), headers=headers)


def stock(aws: Aws, count: int, image: bytes = PNG) -> list[str]:
    """Put `count` images into the bucket; their keys."""
    aws.answers["InvokeEndpoint"] = container
    keys = [f"{n}.png" for n in range(count)]
    aws.objects.update({("inbox", key): image for key in keys})
    return keys
