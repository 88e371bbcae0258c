"""Many images by one execution when something goes wrong: what is lost, doubled, asked again and told.

Processes and the emulator really end; a server in front of the endpoint answers as AWS does when it fails.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contracts.names import LOOPBACK_STAGE, StageNames
from contracts.outputs import FAILURE_TOPIC
from tests.local.deployed import executions, functions
from tests.local.deployed.batches import Batches, Run
from tests.local.deployed.deployment import BLUE, RED, picture, subscribe_queue
from tests.local.deployed.emulator import Emulator, descendants
from tests.local.deployed.faulty_endpoint import (
    FUNCTION,
    MODEL_FAILED,
    THROTTLED,
    Answer,
    FaultyEndpoint,
    Request,
    in_front,
)

RED_ONE, BLUE_ONE = "batch-faults/red.png", "batch-faults/blue.png"
MARKED, LARGE = "batch-faults/marked.png", "batch-faults/large.png"
MARK = b"this picture breaks the model"
SECONDS = 120
"""The longest wait for something of the other side."""
SIX = [RED_ONE, BLUE_ONE] * 3
"""Three batches of two."""


@pytest.fixture(scope="module")
def batches(aws: Emulator, deployed: dict[str, str]) -> Batches:
    """The deployed machine, and the few objects that the runs list."""
    batches = Batches(aws, deployed)
    large = picture(RED, 1_500, noisy=True)  # more than a third of what a request takes
    batches.put({RED_ONE: picture(RED), BLUE_ONE: picture(BLUE), MARKED: picture(RED) + MARK, LARGE: large})
    return batches


@pytest.fixture(scope="module")
def endpoint(aws: Emulator, deployed: dict[str, str]) -> Iterator[FaultyEndpoint]:  # noqa: ARG001
    """What the function asks in place of InvokeEndpoint."""
    with in_front(aws) as endpoint:
        yield endpoint


@pytest.fixture
def queue(aws: Emulator, deployed: dict[str, str]) -> Iterator[str]:
    """A queue that receives what the topic sends meanwhile."""
    queue = subscribe_queue(aws, deployed[FAILURE_TOPIC])
    yield queue
    aws.client("sqs").delete_queue(QueueUrl=queue)


def listed(*keys: str) -> list[dict[str, str]]:
    return [{"s3_key": key} for key in keys]


def test_throttling_of_a_third_of_the_calls(batches: Batches, endpoint: FaultyEndpoint, queue: str) -> None:
    """Twelve batches, of which every second is throttled at first: six of eighteen calls."""

    def fault(request: Request) -> Answer | None:
        return THROTTLED if request.attempt == 1 and request.batch % 2 else None

    keys = [RED_ONE, BLUE_ONE] * 12
    with endpoint.failing(fault) as seen:
        run = batches.run(images=listed(*keys), batch_size=2)
    run.check(len(keys))
    assert [row["predicted_class"] for row in run.files["accepted"]] == ["bicycle", "motorcycle"] * 12
    assert sorted(Counter(seen).values()) == [1] * 6 + [2] * 6
    assert len(batches.told(queue, 1)) == 1


def test_a_throttled_pack_does_not_repeat_the_one_before_it(
    batches: Batches, endpoint: FaultyEndpoint
) -> None:
    """Three large images need two requests."""

    def fault(request: Request) -> Answer | None:
        return THROTTLED if request.attempt == 1 and request.inference_id.endswith("-1") else None

    with endpoint.failing(fault) as seen:
        run = batches.run(images=listed(LARGE, LARGE, LARGE))
    run.check(3)
    assert len(run.files["accepted"]) == 3
    assert sorted(Counter(seen).values()) == [1, 2]


def test_a_model_that_answers_500_for_one_image_in_a_pack(
    batches: Batches, endpoint: FaultyEndpoint, queue: str
) -> None:
    def fault(request: Request) -> Answer | None:
        return MODEL_FAILED if MARK in request.body else None

    keys = [RED_ONE] * 9 + [MARKED] + [BLUE_ONE] * 6
    with endpoint.failing(fault) as seen:
        run = batches.run(images=listed(*keys))
    run.check(len(keys))
    (failed,) = run.files["errors"]
    assert (failed["n"], failed["s3_key"], failed["error"]) == (9, MARKED, "ModelFailed")
    assert "a picture that breaks this model" in failed["cause"]
    assert [row["predicted_class"] for row in run.files["accepted"]] == ["bicycle"] * 9 + ["motorcycle"] * 6
    assert len(seen) == len(set(seen)) <= 9, "16 images: the pack, then two halves at each of four levels"
    (message,) = batches.told(queue, 1)
    assert "ModelFailed 1" in message["Message"]


def test_a_redrive_runs_the_failed_batches_only(
    batches: Batches, endpoint: FaultyEndpoint, aws: Emulator, queue: str
) -> None:
    """Of four batches, one after the other, the second and the last are throttled for longer than the
    retries."""

    def fault(request: Request) -> Answer | None:
        return THROTTLED if request.batch in (1, 3) else None

    keys = [RED_ONE, BLUE_ONE] * 4
    with endpoint.failing(fault) as seen:
        failed = batches.run(
            images=listed(*keys), batch_size=2, max_concurrency=1, tolerated_failure_percentage=30
        )
        first = asked(seen)
    assert failed.description["status"] == "FAILED"
    assert failed.description["error"] == "States.ExceedToleratedFailureThreshold"
    assert first == {0: 1, 1: 3, 2: 1, 3: 3}, "the retry of the stage is two more attempts"
    assert failed.rows == [], "no results of half a run"
    (told,) = batches.told(queue, 1)
    assert "(FAILED)" in told["Message"]
    assert f"redrive-execution --execution-arn {failed.arn}" in told["Message"]
    counts = batches.map_run(failed.arn)["executionCounts"]
    assert (counts["succeeded"], counts["failed"]) == (2, 2)

    with endpoint.failing(lambda _: None) as seen:
        aws.client("stepfunctions").redrive_execution(executionArn=failed.arn)
        run = batches.ended(failed.arn)
    run.check(len(keys))
    assert asked(seen) == {1: 1, 3: 1}
    assert [row["predicted_class"] for row in run.files["accepted"]] == ["bicycle", "motorcycle"] * 4
    (told,) = batches.told(queue, 1)
    assert "8 accepted" in told["Subject"]
    assert batches.map_run(failed.arn)["redriveCount"] == 1


def test_a_stopped_run_goes_on_where_it_was(
    batches: Batches, endpoint: FaultyEndpoint, aws: Emulator, queue: str
) -> None:
    arrived, stopped = threading.Event(), threading.Event()

    def fault(request: Request) -> Answer | None:
        if request.batch == 1:
            arrived.set()
            stopped.wait(SECONDS)
        return None

    keys = [RED_ONE, BLUE_ONE] * 3
    with endpoint.failing(fault):
        arn = batches.start(images=listed(*keys), batch_size=2, max_concurrency=1)
        assert arrived.wait(SECONDS)
        aws.client("stepfunctions").stop_execution(executionArn=arn, error="Enough", cause="for now")
        description = executions.finished(aws, arn)
        stopped.set()
    assert (description["status"], description["error"]) == ("ABORTED", "Enough")
    (told,) = batches.told(queue, 1)
    assert "(ABORTED)" in told["Message"]
    with endpoint.failing(lambda _: None) as seen:
        aws.client("stepfunctions").redrive_execution(executionArn=arn)
        run = batches.ended(arn)
    run.check(len(keys))
    assert len(run.files["accepted"]) == len(keys)
    assert asked(seen) == {1: 1, 2: 1}
    assert len(batches.told(queue, 1)) == 1


def asked(seen: list[str]) -> dict[int, int]:
    """How often each batch was asked for."""
    return dict(Counter(Request(id, b"", 1).batch for id in seen))


def test_results_that_lack_an_image_fail_the_run_until_they_are_whole(
    batches: Batches, aws: Emulator, queue: str
) -> None:
    """The last function does not start, so that a row can be taken out of what it is to merge."""
    keys = [RED_ONE, BLUE_ONE] * 3
    with functions.environment(aws, StageNames(LOOPBACK_STAGE).function("merge-results"), THRESHOLD="very"):
        failed = batches.run(images=listed(*keys), batch_size=2)
    assert (failed.description["error"], failed.rows) == ("InvalidConfiguration", [])
    s3, states = aws.client("s3"), aws.client("stepfunctions")
    place = {"Bucket": batches.bucket, "Key": file_of_results(batches, failed.name)}
    whole = s3.get_object(**place)["Body"].read()
    s3.put_object(**place, Body=without_image(whole, n=3))
    states.redrive_execution(executionArn=failed.arn)
    poor = batches.ended(failed.arn)
    assert (poor.description["error"], poor.rows) == ("IncompleteResults", [])
    first, second = batches.told(queue, 2)
    assert failed.arn in first["Message"]
    assert poor.arn in second["Message"]
    assert "1 of 6 listed images are missing: n 3" in poor.description["cause"]
    assert BLUE_ONE in poor.description["cause"]

    s3.put_object(**place, Body=whole)
    states.redrive_execution(executionArn=failed.arn)
    run = batches.ended(failed.arn)
    run.check(len(keys))
    assert len(run.files["accepted"]) == len(keys)
    (summary,) = batches.told(queue, 1)
    assert "6 accepted" in summary["Subject"]


def file_of_results(batches: Batches, execution: str) -> str:
    """Key of the file in which the map run of a small execution has its batches' answers."""
    place = {"Bucket": batches.bucket, "Prefix": f"results/{execution}/batches/"}
    keys = [entry["Key"] for entry in batches.aws.client("s3").list_objects_v2(**place)["Contents"]]
    (key,) = [key for key in keys if "/SUCCEEDED_" in key]
    return str(key)


def without_image(body: bytes, n: int) -> bytes:
    """A file of answers that has lost the row of image `n`."""
    answers = [json.loads(line) for line in body.splitlines()]
    for answer in answers:
        output = json.loads(answer["Output"])
        output["rows"] = [row for row in output["rows"] if row["n"] != n]
        answer["Output"] = json.dumps(output)
    return "".join(json.dumps(answer) + "\n" for answer in answers).encode()


def test_killed_processes_lose_and_double_nothing(
    batches: Batches, endpoint: FaultyEndpoint, aws: Emulator, queue: str
) -> None:
    """Lambda processes die while they classify, one batch's twice in a row: no batch may fail, none does."""
    killed: list[int] = []

    def fault(request: Request) -> Answer | None:
        if request.attempt <= {1: 2, 3: 1}.get(request.batch, 0):
            for pid in lambda_processes(aws, FUNCTION):
                os.kill(pid, signal.SIGKILL)
            killed.append(request.batch)
        return None

    keys = [RED_ONE, BLUE_ONE] * 4
    with endpoint.failing(fault) as seen:
        run = batches.run(
            images=listed(*keys), batch_size=2, max_concurrency=1, tolerated_failure_percentage=0
        )
    run.check(len(keys))
    assert (sorted(killed), asked(seen)) == ([1, 1, 3], {0: 1, 1: 3, 2: 1, 3: 2})
    assert [row["predicted_class"] for row in run.files["accepted"]] == ["bicycle", "motorcycle"] * 4
    assert batches.map_run(run.arn)["redriveCount"] == 0
    (told,) = batches.told(queue, 1)
    assert "8 accepted" in told["Subject"]


REPLAYED = [RED_ONE, MARKED, BLUE_ONE] * 2


@dataclass(frozen=True)
class Restarted:
    """Two runs that something ended, after the emulator has ended and started again."""

    first: Run
    """One that had ended, for two of whose images the model had failed."""
    told_of_first: list[dict[str, Any]]
    interrupted: str
    """One whose second batch was being classified when the emulator ended."""
    told_of_interrupted: list[dict[str, Any]]


@pytest.fixture(scope="module")
def restarted(batches: Batches, endpoint: FaultyEndpoint, aws: Emulator) -> Restarted:
    queue = subscribe_queue(aws, batches.outputs[FAILURE_TOPIC])
    first = run_with_failing_images(batches, endpoint)
    told_of_first = batches.told(queue, 1)
    interrupted = start_and_restart(batches, endpoint, aws)
    told_of_interrupted = batches.told(queue, 1)
    aws.client("sqs").delete_queue(QueueUrl=queue)
    return Restarted(first, told_of_first, interrupted, told_of_interrupted)


def run_with_failing_images(batches: Batches, endpoint: FaultyEndpoint) -> Run:
    def fault(request: Request) -> Answer | None:
        return MODEL_FAILED if MARK in request.body else None

    with endpoint.failing(fault):
        return batches.run(images=listed(*REPLAYED), batch_size=2)


def start_and_restart(batches: Batches, endpoint: FaultyEndpoint, aws: Emulator) -> str:
    """Start a run, and everything anew in the middle of its second batch; the run's ARN."""
    arrived, ended = threading.Event(), threading.Event()

    def fault(request: Request) -> Answer | None:
        if request.batch == 1:
            arrived.set()
            ended.wait(SECONDS)
        return None

    with endpoint.failing(fault):
        arn = batches.start(images=listed(*SIX), batch_size=2, max_concurrency=1)
        assert arrived.wait(SECONDS)
        aws.restart()
        ended.set()
    return arn


def test_a_replay_after_a_restart_classifies_what_failed(
    batches: Batches, queue: str, restarted: Restarted
) -> None:
    """Everything stopped and started again; the images that failed are classified by a second run."""
    first = restarted.first
    first.check(len(REPLAYED))
    assert [(row["n"], row["error"]) for row in first.files["errors"]] == [
        (1, "ModelFailed"),
        (4, "ModelFailed"),
    ]
    assert [row["n"] for row in first.files["accepted"]] == [0, 2, 3, 5]
    assert len(restarted.told_of_first) == 1

    second = batches.run(manifest_key=f"results/{first.name}/errors.jsonl", replay_of=first.name)
    second.check(2)
    assert second.summary["replay_of"] == first.name
    assert batches.ended(first.arn).files == first.files, "the first run's results are as they were"
    keys_classified = [row["s3_key"] for run in (first, second) for row in run.files["accepted"]]
    assert Counter(keys_classified) == Counter(REPLAYED)
    (told,) = batches.told(queue, 1)
    assert f"again what failed in {first.name}" in told["Message"]


def test_a_run_that_the_end_of_everything_interrupted_goes_on(
    batches: Batches, endpoint: FaultyEndpoint, aws: Emulator, queue: str, restarted: Restarted
) -> None:
    """A redrive goes on with the batch that was being classified."""
    arn = restarted.interrupted
    interrupted = executions.described(aws, arn)
    assert (interrupted["status"], interrupted["error"]) == ("FAILED", "States.ServiceRestart")
    with endpoint.failing(lambda _: None) as seen:
        aws.client("stepfunctions").redrive_execution(executionArn=arn)
        run = batches.ended(arn)
    run.check(len(SIX))
    assert len(run.files["accepted"]) == len(SIX)
    assert asked(seen) == {1: 1, 2: 1}, "a batch that was done is not done again"
    assert (len(restarted.told_of_interrupted), len(batches.told(queue, 1))) == (1, 1), (
        "the failure and the summary"
    )


def lambda_processes(aws: Emulator, function: str) -> list[int]:
    """Process ids of the function's Lambda processes, which Lambda's own variable tells."""
    wanted, found = f"AWS_LAMBDA_FUNCTION_NAME={function}\0".encode(), []
    for pid in descendants(aws.process.pid):
        try:
            if wanted in Path(f"/proc/{pid}/environ").read_bytes():
                found.append(pid)
        except OSError:  # ended since
            continue
    assert found, f"{function} has no process"
    return found
