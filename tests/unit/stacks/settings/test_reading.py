"""Wrong settings are refused in one message that names them all."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from reports.figures.limits import Limits
from stacks.settings import SettingsError, StageSettings, parse_settings, read_stage
from stacks.settings.instance_types import has_local_disk, is_graviton, is_instance_type
from stacks.settings.rules import RULES
from stacks.settings.setting import Settings


def refusal(given: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as error:
        parse_settings("test", given)
    return str(error.value)


def test_everything_has_a_default() -> None:
    settings = parse_settings("test", {})
    assert settings.endpoint_name == "scones-test"
    assert settings.named("failures") == "scones-test-failures"


def test_a_group_keeps_the_defaults_that_the_stage_does_not_name() -> None:
    settings = parse_settings("test", {"workflow": {"classify_image": {"memory_mb": 512}}})
    assert settings.workflow.classify_image.memory_mb == 512
    assert settings.workflow.classify_image.timeout_seconds == 75


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        parse_settings("test", {}).endpoint.min_instances = 3


def test_all_problems_are_in_one_message_those_across_fields_too() -> None:
    message = refusal(
        {
            "colour": "red",
            "customer_managed_key": "yes",
            "storage": {"captured_data_days": 0},
            "endpoint": {"capture_percentage": 101, "rollout": {"strategy": "canary"}},
            "workflow": {"threshold": 1.5, "timeout_seconds": 10},
            "notification": {"emails": ["nobody"]},
        }
    )
    for problem in (
        "has 8 wrong settings",
        "colour: unknown setting",
        "customer_managed_key: Input should be a valid boolean",
        "storage.captured_data_days: Input should be greater than or equal to 1, not 0",
        "endpoint.capture_percentage: Input should be less than or equal to 100, not 101",
        "workflow.threshold: Input should be less than or equal to 1, not 1.5",
        "notification.emails.0",
        "endpoint.rollout.strategy is canary with endpoint.min_instances 1",
        "workflow.timeout_seconds is 10, not more than the 135 seconds",
    ):
        assert problem in message, problem
    assert message.count("\n  - ") == 8


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"endpoint": {"min_instances": 3, "max_instances": 2}}, "min_instances is 3, more than"),
    ({"endpoint": {"rollout": {"strategy": "canary"}}}, "a canary takes at most half"),
    (
        {"endpoint": {"rollout": {"timeout_seconds": 600, "bake_seconds": 500}}},
        "timeout_seconds is 600, not more than the 620 seconds",
    ),
    ({"endpoint": {"instance_type": "ml.t2.medium", "max_instances": 2}}, "ml.t2.medium does not scale"),
    ({"endpoint": {"instance_type": "serverless"}}, "a serverless endpoint has no data capture"),
    ({"endpoint": {"instance_type": "m5.large"}}, "'m5.large' is no SageMaker instance type"),
    ({"customer_managed_key": True, "endpoint": {"instance_type": "ml.m5d.large"}}, "takes no key"),
    ({"endpoint": {"image": {"source": "uri"}}}, "endpoint.image.uri is not given"),
    ({"endpoint": {"image": {"uri": "1.dkr.ecr.x/y"}}}, "endpoint.image.source is docker, not uri"),
    ({"endpoint": {"image": {"source": "uri", "uri": "me/serving:1"}}}, "is not in Amazon ECR"),
    ({"workflow": {"timeout_seconds": 135}}, "not more than the 135 seconds"),
    ({"workflow": {"retry": {"interval_seconds": 60}}}, "not less than workflow.retry.max_delay_seconds"),
    (
        {"workflow": {"batch": {"max_concurrency": 25}}, "endpoint": {"max_instances": 3}},
        "workflow.batch.max_concurrency is 25, more than the 24 requests that the endpoint is set to take at "
        "once (endpoint.max_instances 3 times endpoint.concurrent_requests_per_instance 8)",
    ),
    (
        {"workflow": {"batch": {"max_concurrency": 6}, "serialize_image": {"reserved_concurrency": 5}}},
        "workflow.batch.max_concurrency is 6, more than workflow.serialize_image.reserved_concurrency, 5",
    ),
    (
        {"workflow": {"classify_image": {"timeout_seconds": 240}}},
        "may take 300 seconds together (their timeout_seconds), and a batch is ended after 300",
    ),
    (
        {"workflow": {"batch": {"timeout_seconds": 1500}}},
        "workflow.batch.timeout_seconds is 1500, not more than the 1500 seconds",
    ),
    ({"tags": {"aws:owner": "x"}}, "the prefix aws: belongs to AWS"),
    (
        {"monitoring": {"schedule_minutes": 5}},
        "monitoring.function.timeout_seconds is 900, more than the 300 seconds",
    ),
    (
        {"monitoring": {"schedule_minutes": 90, "window_hours": 1}},
        "monitoring.window_hours is 1, less than the 90 minutes",
    ),
    (
        {"monitoring": {"window_hours": 48}, "storage": {"captured_data_days": 1}},
        "storage.captured_data_days is 1, less than the 48 hours",
    ),
]


@pytest.mark.parametrize(("given", "problem"), IMPOSSIBLE)
def test_an_impossible_combination_is_refused(given: dict[str, Any], problem: str) -> None:
    message = refusal(given)
    assert problem in message
    assert "has 1 wrong setting in" in message


def test_every_rule_is_tripped_by_a_case_above() -> None:
    assert len(IMPOSSIBLE) >= len(RULES)


def test_the_runbook_is_the_document_until_it_is_published() -> None:
    assert parse_settings("test", {}).monitoring.runbook("drift") == "docs/operations.md#drift"
    published = parse_settings("test", {"monitoring": {"runbook_url": "https://wiki/x"}})
    assert published.monitoring.runbook("drift") == "https://wiki/x#drift"
    for address in ("wiki/x", "https://wiki/x#drift", "https://" + "x" * 200):
        assert "monitoring.runbook_url" in refusal({"monitoring": {"runbook_url": address}})


def test_the_models_limits_are_those_of_the_analysis() -> None:
    assert Limits.from_json(parse_settings("test", {}).monitoring.limits) == Limits()


def test_a_rule_is_left_out_when_its_own_field_is_wrong() -> None:
    message = refusal({"endpoint": {"min_instances": "three", "rollout": {"strategy": "canary"}}})
    assert "has 1 wrong setting in" in message


@pytest.mark.parametrize(
    ("given", "at_once"),
    [
        ({}, 8),
        ({"endpoint": {"max_instances": 3, "concurrent_requests_per_instance": 5}}, 15),
        ({"workflow": {"batch": {"max_concurrency": 8}}}, 8),
        ({"workflow": {"batch": {"max_concurrency": 2}, "classify_image": {"reserved_concurrency": 4}}}, 2),
        ({"workflow": {"classify_image": {"reserved_concurrency": 4}}}, 4),
        ({"endpoint": {"max_instances": 500, "concurrent_requests_per_instance": 50}}, 10_000),
    ],
)
def test_batches_at_once_are_never_more_than_what_takes_them(given: dict[str, Any], at_once: int) -> None:
    assert parse_settings("test", given).batch_concurrency == at_once


@pytest.mark.parametrize("given", [{"min_instances": "1"}, {"min_instances": 1.5}, {"min_instances": True}])
def test_types_are_not_guessed(given: dict[str, Any]) -> None:
    assert "endpoint.min_instances: Input should be a valid integer" in refusal({"endpoint": given})


@pytest.mark.parametrize(
    ("stages", "problem"),
    [
        (None, 'needs an object "stages"'),
        ({}, 'needs an object "stages"'),
        ({"dev": {}, "prod": {}}, "unknown stage 'test': cdk.json knows dev, prod"),
        ({"test": []}, "is not an object"),
    ],
)
def test_stages_that_cannot_be_read(stages: Any, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        read_stage(stages, "test")


@pytest.mark.parametrize("name", ["Prod_1", "1st", "dev-", "x" * 21])
def test_a_stages_name_becomes_part_of_names(name: str) -> None:
    with pytest.raises(SettingsError, match="stage"):
        parse_settings(name, {})


def test_every_setting_says_what_it_means_and_numbers_their_unit() -> None:
    def check(kind: type[Settings]) -> None:
        for name, field in kind.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, Settings):
                check(field.annotation)
            elif name != "stage":
                assert field.description, f"{kind.__name__}.{name}"
                extra: Any = field.json_schema_extra
                assert field.annotation is not int or extra["unit"], f"{kind.__name__}.{name}"

    check(StageSettings)


@pytest.mark.parametrize(
    ("name", "known", "graviton", "disk"),
    [
        ("ml.m5.large", True, False, False),
        ("ml.c7g.2xlarge", True, True, False),
        ("ml.m6gd.large", True, True, True),
        ("ml.g4dn.xlarge", True, False, True),
        ("ml.g5.xlarge", True, False, True),
        ("ml.t2.medium", True, False, False),
        ("c5.large", False, False, False),
    ],
)
def test_what_a_types_name_says(name: str, known: bool, graviton: bool, disk: bool) -> None:
    assert (is_instance_type(name), is_graviton(name), has_local_disk(name)) == (known, graviton, disk)
