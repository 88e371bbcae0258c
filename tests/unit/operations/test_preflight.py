"""`scones preflight`: what a deployment needs against what the account has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from contracts.names import StackPart, StageNames
from tests.aws import Answer, Aws, aws_in_process, json_answer
from tests.unit.operations.conftest import Scones, use_clients
from tests.unit.operations.deployed import client

SERVICES = ("cloudformation", "codebuild", "lambda", "sagemaker", "service-quotas", "sns", "ssm", "sts")
NAMES = StageNames("dev")
ACCOUNT = "123456789012"
QUOTA = "ml.m5.large for endpoint usage"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """An account that is ready."""
    use_clients(monkeypatch, SERVICES)
    with aws_in_process() as aws:
        aws.answers["GetParameter"] = json_answer({"Parameter": {"Name": "any", "Value": "30"}})
        aws.answers["ListServiceQuotas"] = quotas(4)
        aws.answers["ListAWSDefaultServiceQuotas"] = json_answer({"Quotas": []})
        aws.answers["GetAccountSettings"] = limits(1000)
        aws.answers["ListProjects"] = json_answer({"projects": []})
        aws.answers["DescribeEndpoint"] = json_answer(
            {"__type": "ValidationException", "message": "Could not find endpoint"}, 400
        )
        yield aws


def quotas(value: int) -> Answer:
    return json_answer({"Quotas": [{"QuotaName": "other", "Value": 1}, {"QuotaName": QUOTA, "Value": value}]})


def limits(total: int) -> Answer:
    limit = {"ConcurrentExecutions": total, "UnreservedConcurrentExecutions": total}
    return json_answer({"AccountLimit": limit})


def write_templates(folder: Path, where: str, *, emails: tuple[str, ...] = (), reserved: int = 0) -> None:
    """What `cdk synth` would leave of a stage with 2 to 3 instances."""
    (folder / "cdk.out").mkdir()
    variant = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    resources: dict[str, list[dict[str, Any]]] = {
        "inference": [
            {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}},
            {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {"MaxCapacity": 3}},
            {"Type": "AWS::CodeBuild::Project", "Properties": {}},
        ],
        "workflow": [
            *(
                {"Type": "AWS::SNS::Subscription", "Properties": {"Protocol": "email", "Endpoint": one}}
                for one in emails
            ),
            {"Type": "AWS::Lambda::Function", "Properties": {"ReservedConcurrentExecutions": reserved}},
        ],
    }
    artifacts = {}
    for part in get_args(StackPart):
        name = NAMES.stack(part)
        template = {"Resources": {f"R{i}": each for i, each in enumerate(resources.get(part, ()))}}
        (folder / "cdk.out" / f"{name}.template.json").write_text(json.dumps(template))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": where,
            "properties": {"templateFile": f"{name}.template.json", "requiresBootstrapStackVersion": 6},
        }
    (folder / "cdk.out" / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))


ANYWHERE = "aws://unknown-account/unknown-region"


def findings(run_scones: Scones) -> tuple[int, dict[str, tuple[str, str]]]:
    code, out, _ = run_scones("preflight", "--stage", "dev", "--json")
    return code, {each["subject"]: (each["verdict"], each["text"]) for each in json.loads(out)["findings"]}


def test_an_account_that_is_ready(run_scones: Scones, tmp_path: Path) -> None:
    write_templates(tmp_path, ANYWHERE)
    code, found = findings(run_scones)
    verdicts = {subject: verdict for subject, (verdict, _) in found.items()}
    assert (code, verdicts.pop("notifications")) == (0, "warning")
    assert set(verdicts.values()) == {"ok"}
    assert "2 at first, 3 under load" in found["instances"][1]
    assert "set notification.emails" in found["notifications"][1]


def test_an_update_needs_the_fleet_twice(aws: Aws, run_scones: Scones, tmp_path: Path) -> None:
    write_templates(tmp_path, ANYWHERE)
    aws.answers["DescribeEndpoint"] = json_answer({"ProductionVariants": [{"CurrentInstanceCount": 3}]})
    code, found = findings(run_scones)
    assert (code, found["instances"][0]) == (1, "problem")
    assert f"6 while an update runs: the fleet twice, but the quota '{QUOTA}' is 4" in found["instances"][1]


@pytest.mark.parametrize(
    ("where", "subject", "way_out"),
    [
        ("aws://210987654321/us-east-1", "credentials", "goes to 210987654321 only"),
        (f"aws://{ACCOUNT}/eu-west-1", "region", "export AWS_REGION=eu-west-1"),
    ],
)
def test_another_account_or_region(
    run_scones: Scones, tmp_path: Path, where: str, subject: str, way_out: str
) -> None:
    write_templates(tmp_path, where)
    code, found = findings(run_scones)
    assert (code, found[subject][0]) == (1, "problem")
    assert way_out in found[subject][1]


def test_bootstrap_is_missing_or_old(aws: Aws, run_scones: Scones, tmp_path: Path) -> None:
    write_templates(tmp_path, ANYWHERE)
    aws.answers["GetParameter"] = json_answer({"__type": "ParameterNotFound", "message": ""}, 400)
    assert findings(run_scones)[1]["bootstrap"] == (
        "problem",
        "not done in this account and region: npx cdk bootstrap",
    )
    aws.answers["GetParameter"] = json_answer({"Parameter": {"Name": "any", "Value": "5"}})
    code, found = findings(run_scones)
    assert (code, found["bootstrap"]) == (
        1,
        ("problem", "version 5, 6 is needed: npx cdk bootstrap, once more"),
    )


def test_reservations_must_leave_lambda_some(aws: Aws, run_scones: Scones, tmp_path: Path) -> None:
    write_templates(tmp_path, ANYWHERE, reserved=20)
    assert findings(run_scones)[1]["Lambda"][0] == "ok"
    aws.answers["GetAccountSettings"] = limits(50)
    code, found = findings(run_scones)
    assert (code, found["Lambda"][0]) == (1, "problem")
    assert "100 must stay free" in found["Lambda"][1]


def test_who_has_not_confirmed_hears_nothing(run_scones: Scones, tmp_path: Path) -> None:
    write_templates(tmp_path, ANYWHERE, emails=("ops@example.org",))
    code, found = findings(run_scones)
    assert (code, found["notifications"][0]) == (0, "warning")
    assert "ops@example.org will get a mail to confirm" in found["notifications"][1]
    topic = client("sns").create_topic(Name=NAMES.topic)["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.org")
    assert findings(run_scones)[1]["notifications"][0] == "ok"  # this imitation confirms at once


def test_what_may_not_be_asked_is_unknown_and_hides_nothing(
    aws: Aws, run_scones: Scones, tmp_path: Path
) -> None:
    write_templates(tmp_path, ANYWHERE)
    refusal = json_answer({"__type": "AccessDeniedException", "message": "no"}, 400)
    aws.answers["ListServiceQuotas"] = aws.answers["ListProjects"] = refusal
    code, found = findings(run_scones)
    assert (code, found["instances"][0], found["image"][0], found["Lambda"][0]) == (
        0,
        "unknown",
        "unknown",
        "ok",
    )


def test_templates_are_those_of_the_stage(run_scones: Scones, tmp_path: Path) -> None:
    code, _, err = run_scones("preflight", "--stage", "dev")
    assert (code, "make synth STAGE=dev" in err) == (2, True)
    write_templates(tmp_path, ANYWHERE)
    code, _, err = run_scones("preflight", "--stage", "prod")
    assert (code, "another stage is there" in err) == (2, True)
