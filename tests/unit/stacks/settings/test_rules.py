"""Combinations that cannot work are refused, each by its own rule."""

from __future__ import annotations

import re
from typing import Any

import pytest

from stacks.settings import SettingsError, StageSettings, parse_settings
from stacks.settings.readable import Unreadable, readable
from stacks.settings.rules import RULES, Rule


def refusal(given: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as error:
        parse_settings("test", given)
    return str(error.value)


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"endpoint": {"min_instances": 3, "max_instances": 2}}, "min_instances is 3, more than"),
    ({"endpoint": {"rollout": {"strategy": "canary"}}}, "canary with endpoint.min_instances 1"),
    ({"endpoint": {"rollout": {"strategy": "linear"}}}, "linear with endpoint.min_instances 1"),
    (
        {
            "endpoint": {
                "min_instances": 2,
                "max_instances": 2,
                "rollout": {"strategy": "linear", "linear_percent": 15, "bake_seconds": 600},
            }
        },
        "7 times bake_seconds 600",
    ),
    (
        {"endpoint": {"rollout": {"timeout_seconds": 600, "bake_seconds": 500}}},
        "timeout_seconds is 600, not more than the 800 seconds",
    ),
    ({"endpoint": {"instance_type": "ml.t2.medium", "max_instances": 2}}, "ml.t2.medium does not scale"),
    ({"endpoint": {"instance_type": "serverless"}}, "a serverless endpoint has no data capture"),
    ({"endpoint": {"instance_type": "m5.large"}}, "'m5.large' is no SageMaker instance type"),
    ({"customer_managed_key": True, "endpoint": {"instance_type": "ml.m5d.large"}}, "takes no key"),
    ({"endpoint": {"image": {"source": "uri"}}}, "endpoint.image.uri is not given"),
    ({"endpoint": {"image": {"uri": "1.dkr.ecr.x/y"}}}, "endpoint.image.source is docker, not uri"),
    ({"endpoint": {"image": {"source": "uri", "uri": "me/serving:1"}}}, "is not in Amazon ECR"),
    (
        {
            "endpoint": {
                "image": {"source": "uri", "uri": "1.dkr.ecr.x/y", "base_digest": "sha256:" + "0" * 64}
            }
        },
        "endpoint.image.base_digest is given, but endpoint.image.source is uri",
    ),
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
    (
        {"workflow": {"inbox": {"prefix": "/inbox/"}}},
        "workflow.inbox.prefix is '/inbox/': keys of the data bucket begin without a slash",
    ),
    *(
        ({"workflow": {"inbox": {"prefix": prefix}}}, f"the application itself writes below {folder}")
        for prefix, folder in (
            ("", "data-capture/"),
            ("results/today/", "results/"),
            ("res", "results/"),
            ("gathering/", "gathering/"),
            ("uploads/", "uploads/"),
        )
    ),
    (
        {"workflow": {"inbox": {"mode": "gather", "function": {"timeout_seconds": 61}}}},
        "workflow.inbox.function.timeout_seconds is 61, more than workflow.inbox.seconds, 60",
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


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_tripped_by_a_case_above(rule: Rule) -> None:
    assert any(rule(readable(given, ())) for given, _ in IMPOSSIBLE)


@pytest.mark.parametrize("given", [given for given, _ in IMPOSSIBLE])
def test_a_problem_names_settings_that_there_are(given: dict[str, Any]) -> None:
    """mypy checks what a rule reads, this what it says that it read."""
    named = re.findall(rf"\b(?:{'|'.join(StageSettings.model_fields)})(?:\.[a-z_]+)+", refusal(given))
    for path in named:
        kind: Any = StageSettings
        for part in path.split("."):
            kind = kind.model_fields[part].annotation


def test_a_rule_is_left_out_when_its_own_field_is_wrong() -> None:
    message = refusal({"endpoint": {"min_instances": "three", "rollout": {"strategy": "canary"}}})
    assert "has 1 wrong setting in" in message


def test_what_is_wrong_cannot_be_read_and_all_else_can() -> None:
    settings = readable({"endpoint": {"min_instances": 0, "max_instances": 7}}, {"endpoint.min_instances"})
    assert settings.endpoint.max_instances == 7
    assert settings.endpoint.rollout.strategy == "all_at_once"
    with pytest.raises(Unreadable, match=r"endpoint\.min_instances"):
        _ = settings.endpoint.min_instances


def test_what_holds_a_wrong_entry_and_what_a_wrong_group_holds_cannot_be_read() -> None:
    settings = readable({"tags": {"owner": 1}, "storage": 5}, {"tags.owner", "storage"})
    with pytest.raises(Unreadable, match="tags"):
        _ = settings.tags
    with pytest.raises(Unreadable, match="storage"):
        _ = settings.storage.results_days
