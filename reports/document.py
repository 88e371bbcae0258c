"""The document of numbers, typed as its JSON is: from it page, Markdown, metrics and command line are made.

Times are ISO 8601 in UTC, shares go from 0 to 1, None is what is not known. Keys may be added; what a key
means does not change without another schema_version.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

State = Literal["well", "attention", "unknown"]
Outcome = Literal["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "RUNNING"]
DriftVerdict = Literal["stable", "drift", "not_enough_data", "no_baseline", "no_images"]


class Window(TypedDict):
    start: str
    stop: str


class HeldOut(TypedDict):
    """Of the images that the model was tested on."""

    images: int
    accuracy: float


class ModelFacts(TypedDict):
    """`names`: for people, by class, of those that have one. All else calls a class as `classes` does."""

    digest: str
    classes: list[str]
    names: NotRequired[dict[str, str]]
    threshold: float
    held_out: HeldOut | None


class Problem(TypedDict):
    """One kind of what could not be read."""

    kind: str
    meaning: str
    count: int
    example: str


class Captured(TypedDict):
    """`repeated`: records of events that were counted before, in another file say; in no other figure."""

    files: int
    requests: int
    inferences: int
    repeated: int
    refused: int
    without_input: int
    first: str | None
    last: str | None
    problems: list[Problem]


class ClassRow(TypedDict):
    """Inferences that predicted this class."""

    name: str
    inferences: int
    share: float | None
    baseline_share: float | None
    mean_confidence: float | None
    low_confidence: int


class Quantiles(TypedDict):
    p05: float
    p25: float
    p50: float
    p75: float
    p95: float


class Confidence(TypedDict):
    edges: list[float]
    counts: list[int]
    baseline_counts: list[int] | None
    mean: float | None
    quantiles: Quantiles | None
    resolution: float


class LowConfidence(TypedDict):
    count: int
    share: float | None
    expected: float | None
    limit: float | None
    excess: float | None


class Unfamiliar(LowConfidence):
    """Of the answers that say how unfamiliar their image is, those of images less familiar than seven tenths
    of the held-out ones."""

    answers: int


class HourRow(TypedDict):
    """Inferences of an hour, or of a longer period that begins at `start`."""

    start: str
    inferences: int
    low_confidence: int
    mean_confidence: float | None


class Interval(TypedDict):
    """A share with its 95 % interval."""

    value: float
    low: float
    high: float


class Estimate(Interval):
    inferences: int
    method: str


class ClassAccuracy(TypedDict):
    name: str
    images: int
    precision: float | None
    recall: float | None


class Labelled(Interval):
    """`confusion`: images by true class (row) and predicted class (column), in the order of `per_class`; the
    last row is of images of a class that the model does not know."""

    images: int
    per_class: list[ClassAccuracy]
    confusion: list[list[int]]
    unmatched: int


class Accuracy(TypedDict):
    """`withdrawn`: why there is no estimate although there are inferences enough; None where it stands."""

    estimate: Estimate | None
    withdrawn: str | None
    labelled: Labelled | None
    labels: int


class Measure(TypedDict):
    """How far one measure has moved from that of the held-out images."""

    name: str
    label: str
    unit: str
    psi: float | None
    critical: float | None
    samples: int
    baseline_samples: int
    verdict: DriftVerdict
    mean: float | None
    baseline_mean: float | None


class Drift(TypedDict):
    verdict: DriftVerdict
    limit: float
    minimum: int
    measures: list[Measure]


class Images(TypedDict):
    with_image: int
    measured: int
    every: int
    undecodable: int


Outcomes = dict[Outcome, int]


class ExecutionError(TypedDict):
    error: str
    count: int


class Machine(TypedDict):
    name: str
    outcomes: Outcomes


class ExecutionHour(TypedDict):
    """Executions by outcome of an hour, or of a longer period that begins at `start`."""

    start: str
    SUCCEEDED: int
    FAILED: int
    TIMED_OUT: int
    ABORTED: int
    RUNNING: int


class Executions(TypedDict):
    listed: int
    complete: bool
    errors_complete: bool
    outcomes: Outcomes
    errors: list[ExecutionError]
    machines: list[Machine]
    hours: list[ExecutionHour]


InferenceRecord = TypedDict(
    "InferenceRecord",
    {
        "time": str,
        "class": str,
        "confidence": float,
        "low": bool,
        "inference_id": str | None,
        "s3_bucket": str | None,
        "s3_key": str | None,
        "execution": str | None,
        "execution_arn": str | None,
        "event_id": str | None,
        "picture": str | None,
        "true_class": NotRequired[str],
    },
)


class Check(TypedDict):
    """A figure against its limit; `section` is the runbook's."""

    name: str
    label: str
    state: State
    value: str
    limit: str
    advice: str
    section: str | None


class Verdict(TypedDict):
    state: State
    summary: str
    checks: list[Check]


class MonitorNote(TypedDict):
    time: str
    text: str


class MonitorPart(TypedDict):
    """How the numbers came about; only where the monitor, or a note, has something to say."""

    behind: bool
    notes: list[MonitorNote]


class Verification(TypedDict):
    """Golden pictures that were sent through the stage, and how many were answered as the `model` of this
    short digest answered them when it was made."""

    time: str
    model: str
    pictures: int
    as_expected: int


class Figures(TypedDict):
    """All of the document but what is judged by it."""

    schema_version: int
    generated: str
    stage: str
    where: str
    endpoint: str
    links: dict[str, str]
    window: Window
    model: ModelFacts
    captured: Captured
    classes: list[ClassRow]
    confidence: Confidence
    low_confidence: LowConfidence
    unfamiliar: Unfamiliar | None
    hours: list[HourRow]
    accuracy: Accuracy
    drift: Drift
    images: Images
    executions: Executions | None
    recent_total: int
    recent: list[InferenceRecord]
    least_certain: list[InferenceRecord]


class Numbers(Figures):
    """The document."""

    verdict: Verdict
    monitor: NotRequired[MonitorPart]
    verified: NotRequired[Verification]
