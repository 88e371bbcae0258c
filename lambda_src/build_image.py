"""Builds the serving image while CloudFormation waits: a custom resource and the end of its build.

CloudFormation's request starts a build in CodeBuild and travels with it as a variable; EventBridge tells when
the build has ended, however it ended, and only then is CloudFormation answered.
"""

from __future__ import annotations

import json
from typing import Any

import boto3

from lambda_src.core.cloudformation import ANSWERED_FIELDS, answer, response_url

REQUEST = "CLOUDFORMATION_REQUEST"


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
