"""Follow a run over many images to its end, and say how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambda_src.core.errors import NothingToClassify
from operations.aws.deployment import Deployment, print_json
from operations.aws.state_machines import RUNNING, SUCCEEDED, execution_name, failure
from operations.runs.files import RunFiles
from operations.runs.progress import run_progress
from operations.runs.summary import counts_line, print_summary
from operations.runs.watch import RunWatch
from operations.terminal import say, tell

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

INTERRUPTED = 130
NOTHING = NothingToClassify.__name__


@dataclass(frozen=True, kw_only=True)
class RunOutput:
    """One execution of the batch machine, printed for a person or, `as_json`, for a program."""

    deployment: Deployment
    s3: S3Client
    stepfunctions: SFNClient
    arn: str
    as_json: bool

    @property
    def name(self) -> str:
        return execution_name(self.arn)

    @property
    def files(self) -> RunFiles:
        return RunFiles(self.s3, self.deployment.data_bucket, self.name)

    def started(self) -> int:
        """Say that it has been started, and how to look; the exit code."""
        if self.as_json:
            self._print_json({"status": "RUNNING"})
        else:
            say(f"Started {self.name}")
            say(f"Look how far it is: {self.look_again}")
        return 0

    def follow(self) -> int:
        """Wait for the end with live counts, print the summary or the reason; the exit code."""
        tell(f"Execution {self.name}")
        watch = RunWatch(self.stepfunctions, self.arn)
        try:
            with run_progress() as progress:
                watch.wait(progress)
        except KeyboardInterrupt:
            tell("", f"{self.name} goes on without you. Look again: {self.look_again}")
            return INTERRUPTED
        return self.ended(watch.description)

    def ended(self, description: Any, more: Mapping[str, Any] | None = None) -> int:
        """Print how it ended, or that it has not.

        0 when it succeeded or runs, 2 when there was nothing to classify, else 1. `more` is for programs.
        """
        status = description["status"]
        summary = self.files.summary() if status == SUCCEEDED else None
        why = failure(description) if status not in (SUCCEEDED, *RUNNING) else None
        if self.as_json:
            self._print_json(
                {"status": status, **(why._asdict() if why else {}), "summary": summary, **(more or {})}
            )
        elif why:
            say(f"{self.name} {status}: {why.error}: {why.cause}", colour="red")
            if why.error != NOTHING:
                self._print_ways_out()
        elif status in RUNNING:
            say(f"{self.name} still runs: {self.look_again}")
        elif summary is None:
            say(f"{self.name} {status}. There is no summary in {self.files.address}: it has expired.")
        else:
            self._print_summary(summary)
        if why is None:
            return 0
        return 2 if why.error == NOTHING else 1

    @property
    def look_again(self) -> str:
        """The command that shows this run."""
        return f"scones results {self.name} --wait{self._stage}"

    @property
    def _stage(self) -> str:
        return f" --stage {self.deployment.stage}"

    def _print_summary(self, summary: dict[str, Any]) -> None:
        print_summary(summary)
        say(f"{counts_line(summary)}. Results: {self.files.address}")
        if summary["errors"]:
            say(f"Classify those with errors again: scones replay {self.name}{self._stage}")

    def _print_ways_out(self) -> None:
        redrive = f"aws stepfunctions redrive-execution --execution-arn {self.arn}"
        say(f"Go on with the failed batches: {redrive}")
        say(f"Or start a run over what has no result: scones replay {self.name}{self._stage}")

    def _print_json(self, more: dict[str, Any]) -> None:
        about = {
            "execution": self.name,
            "execution_arn": self.arn,
            "results": self.files.address,
        }
        print_json(self.deployment, about | more)
