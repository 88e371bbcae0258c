"""What one function hands to the next when a state holds many images, and one line of the plan.

An image is its number in the run and its address: the number `n` tells duplicates apart from first to last.
What there is one of for each image is a tuple, in JSON an array, because a state's size counts; the rest are
objects, as `batch_state` writes them. The readers check again, because a state's input can be edited.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from lambda_src.core.batch.rows import OUTCOMES, BatchImage, Row
from lambda_src.core.errors import InvalidInput
from lambda_src.core.excerpt import excerpt
from lambda_src.core.fields import is_number, list_field, number_field, threshold_field
from lambda_src.core.location import bucket_problem, key_problem


class Batch(NamedTuple):
    """One line of the plan, as an object: `batch` counts from 0."""

    batch: int
    images: list[BatchImage]


class BatchRequest(NamedTuple):
    """Input of "Serialize images"; the threshold may be None, the stage's own."""

    batch: Batch
    threshold: float | None


class Pack(NamedTuple):
    """One RecordIO object, `<prefix><name>.rec`; its records are `images` in order."""

    name: str
    images: list[BatchImage]


class SerializedBatch(NamedTuple):
    """Output of "Serialize images": where the packs are, and rows of the images that are in none."""

    batch: int
    threshold: float | None
    s3_bucket: str
    s3_prefix: str
    packs: list[Pack]
    errors: list[Row]


class Classified(NamedTuple):
    """One image's probabilities, in the model's order, who answered, and where in which request it was."""

    n: int
    s3_bucket: str
    s3_key: str
    inference_id: str
    model: str
    inferences: list[float]


class ClassifiedBatch(NamedTuple):
    """Output of "Classify images"."""

    batch: int
    threshold: float | None
    classified: list[Classified]
    errors: list[Row]


class FilteredBatch(NamedTuple):
    """Output of "Keep confident predictions", and so of the batch: one row an image."""

    batch: int
    rows: list[Row]


def batch_state(record: SerializedBatch | ClassifiedBatch | FilteredBatch) -> dict[str, Any]:
    """The record as a function answers it, its tuples as lists: Lambda writes a named one as an object."""
    return {name: _arrays(value) for name, value in record._asdict().items()}


def read_batch_request(fields: dict[str, Any]) -> BatchRequest:
    """The input of "Serialize images": a line of the plan in `batch`. Raises InvalidInput."""
    return BatchRequest(read_batch(fields.get("batch")), threshold_field(fields))


def read_batch(line: object) -> Batch:
    """A line of the plan, `{"batch": 7, "images": [[n, bucket, key], …]}`. Raises InvalidInput."""
    if not isinstance(line, dict):
        raise InvalidInput(f"batch must be an object with batch and images, not {excerpt(line)}")
    return Batch(number_field(line, "batch"), [_image(entry) for entry in list_field(line, "images")])


def read_serialized_batch(fields: dict[str, Any]) -> SerializedBatch:
    """The input of "Classify images". Raises InvalidInput."""
    bucket, prefix = fields.get("s3_bucket"), fields.get("s3_prefix")
    for name, problem in (("s3_bucket", bucket_problem(bucket)), ("s3_prefix", key_problem(prefix))):
        if problem:
            raise InvalidInput(f"{name} {problem}")
    packs = [_pack(entry) for entry in list_field(fields, "packs")]
    return SerializedBatch(
        number_field(fields, "batch"),
        threshold_field(fields),
        str(bucket),
        str(prefix),
        packs,
        _rows(fields, "errors"),
    )


def read_classified_batch(fields: dict[str, Any]) -> ClassifiedBatch:
    """The input of "Keep confident predictions", any lists of inferences. Raises InvalidInput."""
    classified = [_classified(entry) for entry in list_field(fields, "classified")]
    return ClassifiedBatch(
        number_field(fields, "batch"), threshold_field(fields), classified, _rows(fields, "errors")
    )


def read_filtered_batch(fields: object) -> FilteredBatch:
    """A batch's output, as the map's result files hold it. Raises InvalidInput."""
    if not isinstance(fields, dict):
        raise InvalidInput(f"a batch's output must be an object with batch and rows, not {excerpt(fields)}")
    return FilteredBatch(number_field(fields, "batch"), _rows(fields, "rows"))


def _arrays(value: Any) -> Any:
    if isinstance(value, tuple) or (isinstance(value, list) and value and isinstance(value[0], tuple)):
        return [_arrays(item) for item in value]
    return value


def _image(entry: object) -> BatchImage:
    match entry:
        case [n, str() as bucket, str() as key] if is_number(n):
            if problem := bucket_problem(bucket):
                raise InvalidInput(f"the bucket of image {n} {problem}")
            if problem := key_problem(key):
                raise InvalidInput(f"the key of image {n} {problem}")
            return BatchImage(n, bucket, key)
    raise InvalidInput(f"an image must be [number, bucket, key], not {excerpt(entry)}")


def _pack(entry: object) -> Pack:
    match entry:
        case [str() as name, list() as images]:
            return Pack(name, [_image(image) for image in images])
    raise InvalidInput(f"a pack must be [name, images], not {excerpt(entry)}")


def _classified(entry: object) -> Classified:
    match entry:
        case [
            n,
            str() as bucket,
            str() as key,
            str() as id,
            str() as model,
            list() as inferences,
        ] if is_number(n):
            return Classified(n, bucket, key, id, model, inferences)
    raise InvalidInput(
        "a classified image must be [number, bucket, key, inference id, model, probabilities], "
        f"not {excerpt(entry)}"
    )


def _rows(fields: dict[str, Any], name: str) -> list[Row]:
    rows = list_field(fields, name)
    for row in rows:
        if not isinstance(row, dict) or type(row.get("n")) is not int or not _is_outcome(row.get("outcome")):
            raise InvalidInput(f"{name} must hold rows with n and outcome, not {excerpt(row)}")
        if "cause" in row and not isinstance(row["cause"], str):
            raise InvalidInput(f"{name} must hold rows whose cause is text, not {excerpt(row['cause'])}")
    return rows


def _is_outcome(value: object) -> bool:
    return isinstance(value, str) and value in OUTCOMES
