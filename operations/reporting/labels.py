"""The labels of a report: read, compared with the model's classes, and tied to inferences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.written_text import TextProblem, read_lines
from lambda_src.core.inference_id import inference_id
from operations.aws.errors import OperationError
from operations.reporting.labelled_folder import read_labelled_folder
from operations.runs.files import RunFiles
from operations.runs.rows import run_rows
from reports.document import Images
from reports.history.descriptions import Descriptions
from reports.history.executions import ExecutionHistory
from reports.history.labels import Labels

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

MOST_LOOKED_AT = 1_000
"""Executions of single images whose input is asked for, to find the images that labels name by key."""
_FORM = (
    'A label is {"class": …} with "s3_key", "inference_id", "event_id" or "digest", one a line; a .csv '
    "file has these columns."
)


def read_labels(path: Path | None, warn: Callable[[str], None]) -> Labels | None:
    """The labels of a file, or of a folder of pictures; None without one. `warn` gets what of a folder was
    left out. Raises OperationError."""
    if path is None:
        return None
    try:
        if path.is_dir():
            return read_labelled_folder(path, warn)
        lines = [f"{line.text}\n" for line in read_lines(path)]
        labels = Labels.read_table(lines) if path.suffix.lower() == ".csv" else Labels.read(lines)
    except OSError as error:
        raise OperationError(
            f"{path} cannot be read: {error.strerror}. --labels takes a file of JSON lines, a .csv file, or "
            "a folder with a sub-folder for each class."
        ) from error
    except TextProblem as error:
        raise OperationError(str(error)) from error
    except ValueError as error:
        raise OperationError(f"{path}: {error}. {_FORM}") from error
    if not labels.images:
        raise OperationError(f"{path} holds no labels. {_FORM}")
    return labels


def check_classes(labels: Labels | None, classes: Iterable[str], warn: Callable[[str], None]) -> None:
    """Refuse labels of none of the model's classes; warn of those that are of others.

    Others are right where a simulation shows something new: every answer for such an image is wrong.
    """
    if labels is None:
        return
    known, given = set(classes), labels.classes
    if not given & known:
        raise OperationError(
            f"The labels are of {', '.join(sorted(given))}; the model knows {', '.join(sorted(known))}. "
            "Name the labels of this model's images; of a folder, the one whose sub-folders are the classes."
        )
    if unknown := sorted(given - known):
        warn(f"The model does not know {', '.join(unknown)}: its answers for images of them count as wrong.")


def check_pictures(labels: Labels | None, images: Images, warn: Callable[[str], None]) -> None:
    """Warn where labels name pictures and none was captured."""
    if labels is not None and labels.by_digest and not images["with_image"]:
        warn(
            "No picture was captured in this window, so labels by a picture's content name nothing: label by "
            "inference_id or event_id, or deploy with the setting endpoint.capture_input on."
        )


def with_inference_ids(
    labels: Labels, history: ExecutionHistory, s3: S3Client, states: SFNClient, data_bucket: str
) -> Labels:
    """The labels by inference id, too, where they name images by key only.

    Captured records have no keys: those of runs are in their results, those of single images in the inputs
    of their executions, of which the latest are asked for.
    """
    if not labels.by_key or labels.images <= len(labels.by_id):
        return labels
    by_id = dict(labels.by_id)
    images = (_run_images(history, s3, data_bucket), _single_images(history, states, data_bucket))
    for id, bucket, key in (image for part in images for image in part):
        label = labels.find(None, bucket, key)
        if label is not None:
            by_id.setdefault(id, label)
    return replace(labels, by_id=by_id)


def _run_images(history: ExecutionHistory, s3: S3Client, data_bucket: str) -> Iterator[tuple[str, str, str]]:
    """Inference id, bucket and key of the images of all runs."""
    for run in (one.name for one in history.executions if one.kind == "batch"):
        for row in run_rows(RunFiles(s3, data_bucket, run)):
            if row.get("inference_id"):
                yield row["inference_id"], row["s3_bucket"], row["s3_key"]


def _single_images(
    history: ExecutionHistory, states: SFNClient, data_bucket: str
) -> Iterator[tuple[str, str, str]]:
    names = {one.arn: one.name for one in reversed(history.executions) if one.kind == "image"}
    known = {arn: one for arn, one in history.descriptions.items() if arn in names}
    unknown = (arn for arn in names if arn not in known)
    found = known | Descriptions(states).read(islice(unknown, MOST_LOOKED_AT))
    for arn, description in found.items():
        if description.s3_key:
            yield inference_id(names[arn]), description.s3_bucket or data_bucket, description.s3_key
