"""Builds the serving image while CloudFormation waits: a custom resource and the end of its build.

CloudFormation's request starts a build in CodeBuild and travels with it as a variable; EventBridge tells when
the build has ended, however it ended, and only then is CloudFormation answered.
"""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3

REQUEST = "CLOUDFORMATION_REQUEST"
DOMAINS = ("amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "c2s.ic.gov", "sc2s.sgov.gov")
"""Of the partitions."""
ANSWERED_FIELDS = ("StackId", "RequestId", "LogicalResourceId", "ResponseURL")


def handler(event: dict[str, Any], _context: object) -> None:
    """A request of CloudFormation, or a build of its that has ended."""
    if "RequestType" not in event:
        report(event["detail"]["build-id"].rpartition("build/")[2])  # of an ARN
        return
    response_url(event)  # before a build is started that could not be answered
    if event["RequestType"] == "Delete":  # the images go with their repository
        answer(event, event["PhysicalResourceId"])
    else:
        start(event)


def start(event: dict[str, Any]) -> None:
    """Start a build; a request that cannot start one is answered at once."""
    project, tag = event["ResourceProperties"]["Project"], event["ResourceProperties"]["Tag"]
    request = json.dumps({field: event[field] for field in ANSWERED_FIELDS} | {"Tag": tag})
    try:
        boto3.client("codebuild").start_build(
            projectName=project,
            environmentVariablesOverride=[{"name": REQUEST, "value": request, "type": "PLAINTEXT"}],
        )
    except Exception as error:
        answer(event, tag, failure=f"the build of the serving image did not start: {error}")
        raise


def report(build_id: str) -> None:
    """Answer the request that the build travelled with; a build started by hand has none.

    CodeBuild is asked for the build: its event need not carry what the build was started with. What the build
    exports are the resource's attributes.
    """
    (build,) = boto3.client("codebuild").batch_get_builds(ids=[build_id])["builds"]
    variables = build["environment"]["environmentVariables"]
    request = next((entry["value"] for entry in variables if entry["name"] == REQUEST), None)
    if request is None:
        return
    event = json.loads(request)
    status = build["buildStatus"]
    if status == "SUCCEEDED":
        exported = build.get("exportedEnvironmentVariables", ())
        answer(event, event["Tag"], attributes={entry["name"]: entry["value"] for entry in exported})
        return
    answer(
        event,
        event["Tag"],
        failure=f"the serving image was not built: {status}, see {build['logs'].get('deepLink', build_id)} "
        "(the roll-back of a first deployment takes this log away: cdk deploy --no-rollback keeps it)",
    )


def response_url(event: dict[str, Any]) -> str:
    """Where CloudFormation waits: a bucket of its own in this region.

    Raises ValueError for any other address: whoever may start a build may set its variables, and this
    function would send to whatever they say.
    """
    url, region = str(event["ResponseURL"]), os.environ["AWS_REGION"]
    bucket = f"cloudformation-custom-resource-response-{region.replace('-', '')}"
    host = rf"{re.escape(bucket)}\.s3(?:[.-]{re.escape(region)})?\.(?:{'|'.join(map(re.escape, DOMAINS))})"
    address = urlsplit(url)
    if address.scheme != "https" or not re.fullmatch(host, address.netloc):
        raise ValueError(f"{address.scheme}://{address.netloc} is no address at which CloudFormation waits")
    return url


def answer(
    event: dict[str, Any], resource: str, failure: str = "", attributes: Mapping[str, str] | None = None
) -> None:
    """Tell CloudFormation that the resource is there and what its attributes are, or why it is not."""
    body = {
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": failure or "built",
        "PhysicalResourceId": resource,
        "Data": dict(attributes or {}),
        **{field: event[field] for field in ANSWERED_FIELDS if field != "ResponseURL"},
    }
    request = urllib.request.Request(response_url(event), json.dumps(body).encode(), method="PUT")
    request.add_header("Content-Type", "")  # what the address was signed for
    with urllib.request.urlopen(request, timeout=20):
        pass
