"""Updates of an endpoint of real server processes: traffic moves, is watched, comes back; nothing fails."""

from __future__ import annotations

import itertools
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from loopback_aws.errors import ApiError
from loopback_aws.sagemaker import cloudformation
from loopback_aws.sagemaker.guardrails.surroundings import Surroundings
from loopback_aws.sagemaker.service import SageMaker
from loopback_aws.settings import AfterRollback, Image

from tests.running.waiting import until

SERVER = """
import http.server, os, sys
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self): self.reply()
    def do_POST(self): self.rfile.read(int(self.headers["content-length"])); self.reply()
    def reply(self):
        body = os.environ["VERSION"].encode()
        self.send_response(200); self.send_header("content-length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
if os.environ["VERSION"] == "broken" or os.path.exists("full"): sys.exit("no room")
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""


SCALED = (("out", 3), ("in", 1), ("out", 2))


class Watched:
    """A service with one alarm, `errors`, and a clock that goes when it is told to; the events it sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds = 0.0
        self._numbers = itertools.count(1)
        self.state: tuple[str, str] | None = ("OK", "all is well")
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.service = SageMaker(
            state=folder,
            account="000000000000",
            region="us-east-1",
            s3=None,
            images=[
                Image(
                    repository="model-server",
                    command=(sys.executable, "-c", SERVER),
                    working_directory=folder,
                )
            ],
            surroundings=Surroundings(
                alarm_states=self._states,
                publish=lambda kind, _arn, detail: self.events.append((kind, detail)),
                clock=lambda: self.seconds,
            ),
        )

    def version(self, answer: str = "") -> str:
        """A new endpoint config of two instances; its name is what their servers answer."""
        name = answer or f"v{next(self._numbers)}"
        container = {"Image": "model-server:1", "Environment": {"VERSION": name}}
        self.service.call("CreateModel", {"ModelName": name, "PrimaryContainer": container})
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 2,
        }
        self.service.call(
            "CreateEndpointConfig", {"EndpointConfigName": name, "ProductionVariants": [variant]}
        )
        return name

    @property
    def now(self) -> str:
        """The version that the endpoint is on."""
        return str(self.describe()["EndpointConfigName"])

    def update(self, config: str, **deployment: Any) -> None:
        request = {"EndpointName": "e", "EndpointConfigName": config, **deployment}
        self.service.call("UpdateEndpoint", request)

    def describe(self) -> dict[str, Any]:
        return self.service.call("DescribeEndpoint", {"EndpointName": "e"})

    def settled(self) -> dict[str, Any]:
        self.service.rollouts.wait_until_settled("e", 60)
        return self.describe()

    def answers(self, number: int) -> Counter[str]:
        """Versions that answer this many requests."""
        return Counter(self.service.invoke("e", {}, b"1")[2].decode() for _ in range(number))

    @property
    def arn(self) -> str:
        return self.service.store.arn("endpoint", "e")

    def stage(self, capacity: str) -> Callable[[], dict[str, Any] | None]:
        """The incoming variant, once it bakes with `canary` or `full` capacity."""

        def find() -> dict[str, Any] | None:
            pending = self.describe().get("PendingDeploymentSummary")
            (variant,) = pending["ProductionVariants"] if pending else ({},)
            told = [stage["StatusMessage"] for stage in variant.get("VariantStatus", [])]
            baking = told and told[0].startswith("Baking") and f" {capacity} capacity" in told[0]
            return variant if baking else None

        return find

    def _states(self, names: Sequence[str]) -> dict[str, tuple[str, str] | None]:
        return {name: self.state if name == "errors" else None for name in names}


def in_service(folder: Path) -> Watched:
    watched = Watched(folder)
    watched.service.call("CreateEndpoint", {"EndpointName": "e", "EndpointConfigName": watched.version()})
    assert watched.settled()["EndpointStatus"] == "InService"
    return watched


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """An endpoint `e` of two instances."""
    watched = in_service(tmp_path_factory.mktemp("watched"))
    yield watched
    watched.service.stop()


@pytest.fixture
def watched(service: Watched) -> Watched:
    """The endpoint at rest, its alarm in OK, its clock at 0, nothing told yet."""
    service.settled()
    service.seconds, service.state = 0.0, ("OK", "all is well")
    service.events.clear()
    return service


def canary(alarm: str = "errors") -> dict[str, Any]:
    """A DeploymentConfig whose canary of one half bakes 300 seconds; all of the fleet bakes 100 more."""
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "Type": "CANARY",
                "WaitIntervalInSeconds": 300,
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
            },
            "TerminationWaitInSeconds": 100,
            "MaximumExecutionTimeoutInSeconds": 1000,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]},
    }


class Load:
    """Clients that ask again and again until they are stopped, a hundred times a second at most."""

    def __init__(self, watched: Watched, clients: int = 3) -> None:
        self.errors: list[Exception] = []
        self.seen: list[str] = []
        self._watched = watched
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._done.wait(0.01):
            try:
                self.seen += self._watched.answers(1)
            except ApiError as error:
                self.errors.append(error)


def models_left(watched: Watched) -> set[str]:
    """Deployments whose files are there."""
    return {path.name for path in (watched.folder / "sagemaker" / "models" / "e").iterdir()}


def serving(watched: Watched) -> set[str]:
    """Versions that answer, of as many requests as every instance gets one."""
    return set(watched.answers(8))


def states(watched: Watched) -> list[tuple[str, str]]:
    """Status and config of each event of the endpoint's state."""
    details = [detail for kind, detail in watched.events if kind == "SageMaker Endpoint State Change"]
    return [(detail["EndpointStatus"], detail["EndpointConfigName"]) for detail in details]


def stages(watched: Watched) -> list[str]:
    """The stage that each event of a deployment tells, of the fleet that comes or of the one that goes."""
    found = []
    for kind, detail in watched.events:
        if kind == "SageMaker Endpoint Deployment State Change":
            (going,) = detail["ProductionVariants"]
            (coming,) = detail["PendingDeploymentSummary"]["ProductionVariants"]
            (stage,) = (going if "VariantStatus" in going else coming)["VariantStatus"]
            found.append(f"{stage['Status']}: {stage['StatusMessage']}")
    return found


def test_a_canary_bakes_then_takes_everything_and_no_request_fails(watched: Watched) -> None:
    old, new = watched.now, watched.version()
    with Load(watched) as load:
        watched.update(new, DeploymentConfig=canary())
        baking = until(watched.stage("canary"))
        during = watched.describe()
        until(lambda: new in load.seen)
        watched.seconds = 300
        whole = until(watched.stage("full"))
        assert serving(watched) == {new}
        watched.seconds = 400
        after = watched.settled()
    assert not load.errors
    assert set(load.seen) == {old, new}
    assert (baking["CurrentInstanceCount"], baking["DesiredInstanceCount"]) == (1, 2)
    assert (whole["CurrentInstanceCount"], whole["DesiredInstanceCount"]) == (2, 2)
    assert (during["EndpointStatus"], during["EndpointConfigName"]) == ("Updating", old)
    assert during["PendingDeploymentSummary"]["EndpointConfigName"] == new
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", new)
    assert not {"PendingDeploymentSummary", "FailureReason"} & set(after)
    assert after["LastDeploymentConfig"] == canary()
    assert models_left(watched) == {watched.service.store.need("endpoint", "e")["_plan"]["id"]}


def test_what_happens_is_told_to_the_event_bus_and_traffic_follows_capacity(watched: Watched) -> None:
    old, new = watched.now, watched.version()
    watched.service.call("AddTags", {"ResourceArn": watched.arn, "Tags": [{"Key": "team", "Value": "x"}]})
    watched.update(new, DeploymentConfig=canary())
    until(watched.stage("canary"))
    assert watched.answers(8) == {old: 4, new: 4}
    watched.seconds = 300
    until(watched.stage("full"))
    watched.seconds = 400
    watched.settled()
    assert states(watched) == [("UPDATING", old), ("IN_SERVICE", new)]
    assert stages(watched) == [
        "Creating: Launching 2 instance(s).",
        "ActivatingTraffic: Activating traffic on canary capacity of 1 instance(s).",
        "Baking: Baking for 300 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of "
        "1 instance(s).",
        "ActivatingTraffic: Activating traffic on full capacity of 2 instance(s).",
        "Baking: Baking for 100 seconds (TerminationWaitInSeconds) with traffic enabled on full capacity of "
        "2 instance(s).",
        "Deleting: Terminating 2 instance(s).",
    ]
    ended, began = watched.events[-1][1], watched.events[1][1]
    assert ended["ProductionVariants"] == [{"DesiredWeight": 1.0, "DesiredInstanceCount": 2}]
    assert ended["Tags"] == {"team": "x"}
    assert "PendingDeploymentSummary" not in ended
    assert (began["EndpointStatus"], began["PendingDeploymentSummary"]["EndpointConfigName"]) == (
        "UPDATING",
        new,
    )
    milliseconds = [began["CreationTime"], began["PendingDeploymentSummary"]["StartTime"]]
    assert all(isinstance(moment, int) and moment > 1.7e12 for moment in milliseconds)


@pytest.mark.parametrize("step", ["canary", "full"])
def test_an_alarm_brings_everything_back_and_no_request_fails(watched: Watched, step: str) -> None:
    old, new = watched.now, watched.version()
    with Load(watched) as load:
        watched.update(new, DeploymentConfig=canary())
        until(watched.stage("canary"))
        if step == "full":
            watched.seconds = 300
            until(watched.stage("full"))
        until(lambda: new in load.seen)
        watched.state = ("ALARM", "7 > 2")
        after = watched.settled()
        assert serving(watched) == {old}
    assert not load.errors
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", old)
    assert after["FailureReason"] == (
        f'The update to {new} was rolled back: the CloudWatch alarm "errors" is in ALARM (7 > 2).'
    )
    assert states(watched) == [("UPDATING", old), ("ROLLING_BACK", old), ("IN_SERVICE", old)]
    assert models_left(watched) == {watched.service.store.need("endpoint", "e")["_plan"]["id"]}
    assert after["ProductionVariants"][0]["CurrentInstanceCount"] == 2


@pytest.mark.parametrize(
    ("seconds", "state", "reason"),
    [
        (10, None, 'alarm "errors" does not exist'),
        (1001, ("OK", ""), "longer than the 1000 seconds of MaximumExecutionTimeoutInSeconds"),
    ],
)
def test_an_update_that_nothing_watches_or_that_takes_too_long_comes_back(
    watched: Watched, seconds: float, state: tuple[str, str] | None, reason: str
) -> None:
    old = watched.now
    watched.update(watched.version(), DeploymentConfig=canary())
    until(watched.stage("canary"))
    watched.seconds, watched.state = seconds, state
    after = watched.settled()
    assert reason in after["FailureReason"]
    assert after["EndpointConfigName"] == old


def test_a_fleet_that_does_not_start_never_gets_a_request(watched: Watched) -> None:
    old = watched.now
    with Load(watched) as load:
        watched.update(watched.version("broken"), DeploymentConfig=canary())
        after = watched.settled()
    assert not load.errors
    assert set(load.seen) == {old}
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", old)
    assert "did not pass the ping health check" in after["FailureReason"]


def test_the_last_config_of_a_deployment_is_used_again_when_the_update_says_so(watched: Watched) -> None:
    new = watched.version()
    watched.state = ("ALARM", "7 > 2")
    watched.update(new, DeploymentConfig=canary())
    assert "rolled back" in watched.settled()["FailureReason"]
    watched.update(new, RetainDeploymentConfig=True)
    assert "rolled back" in watched.settled()["FailureReason"]
    watched.update(new)
    after = watched.settled()
    assert after["EndpointConfigName"] == new  # all at once, watched by nothing
    assert "LastDeploymentConfig" not in after


def test_scaling_out_and_in_is_told_and_no_request_fails(watched: Watched) -> None:
    with Load(watched) as load:
        for _, count in SCALED:
            change = {"VariantName": "AllTraffic", "DesiredInstanceCount": count}
            request = {"EndpointName": "e", "DesiredWeightsAndCapacities": [change]}
            watched.service.call("UpdateEndpointWeightsAndCapacities", request)
            assert watched.settled()["ProductionVariants"][0]["CurrentInstanceCount"] == count
    assert not load.errors
    told = [
        detail["ProductionVariants"][0]["VariantStatus"][0]["StatusMessage"]
        for kind, detail in watched.events
        if kind == "SageMaker Endpoint Deployment State Change"
    ]
    assert told == [f"Scaling {way} desired instance count to {count}." for way, count in SCALED]
    assert [status for status, _ in states(watched)] == ["UPDATING", "IN_SERVICE"] * 3
    assert "VariantStatus" not in watched.describe()["ProductionVariants"][0]


def test_an_instance_that_does_not_start_takes_scaling_back(watched: Watched) -> None:
    full = watched.folder / "full"
    full.touch()
    try:
        change = {"VariantName": "AllTraffic", "DesiredInstanceCount": 3}
        request = {"EndpointName": "e", "DesiredWeightsAndCapacities": [change]}
        watched.service.call("UpdateEndpointWeightsAndCapacities", request)
        after = watched.settled()
    finally:
        full.unlink()
    assert [status for status, _ in states(watched)] == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]
    assert "did not pass the ping health check" in after["FailureReason"]
    assert after["ProductionVariants"][0]["DesiredInstanceCount"] == 2
    assert serving(watched) == {watched.now}


def test_an_alarm_that_is_not_there_is_refused_before_anything_starts(watched: Watched) -> None:
    with pytest.raises(ApiError, match="no CloudWatch alarm is named typo"):
        watched.update(watched.now, DeploymentConfig=canary("typo"))
    assert watched.describe()["EndpointStatus"] == "InService"


def test_rolling_updates_are_refused_by_name(watched: Watched) -> None:
    size = {"Type": "INSTANCE_COUNT", "Value": 1}
    rolling = {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": 0}}
    with pytest.raises(ApiError, match=r"DeploymentConfig\.RollingUpdatePolicy is not emulated on loopback"):
        watched.update(watched.now, DeploymentConfig=rolling)


@pytest.mark.parametrize("after_rollback", ["fails", "succeeds"])
def test_what_cloudformation_says_after_a_rollback_is_configured(
    watched: Watched, after_rollback: AfterRollback
) -> None:
    old, new = watched.now, watched.version()
    update = cloudformation.handlers(watched.service, after_rollback)[cloudformation.ENDPOINT]["update"]
    before = {"EndpointName": "e", "EndpointConfigName": old, "DeploymentConfig": canary()}
    after = before | {"EndpointConfigName": new}
    watched.state = ("ALARM", "it rings before anything has moved")
    if after_rollback == "fails":
        with pytest.raises(
            RuntimeError, match=r"serves as before: The update to \w+ was rolled back: .*errors"
        ):
            update(watched.arn, before, after, "stack", "Endpoint")
    else:
        assert update(watched.arn, before, after, "stack", "Endpoint")[0] == watched.arn
    assert serving(watched) == {old} == {watched.now}


def test_a_stop_in_the_middle_leaves_the_old_fleet_for_the_next_start(tmp_path: Path) -> None:
    watched = in_service(tmp_path)
    old = watched.now
    watched.update(watched.version(), DeploymentConfig=canary())
    until(watched.stage("canary"))
    watched.service.stop()
    again = Watched(watched.folder)
    try:
        again.service.restore()
        after = again.describe()
        assert serving(again) == {old}
        assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", old)
        assert after["FailureReason"] == "The local AWS was stopped during an update."
        assert len(models_left(again)) == 1
    finally:
        again.service.stop()
