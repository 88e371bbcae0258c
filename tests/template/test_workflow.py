"""The functions' sizes and permissions, and how people hear of what failed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from tests.template.test_inference import actions, only

Templates = dict[str, Template]


def function(template: Template, name: str) -> dict[str, Any]:
    """The properties of the function of this name."""
    (found,) = [
        item["Properties"]
        for item in template.find_resources("AWS::Lambda::Function").values()
        if item["Properties"]["FunctionName"] == name
    ]
    properties: dict[str, Any] = found
    return properties


def test_functions_are_told_what_they_need_and_nothing_else(fullest: Templates, artifact: Any) -> None:
    def environment(name: str) -> dict[str, Any]:
        variables: dict[str, Any] = function(fullest["workflow"], f"scones-test-{name}")
        return dict(variables.get("Environment", {}).get("Variables", {}))

    assert set(environment("serialize-image")) == {"DATA_BUCKET"}
    classify = environment("classify-image")
    assert set(classify) == {"ENDPOINT_NAME", "CLASS_COUNT", "MODEL_DIGEST"}
    assert (classify["CLASS_COUNT"], classify["MODEL_DIGEST"]) == ("2", artifact.sha256)
    kept = environment("filter-predictions")
    assert json.loads(kept["CLASS_NAMES"]) == ["bicycle", "motorcycle"]
    assert kept["THRESHOLD"] == "0.75"  # the stage's, not the model's 0.9


def test_the_threshold_is_the_models_unless_the_stage_sets_one(smallest: Templates) -> None:
    filter_predictions = function(smallest["workflow"], "scones-test-filter-predictions")
    assert filter_predictions["Environment"]["Variables"]["THRESHOLD"] == "0.9"


@pytest.mark.parametrize("name", ["serialize-image", "classify-image", "filter-predictions"])
def test_functions_trace_and_write_json_to_a_log_that_does_not_stay(smallest: Templates, name: str) -> None:
    properties = function(smallest["workflow"], f"scones-test-{name}")
    assert properties["LoggingConfig"]["LogFormat"] == "JSON"
    assert properties["TracingConfig"] == {"Mode": "Active"}
    assert properties["Runtime"] == "python3.14"
    assert properties["Architectures"] == ["arm64"]
    logs = smallest["workflow"].find_resources("AWS::Logs::LogGroup")
    log_group = logs[properties["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
    assert log_group["RetentionInDays"] == 30


def test_each_function_may_do_what_it_does_and_nothing_else(fullest: Templates) -> None:
    common = {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
    read = {"s3:GetObject", "s3:ListBucket", "kms:Decrypt"}
    workflow = fullest["workflow"]
    assert set(actions(workflow, "FunctionsSerializeImageRole")) == common | read
    assert set(actions(workflow, "FunctionsClassifyImageRole")) == common | read | {
        "sagemaker:InvokeEndpoint"
    }
    assert set(actions(workflow, "FunctionsFilterPredictionsRole")) == common
    assert "partner-images" in actions(workflow, "FunctionsSerializeImageRole")["s3:GetObject"][0]
    (endpoint,) = actions(workflow, "FunctionsClassifyImageRole")["sagemaker:InvokeEndpoint"]
    assert "endpoint/" in endpoint


def test_concurrency_is_reserved_where_the_stage_says_so(fullest: Templates, smallest: Templates) -> None:
    name = "scones-test-classify-image"
    assert function(fullest["workflow"], name)["ReservedConcurrentExecutions"] == 10
    assert "ReservedConcurrentExecutions" not in function(smallest["workflow"], name)


def test_the_state_machine_logs_everything_with_data_only_if_asked(
    smallest: Templates, fullest: Templates
) -> None:
    for templates, data in ((smallest, True), (fullest, False)):
        machine = only(templates["workflow"], "AWS::StepFunctions::StateMachine")
        assert machine["LoggingConfiguration"]["Level"] == "ALL"
        assert machine["LoggingConfiguration"]["IncludeExecutionData"] is data
        assert machine["TracingConfiguration"] == {"Enabled": True}
        assert machine["StateMachineType"] == "STANDARD"


def test_operators_get_mail(fullest: Templates) -> None:
    subscription = only(fullest["workflow"], "AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "operations@example.com")


def test_rule_alarm_and_workflow_may_publish_to_the_encrypted_topic(fullest: Templates) -> None:
    topic = only(fullest["workflow"], "AWS::SNS::Topic")
    assert "KmsMasterKeyId" in topic
    statements = only(fullest["workflow"], "AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    allowed = {
        statement["Principal"]["Service"] for statement in statements if statement["Effect"] == "Allow"
    }
    assert allowed == {"events.amazonaws.com", "cloudwatch.amazonaws.com"}
    assert [statement["Condition"] for statement in statements if statement["Effect"] == "Deny"] == [
        {"Bool": {"aws:SecureTransport": "false"}}
    ]
    granted = set(actions(fullest["workflow"], "StateMachineRole"))
    assert granted >= {"sns:Publish", "kms:GenerateDataKey*", "kms:Decrypt"}


def test_executions_that_cannot_speak_for_themselves_are_told_of_once(smallest: Templates) -> None:
    rule = only(smallest["workflow"], "AWS::Events::Rule")
    assert rule["EventPattern"]["detail"]["status"] == ["TIMED_OUT", "ABORTED"]  # FAILED speaks for itself
    (target,) = rule["Targets"]
    text = target["InputTransformer"]["InputTemplate"]
    for needed in ("What failed", "Why", "aws stepfunctions start-execution --state-machine-arn"):
        assert needed in text


def test_the_alarm_counts_every_way_not_to_succeed(fullest: Templates) -> None:
    alarm = only(fullest["workflow"], "AWS::CloudWatch::Alarm")
    counted = {
        entry["MetricStat"]["Metric"]["MetricName"] for entry in alarm["Metrics"] if "MetricStat" in entry
    }
    assert counted == {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}
    assert alarm["Threshold"] == 3
    (topic,) = fullest["workflow"].find_resources("AWS::SNS::Topic")
    assert alarm["AlarmActions"] == [{"Ref": topic}]


def test_operators_find_the_outputs_they_need(smallest: Templates) -> None:
    outputs = {key for template in smallest.values() for key in template.find_outputs("*")}
    assert outputs >= {
        "DataBucketName",
        "EndpointName",
        "CapturedDataUri",
        "ModelDigest",
        "StateMachineArn",
        "StateMachineConsole",
        "FailureTopicArn",
    }
