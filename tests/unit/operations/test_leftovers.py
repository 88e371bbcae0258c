"""`scones leftovers` on what was left behind on purpose, by this stage and by one whose name is like it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.names import StageNames, endpoint_log_group, function_log_group
from operations.inventory.ownership import Ownership
from tests.aws import Answer, Aws, Request, aws_in_process, json_answer
from tests.unit.operations.conftest import Scones, use_clients
from tests.unit.operations.deployed import client

TAGS = {"project": "scones", "stage": "dev"}
LISTED = [{"Key": key, "Value": value} for key, value in TAGS.items()]
OTHERS = [{"Key": "project", "Value": "scones"}, {"Key": "stage", "Value": "dev-2"}]
SERVICES = (
    *("application-autoscaling", "cloudformation", "cloudwatch", "codebuild", "ecr", "events", "iam", "kms"),
    *("lambda", "logs", "s3", "sagemaker", "scheduler", "sns", "sqs", "stepfunctions"),
)
ROLE = "scones-dev-inference-ExecutionRole0A1B-abc"
BUCKET = "scones-dev-storage-databucket0a1b-abc"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/b"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [READ]})


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """An account without stacks: deleted ones, as CloudFormation says it."""
    use_clients(monkeypatch, SERVICES)
    with aws_in_process() as aws:
        aws.answers["DescribeStacks"] = Answer(
            400,
            b"<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>"
            b"<Message>Stack does not exist</Message></Error></ErrorResponse>",
        )
        for operation, member in (  # of services whose imitations are not installed
            ("ListLayerVersions", "LayerVersions"),
            ("ListFunctions", "Functions"),
            ("ListProjects", "projects"),
            ("DescribeScalableTargets", "ScalableTargets"),
            ("ListStateMachines", "stateMachines"),
        ):
            aws.answers[operation] = json_answer({member: []})
        yield aws


def _leave(names: StageNames, tags: list[dict[str, str]]) -> None:
    """What a stage that was destroyed half-way leaves."""
    sagemaker, bucket = client("sagemaker"), f"{names.prefix}-storage-databucket0a1b-abc"
    role = client("iam").create_role(
        RoleName=f"{names.prefix}-inference-ExecutionRole0A1B-abc", AssumeRolePolicyDocument=TRUST, Tags=tags
    )["Role"]
    client("iam").put_role_policy(RoleName=role["RoleName"], PolicyName="own", PolicyDocument=POLICY)
    model, config = f"ServingModel-{names.stage}", f"ServingConfig-{names.stage}"
    sagemaker.create_model(ModelName=model, ExecutionRoleArn=role["Arn"], Tags=tags)
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant], Tags=tags)
    sagemaker.create_endpoint(EndpointName=names.endpoint, EndpointConfigName=config, Tags=tags)
    logs = client("logs")
    logs.create_log_group(logGroupName=function_log_group(names.monitor))
    logs.create_log_group(logGroupName=endpoint_log_group(names.endpoint))
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=names.alarm("drift"),
        MetricName="Drift",
        Namespace="scones",
        Period=60,
        Statistic="Maximum",
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Tags=tags,
    )
    cloudwatch.put_dashboard(DashboardName=names.dashboard, DashboardBody='{"widgets": []}')
    client("sns").create_topic(Name=names.topic, Tags=tags)
    client("sqs").create_queue(QueueName=names.inbox)
    client("events").put_rule(Name=names.inbox, ScheduleExpression="rate(5 minutes)")
    client("events").put_targets(Rule=names.inbox, Targets=[{"Id": "1", "Arn": role["Arn"]}])
    s3 = client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"old", b"new"):
        s3.put_object(Bucket=bucket, Key="images/a.png", Body=body)
    s3.delete_object(Bucket=bucket, Key="images/a.png")
    key = client("kms").create_key(Tags=[{"TagKey": t["Key"], "TagValue": t["Value"]} for t in tags])
    client("kms").create_alias(AliasName=names.key_alias, TargetKeyId=key["KeyMetadata"]["KeyId"])


def _left(run_scones: Scones, stage: str) -> tuple[int, list[dict[str, Any]]]:
    code, out, err = run_scones("leftovers", "--stage", stage, "--json")
    document = json.loads(out)
    assert document["not_looked_at"] == {}, err
    return code, document["resources"]


def test_everything_left_is_found_with_its_price_and_nothing_of_another_stage(run_scones: Scones) -> None:
    _leave(StageNames("dev"), LISTED)
    _leave(StageNames("dev-2"), OTHERS)
    code, found = _left(run_scones, "dev")
    assert code == 1
    assert {one["kind"]: one["name"] for one in found if one["kind"] not in ("log group", "key")} == {
        "endpoint": "scones-dev",
        "endpoint config": "ServingConfig-dev",
        "model": "ServingModel-dev",
        "rule": "scones-dev-inbox",
        "queue": "scones-dev-inbox",
        "topic": "scones-dev-failures",
        "alarm": "scones-dev-drift",
        "dashboard": "scones-dev",
        "role": ROLE,
        "bucket": BUCKET,
    }
    price = {one["kind"]: one["dollars_a_month"] for one in found}
    assert price["endpoint"] == pytest.approx(0.115 * 730 * 2)
    assert (price["alarm"], price["dashboard"], price["key"], price["model"]) == (0.1, 3.0, 1.0, 0.0)
    assert sum(one["kind"] == "log group" for one in found) == 2
    notes = {one["kind"]: one["note"] for one in found}
    assert notes["bucket"] == "2 objects and versions, 6 bytes"


def test_what_is_left_is_deleted_when_its_names_are_typed(
    run_scones: Scones, monkeypatch: pytest.MonkeyPatch
) -> None:
    _leave(StageNames("dev"), LISTED)
    _leave(StageNames("dev-2"), OTHERS)
    (key,) = (one["name"] for one in _left(run_scones, "dev")[1] if one["kind"] == "key")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"dev\n{BUCKET}\n{key}\n"))
    code, out, err = run_scones("leftovers", "--stage", "dev", "--delete")
    assert (code, out.count("deleted  ")) == (0, 13), out + err
    code, found = _left(run_scones, "dev")
    assert [(one["kind"], one["billable"]) for one in found] == [("key", False)]  # until its date
    assert code == 0
    assert len(_left(run_scones, "dev-2")[1]) == 13


def test_nothing_goes_without_the_stages_name_and_no_data_without_their_own(
    run_scones: Scones, monkeypatch: pytest.MonkeyPatch
) -> None:
    _leave(StageNames("dev"), LISTED)
    monkeypatch.setattr("sys.stdin", io.StringIO("prod\n"))
    code, _, err = run_scones("leftovers", "--stage", "dev", "--delete")
    assert (code, "Nothing was deleted" in err) == (2, True)
    assert len(_left(run_scones, "dev")[1]) == 13
    monkeypatch.setattr("sys.stdin", io.StringIO("dev\nno\nno\n"))
    code, out, _ = run_scones("leftovers", "--stage", "dev", "--delete")
    assert (code, f"kept     bucket {BUCKET}" in out) == (1, True)
    assert sorted(one["kind"] for one in _left(run_scones, "dev")[1]) == ["bucket", "key"]


def test_nothing_left_is_said(run_scones: Scones) -> None:
    code, _, err = run_scones("leftovers", "--stage", "dev")
    assert (code, "nothing of it is left" in err) == (0, True)


def test_what_may_not_be_looked_at_is_no_proof(aws: Aws, run_scones: Scones) -> None:
    aws.answers["ListModels"] = json_answer({"__type": "AccessDeniedException", "message": "no"}, 400)
    code, _, err = run_scones("leftovers", "--stage", "dev")
    assert (code, "Could not look at models" in err) == (1, True)


def test_nothing_is_deleted_under_a_stack(aws: Aws, run_scones: Scones) -> None:
    _leave(StageNames("dev"), LISTED)
    stack = (
        b"<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>scones-dev-storage</StackName>"
        b"<StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-20T12:00:00Z</CreationTime>"
        b"</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
    )
    template = {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
            "Rule": {"Type": "AWS::Events::Rule"},
        }
    }
    missing = aws.answers["DescribeStacks"]

    def stacks(request: Request) -> Answer | None:
        return Answer(200, stack) if b"scones-dev-storage" in request.body else missing  # type: ignore[return-value]

    aws.answers["DescribeStacks"] = stacks
    aws.answers["GetTemplate"] = Answer(
        200,
        b"<GetTemplateResponse><GetTemplateResult><TemplateBody>"
        + json.dumps(template).replace('"', "&quot;").encode()
        + b"</TemplateBody></GetTemplateResult></GetTemplateResponse>",
    )
    members = "".join(
        f"<member><LogicalResourceId>{id_}</LogicalResourceId><PhysicalResourceId>{name}</PhysicalResourceId>"
        f"<ResourceType>any</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>"
        for id_, name in (("Bucket", BUCKET), ("Rule", "scones-dev-inbox"))
    )
    aws.answers["ListStackResources"] = Answer(
        200,
        f"<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>{members}"
        f"</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>".encode(),
    )
    code, _, err = run_scones("leftovers", "--stage", "dev", "--delete")
    assert (code, "cdk destroy --all -c stage=dev" in err) == (2, True)
    code, found = _left(run_scones, "dev")
    goes = {one["kind"]: one["deleted_with_stack"] for one in found}
    assert (code, goes["rule"], goes["bucket"], goes["queue"]) == (0, True, False, False)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("scones-dev", True),
        ("scones-dev-monitor", True),
        ("scones-dev-workflow-FunctionsPlanBatchesRole6E6BCE15-779DBFF30", True),
        ("scones-dev-storage-CustomS3AutoDeleteObjectsCustomResourceProviderHandl-aB3", True),
        ("scones-dev-2", False),
        ("scones-dev-2-monitor", False),
        ("scones-dev-storage-storage-databucket0a1b-abc", False),
        ("scones-dev2-monitor", False),
        ("my-scones-dev", False),
    ],
)
def test_a_name_is_whole_or_not_ours(name: str, ours: bool) -> None:
    assert Ownership(StageNames("dev")).by_name(name) is ours
