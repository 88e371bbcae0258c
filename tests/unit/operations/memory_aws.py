"""The services of AWS that a stage's verbs use, in memory; requests are checked as botocore does."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from botocore.session import get_session
from botocore.validate import ParamValidator

from operations.aws.deployment import Deployment

REGION, ACCOUNT = "us-east-1", "123456789012"
BUCKET = "data-bucket"
IMAGE_MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:scones-local-classify-image"
BATCH_MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:scones-local-classify-batch"
START = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
DEPLOYMENT = Deployment(
    stage="local",
    where="AWS on loopback, http://127.0.0.1:4566",
    in_aws=False,
    outputs={
        "DataBucketName": BUCKET,
        "StateMachineArn": IMAGE_MACHINE,
        "BatchStateMachineArn": BATCH_MACHINE,
        "EndpointName": "scones-local",
    },
)


def refusal(operation: str, code: str, message: str = "as AWS words it") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@cache
def service_model(service: str) -> Any:
    """What botocore knows of a service; read once."""
    return get_session().get_service_model(service)


class Checked:
    """Checks a call's arguments against the service's model."""

    service: str

    def check(self, operation: str, arguments: dict[str, Any]) -> None:
        model = service_model(self.service).operation_model(operation)
        assert model.input_shape is not None
        report = ParamValidator().validate(arguments, model.input_shape)
        assert not report.has_errors(), report.generate_report()


class Body(io.BytesIO):
    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while chunk := self.read(size):
            yield chunk


@dataclass
class MemoryS3(Checked):
    """Objects by bucket and key; `denied` keys raise AccessDenied."""

    service = "s3"
    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)

    def put_object(self, **given: Any) -> dict[str, Any]:
        self.check("PutObject", given)
        if given["Key"] in self.denied:
            raise refusal("PutObject", "AccessDenied")
        body = given["Body"]
        self.objects[given["Bucket"], given["Key"]] = body if isinstance(body, bytes) else body.read()
        return {}

    def get_object(self, **given: Any) -> dict[str, Any]:
        self.check("GetObject", given)
        if (given["Bucket"], given["Key"]) not in self.objects:
            raise refusal("GetObject", "NoSuchKey")
        return {
            "Body": Body(self.objects[given["Bucket"], given["Key"]]),
            "LastModified": START,
            "ETag": '"e"',
        }

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, **given: Any) -> Iterator[dict[str, Any]]:
        """Pages of two, so that nothing relies on a single one."""
        self.check("ListObjectsV2", given)
        keys = sorted(
            key
            for bucket, key in self.objects
            if bucket == given["Bucket"] and key.startswith(given.get("Prefix", ""))
        )
        if "Delimiter" in given:
            prefix = given["Prefix"]
            folders = {prefix + key[len(prefix) :].partition("/")[0] + "/" for key in keys}
            yield {"CommonPrefixes": [{"Prefix": folder} for folder in sorted(folders)]}
            return
        for index in range(0, max(len(keys), 1), 2):
            page = [
                {"Key": key, "Size": len(self.objects[given["Bucket"], key]), "ETag": '"e"'}
                for key in keys[index : index + 2]
            ]
            yield {"Contents": page} if page else {}

    def put_lines(self, key: str, values: Iterable[Any]) -> None:
        self.objects[BUCKET, key] = b"".join(json.dumps(value).encode() + b"\n" for value in values)

    def lines(self, key: str) -> list[Any]:
        return [json.loads(line) for line in self.objects[BUCKET, key].splitlines()]

    def keys_in(self, part: str) -> list[str]:
        """Keys that have `part` in them, in order."""
        return sorted(key for _, key in self.objects if part in key)


@dataclass
class MemoryStates(Checked):
    """Executions by ARN. `on_start` gets an execution and lets it end; `looks` counts looks at each."""

    service = "stepfunctions"
    on_start: Callable[[dict[str, Any]], None] = field(default=lambda _: None)
    executions: dict[str, dict[str, Any]] = field(default_factory=dict)
    map_runs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By execution what DescribeMapRun answers, one look after the other; the last stays."""
    on_look: Callable[[dict[str, Any]], None] = field(default=lambda _: None)
    lock: threading.RLock = field(default_factory=threading.RLock)
    at_once: int = 0
    most_at_once: int = 0

    def start_execution(self, **given: Any) -> dict[str, Any]:
        self.check("StartExecution", given)
        with self.lock:
            execution = self.add(given["stateMachineArn"], given["name"], json.loads(given["input"]))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.on_start(execution)
        return {"executionArn": execution["executionArn"], "startDate": execution["startDate"]}

    def describe_execution(self, **given: Any) -> dict[str, Any]:
        self.check("DescribeExecution", given)
        with self.lock:
            if given["executionArn"] not in self.executions:
                raise refusal("DescribeExecution", "ExecutionDoesNotExist")
            execution = self.executions[given["executionArn"]]
            self.on_look(execution)
            if execution["status"] != "RUNNING" and not execution.pop("seen", False):
                self.at_once -= 1
                execution["seen"] = True
            return {name: value for name, value in execution.items() if name != "seen"}

    def list_map_runs(self, **given: Any) -> dict[str, Any]:
        self.check("ListMapRuns", given)
        there = given["executionArn"] in self.map_runs
        return {"mapRuns": [{"mapRunArn": given["executionArn"].replace(":execution:", ":mapRun:")}] * there}

    def describe_map_run(self, **given: Any) -> dict[str, Any]:
        self.check("DescribeMapRun", given)
        answers = self.map_runs[given["mapRunArn"].replace(":mapRun:", ":execution:")]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_executions"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, **given: Any) -> Iterator[dict[str, Any]]:
        self.check("ListExecutions", given)
        found = [
            {
                name: execution[name]
                for name in ("executionArn", "stateMachineArn", "name", "startDate", "status")
            }
            for execution in self.executions.values()
            if execution["stateMachineArn"] == given["stateMachineArn"]
            and given.get("statusFilter") in (None, execution["status"])
        ]
        found.sort(key=lambda item: item["startDate"], reverse=True)
        for index in range(0, max(len(found), 1), 2):
            yield {"executions": found[index : index + 2]}

    def add(self, machine: str, name: str, given: dict[str, Any], **more: Any) -> dict[str, Any]:
        """An execution that runs, unless `more` says how it ended; each starts a minute after the last."""
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        started = START + timedelta(minutes=len(self.executions))
        self.executions[arn] = {
            "executionArn": arn,
            "stateMachineArn": machine,
            "name": name,
            "status": "RUNNING",
            "startDate": started,
            "input": json.dumps(given),
        }
        if more:
            end(self.executions[arn], **more)
        return self.executions[arn]

    def started(self, machine: str) -> list[dict[str, Any]]:
        """Inputs of the executions of a machine, in the order of their start."""
        return [
            json.loads(execution["input"])
            for execution in self.executions.values()
            if execution["stateMachineArn"] == machine
        ]


def end(execution: dict[str, Any], seconds: float = 1.5, output: Any = None, **more: Any) -> None:
    """Let an execution end: succeeded unless `status` says otherwise."""
    execution.update({"status": "SUCCEEDED", "stopDate": execution["startDate"] + timedelta(seconds=seconds)})
    if output is not None:
        execution["output"] = json.dumps(output)
    execution.update(more)


def map_run(status: str = "RUNNING", **items: int) -> dict[str, Any]:
    """An answer of DescribeMapRun with these item counts."""
    names = ("pending", "running", "succeeded", "failed", "timedOut", "aborted")
    counts = {name: items.get(name, 0) for name in names}
    return {"status": status, "itemCounts": counts | {"total": sum(counts.values())}}


class MemoryCloudFormation:
    """The stacks of DEPLOYMENT, or none."""

    meta = SimpleNamespace(endpoint_url="http://127.0.0.1:4566", region_name=REGION)
    deployed = True

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        if not self.deployed or not StackName.startswith("scones-local-"):
            raise refusal("DescribeStacks", "ValidationError", "does not exist")
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in DEPLOYMENT.outputs.items()]
        arn = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{StackName}/1"
        stack = {"StackId": arn, "StackName": StackName, "StackStatus": "UPDATE_COMPLETE", "Outputs": outputs}
        return {"Stacks": [stack]}

    def get_paginator(self, _operation: str) -> Any:
        return SimpleNamespace(paginate=lambda: [{"Stacks": []}])


@dataclass
class MemoryLambda(Checked):
    """Functions by name: their environment, and the answer to Invoke."""

    service = "lambda"
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def get_function_configuration(self, **given: Any) -> dict[str, Any]:
        self.check("GetFunctionConfiguration", given)
        if given["FunctionName"] not in self.environments:
            raise refusal("GetFunctionConfiguration", "ResourceNotFoundException")
        return {"Environment": {"Variables": self.environments[given["FunctionName"]]}}

    def invoke(self, **given: Any) -> dict[str, Any]:
        self.check("Invoke", given)
        if given["FunctionName"] not in self.answers:
            raise refusal("Invoke", "ResourceNotFoundException")
        answer = self.answers[given["FunctionName"]]
        return {"StatusCode": 200, "Payload": Body(json.dumps(answer["answer"]).encode())} | answer.get(
            "more", {}
        )


@dataclass
class MemoryAws:
    """All of them; `client` is what boto3.client would be."""

    s3: MemoryS3 = field(default_factory=MemoryS3)
    states: MemoryStates = field(default_factory=MemoryStates)
    functions: MemoryLambda = field(default_factory=MemoryLambda)
    cloudformation: MemoryCloudFormation = field(default_factory=MemoryCloudFormation)

    def client(self, service: str, **_: Any) -> Any:
        clients = {"s3": self.s3, "stepfunctions": self.states, "lambda": self.functions}
        return {**clients, "cloudformation": self.cloudformation}[service]
