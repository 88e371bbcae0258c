"""`python -m loopback_aws` as a person uses it: up, down, up again, and everything that can be in the way."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from loopback_aws.instance import is_alive, running

from tests.running import executions, functions
from tests.running.emulator import ROOT, Emulator, descendants


def local(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run `python -m loopback_aws`."""
    done = subprocess.run(
        [sys.executable, "-m", "loopback_aws", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


class Shell(Emulator):
    """An emulator that was started by `up`, seen through the environment that it printed."""

    def __init__(self, state: Path, environment: dict[str, str]) -> None:
        instance = running(state)
        assert instance
        super().__init__(state, None, instance)  # type: ignore[arg-type]
        self.variables = environment

    def client(self, service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.variables["AWS_ENDPOINT_URL"],
            region_name=self.variables["AWS_REGION"],
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
        )


def started(state: Path) -> tuple[Shell, str]:
    """What `up` started, and what it said to a person."""
    done = local("up", "--json", "--port", 0, "--state", state)
    return Shell(state, json.loads(done.stdout)), done.stderr


def up(state: Path) -> Shell:
    return started(state)[0]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder whose emulator, if any, is ended after the test."""
    yield tmp_path / "state"
    if instance := running(tmp_path / "state"):
        os.kill(instance.pid, signal.SIGKILL)


def test_state_survives_down_kill_and_a_damaged_file(state: Path) -> None:
    shell = up(state)
    before = shell.variables
    names = fill(shell)
    processes = [shell.instance.pid, *descendants(shell.instance.pid)]
    assert len(processes) > 1, "a Lambda process runs"
    status = json.loads(local("status", "--json", "--state", state).stdout)
    assert (status["running"], status["port"]) == (True, shell.instance.port)
    assert "Stopped" in local("down", "--state", state).stderr
    assert not [pid for pid in processes if is_alive(pid)]
    assert "not running" in local("status", "--state", state, code=3).stdout
    assert "No local AWS runs" in local("down", "--state", state).stderr

    (state / "services" / "kms.json").write_text('{"half')
    shell, said = started(state)
    assert "kms.json cannot be read" in said
    assert [path.read_text() for path in (state / "services").glob("kms.json.unreadable-*")] == ['{"half']
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        assert shell.variables[name] == before[name], "a shell that took the variables is as good as before"
    check(shell, names)
    shell.client("s3").put_object(Bucket=names["bucket"], Key="late", Body=b"just before")
    wait_saved(state, "sqs", shell.client("sqs").create_queue(QueueName="late")["QueueUrl"])
    children = descendants(shell.instance.pid)
    os.kill(shell.instance.pid, signal.SIGKILL)
    wait_gone([shell.instance.pid, *children])

    shell = up(state)  # the record and the lock of the killed process are in the way of nothing
    check(shell, names)
    assert shell.client("s3").get_object(Bucket=names["bucket"], Key="late")["Body"].read() == b"just before"
    assert shell.client("sqs").get_queue_url(QueueName="late")
    local("down", "--state", state)


def fill(shell: Shell) -> dict[str, str]:
    """Something of each kind that must survive."""
    s3 = shell.client("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="kept", Key="süß +/1.png", Body=b"picture", ContentType="image/png")
    function = functions.create(shell, "def handler(event, context):\n    return {'kept': event['n']}\n")
    machine = functions.machine(shell, {"Keep": functions.task(function)})
    execution = executions.start(shell, machine, {"n": 1})
    executions.finished(shell, execution)
    topic = shell.client("sns").create_topic(Name="kept")["TopicArn"]
    queue = shell.client("sqs").create_queue(QueueName="kept")["QueueUrl"]
    shell.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:000000000000:kept"
    )
    stack = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "of-a-stack"}}}}
    cloudformation = shell.client("cloudformation")
    cloudformation.create_stack(StackName="kept", TemplateBody=json.dumps(stack))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="kept", WaiterConfig={"Delay": 1})
    return {"bucket": "kept", "machine": machine, "execution": execution, "topic": topic, "queue": queue}


def check(shell: Shell, names: dict[str, str]) -> None:
    """What `fill` made is there and works."""
    s3 = shell.client("s3")
    kept = s3.get_object(Bucket="kept", Key="süß +/1.png")
    assert (kept["Body"].read(), kept["ContentType"]) == (b"picture", "image/png")
    assert s3.get_bucket_versioning(Bucket="kept")["Status"] == "Enabled"
    types = [event["type"] for event in executions.history(shell, names["execution"])]
    assert (types[0], types[-1]) == ("ExecutionStarted", "ExecutionSucceeded")
    assert json.loads(executions.run(shell, names["machine"], {"n": 2})["output"]) == {"kept": 2}
    [stack] = shell.client("cloudformation").describe_stacks(StackName="kept")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    shell.client("sns").publish(TopicArn=names["topic"], Message="hello")
    url = shell.client("sqs").get_queue_url(QueueName="kept")["QueueUrl"]
    [message] = shell.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert json.loads(message["Body"])["Message"] == "hello"
    shell.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def wait_saved(state: Path, service: str, text: str) -> None:
    """Wait until the service's state on disk knows of something."""
    end = time.monotonic() + 60
    while text not in (state / "services" / f"{service}.json").read_text():
        assert time.monotonic() < end, "not saved while running"
        time.sleep(0.1)


def wait_gone(processes: list[int]) -> None:
    end = time.monotonic() + 60
    while left := [pid for pid in processes if is_alive(pid)]:
        assert time.monotonic() < end, f"left after a kill: {left}"
        time.sleep(0.05)


def test_two_that_start_in_the_same_moment_and_others_after_them(state: Path, tmp_path: Path) -> None:
    """Whoever takes the lock second is told about the first, which nothing disturbs or keeps."""
    command = [sys.executable, "-m", "loopback_aws", "up", "--port", "0", "--state", str(state)]
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 1], said
    shell = Shell(state, json.loads(local("env", "--json", "--state", state).stdout))
    pid, port = shell.instance.pid, shell.instance.port
    assert f"process {pid}, port {port}" in said[0 if both[0].returncode else 1]
    again = local("up", "--port", 0, "--state", state)
    assert f"AWS already runs on {shell.instance.url}" in again.stderr
    assert again.stdout == local("env", "--state", state).stdout
    refused = local("serve", "--port", 0, "--state", state, code=1)
    assert f"process {pid}, port {port}" in refused.stderr
    assert "Traceback" not in refused.stderr
    other = tmp_path / "other"
    refused = local("up", "--port", port, "--state", other, code=1)
    assert f"Port {port} of 127.0.0.1 cannot be used" in refused.stderr
    assert running(other) is None
    way_out = refused.stderr.strip().rpartition(": ")[2]
    subprocess.run(way_out, shell=True, cwd=ROOT, check=True, capture_output=True, timeout=120)
    assert running(other), way_out
    local("down", "--state", other)
    assert shell.client("s3").list_buckets()["Buckets"] == [], "the first one is untouched"
    down_without_anybody_to_read_what_it_says(state)
    assert not is_alive(pid)


def down_without_anybody_to_read_what_it_says(state: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "loopback_aws", "down", "--state", str(state)]
    subprocess.run(command, cwd=ROOT, stderr=writer, timeout=120, check=False)
    os.close(writer)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_up_that_is_stopped_leaves_nothing(state: Path, ending: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "loopback_aws", "up", "--port", str(port), "--state", str(state)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    end = time.monotonic() + 60
    while not (children := descendants(process.pid)) and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(ending)
    process.send_signal(signal.SIGINT)  # an impatient second one does not keep the server
    _, said = process.communicate(timeout=120)
    assert process.returncode in (128 + ending, 128 + signal.SIGINT)
    assert b"Traceback" not in said
    wait_gone(children)
    assert running(state) is None


def test_down_waits_for_one_that_is_just_starting(state: Path) -> None:
    """Between taking the lock and naming itself a server must not pass as not running."""
    starting = subprocess.Popen(
        [sys.executable, "-c", STARTING, str(state)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert starting.stdin
    assert starting.stdout
    starting.stdout.readline()
    stopping = subprocess.Popen(
        [sys.executable, "-m", "loopback_aws", "down", "--state", str(state)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        stopping.wait(1)
    starting.stdin.close()
    assert b"Stopped" in stopping.communicate(timeout=120)[1]
    assert starting.wait(30) == -signal.SIGTERM


STARTING = """
import pathlib, signal, sys
from loopback_aws.instance import claim, publish
with claim(pathlib.Path(sys.argv[1])):
    print("holds the lock", flush=True)
    sys.stdin.read()
    publish(pathlib.Path(sys.argv[1]), 1)
    signal.pause()
"""


def test_help_teaches_and_env_needs_a_running_one(state: Path) -> None:
    assert "npx cdk deploy" in local("--help").stdout
    assert "python -m loopback_aws up" in local("env", "--state", state, code=1).stderr
