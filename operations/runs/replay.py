"""Start again exactly what failed in one execution, of many images or of one."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambda_src.core.batch.rows import Row
from lambda_src.core.run.records import PLAN
from lambda_src.core.s3_events import named_image
from operations.aws.deployment import Deployment, print_json
from operations.aws.errors import OperationError
from operations.aws.state_machines import (
    RUNNING,
    SUCCEEDED,
    Execution,
    failure,
    find_execution,
    fresh_name,
    start_execution,
)
from operations.images.answer_table import COLUMNS, answer_rows, exit_code
from operations.images.answers import Answer, wait_for_answer
from operations.runs.files import RunFiles
from operations.runs.merge import still_failed
from operations.runs.output import RunOutput
from operations.runs.replay_manifests import Choice, find_replays, read_replays, replay_key, write_manifest
from operations.runs.rows import run_rows
from operations.terminal import say, say_table, tell
from reports.history.executions import execution_arn

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

IN_MEMORY = 8 * 1024**2
"""Bytes of a manifest above which it is written to disk before it is uploaded."""
OPTIONS = ("threshold", "batch_size", "max_concurrency", "tolerated_failure_percentage")
"""Fields of a run's input that its replays take over."""


@dataclass(frozen=True, kw_only=True)
class Replayer:
    """Replays one execution; each method gives the exit code."""

    deployment: Deployment
    s3: S3Client
    stepfunctions: SFNClient
    only: tuple[str, ...]
    wait: bool
    as_json: bool

    def run(self, found: Execution, options: dict[str, Any]) -> int:
        """Replay what failed in a run over many images."""
        files = RunFiles(self.s3, self.deployment.data_bucket, found.name)
        name, choice = fresh_name("replay"), Choice(self.only)
        given = {key: found.given[key] for key in OPTIONS if key in found.given} | options
        given |= {"replay_of": found.name} | ({"only": ", ".join(self.only)[:256]} if self.only else {})
        if not files.has(PLAN):
            return self._start_again(found, name, given)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as manifest:
            if not write_manifest(choice.take(self._failed(files)), manifest):
                return self._print_nothing(found, choice)
            manifest.seek(0)
            key = replay_key(files, name)
            self.s3.put_object(Bucket=files.bucket, Key=key, Body=manifest, ContentType="application/jsonl")
        self._print_choice(choice)
        return self._start(name, {"s3_bucket": files.bucket, "manifest_key": key} | given)

    def image(self, found: Execution, threshold: float | None, timeout: float) -> int:
        """Start a single image's execution again, with the input it had."""
        why = failure(found.description)
        if found.status == SUCCEEDED or (self.only and why.error not in self.only):
            return self._print_nothing(found, Choice())
        if "input" not in found.description:
            raise OperationError(f"The input of {found.name} is hidden: you may not use the key to it.")
        given = named_image(found.given) | ({} if threshold is None else {"threshold": threshold})
        arn = start_execution(self.stepfunctions, self.deployment.state_machine, fresh_name("replay"), given)
        key = str(given.get("s3_key") or "an inline image")
        bucket = str(given.get("s3_bucket") or self.deployment.data_bucket)
        answer = Answer(key, bucket, key, "running", execution=arn)
        interrupted = False
        if self.wait:
            try:
                answer = wait_for_answer(
                    self.stepfunctions, arn, answer, threading.Event(), time.monotonic() + timeout
                )
            except KeyboardInterrupt:
                interrupted = True
        if self.as_json:
            print_json(self.deployment, {"replay_of": found.name, "images": [answer._asdict()]})
        else:
            say_table(COLUMNS, answer_rows([answer]))
        return exit_code([answer], interrupted) if self.wait else 0

    def _failed(self, files: RunFiles) -> Iterator[Row]:
        """Rows of the images that have no answer yet, with their latest error."""
        manifests = find_replays(files)
        for replay in manifests:
            self._require_ended(replay.execution)
        errors = run_rows(files, errors_only=True)
        return still_failed(files.execution, errors, read_replays(files, manifests))

    def _require_ended(self, name: str) -> None:
        arn = execution_arn(self.deployment.batch_state_machine, name)
        try:
            status = find_execution(self.stepfunctions, self.deployment, arn).status
        except OperationError:  # never started, or forgotten
            return
        if status in RUNNING:
            raise OperationError(
                f"{name} replays these images and still runs: wait for it, or stop it first."
            )

    def _start_again(self, found: Execution, name: str, given: dict[str, Any]) -> int:
        """A run that ended before it had listed its images has failed on all of them."""
        if found.status == SUCCEEDED:
            raise OperationError(
                f"The results of {found.name} have expired: its files are no longer in the data bucket."
            )
        if self.only and failure(found.description).error not in self.only:
            return self._print_nothing(found, Choice())
        return self._start(name, found.given | given)

    def _start(self, name: str, given: dict[str, Any]) -> int:
        machine = self.deployment.batch_state_machine
        arn = start_execution(self.stepfunctions, machine, name, given)
        output = RunOutput(
            deployment=self.deployment,
            s3=self.s3,
            stepfunctions=self.stepfunctions,
            arn=arn,
            as_json=self.as_json,
        )
        return output.follow() if self.wait else output.started()

    def _print_choice(self, choice: Choice) -> None:
        tell(f"Images to replay: {choice.taken.total():,} ({_named(choice.taken)})")
        if choice.without_image:
            tell(_without_image(choice))

    def _print_nothing(self, found: Execution, choice: Choice) -> int:
        if self.as_json:
            print_json(self.deployment, {"replay_of": found.name, "execution": None, "images": []})
            return 0
        wanted = f" with {' or '.join(self.only)}" if self.only else ""
        say(f"Nothing to replay: no image of {found.name} has failed{wanted} without an answer since.")
        if choice.left:
            say(f"Other errors there: {_named(choice.left)}")
        if choice.without_image:
            say(_without_image(choice))
        return 0


def _named(errors: Counter[str]) -> str:
    return ", ".join(f"{count:,} {error}" for error, count in errors.most_common())


def _without_image(choice: Choice) -> str:
    return (
        f"Lines of the manifest that name no image and cannot be replayed: {choice.without_image:,}. "
        "Correct them, and run them as a manifest of their own."
    )
