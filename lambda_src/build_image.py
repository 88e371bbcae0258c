"""Custom resource that builds the serving image: start the build, then say when it is done."""

from __future__ import annotations

from typing import Any

import boto3

codebuild = boto3.client("codebuild")


def on_event(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Start a build on create and update. On delete the repository goes with its stack: nothing to do."""
    if event["RequestType"] == "Delete":
        return {"PhysicalResourceId": event["PhysicalResourceId"]}
    build = codebuild.start_build(projectName=event["ResourceProperties"]["Project"])["build"]
    return {"PhysicalResourceId": event["ResourceProperties"]["Tag"], "Data": {"BuildId": build["id"]}}


def is_complete(event: dict[str, Any], _context: object) -> dict[str, bool]:
    """Whether the build has ended; raises RuntimeError with its log's address if it did not succeed."""
    if event["RequestType"] == "Delete":
        return {"IsComplete": True}
    build = codebuild.batch_get_builds(ids=[event["Data"]["BuildId"]])["builds"][0]
    if build["buildStatus"] == "IN_PROGRESS":
        return {"IsComplete": False}
    if build["buildStatus"] != "SUCCEEDED":
        where = build.get("logs", {}).get("deepLink", build["id"])
        raise RuntimeError(f"the serving image was not built: {build['buildStatus']}, see {where}")
    return {"IsComplete": True}
