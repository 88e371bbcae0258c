"""The monitor: what it is told and may do, when it runs, and that it can run from what is deployed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
from aws_cdk import AssetStaging, IgnoreMode, Stack
from aws_cdk.assertions import Template

from reports.monitor.environment import MonitorEnvironment
from stacks.constructs.source_code import CHARTS, LAYER, MONITOR, NOT_LAYER, PROJECT, only
from stacks.needs import missing
from stacks.settings import StageSettings, parse_settings, read_stage
from tests.template.conftest import SMALLEST, STAGES, new_app
from tests.template.resources import actions, function, named
from tests.template.resources import only as the_only

Templates = dict[str, Template]
NAME = "scones-test-monitor"
REFERENCES = {
    "DATA_BUCKET": "data-bucket",
    "ENDPOINT_NAME": "scones-test",
    "CAPTURE_URI": "s3://data-bucket/data-capture",
    "MODEL_ARTIFACT": "s3://assets/model.gz",
    "STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:123456789012:stateMachine:one",
    "BATCH_STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:123456789012:stateMachine:many",
    "DASHBOARD_URL": "https://console/dashboard",
}

VARIABLES = {
    **REFERENCES,
    "STAGE": "test",
    "THRESHOLD": "0.9",
    "LIMITS": "{}",
    "REPORTS_PREFIX": "reports/",
    "STATE_PREFIX": "monitor/",
    "IMAGE_EVERY": "1",
    "RUNBOOK_URL": "",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


def environment(template: Template) -> dict[str, str]:
    """What the function is told; what deployment fills in is made up."""
    told = function(template, NAME)["Environment"]["Variables"]
    return {name: value if isinstance(value, str) else REFERENCES[name] for name, value in told.items()}


def test_the_monitor_can_read_what_it_is_told(smallest: Templates, fullest: Templates) -> None:
    told = MonitorEnvironment.read(environment(smallest["monitoring"]))
    assert (told.stage, told.threshold, told.image_every) == ("test", 0.9, 1)  # the model's threshold
    assert (told.reports_prefix, told.state_key) == ("reports/", "monitor/state.json.gz")
    assert "runbook" not in told.links
    told = MonitorEnvironment.read(environment(fullest["monitoring"]))
    assert (told.threshold, told.image_every) == (0.75, 10)
    assert (told.limits.drift_psi, told.limits.failed_executions_percent) == (0.3, 25)
    assert told.links["runbook"] == "https://wiki.example.com/scones"


def test_without_images_none_is_measured_and_requests_are_not_captured(
    synthesize: Callable[[StageSettings], Templates],
) -> None:
    given = {**SMALLEST, "endpoint": {**SMALLEST["endpoint"], "capture_input": False}}
    templates = synthesize(parse_settings("test", given))
    assert environment(templates["monitoring"])["IMAGE_EVERY"] == "0"
    capture = the_only(templates["inference"], "AWS::SageMaker::EndpointConfig")["DataCaptureConfig"]
    assert capture["CaptureOptions"] == [{"CaptureMode": "Output"}]
    assert capture["CaptureContentTypeHeader"] == {"JsonContentTypes": ["application/json"]}


def test_it_is_a_function_as_the_others_with_its_packages_once_at_a_time(smallest: Templates) -> None:
    found = function(smallest["monitoring"], NAME)
    assert (found["Runtime"], found["Architectures"]) == ("python3.14", ["arm64"])
    assert (found["LoggingConfig"]["LogFormat"], found["ReservedConcurrentExecutions"]) == ("JSON", 1)
    (layer,) = smallest["monitoring"].find_resources("AWS::Lambda::LayerVersion")
    assert found["Layers"] == [{"Ref": layer}]
    properties = the_only(smallest["monitoring"], "AWS::Lambda::LayerVersion")
    assert properties["CompatibleRuntimes"] == ["python3.14"]
    assert properties["CompatibleArchitectures"] == ["arm64"]
    logs = named(smallest["monitoring"], "AWS::Logs::LogGroup", "LogGroupName", f"/aws/lambda/{NAME}")
    assert logs["RetentionInDays"] == 30


def test_an_account_without_concurrency_to_reserve_can_have_a_monitor(
    synthesize: Callable[[StageSettings], Templates],
) -> None:
    given = {**SMALLEST, "monitoring": {"function": {"reserved_concurrency": None}}}
    template = synthesize(parse_settings("test", given))["monitoring"]
    assert "ReservedConcurrentExecutions" not in function(template, NAME)


def test_the_schedule_waits_for_its_permission_for_the_first_run_is_at_once(smallest: Templates) -> None:
    (schedule,) = smallest["monitoring"].find_resources("AWS::Scheduler::Schedule").values()
    policies = smallest["monitoring"].find_resources("AWS::IAM::Policy")
    (permission,) = [name for name, item in policies.items() if "lambda:InvokeFunction" in str(item)]
    assert permission in schedule["DependsOn"]


def test_the_schedule_starts_the_function_and_nothing_else_and_gives_up_when_the_next_is_due(
    fullest: Templates,
) -> None:
    template = fullest["monitoring"]
    schedule = the_only(template, "AWS::Scheduler::Schedule")
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(15 minutes)", "ENABLED")
    assert "StartDate" not in schedule  # the first run is at once
    retries = {"MaximumEventAgeInSeconds": 900, "MaximumRetryAttempts": 2}
    assert schedule["Target"]["RetryPolicy"] == retries
    granted = actions(template, "ScheduleRole")
    assert set(granted) == {"lambda:InvokeFunction", "sqs:SendMessage"}
    assert "DeadLetters" in str(granted["sqs:SendMessage"])
    assert all("FunctionMonitorFunction" in resource for resource in granted["lambda:InvokeFunction"])
    asynchronous = the_only(template, "AWS::Lambda::EventInvokeConfig")
    assert (asynchronous["MaximumRetryAttempts"], asynchronous["MaximumEventAgeInSeconds"]) == (1, 900)


def test_an_event_waits_no_longer_than_lambda_allows(
    synthesize: Callable[[StageSettings], Templates],
) -> None:
    settings = parse_settings("test", {**SMALLEST, "monitoring": {"schedule_minutes": 1440}})
    asynchronous = the_only(synthesize(settings)["monitoring"], "AWS::Lambda::EventInvokeConfig")
    assert asynchronous["MaximumEventAgeInSeconds"] == 21_600


def test_the_schedules_role_is_for_this_account_s_schedules(smallest: Templates) -> None:
    (trust,) = [
        statement
        for role in smallest["monitoring"].find_resources("AWS::IAM::Role").values()
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "scheduler.amazonaws.com"}
    ]
    assert set(trust["Condition"]["StringEquals"]) == {"aws:SourceAccount", "aws:SourceArn"}


def test_the_monitor_may_look_and_keep_its_own_and_nothing_else(fullest: Templates) -> None:
    granted = actions(fullest["monitoring"], "FunctionMonitorRole")
    assert set(granted) == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "states:ListExecutions",
        "states:DescribeExecution",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    }
    model, data = granted["s3:GetObject"]
    assert model.endswith(".gz")  # one object
    for prefix in ("data-capture", "results", "reports", "monitor"):
        assert f"'/{prefix}/*'" in data
    assert data.count("/*'") == 4
    (written,) = granted["s3:PutObject"]
    assert written.count("/*'") == 2
    assert "'/reports/*'" in written
    assert "'/monitor/*'" in written
    for action in ("states:ListExecutions", "states:DescribeExecution"):
        (machines,) = granted[action]
        assert machines.count(":scones-test-classify-") == 2
        assert "'*'" not in machines


def test_reports_go_by_themselves_and_the_monitors_place_does_not(
    smallest: Templates, fullest: Templates
) -> None:
    for templates, days in ((smallest, 365), (fullest, 60)):
        rules = [
            rule
            for item in templates["storage"].find_resources("AWS::S3::Bucket").values()
            for rule in item["Properties"].get("LifecycleConfiguration", {}).get("Rules", [])
        ]
        assert [rule["ExpirationInDays"] for rule in rules if rule.get("Prefix") == "reports/"] == [days]
        expiring = [rule["Prefix"] for rule in rules if "ExpirationInDays" in rule and "Prefix" in rule]
        assert not [prefix for prefix in expiring if "monitor/".startswith(prefix)]


def test_on_a_laptop_it_runs_every_few_minutes() -> None:
    local = read_stage(STAGES, "local").monitoring
    assert local.schedule_minutes <= 5


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The function's files as CDK stages them."""
    stack = Stack(new_app(tmp_path_factory.mktemp("staged"), staged=True), "package")
    staged = AssetStaging(
        stack, "Monitor", source_path=str(PROJECT), exclude=list(MONITOR), ignore_mode=IgnoreMode.GIT
    )
    return Path(staged.absolute_staged_path)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_package_is_the_sources_and_the_charts_and_no_other_module(package: Path) -> None:
    names = set(files(package))
    assert {name.split("/")[0] for name in names} == {
        "contracts",
        "docs",
        "lambda_src",
        "node_modules",
        "pictures",
        "reports",
        "serving",
        "training",
    }
    assert {name for name in names if name.startswith("node_modules/")} == set(CHARTS)
    assert sum("LICENSE" in name for name in names) == 2
    assert not [name for name in names if "__pycache__" in name or name.startswith("training/train")]
    assert "reports/page/page.html" in names
    assert {name for name in names if name.startswith("docs/")} == {"docs/operations.md"}


def test_the_function_is_complete_in_its_package(package: Path) -> None:
    """Imported, and its page drawn, by a Python that sees the package and site-packages only."""
    site = Path(numpy.__file__).parents[1]
    program = f"""
import os, sys
sys.path[:0] = [{str(package)!r}]
sys.path.append({str(site)!r})
os.environ.update({json.dumps(VARIABLES)})
import reports.monitor.function
assert reports.monitor.function.__file__.startswith({str(package)!r}), reports.monitor.function.__file__
from reports.page.embedding import read_libraries
assert len(read_libraries()) > 400_000
from reports.page.sections.runbook import runbook
assert "runbook-monitor-not-running" in runbook()
heavy = sorted({{"boto3", "pandas", "torch", "onnxruntime", "scipy"}} & set(sys.modules))
assert not heavy, heavy
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr


def test_the_layer_is_the_same_on_every_machine(tmp_path: Path) -> None:
    """pip writes programs with the path of the Python that ran it, and a list of files with their hashes."""
    stack = Stack(new_app(tmp_path, staged=True), "packages")
    staged = AssetStaging(
        stack, "Layer", source_path=str(PROJECT / LAYER), exclude=list(NOT_LAYER), ignore_mode=IgnoreMode.GIT
    )
    found = files(Path(staged.absolute_staged_path))
    assert {name.split("/")[0] for name in found} == {"python"}
    assert {name.split("/")[1].split("-")[0].removesuffix(".libs") for name in found} == {
        "PIL",
        "numpy",
        "pillow",
    }
    here = str(PROJECT).encode()
    assert [name for name, content in found.items() if here in content] == []
    modules = [name for name in found if ".cpython-" in name]
    assert modules
    assert all("cpython-314-aarch64-linux-gnu" in name for name in modules)
    assert sum(len(content) for content in found.values()) < 250_000_000  # Lambda's limit, unzipped


@pytest.mark.parametrize(
    ("part", "command"),
    [(CHARTS[1], "npm ci"), ("numpy", "python3 -m setup.layer"), ("PIL", "python3 -m setup.layer")],
)
def test_what_is_not_there_is_named_with_what_brings_it(tmp_path: Path, part: str, command: str) -> None:
    for name in (*CHARTS, *(str(path.relative_to(PROJECT)) for path in (PROJECT / LAYER).rglob("*.so"))):
        if part not in name:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
    (problem,) = missing(tmp_path)
    assert part in problem
    assert problem.endswith(command)
    assert missing(PROJECT) == []


def test_patterns_open_each_folder_on_the_way() -> None:
    assert only("lambda_src")[:2] == ("/*", "!/lambda_src")
    assert only("a/b/c.js", "a/d.js")[:7] == (
        "/*",
        "!/a",
        "/a/*",
        "!/a/b",
        "/a/b/*",
        "!/a/b/c.js",
        "!/a/d.js",
    )


def test_the_package_has_the_same_bytes_when_it_is_made_again(tmp_path: Path) -> None:
    """Of one set of sources; a file of another folder changes nothing."""
    project = tmp_path / "project"
    for name in (*CHARTS, "reports/a.py", "serving/errors.py", "training/train.py"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(name)

    def digest(run: str) -> str:
        stack = Stack(new_app(tmp_path / run), "package")
        return AssetStaging(
            stack, "Monitor", source_path=str(project), exclude=list(MONITOR), ignore_mode=IgnoreMode.GIT
        ).asset_hash

    first = digest("first")
    (project / "training/train.py").write_text("changed")
    (project / "reports/__pycache__").mkdir()
    (project / "reports/__pycache__/a.pyc").write_bytes(b"compiled")
    assert digest("second") == first
    (project / "reports/a.py").write_text("changed")
    assert digest("third") != first
