"""CloudFormation's custom resources: where it waits for an answer, and the answer."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

DOMAINS = ("amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "c2s.ic.gov", "sc2s.sgov.gov")
"""Of the partitions."""
ANSWERED_FIELDS = ("StackId", "RequestId", "LogicalResourceId", "ResponseURL")


def response_url(event: dict[str, Any]) -> str:
    """Where CloudFormation waits: a bucket of its own in this region.

    Raises ValueError for any other address: whoever may invoke a function, or set the variables of a build
    that it looks at, would have it send to whatever they say. On loopback it is where all of AWS is.
    """
    url, region = str(event["ResponseURL"]), os.environ["AWS_REGION"]
    if (local := os.environ.get("AWS_ENDPOINT_URL")) and url.startswith(f"{local.rstrip('/')}/"):
        return url
    bucket = f"cloudformation-custom-resource-response-{region.replace('-', '')}"
    host = rf"{re.escape(bucket)}\.s3(?:[.-]{re.escape(region)})?\.(?:{'|'.join(map(re.escape, DOMAINS))})"
    address = urlsplit(url)
    if address.scheme != "https" or not re.fullmatch(host, address.netloc):
        raise ValueError(f"{address.scheme}://{address.netloc} is no address at which CloudFormation waits")
    return url


def answer(
    event: dict[str, Any], resource: str, failure: str = "", attributes: Mapping[str, str] | None = None
) -> None:
    """Tell CloudFormation that `resource` is there and what its attributes are, or why it is not."""
    body = {
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": failure or "done",
        "PhysicalResourceId": resource,
        "Data": dict(attributes or {}),
        **{field: event[field] for field in ANSWERED_FIELDS if field != "ResponseURL"},
    }
    request = urllib.request.Request(response_url(event), json.dumps(body).encode(), method="PUT")
    request.add_header("Content-Type", "")  # what the address was signed for
    with urllib.request.urlopen(request, timeout=20):
        pass
