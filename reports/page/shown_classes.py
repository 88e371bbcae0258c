"""Classes as people read them: the document has labels, page and Markdown show the names beside them."""

from __future__ import annotations

from contracts.artifact.class_names import shown_class
from reports.document import Accuracy, ClassAccuracy, InferenceRecord, Numbers


def with_shown_classes(numbers: Numbers) -> Numbers:
    """The document with each class but those of the part "model" as people read it, for who draws it."""
    names = numbers["model"].get("names")
    if not names:
        return numbers

    def record(one: InferenceRecord) -> InferenceRecord:
        shown: InferenceRecord = {**one, "class": shown_class(one["class"], names)}
        if (truth := one.get("true_class")) is not None:
            shown["true_class"] = shown_class(truth, names)
        return shown

    return {
        **numbers,
        "classes": [{**row, "name": shown_class(row["name"], names)} for row in numbers["classes"]],
        "accuracy": _accuracy(numbers["accuracy"], names),
        "recent": list(map(record, numbers["recent"])),
        "least_certain": list(map(record, numbers["least_certain"])),
    }


def _accuracy(accuracy: Accuracy, names: dict[str, str]) -> Accuracy:
    labelled = accuracy["labelled"]
    if labelled is None:
        return accuracy
    rows: list[ClassAccuracy] = [
        {**row, "name": shown_class(row["name"], names)} for row in labelled["per_class"]
    ]
    return {**accuracy, "labelled": {**labelled, "per_class": rows}}
