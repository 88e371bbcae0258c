"""The functions' sizes and permissions, and how people hear of what failed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from lambda_src.core.environment import ClassifyEnvironment, FilterEnvironment, SerializeEnvironment
from lambda_src.core.probabilities import short_digest
from lambda_src.core.run.environment import MergeEnvironment, PlanEnvironment
from lambda_src.core.run.records import PLAN, run_key
from stacks.workflow.batch_map import PLANS, RESULTS
from stacks.workflow.definition import STATE_MACHINE
from tests.template.resources import actions, function, named, only, written

Templates = dict[str, Template]
FUNCTIONS = ["serialize-image", "classify-image", "filter-predictions", "plan-batches", "merge-results"]


def machine(template: Template, name: str) -> dict[str, Any]:
    """The properties of the state machine of this name."""
    return named(template, STATE_MACHINE, "StateMachineName", name)


def rule(template: Template, word: str) -> dict[str, Any]:
    """The rule on executions of the state machine whose logical id holds `word`."""
    (found,) = [
        item["Properties"]
        for item in template.find_resources("AWS::Events::Rule").values()
        if word in str(item["Properties"]["EventPattern"]["detail"]["stateMachineArn"])
    ]
    properties: dict[str, Any] = found
    return properties


def environment(template: Template, name: str) -> dict[str, str]:
    """What a function is told, with a name in place of a reference."""
    variables = function(template, f"scones-test-{name}").get("Environment", {}).get("Variables", {})
    return {key: value if isinstance(value, str) else "a-reference" for key, value in variables.items()}


def test_functions_are_told_what_they_need_and_nothing_else(fullest: Templates, artifact: Any) -> None:
    workflow = fullest["workflow"]
    serialize = environment(workflow, "serialize-image")
    assert set(serialize) == {"DATA_BUCKET", "PACKS_PREFIX", "REQUIRED_SHARE"}
    assert serialize["REQUIRED_SHARE"] == "1.0"  # as the endpoint's container has it
    classify = environment(workflow, "classify-image")
    assert set(classify) == {"ENDPOINT_NAME", "CLASS_COUNT", "MODEL_DIGEST"}
    assert (classify["CLASS_COUNT"], classify["MODEL_DIGEST"]) == ("2", artifact.sha256)
    kept = environment(workflow, "filter-predictions")
    assert json.loads(kept["CLASS_NAMES"]) == ["bicycle", "motorcycle"]
    assert kept["THRESHOLD"] == "0.75"  # the stage's, not the model's 0.9


def test_functions_can_read_what_they_are_told(fullest: Templates, artifact: Any) -> None:
    workflow = fullest["workflow"]
    SerializeEnvironment.read(environment(workflow, "serialize-image"))
    ClassifyEnvironment.read(environment(workflow, "classify-image"))
    FilterEnvironment.read(environment(workflow, "filter-predictions"))
    plan = PlanEnvironment.read(environment(workflow, "plan-batches"))
    assert (plan.batch_size, plan.max_concurrency, plan.tolerated_failure_percentage) == (50, 10, 2.5)
    merge = MergeEnvironment.read(environment(workflow, "merge-results"))
    assert (merge.threshold, merge.function_memory_mb) == (0.75, 512)
    assert merge.model_digest == short_digest(artifact.sha256)


def test_the_threshold_is_the_models_unless_the_stage_sets_one(smallest: Templates) -> None:
    filter_predictions = function(smallest["workflow"], "scones-test-filter-predictions")
    assert filter_predictions["Environment"]["Variables"]["THRESHOLD"] == "0.9"


@pytest.mark.parametrize("name", FUNCTIONS)
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
    write = {"s3:PutObject", "s3:AbortMultipartUpload"}
    write |= {"kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"}
    workflow = fullest["workflow"]
    assert set(actions(workflow, "FunctionsSerializeImageRole")) == common | read | write
    assert set(actions(workflow, "FunctionsPlanBatchesRole")) == common | read | write
    assert set(actions(workflow, "FunctionsMergeResultsRole")) == common | read | write
    assert set(actions(workflow, "FunctionsClassifyImageRole")) == common | read | {
        "sagemaker:InvokeEndpoint"
    }
    assert set(actions(workflow, "FunctionsFilterPredictionsRole")) == common
    assert "partner-images" in actions(workflow, "FunctionsSerializeImageRole")["s3:GetObject"][0]
    (endpoint,) = actions(workflow, "FunctionsClassifyImageRole")["sagemaker:InvokeEndpoint"]
    assert "endpoint/" in endpoint


def test_functions_write_below_prefixes_of_their_own(fullest: Templates) -> None:
    def written(role: str) -> str:
        (resource,) = actions(fullest["workflow"], role)["s3:PutObject"]
        return resource

    assert written("FunctionsSerializeImageRole").endswith("'/batch-packs/*']]}")
    assert written("FunctionsPlanBatchesRole").endswith("'/results/*']]}")
    assert written("FunctionsMergeResultsRole").endswith("'/results/*']]}")
    (read,) = actions(fullest["workflow"], "FunctionsMergeResultsRole")["s3:GetObject"]
    assert read.endswith("'/results/*']]}")  # no image, no captured data
    packs = environment(fullest["workflow"], "serialize-image")["PACKS_PREFIX"]
    assert packs == "batch-packs/"


def test_the_map_reads_plans_and_writes_results_and_nothing_else(fullest: Templates) -> None:
    granted = actions(fullest["workflow"], "ClassifyBatchStateMachineRole")
    plans, results = granted["s3:GetObject"]
    assert plans.endswith(f"'/{PLANS}']]}}")
    assert results.endswith(f"'/{RESULTS}']]}}")
    (written,) = granted["s3:PutObject"]
    assert written.endswith(f"'/{RESULTS}']]}}")
    assert {action for action in granted if action.startswith("s3:")} == {
        "s3:GetObject",
        "s3:PutObject",
        "s3:ListMultipartUploadParts",
        "s3:AbortMultipartUpload",
    }
    assert run_key("*", PLAN) == PLANS
    assert run_key("*", "batches/*") == RESULTS


def test_the_map_starts_and_redrives_its_own_children_only(smallest: Templates) -> None:
    granted = actions(smallest["workflow"], "DistributedMapPolicy")
    assert set(granted) == {
        "states:StartExecution",
        "states:DescribeExecution",
        "states:StopExecution",
        "states:RedriveExecution",
    }
    (started,) = granted["states:StartExecution"]
    assert started.startswith("{'Ref': 'ClassifyBatchStateMachine")
    (redriven,) = granted["states:RedriveExecution"]
    assert "ClassifyBatchStateMachine" in redriven
    assert redriven.endswith("'/batches:*']]}")
    assert all("ClassifyBatchStateMachine" in str(resources) for resources in granted.values())


def test_concurrency_is_reserved_where_the_stage_says_so(fullest: Templates, smallest: Templates) -> None:
    name = "scones-test-classify-image"
    assert function(fullest["workflow"], name)["ReservedConcurrentExecutions"] == 10
    assert "ReservedConcurrentExecutions" not in function(smallest["workflow"], name)


def test_the_state_machine_logs_everything_with_data_only_if_asked(
    smallest: Templates, fullest: Templates
) -> None:
    for templates, data in ((smallest, True), (fullest, False)):
        for name in ("classify-image", "classify-batch"):
            found = machine(templates["workflow"], f"scones-test-{name}")
            assert found["LoggingConfiguration"]["Level"] == "ALL"
            assert found["LoggingConfiguration"]["IncludeExecutionData"] is data
            assert found["TracingConfiguration"] == {"Enabled": True}
            assert found["StateMachineType"] == "STANDARD"


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
    for role in ("ClassifyImageStateMachineRole", "ClassifyBatchStateMachineRole"):
        granted = set(actions(fullest["workflow"], role))
        assert granted >= {"sns:Publish", "kms:GenerateDataKey*", "kms:Decrypt"}


def test_executions_that_cannot_speak_for_themselves_are_told_of_once(smallest: Templates) -> None:
    found = rule(smallest["workflow"], "ClassifyImage")
    assert found["EventPattern"]["detail"]["status"] == ["TIMED_OUT", "ABORTED"]  # FAILED speaks for itself
    (target,) = found["Targets"]
    text = written(target["InputTransformer"]["InputTemplate"])
    for needed in (
        "What failed",
        "Why",
        "What to do: section Run it again of https:",
        "aws stepfunctions start-execution --state-machine-arn",
    ):
        assert needed in text


def test_a_run_over_many_images_that_does_not_succeed_is_told_of_once(smallest: Templates) -> None:
    found = rule(smallest["workflow"], "ClassifyBatch")
    assert found["EventPattern"]["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    (target,) = found["Targets"]
    transformer = target["InputTransformer"]
    for needed in (
        "aws stepfunctions describe-execution --execution-arn <detail-executionArn> --query '[error, cause,",
        "aws stepfunctions redrive-execution --execution-arn <detail-executionArn>",
        "aws stepfunctions start-execution --state-machine-arn",
        "What to do: section When a run fails of https:",
    ):
        assert needed in written(transformer["InputTemplate"])
    assert len(transformer["InputPathsMap"]) <= 10  # EventBridge takes no more
