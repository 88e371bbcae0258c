"""CloudFormation is answered once for each image, whatever became of the build."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from lambda_src import build_image
from lambda_src.core import cloudformation as cloudformation_answers

Answers = list[dict[str, Any]]


ARN = "arn:aws:codebuild:us-east-1:000000000000:build/"
TAG = {"name": "TAG", "value": "tag-1", "type": "PLAINTEXT"}


class CodeBuild:
    """Remembers what it was asked to build, or refuses; tells of builds as the API does."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.started: list[dict[str, Any]] = []
        self.refusal = refusal
        self.status = "IN_PROGRESS"

    def start_build(self, **request: Any) -> dict[str, Any]:
        if self.refusal:
            raise self.refusal
        self.started.append(request)
        return {"build": {"id": "serving:1"}}

    def batch_get_builds(self, ids: list[str]) -> dict[str, Any]:
        overrides = [] if ids == ["serving:by-hand"] else self.started[0]["environmentVariablesOverride"]
        return {
            "builds": [
                {
                    "buildStatus": self.status,
                    "environment": {"environmentVariables": [TAG, *overrides]},
                    "exportedEnvironmentVariables": [{"name": "BaseDigest", "value": "sha256:1"}],
                    "logs": {"deepLink": "https://logs/1"},
                }
                for id in ids
                if id in ("serving:1", "serving:by-hand")
            ]
        }


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Answers]]:
    """An address in place of CloudFormation's, and what was put there."""
    answers: Answers = []
    for module in (build_image, cloudformation_answers):
        monkeypatch.setattr(module, "response_url", lambda event: event["ResponseURL"])

    class Receiver(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            assert self.headers["Content-Type"] == ""  # the signature covers an empty one
            answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/answer?signed=1", answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def codebuild(monkeypatch: pytest.MonkeyPatch) -> CodeBuild:
    fake = CodeBuild()
    monkeypatch.setattr("boto3.client", lambda _: fake)
    return fake


def request(url: str, kind: str = "Create") -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResponseURL": url,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Build",
        "PhysicalResourceId": "tag-0",
        "ResourceProperties": {"Project": "serving", "Tag": "tag-1"},
    }


def ended(codebuild: CodeBuild, status: str, build: str = "serving:1") -> dict[str, Any]:
    """The event of a build that has ended."""
    codebuild.status = status
    return {"detail-type": "CodeBuild Build State Change", "detail": {"build-id": f"{ARN}{build}"}}


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_build_is_started_and_answered_when_it_has_ended(
    cloudformation: tuple[str, Answers], codebuild: CodeBuild, kind: str
) -> None:
    url, answers = cloudformation
    build_image.handler(request(url, kind), None)
    assert codebuild.started[0]["projectName"] == "serving"
    assert answers == []
    build_image.handler(ended(codebuild, "SUCCEEDED"), None)
    assert answers == [
        {
            "Status": "SUCCESS",
            "Reason": "done",
            "PhysicalResourceId": "tag-1",
            "Data": {"BaseDigest": "sha256:1"},
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Build",
        }
    ]


@pytest.mark.parametrize("status", ["FAILED", "STOPPED", "TIMED_OUT", "FAULT"])
def test_a_build_that_did_not_succeed_fails_the_deployment_with_its_log(
    cloudformation: tuple[str, Answers], codebuild: CodeBuild, status: str
) -> None:
    url, answers = cloudformation
    build_image.handler(request(url), None)
    build_image.handler(ended(codebuild, status), None)
    (answer,) = answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(f"the serving image was not built: {status}, see https://logs/1 ")
    assert "--no-rollback" in answer["Reason"]  # the log goes with the stack of a first deployment


def test_a_build_that_cannot_start_does_not_keep_cloudformation_waiting(
    cloudformation: tuple[str, Answers], codebuild: CodeBuild
) -> None:
    url, answers = cloudformation
    codebuild.refusal = RuntimeError("AccountLimitExceeded")
    with pytest.raises(RuntimeError, match="AccountLimitExceeded"):
        build_image.handler(request(url), None)
    assert [(answer["Status"], "AccountLimitExceeded" in answer["Reason"]) for answer in answers] == [
        ("FAILED", True)
    ]


def test_delete_is_answered_at_once(cloudformation: tuple[str, Answers], codebuild: CodeBuild) -> None:
    url, answers = cloudformation
    build_image.handler(request(url, "Delete"), None)
    assert [(answer["Status"], answer["PhysicalResourceId"]) for answer in answers] == [("SUCCESS", "tag-0")]
    assert codebuild.started == []


def test_a_build_started_by_hand_answers_nobody(codebuild: CodeBuild) -> None:
    build_image.handler(ended(codebuild, "SUCCEEDED", "serving:by-hand"), None)


BUCKET = "cloudformation-custom-resource-response-euwest1"


@pytest.mark.parametrize(
    "host",
    [
        f"{BUCKET}.s3.eu-west-1.amazonaws.com",
        f"{BUCKET}.s3-eu-west-1.amazonaws.com",
        f"{BUCKET}.s3.amazonaws.com",
    ],
)
def test_cloudformations_own_addresses_are_answered(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    url = f"https://{host}/arn%3Aaws?X-Amz-Signature=1"
    assert cloudformation_answers.response_url({"ResponseURL": url}) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        f"http://{BUCKET}.s3.eu-west-1.amazonaws.com/",
        f"https://{BUCKET}.s3.eu-west-1.amazonaws.com.example.com/",
        f"https://{BUCKET}.s3.eu-west-1.amazonaws.com@example.com/",
        f"https://example.com/{BUCKET}.s3.eu-west-1.amazonaws.com/",
        f"https://{BUCKET}.s3.eu-west-1.amazonaws.com:8443/",
        f"https://{BUCKET}x.s3.eu-west-1.amazonaws.com/",
        f"https://{BUCKET}.s3.us-east-1.amazonaws.com/",
        "file:///etc/passwd",
    ],
)
@pytest.mark.parametrize("kind", ["Create", "Delete"])
def test_no_other_address_is_answered(
    url: str, kind: str, codebuild: CodeBuild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with pytest.raises(ValueError, match="no address at which CloudFormation waits"):
        build_image.handler(request(url, kind), None)
    assert codebuild.started == []
