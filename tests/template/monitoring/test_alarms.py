"""Alarms: people hear of an incident once, each alarm has its section in the runbook and its limit's unit."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

from contracts.names import LOOPBACK_ACCOUNT
from stacks.monitoring.function_errors import PATTERNS
from stacks.monitoring.monitoring_alarms import CHANCE, requests_that_show
from stacks.monitoring.runbook_alarm import MAX_DESCRIPTION
from stacks.settings import StageSettings, parse_settings
from tests.template.conftest import SMALLEST
from tests.template.monitoring.cloudwatch import compute, matches, names
from tests.template.resources import LONGEST_REGION, written

Templates = dict[str, Template]
IN_CONSOLE = (
    f"https://{LONGEST_REGION}.console.amazonaws-us-gov.com/s3/object/cdk-hnb659fds-assets-{'1' * 12}-"
    f"{LONGEST_REGION}?region={LONGEST_REGION}&prefix=<hash>.md"
)
RUNBOOK = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
INCIDENTS = {
    "service": {
        "endpoint-errors",
        "endpoint-latency",
        "failed-executions",
        "failed-batch-executions",
        "function-errors",
        "function-throttles",
    },
    "model": {"low-confidence", "drift", "unfamiliar-pictures"},
    "monitoring": {"no-captured-data", "monitor-not-running", "undelivered"},
}


def resources(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """Properties by logical id."""
    found = template.find_resources(f"AWS::CloudWatch::{kind}")
    return {name: item["Properties"] for name, item in found.items()}


def description(alarm: dict[str, Any]) -> str:
    """As long as it can be."""
    return written(alarm["AlarmDescription"], "aws-us-gov")


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    """Properties of the metric alarms by their slug."""
    return {
        alarm["AlarmName"].removeprefix("scones-test-"): alarm
        for alarm in resources(template, "Alarm").values()
    }


def measured(alarm: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The metrics of an alarm's expression by id."""
    return {entry["Id"]: entry["MetricStat"] for entry in alarm["Metrics"] if "MetricStat" in entry}


def expressions(alarm: dict[str, Any]) -> dict[str, str]:
    return {entry["Id"]: entry["Expression"] for entry in alarm["Metrics"] if "Expression" in entry}


@pytest.mark.parametrize("size", ["smallest", "fullest"])
def test_every_alarm_is_of_one_incident_and_only_incidents_tell(
    request: pytest.FixtureRequest, size: str
) -> None:
    template = request.getfixturevalue(size)["monitoring"]
    watched: dict[str, set[str]] = {}
    logical = {name: alarm["AlarmName"] for name, alarm in resources(template, "Alarm").items()}
    for incident in resources(template, "CompositeAlarm").values():
        rule = incident["AlarmRule"]["Fn::Join"][1]
        named = {logical[part["Fn::GetAtt"][0]] for part in rule if isinstance(part, dict)}
        assert "".join(part for part in rule if isinstance(part, str)).count(" OR ") == len(named) - 1
        assert len(incident["AlarmActions"]) == 1
        assert ":scones-test-failures'" in str(incident["AlarmActions"])
        watched[incident["AlarmName"].removeprefix("scones-test-")] = {
            name.removeprefix("scones-test-") for name in named
        }
    assert watched == INCIDENTS
    assert sorted(name for names in watched.values() for name in names) == sorted(alarms(template))
    for alarm in alarms(template).values():
        assert not {"AlarmActions", "OKActions", "InsufficientDataActions"} & set(alarm)


def test_every_alarm_has_a_section_of_its_name_with_meaning_first_look_and_remedy(
    smallest: Templates,
) -> None:
    chapter = RUNBOOK.partition("\n## Alarms\n")[2].partition("\n## ")[0]
    sections = dict(re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", chapter, re.M | re.S))
    assert set(sections) == set(alarms(smallest["monitoring"]))
    for name, text in sections.items():
        for needed in ("**Means**", "**First look:**", "**Remedy:**"):
            assert needed in text, name
    for name in alarms(smallest["monitoring"]):
        assert f"[{name}](#{name})" in chapter.partition("### ")[0]


def test_an_alarm_says_what_it_means_and_where_its_section_is(
    smallest: Templates, fullest: Templates
) -> None:
    """Where it is not published, in the console: the file is an asset of the deployment."""
    for templates, of_runbook in (
        (smallest, f"section {{}} of {IN_CONSOLE}"),
        (fullest, "https://wiki.example.com/scones#{}"),
    ):
        for name, alarm in alarms(templates["monitoring"]).items():
            meaning, _, where = description(alarm).partition(". Runbook: ")
            assert len(meaning) > 30
            assert re.sub("[0-9a-f]{64}", "<hash>", where) == of_runbook.format(name)


def test_on_loopback_where_is_no_console_the_runbook_is_the_checkouts(
    synthesize: Callable[[StageSettings], Templates],
) -> None:
    given = {**SMALLEST, "account": LOOPBACK_ACCOUNT, "region": "us-east-1"}
    template = synthesize(parse_settings("test", given))["monitoring"]
    for name, alarm in alarms(template).items():
        assert description(alarm).endswith(f". Runbook: docs/operations.md#{name}")


@pytest.mark.parametrize("size", ["smallest", "fullest"])
def test_an_incident_says_what_each_of_its_alarms_means(request: pytest.FixtureRequest, size: str) -> None:
    template = request.getfixturevalue(size)["monitoring"]
    single = alarms(template)
    for incident in resources(template, "CompositeAlarm").values():
        text = description(incident)
        assert len(text) <= MAX_DESCRIPTION
        assert "the dashboard scones-test shows" in text
        for name in INCIDENTS[incident["AlarmName"].removeprefix("scones-test-")]:
            assert f"\n{name}: {description(single[name]).partition('. Runbook')[0]}." in text


def test_the_longest_settings_still_fit_into_a_description(
    synthesize: Callable[[StageSettings], Templates],
) -> None:
    """CloudWatch refuses 1,025 characters, at deployment."""
    address = "https://" + "x" * 180
    longest: dict[str, Any] = {
        **SMALLEST,
        "notification": {"period_minutes": 1440, "failed_executions": 10**9},
        "monitoring": {
            "schedule_minutes": 1440,
            "model": {
                "failed_executions_percent": 98.76543,
                "low_confidence_margin": 0.123456,
                "unfamiliar_margin": 0.123456,
            },
            "alarms": {"endpoint_errors": 10**9, "function_errors": 10**9, "function_throttles": 10**9},
        },
    }
    published = {**longest, "monitoring": {**longest["monitoring"], "runbook_url": address}}
    for given in (longest, published):
        template = synthesize(parse_settings("test", given))["monitoring"]
        for incident in resources(template, "CompositeAlarm").values():
            assert len(description(incident)) <= MAX_DESCRIPTION


def test_missing_data_is_no_fault_but_where_it_is(smallest: Templates) -> None:
    treated = {name: alarm["TreatMissingData"] for name, alarm in alarms(smallest["monitoring"]).items()}
    assert treated.pop("monitor-not-running") == "breaching"
    of_the_model = ("low-confidence", "drift", "unfamiliar-pictures")
    assert [treated.pop(name) for name in of_the_model] == ["ignore"] * 3
    assert set(treated.values()) == {"notBreaching"}


def test_the_latency_is_compared_in_microseconds_twice_of_three_times(fullest: Templates) -> None:
    alarm = alarms(fullest["monitoring"])["endpoint-latency"]
    assert (alarm["MetricName"], alarm["ExtendedStatistic"], alarm["Threshold"]) == (
        "ModelLatency",
        "p99",
        500_000,  # 500 ms
    )
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"], alarm["Period"]) == (2, 3, 300)
    assert {entry["Name"] for entry in alarm["Dimensions"]} == {"EndpointName", "VariantName"}


def test_executions_count_however_they_fail_while_they_are_more_than_their_share(fullest: Templates) -> None:
    found = alarms(fullest["monitoring"])
    for name, word, limit in (("failed-executions", "image", 3), ("failed-batch-executions", "batch", 1)):
        counted = {stat["Metric"]["MetricName"] for stat in measured(found[name]).values()}
        assert counted >= {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}
        assert all(
            f":scones-test-classify-{word}'" in str(stat["Metric"]) for stat in measured(found[name]).values()
        )
        assert found[name]["Threshold"] == limit
    share = expressions(found["failed-executions"])
    assert "IF(100 * bad > 25 * (bad + FILL(succeeded, 0)), bad, 0)" in share.values()
    assert share["bad"] == "FILL(failed, 0) + FILL(timedOut, 0) + FILL(aborted, 0)"


def test_expressions_use_one_period_and_what_cloudwatch_and_loopback_know(smallest: Templates) -> None:
    for name, alarm in alarms(smallest["monitoring"]).items():
        if "Metrics" not in alarm:
            continue
        assert len({stat["Period"] for stat in measured(alarm).values()}) == 1, name
        assert sum(entry["ReturnData"] for entry in alarm["Metrics"]) == 1
        assert len(alarm["Metrics"]) <= 10  # CloudWatch takes no more
        for expression in expressions(alarm).values():
            words = set(re.findall(r"[A-Za-z_]\w*", expression))
            assert words - {"FILL", "IF"} <= {entry["Id"] for entry in alarm["Metrics"]}, name


@pytest.mark.parametrize("minutes", [1, 7, 90, 1440])
def test_periods_are_those_that_cloudwatch_takes(
    minutes: int, synthesize: Callable[[StageSettings], Templates]
) -> None:
    monitoring = {"schedule_minutes": minutes, "function": {"timeout_seconds": 60}}
    found = alarms(synthesize(parse_settings("test", SMALLEST | {"monitoring": monitoring}))["monitoring"])
    for alarm in found.values():
        period = alarm.get("Period") or next(iter(measured(alarm).values()))["Period"]
        assert period % 60 == 0
        assert period * alarm["EvaluationPeriods"] <= (604_800 if period >= 3600 else 86_400)
    silent = found["no-captured-data"]
    assert (silent["EvaluationPeriods"] - 1) * minutes >= 30  # captured data is on its way for so long
    assert silent["EvaluationPeriods"] >= 3


def test_a_stream_that_begins_right_after_a_run_does_not_ring(smallest: Templates) -> None:
    """The latest hours, a minute after the next run was due and before its metric is there."""
    alarm = alarms(smallest["monitoring"])["no-captured-data"]
    latest: list[dict[str, float]] = [
        {"captured": 0},  # silence
        {"captured": 0, "invocations": 1},  # a run, and the stream's first minute
        {"invocations": 59},  # what the next run has read, and not told yet
    ]
    values = [computed(alarm, **counts) for counts in latest[-alarm["EvaluationPeriods"] :]]
    assert not all(value is not None and value >= alarm["Threshold"] for value in values)


def test_the_models_alarms_look_at_what_the_monitor_emits_in_each_run(fullest: Templates) -> None:
    found = alarms(fullest["monitoring"])
    low, drift, strange = (found[name] for name in ("low-confidence", "drift", "unfamiliar-pictures"))
    for alarm in (low, drift, strange):
        assert (alarm["Namespace"], alarm["Statistic"], alarm["Period"]) == ("scones", "Maximum", 900)
        assert alarm["Dimensions"] == [{"Name": "Stage", "Value": "test"}]
    assert (low["MetricName"], low["ComparisonOperator"], low["Threshold"]) == (
        "LowConfidenceExcess",
        "GreaterThanThreshold",
        0.1,
    )
    assert (drift["MetricName"], drift["Threshold"]) == ("DriftedMeasures", 1)
    assert (strange["MetricName"], strange["ComparisonOperator"], strange["Threshold"]) == (
        "UnfamiliarExcess",
        "GreaterThanThreshold",
        0.1,
    )
    runs = found["monitor-not-running"]
    assert expressions(runs) == {"expr_1": "FILL(runs, 0)"}
    assert (runs["ComparisonOperator"], runs["Threshold"], runs["EvaluationPeriods"]) == (
        "LessThanThreshold",
        1,
        2,
    )


def test_the_monitor_is_missed_only_once_it_was_started(smallest: Templates) -> None:
    (schedule,) = smallest["monitoring"].find_resources("AWS::Scheduler::Schedule")
    (alarm,) = [
        item
        for item in smallest["monitoring"].find_resources("AWS::CloudWatch::Alarm").values()
        if item["Properties"]["AlarmName"].endswith("monitor-not-running")
    ]
    assert schedule in alarm["DependsOn"]


@pytest.mark.parametrize("percentage", [1, 20, 50, 99, 100])
def test_no_captured_data_is_not_reported_by_chance(percentage: int) -> None:
    missed = 1 - percentage / 100
    requests = requests_that_show(percentage)
    assert missed**requests <= CHANCE * (1 + 1e-9)
    assert requests == 1 or missed ** (requests - 1) > CHANCE


def test_no_captured_data_takes_the_requests_that_the_capture_percentage_needs(
    smallest: Templates, fullest: Templates
) -> None:
    for templates, requests in ((smallest, 1), (fullest, 62)):  # of 100 and of 20 percent
        alarm = alarms(templates["monitoring"])["no-captured-data"]
        assert alarm["Threshold"] == requests


def test_errors_of_every_function_are_counted_for_their_stage(smallest: Templates) -> None:
    functions = [
        item["Properties"]["FunctionName"]
        for part in ("workflow", "monitoring")
        for item in smallest[part].find_resources("AWS::Lambda::Function").values()
    ]
    filters = smallest["monitoring"].find_resources("AWS::Logs::MetricFilter").values()
    seen: dict[str, set[str]] = {}
    for item in filters:
        (made,) = item["Properties"]["MetricTransformations"]
        assert made == {
            "MetricName": "FunctionErrors",
            "MetricNamespace": "scones/test",
            "MetricValue": "1",
        }
        seen.setdefault(str(item["Properties"]["LogGroupName"]), set()).add(
            item["Properties"]["FilterPattern"]
        )
    assert len(seen) == len(functions) == 7
    assert all(patterns == set(PATTERNS.values()) for patterns in seen.values())
    alarm = alarms(smallest["monitoring"])["function-errors"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("scones/test", "FunctionErrors")
    assert "Dimensions" not in alarm  # a filter could only take them from the log's line


def test_the_runbooks_query_looks_at_what_the_filters_of_errors_look_at() -> None:
    (query,) = re.findall(r"^`filter (.*?) \|", RUNBOOK, re.M)
    compared = re.findall(r'\$\.([\w.]+) = "(\w+)', " ".join(PATTERNS.values()))
    for name, value in compared:
        if name not in ("logger", "type"):  # which only narrow what the others say
            assert re.search(rf"(^| ){re.escape(name)} (=|like) ", query), name
            assert value in query


REPORT = {"type": "platform.report"}


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        ({"level": "ERROR", "logger": "scones", "error": "KeyError"}, True),
        ({"level": "WARNING", "logger": "scones", "error": "LowConfidence"}, False),
        ({"log_level": "ERROR", "errorType": "LowConfidence"}, False),
        ({"log_level": "ERROR", "errorType": "Runtime.ImportModuleError"}, True),
        ({"log_level": "ERROR", "errorType": "InvalidConfiguration"}, True),
        (REPORT | {"record": {"status": "timeout"}}, True),
        (REPORT | {"record": {"status": "error", "errorType": "Runtime.OutOfMemory"}}, True),
        (REPORT | {"record": {"status": "error", "errorType": "LowConfidence"}}, False),
        (REPORT | {"record": {"status": "success"}}, False),
        ({"_aws": {}, "Stage": "dev", "MonitorRuns": 1}, False),
    ],
)
def test_what_a_function_expects_to_go_wrong_is_no_error(line: dict[str, Any], counted: bool) -> None:
    assert [matches(pattern, line) for pattern in PATTERNS.values()].count(True) == counted


def computed(alarm: dict[str, Any], **counts: float | None) -> float | None:
    """What an alarm's expressions give for one period."""
    values: dict[str, float | None] = {name: counts.get(name) for name in measured(alarm)}
    waiting = expressions(alarm)
    while waiting:
        name = next(name for name, text in waiting.items() if names(text) <= set(values))
        values[name] = compute(waiting.pop(name), values)
    (returned,) = [entry["Id"] for entry in alarm["Metrics"] if entry["ReturnData"]]
    return values[returned]


@pytest.mark.parametrize(
    ("counts", "value"),
    [
        ({}, 0),
        ({"succeeded": 80, "failed": 20}, 0),  # a share that an unsure model may have
        ({"succeeded": 10, "failed": 10}, 0),
        ({"succeeded": 10, "failed": 6, "timedOut": 5}, 11),
        ({"failed": 2}, 2),
        ({"aborted": 7}, 7),
    ],
)
def test_failed_executions_ring_by_count_and_share(
    smallest: Templates, counts: dict[str, float], value: float
) -> None:
    alarm = alarms(smallest["monitoring"])["failed-executions"]
    assert computed(alarm, **counts) == value
    assert alarm["Threshold"] == 5


@pytest.mark.parametrize(
    ("counts", "value"),
    [
        ({}, 0),
        ({"invocations": 500}, 500),
        ({"invocations": 500, "captured": 0}, 500),
        ({"invocations": 500, "captured": 1}, 0),
        ({"captured": 3}, 0),
        ({"invocations": 500, "refused": 200, "failed": 299}, 1),  # an outage is another incident
    ],
)
def test_no_captured_data_is_answers_while_none_was_captured(
    smallest: Templates, counts: dict[str, float], value: float
) -> None:
    assert computed(alarms(smallest["monitoring"])["no-captured-data"], **counts) == value


def test_a_period_without_a_run_counts_as_none(smallest: Templates) -> None:
    alarm = alarms(smallest["monitoring"])["monitor-not-running"]
    assert computed(alarm) == 0
    assert computed(alarm, runs=2) == 2
