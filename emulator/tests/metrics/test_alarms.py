"""Alarms on a running local AWS: states, time, missing data, composites, messages, refusals."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.running import watching
from tests.running.emulator import Emulator
from tests.running.waiting import until
from tests.running.watching import Topic, alarm, described, put, wait_for
from tests.stacks.test_resources import deploy, reasons


def composite(aws: Emulator, *children: str, **settings: Any) -> str:
    name = f"test-{uuid.uuid4().hex[:8]}"
    rule = " OR ".join(f'ALARM("{child}")' for child in children)
    aws.client("cloudwatch").put_composite_alarm(AlarmName=name, AlarmRule=rule, **settings)
    return name


def test_an_alarm_rings_when_values_arrive_and_stops_when_their_period_is_over(aws: Emulator) -> None:
    topic = Topic(aws)
    name = alarm(aws, Period=20, AlarmActions=[topic.arn], OKActions=[topic.arn])
    put(aws, name, 2, seconds_ago=42)
    wait_for(aws, name, "OK")
    put(aws, name, 5, Dimensions=[{"Name": "other", "Value": "metric"}])
    put(aws, name, 1, seconds_ago=42)
    rung = wait_for(aws, name, "ALARM")
    assert "1 out of the last 1 datapoints [3.0 (" in rung["StateReason"]
    assert json.loads(rung["StateReasonData"])["recentDatapoints"] == [3.0]
    wait_for(aws, name, "OK")  # a value counts while it is among the last three periods
    assert [message["NewStateValue"] for message in topic.messages(3)] == ["OK", "ALARM", "OK"]
    history = aws.client("cloudwatch").describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")
    summaries = [item["HistorySummary"] for item in history["AlarmHistoryItems"]]
    assert "Alarm updated from OK to ALARM" in summaries


def test_missing_data_rings_by_itself_where_it_breaches(aws: Emulator) -> None:
    name = alarm(aws, TreatMissingData="breaching")
    reason = wait_for(aws, name, "ALARM")["StateReason"]
    assert "1 missing datapoint was treated as [Breaching]" in reason


def test_an_alarm_on_an_expression_tells_what_it_watches(aws: Emulator) -> None:
    topic = Topic(aws)
    parts = [
        {
            "Id": id,
            "MetricStat": {
                "Metric": {"Namespace": "test", "MetricName": f"{topic.arn[-8:]}-{id}"},
                "Period": 60,
                "Stat": stat,
            },
            "ReturnData": False,
        }
        for id, stat in (("bad", "Sum"), ("all", "SampleCount"), ("slow", "p90"))
    ]
    share = {"Id": "share", "Expression": "IF(all >= 3 AND MAX([bad, slow]) > 0, 100 * bad / all, 0)"}
    name = alarm(aws, AlarmActions=[topic.arn], Metrics=[*parts, share], Threshold=40, AlarmDescription="d")
    assert described(aws, name)["Metrics"][3]["Expression"] == share["Expression"]
    for id, values in (("bad", [1.0]), ("all", [1.0, 1, 1]), ("slow", [0.0, 0, 0])):
        put(aws, f"{topic.arn[-8:]}-{id}", *values)
    wait_for(aws, name, "OK")
    put(aws, f"{topic.arn[-8:]}-bad", 1.0)
    assert "66.6" in wait_for(aws, name, "ALARM")["StateReason"]
    (message,) = topic.messages(1)
    assert message["Trigger"]["Metrics"][3]["Id"] == "share"
    assert (message["AlarmDescription"], message["OldStateValue"]) == ("d", "OK")
    assert message["Region"] == "US East (N. Virginia)"


def test_a_state_that_is_set_stays_for_a_while_and_a_composite_tells_it(aws: Emulator) -> None:
    topic = Topic(aws)
    one, other = alarm(aws), alarm(aws)
    above = composite(aws, one, other, AlarmActions=[topic.arn], AlarmDescription="Look at\none: it rings")
    assert described(aws, above)["StateValue"] == "OK"
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.set_alarm_state(AlarmName=one, StateValue="ALARM", StateReason="by hand")
    put(aws, one, 0)
    assert described(aws, above)["StateValue"] == "ALARM"
    (message,) = topic.messages(1)
    assert message["AlarmDescription"] == "Look at\none: it rings"
    assert (message["NewStateValue"], message["OldStateValue"]) == ("ALARM", "OK")
    (child,) = message["TriggeringChildren"]
    assert child["Arn"].endswith(f":alarm:{one}")
    assert child["State"]["Value"] == "ALARM"
    assert described(aws, one)["StateReason"] == "by hand"
    cloudwatch.set_alarm_state(AlarmName=other, StateValue="ALARM", StateReason="by hand")
    assert topic.messages() == [], "one incident rings once"
    wait_for(aws, above, "OK")  # the next evaluation brings the children to what they are
    with pytest.raises(ClientError, match="depending"):
        cloudwatch.delete_alarms(AlarmNames=[one])


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"ComparisonOperator": "GreaterThanUpperThreshold", "ThresholdMetricId": "x"}, "anomalies"),
        ({"ExtendedStatistic": "tm90", "Statistic": None}, "tm90"),
        ({"Metrics": [{"Id": "a", "Expression": "SEARCH('x', 'Sum', 60)"}]}, "SEARCH"),
    ],
)
def test_what_is_not_evaluated_is_refused_by_name(
    aws: Emulator, settings: dict[str, Any], named: str
) -> None:
    given = {key: value for key, value in settings.items() if value is not None}
    if "Statistic" in settings:
        given |= {"Namespace": "test", "MetricName": "m", "Period": 60}
        call = {"EvaluationPeriods": 1, "Threshold": 2, "ComparisonOperator": "GreaterThanThreshold"}
        with pytest.raises(ClientError, match=named):
            aws.client("cloudwatch").put_metric_alarm(AlarmName="refused", **call, **given)
        return
    with pytest.raises(ClientError, match=named):
        alarm(aws, **given)


def watched(name: str) -> dict[str, Any]:
    """A template's alarm."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "Namespace": "test",
            "MetricName": name,
            "Period": "60",
            "Statistic": "Sum",
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "LessThanThreshold",
            "TreatMissingData": "notBreaching",
        },
    }


def above(name: str, rule: Any, **more: Any) -> dict[str, Any]:
    """A template's composite alarm."""
    properties = {"AlarmName": name, "AlarmRule": rule, **more}
    return {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": properties}


def test_a_composite_alarm_of_a_template_is_made_changed_and_deleted_before_its_children(
    aws: Emulator,
) -> None:
    child, parent = (f"test-{uuid.uuid4().hex[:8]}" for _ in range(2))
    rule = {"Fn::Sub": 'ALARM("${Child.Arn}")'}
    resources = {"Child": watched(child), "Parent": above(parent, rule, Tags=[{"Key": "a", "Value": "b"}])}
    stack, status = deploy(aws, **resources)
    assert status == "CREATE_COMPLETE", reasons(aws, stack)
    made = described(aws, parent)
    assert made["StateValue"] == "OK"
    tags = aws.client("cloudwatch").list_tags_for_resource(ResourceARN=made["AlarmArn"])["Tags"]
    assert {"Key": "a", "Value": "b"} in tags
    formation = aws.client("cloudformation")
    changed = resources | {"Parent": above(parent, rule, AlarmDescription="changed", ActionsEnabled=False)}
    formation.update_stack(StackName=stack, TemplateBody=json.dumps({"Resources": changed}))
    until(lambda: described(aws, parent)["AlarmDescription"] == "changed", "the alarm is changed")
    assert described(aws, parent)["ActionsEnabled"] is False
    formation.delete_stack(StackName=stack)
    formation.get_waiter("stack_delete_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
    )
    left = aws.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    names = [one["AlarmName"] for one in left["MetricAlarms"] + left["CompositeAlarms"]]
    assert child not in names
    assert parent not in names


@pytest.mark.parametrize(
    ("rule", "more", "named"),
    [
        ('ALARM("no-such-alarm")', {}, "no-such-alarm"),
        ("ALARM(x) PLUS ALARM(y)", {}, "PLUS"),
        ("TRUE", {"ActionsSuppressor": "x"}, "ActionsSuppressor"),
        ("TRUE", {"AlarmDescription": "x" * 1025}, "1024"),
    ],
)
def test_a_composite_alarm_that_aws_refuses_fails_its_stack(
    aws: Emulator, rule: str, more: dict[str, Any], named: str
) -> None:
    stack, status = deploy(aws, Parent=above(f"test-{uuid.uuid4().hex[:8]}", rule, **more))
    assert "FAILED" in status
    assert named in reasons(aws, stack)


def test_metrics_and_alarms_outlive_a_restart(aws: Emulator) -> None:
    name = alarm(aws, Period=60)
    parent = composite(aws, name)
    put(aws, name, 7)
    wait_for(aws, name, "ALARM")
    aws.restart()
    assert described(aws, name)["StateValue"] == "ALARM"
    assert described(aws, parent)["StateValue"] == "ALARM"
    assert watching.total(aws, "test", name) == 7
    put(aws, name, 1, seconds_ago=1)
    until(lambda: watching.total(aws, "test", name) == 8, "values go on where they were")
