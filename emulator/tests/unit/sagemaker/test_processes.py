"""Server processes never outlive the emulator, and traffic follows the weights."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback_aws.errors import ApiError
from loopback_aws.sagemaker.hosting.deployment import Deployment, Host
from loopback_aws.sagemaker.hosting.spawn import Spawner
from loopback_aws.sagemaker.invocation import runtime
from loopback_aws.sagemaker.service import SageMaker
from loopback_aws.settings import Image

PARENT = """
import sys, threading, time
from pathlib import Path
from loopback_aws.sagemaker.hosting.spawn import Spawner
spawner = Spawner()
def start():
    child = spawner.start(["sh", "-c", "sleep 300 & echo $! > grandchild; exec sleep 300"], folder=Path(),
                          environment={"PATH": "/usr/bin:/bin"}, log=Path("log"))
    Path("child").write_text(str(child.pid))
thread = threading.Thread(target=start)  # a thread that ends must not take its child with it
thread.start(); thread.join()
Path("joined").touch()
time.sleep(300)
"""


def eventually(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not (held := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return held


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended but was not waited for does not."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


def read_pid(path: Path) -> int:
    return int(path.read_text().strip() or 0) if path.exists() else 0


def test_children_end_when_the_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=tmp_path)
    child, grandchild, joined = tmp_path / "child", tmp_path / "grandchild", tmp_path / "joined"
    try:
        assert eventually(lambda: joined.exists() and read_pid(grandchild) > 0)
        assert alive(read_pid(child))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert eventually(lambda: not alive(read_pid(child)) and not alive(read_pid(grandchild)))


def test_end_kills_a_process_that_ignores_the_polite_signal(tmp_path: Path) -> None:
    spawner = Spawner()
    command = [
        sys.executable,
        "-c",
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(300)",
    ]
    process = spawner.start(command, folder=tmp_path, environment=dict(os.environ), log=tmp_path / "log")
    try:
        assert eventually(lambda: "up" in (tmp_path / "log").read_text())
        spawner.end(process, seconds=0.2)
        assert process.returncode == -signal.SIGKILL
    finally:
        spawner.close()


@pytest.mark.parametrize(
    ("weights", "shares"),
    [
        ({"A": 3.0, "B": 1.0}, {"A": 75, "B": 25}),
        ({"A": 1.0, "B": 0.0}, {"A": 100}),
        ({"A": 0.0}, {None: 100}),
    ],
)
def test_requests_follow_the_weights(
    tmp_path: Path, weights: dict[str, float], shares: dict[str, int]
) -> None:
    plan = {
        "id": "1",
        "config": {"ProductionVariants": [{"VariantName": name} for name in weights]},
        "containers": {name: {"Image": "model-server"} for name in weights},
        "counts": dict.fromkeys(weights, 1),
        "weights": weights,
    }
    host = Host(s3=None, spawner=Spawner(), images=[server_image(tmp_path)], folder=tmp_path)
    deployment = Deployment("e", plan, host)
    assert Counter(deployment.choose() for _ in range(100)) == shares


SERVER = """
import http.server, os, pathlib, sys, time
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self): self.reply(200)
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        mode = os.environ["MODE"]
        if mode == "exits": os._exit(1)
        pathlib.Path(os.environ["SM_MODEL_DIR"], "busy").touch()
        time.sleep(0.5 if mode == "slow" else 0)
        self.reply(503 if mode == "fails" else 200, b"x" * 5000)
    def reply(self, status, body=b"[1]"):
        self.send_response(status); self.send_header("content-length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""


def service_on(state: Path, **variables: str) -> SageMaker:
    return SageMaker(
        state=state,
        account="000000000000",
        region="us-east-1",
        s3=None,
        images=[server_image(state, **variables)],
    )


def server_image(folder: Path, **variables: str) -> Image:
    command = (sys.executable, "-c", SERVER)
    return Image(repository="model-server", command=command, working_directory=folder, environment=variables)


def hosted(tmp_path: Path, mode: str, **variables: str) -> SageMaker:
    """A service with an endpoint `e` whose server answers in its own way."""
    service = service_on(tmp_path, **variables)
    container = {"Image": "model-server:local", "Environment": {"MODE": mode}}
    service.call("CreateModel", {"ModelName": "m", "PrimaryContainer": container})
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "m",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    service.call("CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": [variant]})
    service.call("CreateEndpoint", {"EndpointName": "e", "EndpointConfigName": "c"})
    assert service.rollouts.wait_until_settled("e", 60)["EndpointStatus"] == "InService"
    return service


@pytest.mark.parametrize(
    ("mode", "status", "message"),
    [
        (
            "fails",
            503,
            r"Received server error \(503\) from primary and could not load the entire response body",
        ),
        ("exits", 0, r"Received server error \(0\) from primary with message .* as the model process exited"),
        ("slow", 0, r"Received server error \(0\) from primary with message .*Your invocation timed out"),
    ],
)
def test_a_container_that_fails_is_a_model_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, status: int, message: str
) -> None:
    monkeypatch.setattr(runtime, "SECONDS", 0.2 if mode == "slow" else 60.0)
    service = hosted(tmp_path, mode)
    try:
        with pytest.raises(ApiError, match=message) as caught:
            service.invoke("e", {"content-type": "text/csv"}, b"1")
        assert (caught.value.code, caught.value.status) == ("ModelError", 424)
        assert caught.value.fields["OriginalStatusCode"] == status
    finally:
        service.stop()


def test_variables_of_the_configuration_take_the_place_of_the_containers(tmp_path: Path) -> None:
    service = hosted(tmp_path, "fails", MODE="fast")
    try:
        assert service.invoke("e", {}, b"1")[0] == 200
    finally:
        service.stop()


def test_an_endpoint_of_an_image_that_is_not_configured_any_more_fails_with_the_reason(
    tmp_path: Path,
) -> None:
    hosted(tmp_path, "fast").stop()
    service = SageMaker(state=tmp_path, account="000000000000", region="us-east-1", s3=None, images=[])
    try:
        service.restore()
        answer = service.call("DescribeEndpoint", {"EndpointName": "e"})
        assert answer["EndpointStatus"] == "Failed"
        assert "no image runs there" in answer["FailureReason"]
    finally:
        service.stop()


def test_a_request_in_flight_is_answered_before_its_instance_ends(tmp_path: Path) -> None:
    service = hosted(tmp_path, "slow")
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(service.invoke("e", {}, b"1")[0]))
    try:
        asking.start()
        assert eventually(lambda: any(tmp_path.rglob("busy")))
        service.call("DeleteEndpoint", {"EndpointName": "e"})
        asking.join(60)
        assert answers == [200]
    finally:
        service.stop()


@pytest.mark.parametrize(
    ("interrupted", "status", "reason"),
    [
        ("InService", "InService", None),
        ("Updating", "InService", "The local AWS was stopped during an update."),
        ("Creating", "Failed", "The local AWS was stopped while the endpoint was being created."),
    ],
)
def test_what_was_under_way_at_a_kill_is_settled_afterwards(
    tmp_path: Path, interrupted: str, status: str, reason: str | None
) -> None:
    hosted(tmp_path, "fast").stop()
    resources = tmp_path / "sagemaker" / "resources.json"
    resources.write_text(resources.read_text().replace('"InService"', f'"{interrupted}"'))
    left_over = tmp_path / "sagemaker" / "models" / "e" / "older"
    left_over.mkdir()
    service = service_on(tmp_path)
    try:
        service.restore()
        answer = service.call("DescribeEndpoint", {"EndpointName": "e"})
        assert (answer["EndpointStatus"], answer.get("FailureReason")) == (status, reason)
        assert not left_over.exists()
        if status == "InService":
            assert service.invoke("e", {}, b"1")[0] == 200
    finally:
        service.stop()
