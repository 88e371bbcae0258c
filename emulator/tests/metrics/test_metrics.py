"""Metrics on a running local AWS: of functions however they are called, of their logs, of endpoints."""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.hosting.hosting import Hosting
from tests.running import executions, functions
from tests.running.emulator import Emulator
from tests.running.waiting import until
from tests.running.watching import alarm, total, wait_for

EMBEDDING = """
import json, logging, sys, time

def handler(event, context):
    metrics = {"Namespace": "test", "Dimensions": [["Name"], ["Name", "Class"]],
               "Metrics": [{"Name": "Requests", "Unit": "Count"}, {"Name": "Load"}]}
    line = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metrics]},
            "Name": context.function_name, "Class": "small", "Requests": [2, 3], "Load": 0.5}
    print(json.dumps(line))
    print(json.dumps(line | {"Requests": 1}), file=sys.stderr)
    print(json.dumps(line | {"Requests": "many"}))
    print(json.dumps({"_aws": {}}))
    print(json.dumps(line)[:-3])
    logging.getLogger("app").error("unforeseen")
    if event.get("fail"):
        raise ValueError("on purpose")
    time.sleep(event.get("seconds", 0))
"""


def of_function(aws: Emulator, function: str, name: str) -> float:
    return total(aws, "AWS/Lambda", name, FunctionName=function)


def by_machine(aws: Emulator, function: str, given: dict[str, Any]) -> None:
    machine = functions.machine(aws, {"Call": functions.task(function)})
    executions.run(aws, machine, given)


def over_http(aws: Emulator, function: str, given: dict[str, Any]) -> None:
    aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(given))


def as_event(aws: Emulator, function: str, given: dict[str, Any]) -> None:
    api = aws.client("lambda")
    api.put_function_event_invoke_config(FunctionName=function, MaximumRetryAttempts=0)
    api.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(given))


@pytest.mark.parametrize("call", [by_machine, over_http, as_event])
def test_an_invocation_and_its_log_count_once_whoever_calls(aws: Emulator, call: Any) -> None:
    function = functions.create(aws, EMBEDDING, LoggingConfig={"LogFormat": "JSON"})
    call(aws, function, {"fail": True})
    until(lambda: of_function(aws, function, "Errors") == 1, "the failure counts")
    counts = {name: of_function(aws, function, name) for name in ("Invocations", "Errors", "Throttles")}
    assert counts == {"Invocations": 1, "Errors": 1, "Throttles": 0}
    assert 0 < of_function(aws, function, "Duration") < 20_000
    until(lambda: total(aws, "test", "Load", Name=function, Class="small") == 1.0, "both lines count")
    assert total(aws, "test", "Requests", Name=function) == 2 + 3 + 1
    assert total(aws, "test", "Requests", "SampleCount", Name=function) == 3
    group = {"LogGroupName": f"/aws/lambda/{function}"}
    assert total(aws, "AWS/Logs", "EMFValidationErrors", **group) == 1
    assert total(aws, "AWS/Logs", "EMFParsingErrors", **group) == 1


def test_reserved_concurrency_throttles_and_counts_so(aws: Emulator) -> None:
    function = functions.create(aws, EMBEDDING, Timeout=30)
    api = aws.client("lambda")
    api.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    over = {"FunctionName": function, "Payload": b'{"seconds": 3}'}
    clients = [impatient(aws) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(client.invoke, **over) for client in clients]
        failures = [call.exception() for call in both]
    (refused,) = filter(None, failures)
    assert isinstance(refused, ClientError)
    assert refused.response["Error"]["Code"] == "TooManyRequestsException"
    counts = {name: of_function(aws, function, name) for name in ("Invocations", "Errors", "Throttles")}
    assert counts == {"Invocations": 1, "Errors": 0, "Throttles": 1}


def impatient(aws: Emulator) -> Any:
    """A client that does not try again."""
    return aws.client_with("lambda", Config(retries={"total_max_attempts": 1}))


PATTERNS = {
    "logged": '{ $.logger = "app" && $.level = "ERROR" }',
    "unloaded": '{ $.errorType = "Runtime.*" }',
    "ended": '{ $.type = "platform.report" && ($.record.status = "timeout" || '
    '$.record.errorType = "Runtime.ExitError") }',
}
ENDING = """
import os, time
def handler(event, context):
    os._exit(1) if event.get("exit") else time.sleep(30)
"""


@contextmanager
def filtered(aws: Emulator, function: str) -> Iterator[None]:
    """Metric filters on the function's log, as the stack has them."""
    logs, group = aws.client("logs"), f"/aws/lambda/{function}"
    logs.create_log_group(logGroupName=group)
    for name, pattern in PATTERNS.items():
        metric = {"metricNamespace": "test", "metricName": f"{function}-{name}", "metricValue": "1"}
        logs.put_metric_filter(
            logGroupName=group, filterName=name, filterPattern=pattern, metricTransformations=[metric]
        )
    yield
    logs.delete_log_group(logGroupName=group)


@pytest.mark.parametrize(
    ("source", "given", "counted"),
    [
        (EMBEDDING, {}, "logged"),
        ("import no_such_module", {}, "unloaded"),
        (ENDING, {"exit": True}, "ended"),
        (ENDING, {}, "ended"),
    ],
)
def test_a_metric_filter_counts_the_events_that_match(
    aws: Emulator, source: str, given: dict[str, Any], counted: str
) -> None:
    timeout = 1 if source == ENDING else 60
    function = functions.create(aws, source, LoggingConfig={"LogFormat": "JSON"}, Timeout=timeout)
    with filtered(aws, function):
        over_http(aws, function, given)
        until(lambda: total(aws, "test", f"{function}-{counted}") >= 1, f"{counted} is counted")
        sums = {name: total(aws, "test", f"{function}-{name}") for name in PATTERNS}
    assert sums == dict.fromkeys(PATTERNS, 0.0) | {counted: 1.0}


def test_a_filter_takes_values_and_dimensions_from_events_and_has_a_default(aws: Emulator) -> None:
    logs, group, name = aws.client("logs"), f"test-{uuid.uuid4().hex[:8]}", f"test-{uuid.uuid4().hex[:8]}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    sized = {"metricNamespace": "test", "metricName": name, "metricValue": "$.size", "unit": "Bytes"}
    for filter_name, metric in (
        ("sized", sized | {"dimensions": {"Kind": "$.kind"}}),
        ("quiet", sized | {"metricName": f"{name}-quiet", "defaultValue": 7}),
    ):
        logs.put_metric_filter(
            logGroupName=group,
            filterName=filter_name,
            filterPattern="{ $.size >= 10 }",
            metricTransformations=[metric],
        )

    def log(*messages: str) -> None:
        events = [{"timestamp": int(time.time() * 1000), "message": message} for message in messages]
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)

    log('{"size": 5}')
    assert total(aws, "test", f"{name}-quiet") == 7
    log('{"size": 20, "kind": "png"}', '{"size": 30, "kind": "png"}', '{"size": 40}', "size 50")
    assert total(aws, "test", name, Kind="png") == 50
    with pytest.raises(ClientError, match="space-delimited"):
        logs.put_metric_filter(
            logGroupName=group, filterName="x", filterPattern="[a, b]", metricTransformations=[sized]
        )


def of_endpoint(aws: Emulator, name: str, statistic: str = "Sum", **dimensions: str) -> float:
    return total(aws, "AWS/SageMaker", name, statistic, VariantName="AllTraffic", **dimensions)


def test_requests_to_an_endpoint_count_for_its_variant_and_its_config(aws: Emulator) -> None:
    hosting = Hosting(aws)
    config = hosting.config(hosting.model(), count=2)
    endpoint = hosting.endpoint(config)
    for _ in range(3):
        hosting.invoke(endpoint)
    with pytest.raises(ClientError):
        hosting.invoke(endpoint, b"a picture", ContentType="image/png")
    for one in ({"EndpointName": endpoint}, {"EndpointName": endpoint, "EndpointConfigName": config}):
        until(lambda one=one: of_endpoint(aws, "Invocations", **one) == 4, "all requests count")  # type: ignore[misc]
        assert of_endpoint(aws, "Invocation4XXErrors", **one) == 1
        assert of_endpoint(aws, "Invocation5XXErrors", **one) == 0
        assert of_endpoint(aws, "InvocationsPerInstance", **one) == 2
        assert of_endpoint(aws, "ConcurrentRequestsPerModel", "Maximum", **one) == 1
        assert 100 < of_endpoint(aws, "ModelLatency", "Average", **one) < 20_000_000
        assert 0 < of_endpoint(aws, "OverheadLatency", "Average", **one) < 20_000_000
    hosting.api.delete_endpoint(EndpointName=endpoint)


def test_an_alarm_on_an_endpoint_sees_its_server_errors(aws: Emulator) -> None:
    hosting = Hosting(aws)
    config = hosting.config(hosting.model())
    endpoint = hosting.endpoint(config)
    dimensions = {"EndpointName": endpoint, "VariantName": "AllTraffic", "EndpointConfigName": config}
    errors = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocation5XXErrors",
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Period": 60,
    }
    name = alarm(aws, **errors, Threshold=0)
    hosting.invoke(endpoint)
    wait_for(aws, name, "OK")

    def fails() -> bool:
        for server in hosting.servers(endpoint):
            os.kill(server, signal.SIGKILL)
        try:
            hosting.invoke(endpoint)
        except ClientError as error:
            return dict(error.response)["OriginalStatusCode"] == 0
        return False

    until(fails, "a request meets no server before another one is up")
    wait_for(aws, name, "ALARM")
    hosting.api.delete_endpoint(EndpointName=endpoint)
