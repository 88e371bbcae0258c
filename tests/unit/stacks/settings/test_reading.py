"""Wrong settings are refused in one message that names them all."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from contracts.names import StageNames
from reports.figures.limits import Limits
from stacks.settings import SettingsError, StageSettings, parse_settings, read_stage
from stacks.settings.setting import Settings


def refusal(given: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as error:
        parse_settings("test", given)
    return str(error.value)


def test_everything_has_a_default() -> None:
    settings = parse_settings("test", {})
    assert settings.names == StageNames("test")


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


@pytest.mark.parametrize("address", ["wiki/x", "https://wiki/x#drift", "https://" + "x" * 200])
def test_the_runbooks_address_is_one_that_a_section_can_follow(address: str) -> None:
    assert "monitoring.runbook_url" in refusal({"monitoring": {"runbook_url": address}})


def test_the_models_limits_are_those_of_the_analysis() -> None:
    assert Limits.from_json(parse_settings("test", {}).monitoring.limits) == Limits()


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
