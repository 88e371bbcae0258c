"""Inferences one by one, as the document has them, and their labels."""

from __future__ import annotations

from collections import Counter

from reports.document import InferenceRecord, Labelled
from reports.figures.accuracy import labelled_accuracy
from reports.figures.analysis import Analysis
from reports.figures.rounding import rounded
from reports.figures.shown_inferences import ShownInference
from reports.history.labels import Labels
from reports.times import utc


def count_labelled(analysis: Analysis, confusion: Counter[int]) -> Labelled | None:
    """Labelled accuracy; `confusion` is of the labels by id or picture, which were counted while reading.

    Labels by key are added here: they reach as far as images have names.
    """
    labels, classes = analysis.labels, analysis.baseline.classes
    if labels is None:
        return None
    confusion = confusion.copy()
    for record in {one.order: one for one in [*analysis.recent, *analysis.least_certain]}.values():
        if not _is_counted(record, labels) and (true := _true_class(record, analysis)) is not None:
            place = classes.index(true) if true in classes else len(classes)
            confusion[place * len(classes) + record.answer] += 1
    return labelled_accuracy(confusion, classes, labels.images)


def as_record(record: ShownInference, analysis: Analysis) -> InferenceRecord:
    """An entry of "recent" or "least_certain"."""
    record.render()
    bucket, key, execution, arn = record.name or ("", "", "", "")
    true = _true_class(record, analysis)
    entry: InferenceRecord = {
        "time": utc(record.time),
        "class": analysis.baseline.classes[record.answer],
        "confidence": rounded(record.confidence),
        "low": record.confidence < analysis.baseline.threshold,
        "inference_id": record.inference_id,
        "s3_bucket": bucket or None,
        "s3_key": key or None,
        "execution": execution or None,
        "execution_arn": arn or None,
        "event_id": record.event_id,
        "picture": record.picture,
    }
    if true is not None:
        entry["true_class"] = true
    return entry


def _is_counted(record: ShownInference, labels: Labels) -> bool:
    """Whether its label was found while reading."""
    return (
        record.label is not None or labels.find(record.inference_id, None, None, record.event_id) is not None
    )


def _true_class(record: ShownInference, analysis: Analysis) -> str | None:
    bucket, key = record.name[:2] if record.name else (None, None)
    if record.label is not None or analysis.labels is None:
        return record.label
    return analysis.labels.find(record.inference_id, bucket, key, record.event_id)
