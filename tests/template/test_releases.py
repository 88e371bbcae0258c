"""A release: what fails it where another model serves, who is told, and what may be cleared away after it."""

from __future__ import annotations

import json

from aws_cdk.assertions import Template

from tests.template.resources import actions, function, named, policies

Templates = dict[str, Template]


def test_the_served_config_is_looked_at_after_each_update_of_the_endpoint(smallest: Templates) -> None:
    template = smallest["inference"]
    (check,) = template.find_resources("Custom::ServedConfig").values()
    (endpoint,) = template.find_resources("AWS::SageMaker::Endpoint")
    (config,) = template.find_resources("AWS::SageMaker::EndpointConfig")
    assert check["Properties"]["EndpointConfigName"] == {"Fn::GetAtt": [config, "EndpointConfigName"]}
    assert endpoint in check["DependsOn"]
    checker = function(template, "scones-test-release-check")
    assert int(check["Properties"]["ServiceTimeout"]) > checker["Timeout"]
    allowed = {
        action for action in actions(template, "ReleaseCheck") if not action.startswith(("logs:", "xray:"))
    }
    assert allowed == {
        "cloudwatch:DescribeAlarms",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:DescribeModel",
    }


def test_changes_of_this_endpoint_alone_reach_the_function_that_tells_people(smallest: Templates) -> None:
    rule = named(smallest["monitoring"], "AWS::Events::Rule", "Name", "scones-test-release-watch")
    assert rule["EventPattern"]["detail"]["EndpointName"] == ["scones-test"]
    assert {"IN_SERVICE", "ROLLING_BACK", "FAILED"} <= set(rule["EventPattern"]["detail"]["EndpointStatus"])
    watch = function(smallest["monitoring"], "scones-test-release-watch")
    variables = watch["Environment"]["Variables"]
    assert json.loads(variables["TAGS"]) == {"project": "scones", "stage": "test"}
    assert "scones-test-failures" in str(variables["TOPIC_ARN"])
    assert "rolled" in str(variables["RUNBOOK"])


def test_only_what_bears_the_tags_or_the_path_of_the_stage_is_cleared_away(smallest: Templates) -> None:
    deleting = [
        statement
        for name, policy in policies(smallest["monitoring"])
        for statement in policy["PolicyDocument"]["Statement"]
        if "Delete" in str(statement["Action"])
    ]
    of_models, of_roles = sorted(deleting, key=lambda statement: "iam:" in str(statement["Action"]))
    assert of_models["Condition"]["StringEquals"] == {
        "aws:ResourceTag/project": "scones",
        "aws:ResourceTag/stage": "test",
    }
    assert ":role/scones-test/*" in str(of_roles["Resource"])
