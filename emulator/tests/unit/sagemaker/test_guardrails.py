"""Updates' steps and their way through them: what a DeploymentConfig asks for, the time, and what rings."""

from __future__ import annotations

from typing import Any

import pytest
from loopback_aws.errors import ApiError
from loopback_aws.requests.shapes import check_request
from loopback_aws.sagemaker.guardrails.course import Course, RollBack, Step, steps_of
from loopback_aws.sagemaker.guardrails.policy import read_policy
from loopback_aws.sagemaker.guardrails.surroundings import Surroundings


def config(kind: str, **changes: Any) -> dict[str, Any]:
    """A DeploymentConfig; `size` is (type, value), `wait`, `end` and `timeout` are seconds."""
    routing: dict[str, Any] = {"Type": kind, "WaitIntervalInSeconds": changes.get("wait", 300)}
    if size := changes.get("size"):
        member = changes.get("member") or {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}[kind]
        routing[member] = {"Type": size[0], "Value": size[1]}
    update = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": changes.get("end", 120)}
    if "timeout" in changes:
        update["MaximumExecutionTimeoutInSeconds"] = changes["timeout"]
    return {
        "BlueGreenUpdatePolicy": update,
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }


def steps(kind: str, count: int, size: tuple[str, int] | None = None) -> list[tuple[int, float, float]]:
    """Active instances, share of the traffic and seconds of baking of each step."""
    counts = {"AllTraffic": count}
    policy = read_policy(config(kind, size=size), counts)
    return [
        (step.active["AllTraffic"], round(step.share, 3), step.bake_seconds)
        for step in steps_of(policy, counts, {"AllTraffic": 1.0})
    ]


@pytest.mark.parametrize(
    ("kind", "count", "size", "expected"),
    [
        ("ALL_AT_ONCE", 3, None, [(3, 1, 120)]),
        ("CANARY", 4, ("INSTANCE_COUNT", 1), [(1, 0.25, 300), (4, 1, 120)]),
        ("CANARY", 5, ("CAPACITY_PERCENT", 50), [(2, 0.4, 300), (5, 1, 120)]),
        ("CANARY", 2, ("CAPACITY_PERCENT", 5), [(1, 0.5, 300), (2, 1, 120)]),
        ("LINEAR", 3, ("CAPACITY_PERCENT", 33), [(1, 0.333, 300), (2, 0.667, 300), (3, 1, 120)]),
        ("LINEAR", 2, ("CAPACITY_PERCENT", 10), [(1, 0.5, 300), (2, 1, 120)]),
        ("LINEAR", 8, ("CAPACITY_PERCENT", 40), [(3, 0.375, 300), (6, 0.75, 300), (8, 1, 120)]),
        ("LINEAR", 5, ("INSTANCE_COUNT", 2), [(2, 0.4, 300), (4, 0.8, 300), (5, 1, 120)]),
    ],
)
def test_the_steps_of_an_update(
    kind: str, count: int, size: tuple[str, int] | None, expected: list[tuple[int, float, float]]
) -> None:
    assert steps(kind, count, size) == expected


def test_traffic_moves_with_the_capacity_of_all_variants_by_their_weights() -> None:
    counts, weights = {"A": 4, "B": 2}, {"A": 3.0, "B": 1.0}
    policy = read_policy(config("CANARY", size=("INSTANCE_COUNT", 1)), counts)
    canary, whole = steps_of(policy, counts, weights)
    assert canary.active == {"A": 1, "B": 1}
    assert canary.share == pytest.approx((3 / 4 + 1 / 2) / 4)
    assert (whole.active, whole.share) == (counts, 1)


def test_no_config_moves_everything_at_once_unwatched() -> None:
    policy = read_policy(None, {"A": 2})
    assert policy.alarms == ()
    (only,) = steps_of(policy, {"A": 2}, {"A": 1.0})
    assert (only.share, only.bake_seconds) == (1, 0)


@pytest.mark.parametrize(
    ("given", "count", "problem"),
    [
        (config("CANARY", size=("CAPACITY_PERCENT", 51)), 4, "CanarySize is 1 to 50 percent .*, not 51"),
        (
            config("CANARY", size=("INSTANCE_COUNT", 3)),
            4,
            "CanarySize makes 3 of the 4 .* not 1 to 50 percent",
        ),
        (config("CANARY", size=("CAPACITY_PERCENT", 50)), 1, "makes 1 of the 1 instance"),
        (config("CANARY"), 4, "CANARY needs CanarySize"),
        (config("LINEAR"), 4, "LINEAR needs LinearStepSize"),
        (config("LINEAR", size=("CAPACITY_PERCENT", 9)), 4, "LinearStepSize is 10 to 50 percent .*, not 9"),
        (config("LINEAR", size=("INSTANCE_COUNT", 1)), 16, "makes 1 of the 16 .* not 10 to 50"),
        (
            config("ALL_AT_ONCE", size=("CAPACITY_PERCENT", 10), member="CanarySize"),
            4,
            "CanarySize belongs to CANARY, not to ALL_AT_ONCE",
        ),
        (
            config("LINEAR", size=("INSTANCE_COUNT", 1), timeout=1020),
            4,
            "MaximumExecutionTimeoutInSeconds of 1020 is not longer than the 1020 seconds",
        ),
        ({"AutoRollbackConfiguration": {"Alarms": [{}]}}, 1, "has an AlarmName"),
    ],
)
def test_what_does_not_fit_together_is_refused(given: dict[str, Any], count: int, problem: str) -> None:
    with pytest.raises(ApiError, match=problem) as caught:
        read_policy(given, {"AllTraffic": count})
    assert caught.value.code == "ValidationException"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (config("CANARY", wait=3601), "waitIntervalInSeconds"),
        (config("CANARY", end=3601), "terminationWaitInSeconds"),
        (config("CANARY", timeout=599), "maximumExecutionTimeoutInSeconds"),
        (config("BLUE"), "trafficRoutingConfiguration.type"),
        ({"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}] * 11}}, "alarms"),
    ],
)
def test_ranges_are_those_of_the_api(given: dict[str, Any], problem: str) -> None:
    request = {"EndpointName": "e", "EndpointConfigName": "c", "DeploymentConfig": given}
    with pytest.raises(ApiError, match=f"deploymentConfig.*{problem}.* failed to satisfy constraint"):
        check_request("sagemaker", "UpdateEndpoint", request)


def course(timeout: float = 1000) -> tuple[Course, Step, Step]:
    """A canary of one of four instances that bakes 300 s, then 120 s; it began at second 10."""
    counts = {"AllTraffic": 4}
    policy = read_policy(config("CANARY", size=("INSTANCE_COUNT", 1)), counts)
    canary, whole = steps_of(policy, counts, {"AllTraffic": 1.0})
    return Course([canary, whole], began=10, timeout_seconds=timeout), canary, whole


def test_a_deployment_goes_on_when_a_step_has_baked() -> None:
    way, canary, whole = course()
    seen = [way.look(now, None) for now in (50, 51, 349.9, 350, 469.9, 470)]
    assert seen == [canary, canary, canary, whole, whole, None]


def test_a_late_look_passes_one_step_only() -> None:
    """Each step bakes as long as it says from when it took its traffic, however busy the machine is."""
    way, canary, whole = course()
    assert [way.look(now, None) for now in (50, 900, 901)] == [canary, whole, whole]
    assert way.until == 1020


@pytest.mark.parametrize("moment", [50, 200, 350, 470])
def test_an_alarm_takes_everything_back_at_any_time(moment: float) -> None:
    way, _, _ = course()
    for now in (50, 200, 350):
        if now < moment:
            way.look(now, None)
    assert way.look(moment, "it rings") == RollBack("it rings")


def test_a_deployment_that_takes_too_long_is_taken_back() -> None:
    way, canary, _ = course(timeout=300)
    assert way.look(50, None) == canary
    stands = way.look(311, None)
    assert isinstance(stands, RollBack)
    assert "longer than the 300 seconds of MaximumExecutionTimeoutInSeconds" in stands.reason


def test_stages_are_told_in_aws_words() -> None:
    _, canary, whole = course()
    assert canary.activating("AllTraffic") == "Activating traffic on canary capacity of 1 instance(s)."
    assert canary.baking("AllTraffic") == (
        "Baking for 300 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of "
        "1 instance(s)."
    )
    assert whole.baking("AllTraffic") == (
        "Baking for 120 seconds (TerminationWaitInSeconds) with traffic enabled on full capacity of "
        "4 instance(s)."
    )


def test_trouble_is_an_alarm_that_rings_or_is_gone() -> None:
    states = {"ok": ("OK", ""), "new": ("INSUFFICIENT_DATA", ""), "bad": ("ALARM", "3 > 2"), "gone": None}
    around = Surroundings(alarm_states=lambda names: {name: states[name] for name in names})
    assert around.trouble(()) is None
    assert around.trouble(("ok", "new")) is None
    assert around.trouble(("ok", "bad", "gone")) == (
        'the CloudWatch alarm "bad" is in ALARM (3 > 2); the CloudWatch alarm "gone" does not exist'
    )
