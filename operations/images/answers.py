"""One execution an image, some at a time, each waited for until a common deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from operations.aws.state_machines import RUNNING, SUCCEEDED, failure, fresh_name, start_execution
from operations.images.source import SourceImage, upload_image
from reports.history.descriptions import json_object

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

LOW_CONFIDENCE = "LowConfidence"
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
"""Seconds between two looks at an execution: short ones end soon, and AWS takes 15 looks a second."""


class Answer(NamedTuple):
    """How one image ended.

    outcome: `accepted`, `low_confidence` or `error`; `running` past the deadline; `not_started`. `seconds` is
    the execution's own duration. predicted_name: the class's for people, where it has one. model: the digest
    of the one that answered. inferences: one probability a class, in that model's order.
    """

    image: str
    s3_bucket: str
    s3_key: str
    outcome: str
    predicted_class: str | None = None
    confidence: float | None = None
    error: str | None = None
    cause: str | None = None
    seconds: float | None = None
    execution: str | None = None
    predicted_name: str | None = None
    model: str | None = None
    inferences: list[float] | None = None


@dataclass(frozen=True, kw_only=True)
class ImageExecutions:
    """Classifies images through the machine for one image. `timeout`: seconds for all of them together."""

    s3: S3Client
    stepfunctions: SFNClient
    machine: str
    concurrency: int
    timeout: float

    def classify(
        self,
        images: Sequence[SourceImage],
        threshold: float | None,
        progress: Callable[[str, int, int], None],
    ) -> tuple[list[Answer], bool]:
        """An answer for each image, in order, and whether Ctrl-C ended the wait.

        What has been started goes on in any case.
        """
        stop, deadline = threading.Event(), time.monotonic() + self.timeout
        answers = [Answer(image.name, image.s3_bucket, image.s3_key, "not_started") for image in images]
        interrupted = False
        with ThreadPoolExecutor(max(1, min(self.concurrency, len(images)))) as pool:
            jobs: dict[Future[Answer], int] = {}
            try:
                for index, image in enumerate(images):
                    job = pool.submit(self._classify, image, answers[index], threshold, stop, deadline)
                    jobs[job] = index
                for done, job in enumerate(as_completed(jobs), 1):
                    answers[jobs[job]] = job.result()
                    progress("classifying", done, len(images))
            except KeyboardInterrupt:
                interrupted = True
            finally:
                stop.set()
        for job, index in jobs.items():
            answers[index] = job.result()
        return answers, interrupted

    def stop(self, answers: Sequence[Answer]) -> int:
        """End the executions that still ran when these answers were taken; how many that were."""
        running = [answer.execution for answer in answers if answer.outcome == "running"]
        for arn in filter(None, running):
            self.stepfunctions.stop_execution(executionArn=arn, cause="Nobody waits for it any more")
        return len(running)

    def _classify(
        self,
        image: SourceImage,
        answer: Answer,
        threshold: float | None,
        stop: threading.Event,
        deadline: float,
    ) -> Answer:
        if stop.is_set() or time.monotonic() >= deadline:
            return answer
        upload_image(self.s3, image)
        given: dict[str, Any] = {"image_data": "", "s3_bucket": image.s3_bucket, "s3_key": image.s3_key}
        if threshold is not None:
            given["threshold"] = threshold
        arn = start_execution(self.stepfunctions, self.machine, fresh_name("classify"), given)
        return wait_for_answer(self.stepfunctions, arn, answer, stop, deadline)


def wait_for_answer(
    stepfunctions: SFNClient, arn: str, answer: Answer, stop: threading.Event, deadline: float
) -> Answer:
    """The answer with what its execution says at its end, at the deadline, or when `stop` is set."""
    pause = FIRST_PAUSE
    while True:
        description = stepfunctions.describe_execution(executionArn=arn)
        left = deadline - time.monotonic()
        if description["status"] not in RUNNING or left <= 0 or stop.is_set():
            return read_answer(answer, description)
        stop.wait(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)


def read_answer(answer: Answer, description: Any) -> Answer:
    """The answer with what DescribeExecution says of its execution."""
    answer = answer._replace(execution=description["executionArn"])
    if description["status"] in RUNNING:
        return answer._replace(outcome="running")
    if "stopDate" in description:
        answer = answer._replace(
            seconds=round((description["stopDate"] - description["startDate"]).total_seconds(), 3)
        )
    if description["status"] == SUCCEEDED:
        output = json_object(description.get("output"))
        return answer._replace(
            outcome="accepted",
            predicted_class=output.get("predicted_class"),
            predicted_name=output.get("predicted_name"),
            confidence=output.get("confidence"),
            model=output.get("model"),
            inferences=output.get("inferences"),
        )
    why = failure(description)
    outcome = "low_confidence" if why.error == LOW_CONFIDENCE else "error"
    return answer._replace(outcome=outcome, error=why.error, cause=why.cause)
