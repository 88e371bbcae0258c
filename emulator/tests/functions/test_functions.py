"""Lambda functions and Step Functions together: what AWS's services say to each other."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from loopback_aws.lambda_runtime.queue import KEPT

from tests.running import executions, functions
from tests.running.emulator import LAMBDA_CONCURRENCY, Emulator, descendants

RAISES = """
class ImageNotFound(Exception):
    pass

def handler(event, context):
    raise ImageNotFound(f"no image {event['key']}")
"""
ECHO = "def handler(event, context):\n    return event\n"


def test_an_exception_reaches_the_workflow_under_its_class_name(aws: Emulator) -> None:
    machine = functions.machine(aws, {"Fails": functions.task(functions.create(aws, RAISES))})
    ended = executions.run(aws, machine, {"key": "a b"})
    assert (ended["status"], ended["error"]) == ("FAILED", "ImageNotFound")
    cause = json.loads(ended["cause"])
    assert (cause["errorType"], cause["errorMessage"]) == ("ImageNotFound", "no image a b")
    assert 'File "/var/task/app.py", line 6, in handler' in cause["stackTrace"][0]


def test_a_payload_of_json_text_arrives_as_an_object(aws: Emulator) -> None:
    name = functions.create(aws, "def handler(event, context):\n    return [type(event).__name__, event]\n")
    machine = functions.machine(aws, {"Echo": functions.task(name, '{"a": [1]}')})
    assert json.loads(executions.run(aws, machine, {})["output"]) == ["dict", {"a": [1]}]


def test_a_result_of_json_text_stays_text(aws: Emulator) -> None:
    name = functions.create(aws, "def handler(event, context):\n    return '{\"a\": 1}'\n")
    machine = functions.machine(aws, {"Text": functions.task(name)})
    assert json.loads(executions.run(aws, machine, {})["output"]) == '{"a": 1}'


def test_a_timeout_is_named_and_ends_the_process(aws: Emulator) -> None:
    source = "import time\ndef handler(event, context):\n    time.sleep(30)\n"
    machine = functions.machine(aws, {"Slow": functions.task(functions.create(aws, source, Timeout=1))})
    ended = executions.run(aws, machine, {})
    assert ended["error"] == "Sandbox.Timedout"
    assert json.loads(ended["cause"])["errorMessage"].endswith("Task timed out after 1.00 seconds")


def test_a_process_that_ends_before_it_is_ready_is_named_and_another_one_comes(aws: Emulator) -> None:
    source = "import os, signal\nif 'DIES' in os.environ:\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    name = functions.create(aws, source + ECHO, Environment={"Variables": {}})
    machine = functions.machine(aws, {"Dies": functions.task(name)})
    with functions.environment(aws, name, DIES="now"):
        ended = executions.run(aws, machine, {})
    assert (ended["status"], ended["error"]) == ("FAILED", "Runtime.ExitError")
    assert executions.run(aws, machine, {})["status"] == "SUCCEEDED"


def test_a_function_that_does_not_import_answers_the_same_every_time(aws: Emulator) -> None:
    """Its process ends after each answer: what comes next must not meet it while it ends."""
    client = aws.client("lambda")
    name = functions.create(aws, "import absent\n")
    answers = [json.load(client.invoke(FunctionName=name)["Payload"]) for _ in range(6)]
    assert [answer["errorType"] for answer in answers] == ["Runtime.ImportModuleError"] * 6, answers


def test_environments_do_not_share_their_temporary_folder(aws: Emulator) -> None:
    source = """
import os

def handler(event, context):
    found = open("/tmp/picture.png").read() if os.path.exists("/tmp/picture.png") else None
    with open("/tmp/picture.png", "w") as file:
        file.write(event)
    return found
"""
    client = aws.client("lambda")
    one, other = functions.create(aws, source), functions.create(aws, source)
    found = [
        json.load(client.invoke(FunctionName=name, Payload=json.dumps(picture))["Payload"])
        for name, picture in ((one, "a"), (other, "b"), (one, "c"), (other, "d"))
    ]
    assert found == [None, None, "a", "b"]  # what an environment has written stays there, as on AWS


def test_a_machines_timeout_ends_the_execution_and_stays(aws: Emulator) -> None:
    """The task fails after the time-out; the execution must stay TIMED_OUT."""
    name = functions.create(
        aws, "import time\ndef handler(event, context):\n    time.sleep(1.5)\n    raise OSError\n"
    )
    machine = functions.machine(aws, {"Slow": functions.task(name)}, TimeoutSeconds=1)
    execution = executions.start(aws, machine, {})
    assert executions.finished(aws, execution)["status"] == "TIMED_OUT"
    deadline = time.monotonic() + 60
    while not failed(aws, name):
        assert time.monotonic() < deadline, "the function never ended"
        time.sleep(0.05)
    assert executions.finished(aws, execution)["status"] == "TIMED_OUT"
    assert executions.history(aws, execution)[-1]["type"] == "ExecutionTimedOut"


def failed(aws: Emulator, name: str) -> bool:
    """Whether the function has logged an OSError."""
    logs = aws.client("logs")
    try:
        lines = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    except logs.exceptions.ResourceNotFoundException:  # it comes with the first line
        return False
    return any("OSError" in line["message"] for line in lines)


def test_data_beyond_the_limit_ends_the_execution_uncaught(aws: Emulator) -> None:
    name = functions.create(aws, "def handler(event, context):\n    return 'x' * event['size']\n")
    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]}
    machine = functions.machine(
        aws, {"Large": functions.task(name, Next="Caught", **caught), "Caught": {"Type": "Succeed"}}
    )
    assert executions.run(aws, machine, {"size": 200_000})["status"] == "SUCCEEDED"
    ended = executions.run(aws, machine, {"size": 262_144})
    assert (ended["status"], ended["error"]) == ("FAILED", "States.DataLimitExceeded")
    for given, error in ((json.dumps("x" * 262_144), "ValidationException"), ("{", "InvalidExecutionInput")):
        with pytest.raises(ClientError, match=error):
            aws.client("stepfunctions").start_execution(stateMachineArn=machine, input=given)


def test_deployed_code_runs_and_not_the_checkout(aws: Emulator) -> None:
    """The emulator is installed in the environment that runs functions; a function must not see it."""
    source = "import loopback_aws\ndef handler(event, context):\n    return loopback_aws.__file__\n"
    answer = aws.client("lambda").invoke(FunctionName=functions.create(aws, source), Payload=b"{}")
    failure = json.loads(answer["Payload"].read())
    assert failure["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'loopback_aws'" in failure["errorMessage"]


def test_a_changed_function_runs_its_new_code(aws: Emulator) -> None:
    name = functions.create(aws, "def handler(event, context):\n    return 'old'\n")
    client = aws.client("lambda")
    assert json.load(client.invoke(FunctionName=name)["Payload"]) == "old"
    changed = functions.package("def handler(event, context):\n    return 'new'\n")
    client.update_function_code(FunctionName=name, ZipFile=changed)
    assert json.load(client.invoke(FunctionName=name)["Payload"]) == "new"


def test_a_chain_of_three_has_no_fixed_pauses(aws: Emulator) -> None:
    """The emulator alone takes 285 ms for it; a fixed 150 ms before and 50 ms after each function."""
    name = functions.create(aws, ECHO)
    machine = functions.machine(
        aws,
        {
            "First": functions.task(name, Next="Second"),
            "Second": functions.task(name, Next="Third"),
            "Third": functions.task(name),
        },
    )
    seconds: list[float] = []
    while not seconds or min(seconds) >= 0.15:  # a busy machine may take longer, but not time after time
        assert len(seconds) < 50, seconds
        ended = executions.run(aws, machine, {})
        seconds.append((ended["stopDate"] - ended["startDate"]).total_seconds())


@pytest.fixture
def most_processes(aws: Emulator) -> Iterator[list[int]]:
    """The largest number of Lambda processes seen so far, watched in the background."""
    peak = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            peak[0] = max(peak[0], len(lambda_processes(aws)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield peak
    done.set()
    watcher.join()


def lambda_processes(aws: Emulator) -> list[int]:
    """Process ids of the running Lambda processes."""
    found = []
    for pid in descendants(aws.process.pid):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if b"_worker.py" in command:
            found.append(pid)
    return found


def test_32_executions_at_once_never_exceed_the_cap(aws: Emulator, most_processes: list[int]) -> None:
    """Three functions a chain: 32 executions would start dozens of processes if nothing held them."""
    cap = LAMBDA_CONCURRENCY * KEPT  # those that run, and the idle ones that stay warm
    source = "import time\ndef handler(event, context):\n    time.sleep(0.02)\n    return event\n"
    names = [functions.create(aws, source) for _ in range(3)]
    machine = functions.machine(
        aws,
        {
            "A": functions.task(names[0], Next="B"),
            "B": functions.task(names[1], Next="C"),
            "C": functions.task(names[2]),
        },
    )
    started = [executions.start(aws, machine, {"n": n}) for n in range(32)]
    ended = [executions.finished(aws, execution) for execution in started]
    assert [execution["status"] for execution in ended] == ["SUCCEEDED"] * 32
    assert 2 <= most_processes[0] <= cap
