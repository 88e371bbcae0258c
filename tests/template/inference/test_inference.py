"""The model's endpoint: what a new artifact replaces, what it may do, how an update comes and goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_cdk.assertions import Template

import app as application
from stacks.artifact import ModelArtifact, read_artifact
from stacks.settings import parse_settings
from tests.artifacts import make_artifact
from tests.template.conftest import SMALLEST, new_app, stacks_of
from tests.template.resources import actions, named, only

Templates = dict[str, Template]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> ModelArtifact:
    """Another model than that of the templates."""
    path = tmp_path_factory.mktemp("other") / "model.tar.gz"
    return read_artifact(make_artifact(path, ("a", "b", "c")))


@pytest.fixture(scope="module")
def updated(other: ModelArtifact, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The inference stack with the other model."""
    app = new_app(tmp_path_factory.mktemp("updated"))
    application.build(app, parse_settings("test", SMALLEST), other)
    return Template.from_stack(stacks_of(app)["inference"])


def test_a_new_artifact_replaces_model_and_config_and_keeps_the_endpoint(
    smallest: Templates, other: ModelArtifact, updated: Template
) -> None:
    before, after = (only(t, "AWS::SageMaker::Model") for t in (smallest["inference"], updated))
    assert before["PrimaryContainer"]["ModelDataUrl"] != after["PrimaryContainer"]["ModelDataUrl"]
    assert after["PrimaryContainer"]["Environment"] == {"MODEL_DIGEST": other.sha256, "REQUIRED_SHARE": "1.0"}
    assert "ModelName" not in after
    assert "EndpointConfigName" not in only(updated, "AWS::SageMaker::EndpointConfig")
    endpoints = [only(t, "AWS::SageMaker::Endpoint") for t in (smallest["inference"], updated)]
    assert endpoints[0] == endpoints[1]
    assert endpoints[1]["EndpointName"] == "scones-test"
    assert "Fn::GetAtt" in endpoints[1]["EndpointConfigName"]


def test_what_a_new_model_replaces_stays_with_all_that_it_needs(
    smallest: Templates, updated: Template
) -> None:
    """While traffic shifts, and after a rollback, an old instance that is replaced reads its old artifact."""
    paths = []
    for template in (smallest["inference"], updated):
        for kind in ("AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig"):
            (resource,) = template.find_resources(kind).values()
            assert (resource.get("UpdateReplacePolicy"), resource.get("DeletionPolicy")) == ("Retain", None)
        roles = template.find_resources("AWS::IAM::Role").items()
        ((name, role),) = [(name, role) for name, role in roles if "ExecutionRole" in name]
        assert (role.get("UpdateReplacePolicy"), role.get("DeletionPolicy")) == ("Retain", None)
        assert name not in str(template.find_resources("AWS::IAM::Policy"))  # none that would leave it
        paths.append(role["Properties"]["Path"])
    assert len(set(paths)) == 2  # by which CloudFormation replaces it


def test_requests_and_answers_are_captured_readably_below_the_prefix(smallest: Templates) -> None:
    capture = only(smallest["inference"], "AWS::SageMaker::EndpointConfig")["DataCaptureConfig"]
    assert capture["EnableCapture"] is True
    assert capture["CaptureOptions"] == [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}]
    assert capture["CaptureContentTypeHeader"] == {"JsonContentTypes": ["application/json"]}
    assert capture["DestinationS3Uri"]["Fn::Join"][1][-1] == "/data-capture"


def test_the_container_may_read_its_artifact_write_what_is_captured_and_nothing_else(
    smallest: Templates,
) -> None:
    granted = actions(smallest["inference"], "ExecutionRole")
    assert set(granted) == {
        "s3:GetObject",
        "s3:PutObject",
        "cloudwatch:PutMetricData",
        "kms:Decrypt",  # of the bucket of assets
        "cloudwatch:DescribeAlarms",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    }
    assert ".gz" in granted["s3:GetObject"][0]
    assert "/data-capture/*" in granted["s3:PutObject"][0]
    assert "eu-west-1:111111111111:repository/x" in granted["ecr:BatchGetImage"][0]
    assert only(smallest["inference"], "AWS::SageMaker::Model")["EnableNetworkIsolation"] is True


def test_logs_of_the_container_do_not_stay_for_ever(smallest: Templates) -> None:
    template, group = smallest["inference"], "/aws/sagemaker/Endpoints/scones-test"
    assert named(template, "AWS::Logs::LogGroup", "LogGroupName", group)["RetentionInDays"] == 30
    (endpoint,) = template.find_resources("AWS::SageMaker::Endpoint").values()
    (name,) = [name for name in template.find_resources("AWS::Logs::LogGroup") if "EndpointLogs" in name]
    assert name in endpoint["DependsOn"]  # or SageMaker makes the group, kept for ever


def test_scaling_is_registered_after_the_endpoint_and_goes_before_it(fullest: Templates) -> None:
    target = only(fullest["inference"], "AWS::ApplicationAutoScaling::ScalableTarget")
    (endpoint,) = fullest["inference"].find_resources("AWS::SageMaker::Endpoint")
    assert {"Fn::GetAtt": [endpoint, "EndpointName"]} in target["ResourceId"]["Fn::Join"][1]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 4)
    policy = only(fullest["inference"], "AWS::ApplicationAutoScaling::ScalingPolicy")
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == 8
    assert (tracking["ScaleOutCooldown"], tracking["ScaleInCooldown"]) == (60, 300)
    assert tracking["PredefinedMetricSpecification"]["PredefinedMetricType"] == (
        "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    )


def test_a_fleet_of_constant_size_has_no_scaling(smallest: Templates) -> None:
    smallest["inference"].resource_count_is("AWS::ApplicationAutoScaling::ScalableTarget", 0)


def test_alarms_of_the_new_fleet_alone_roll_an_update_back(fullest: Templates) -> None:
    alarms = fullest["inference"].find_resources("AWS::CloudWatch::Alarm")
    (config,) = fullest["inference"].find_resources("AWS::SageMaker::EndpointConfig")
    for alarm in alarms.values():
        dimensions = {entry["Name"]: entry["Value"] for entry in alarm["Properties"]["Dimensions"]}
        assert dimensions == {
            "EndpointName": "scones-test",
            "VariantName": "AllTraffic",
            "EndpointConfigName": {"Fn::GetAtt": [config, "EndpointConfigName"]},
        }
    limits = {
        alarm["Properties"]["MetricName"]: alarm["Properties"]["Threshold"] for alarm in alarms.values()
    }
    assert limits == {"Invocation5XXErrors": 0, "ModelLatency": 1_000_000}  # microseconds
    (endpoint,) = fullest["inference"].find_resources("AWS::SageMaker::Endpoint").values()
    (watching,) = actions(fullest["inference"], "ExecutionRole")["cloudwatch:DescribeAlarms"]
    assert ":alarm:scones-test-inference-*" in watching  # SageMaker asks for them as the execution role
    assert not any("AlarmName" in alarm["Properties"] for alarm in alarms.values())  # so they begin
    deployment = endpoint["Properties"]["DeploymentConfig"]
    named = [entry["AlarmName"]["Ref"] for entry in deployment["AutoRollbackConfiguration"]["Alarms"]]
    assert sorted(named) == sorted(alarms)
    assert deployment["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"] == {
        "Type": "CANARY",
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 25},
        "WaitIntervalInSeconds": 300,
    }


def test_the_scaled_capacity_is_kept_when_asked_and_never_at_creation(
    smallest: Templates, fullest: Templates
) -> None:
    assert "RetainAllVariantProperties" not in only(smallest["inference"], "AWS::SageMaker::Endpoint")
    assert only(fullest["inference"], "AWS::SageMaker::Endpoint")["RetainAllVariantProperties"] is True


def test_a_key_of_ones_own_reaches_volumes_captured_data_and_logs(fullest: Templates) -> None:
    config = only(fullest["inference"], "AWS::SageMaker::EndpointConfig")
    assert "KmsKeyId" in config
    assert config["DataCaptureConfig"]["KmsKeyId"] == config["KmsKeyId"]
    for log_group in fullest["inference"].find_resources("AWS::Logs::LogGroup").values():
        assert "KmsKeyId" in log_group["Properties"]
    granted = actions(fullest["inference"], "ExecutionRole")
    assert {"kms:CreateGrant", "kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKey*"} <= set(granted)


def test_a_linear_rollout_shifts_equal_shares(artifact: ModelArtifact, tmp_path: Path) -> None:
    rollout = {"strategy": "linear", "linear_percent": 20}
    given = {"endpoint": {**SMALLEST["endpoint"], "min_instances": 2, "max_instances": 2, "rollout": rollout}}
    app = application.build(new_app(tmp_path), parse_settings("test", given), artifact)
    endpoint = only(Template.from_stack(stacks_of(app)["inference"]), "AWS::SageMaker::Endpoint")
    assert endpoint["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"] == {
        "Type": "LINEAR",
        "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 20},
        "WaitIntervalInSeconds": 300,
    }
