"""What was measured, as a file holds it, and what a million images use by it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

from contracts.whole_files import UnwritableError, replacing
from lambda_src.core.run.prices import Usage, batch_usage, single_usage
from operations.aws.errors import OperationError
from operations.costing.counts import GATHERED_ARRIVAL, GATHERED_IMAGES, SINGLE_ARRIVAL

MEASURED = Path("build/cost/measurements.json")
SHIPPED = Path(__file__).with_name("measurements.json")
"""A measurement that comes with the code; its date is in it."""
SIZES = (1, 10, 100, 500)
GATHERED_SIZE = 100
"""Images of a batch where the inbox gathers: the default of the settings."""
MILLION = 1_000_000
RUN_IMAGES = 100_000
"""Images of one run over many: a million are ten runs."""


class Measurement(NamedTuple):
    """Counted and timed figures.

    single, reference: usage of one image. batches: usage of one batch by its size. run: what a run over many
    uses whatever its size. image: what each of its images adds outside the batches' functions. load: running
    processes a core of this machine before the measurement; None where the functions ran elsewhere.
    """

    measured: str
    where: str
    load: float | None
    image_bytes: float
    single: Usage
    reference: Usage | None
    run: Usage
    image: Usage
    batches: dict[int, Usage]

    def as_json(self) -> dict[str, Any]:
        """Named figures, rounded to 9 digits."""
        return {
            **self._asdict(),
            "single": _named(self.single),
            "reference": None if self.reference is None else _named(self.reference),
            "run": _named(self.run),
            "image": _named(self.image),
            "batches": {str(size): _named(usage) for size, usage in self.batches.items()},
        }


def usages(measurement: Measurement, images: int = MILLION) -> dict[str, Usage]:
    """What so many images use, by design; the reference first, where it was measured."""
    found = {}
    if measurement.reference is not None:
        found["reference"] = single_usage(images, measurement.reference)
    found["one by one"] = single_usage(images, measurement.single)
    for size, batch in sorted(measurement.batches.items()):
        found[f"batches of {size}"] = _in_runs(images, size, batch, measurement)
    found["uploaded, one by one"] = found["one by one"].plus(SINGLE_ARRIVAL.times(images))
    if (gathered := measurement.batches.get(GATHERED_SIZE)) is not None:
        run = _in_runs(images, GATHERED_SIZE, gathered, measurement, GATHERED_IMAGES)
        found["uploaded, gathered"] = run.plus(GATHERED_ARRIVAL.times(images))
    return found


def _in_runs(
    images: int, size: int, batch: Usage, measurement: Measurement, run_images: int = RUN_IMAGES
) -> Usage:
    whole, rest = divmod(images, run_images)
    given = {"batch": batch, "run": measurement.run, "image": measurement.image}
    usage = batch_usage(run_images, size, **given).times(whole)
    return usage.plus(batch_usage(rest, size, **given)) if rest else usage


def write_measurement(measurement: Measurement, path: Path = MEASURED) -> None:
    """Replace the file as a whole. Raises OperationError where it cannot be written."""
    try:
        with replacing(path) as file:
            file.write((json.dumps(measurement.as_json(), indent=2) + "\n").encode())
    except UnwritableError as error:
        raise OperationError(str(error)) from error


def last_measurement() -> tuple[Measurement, Path]:
    """The one taken here, else the one that comes with the code. Raises OperationError without any."""
    for path in (MEASURED, SHIPPED):
        if path.exists():
            return read_measurement(path), path
    raise OperationError(
        f"Nothing was measured yet: there is no {MEASURED}. "
        "Deploy a stage, on AWS on loopback for instance, and run `scones cost --measure`."
    )


def read_measurement(path: Path) -> Measurement:
    """Raises OperationError for a file that is no measurement."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        reference = fields["reference"]
        return Measurement(
            measured=str(fields["measured"]),
            where=str(fields["where"]),
            load=None if fields["load"] is None else float(fields["load"]),
            image_bytes=float(fields["image_bytes"]),
            single=_usage(fields["single"]),
            reference=None if reference is None else _usage(reference),
            run=_usage(fields["run"]),
            image=_usage(fields["image"]),
            batches={int(size): _usage(usage) for size, usage in fields["batches"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperationError(
            f"{path} is no measurement ({error!r}). Make it anew: scones cost --measure"
        ) from error


def _named(usage: Usage) -> dict[str, float]:
    return {name: round(value, 9) for name, value in usage._asdict().items()}


def _usage(fields: dict[str, Any]) -> Usage:
    usage = Usage(**{name: float(value) for name, value in fields.items()})
    if not all(math.isfinite(value) and value >= 0 for value in usage):
        raise ValueError(f"a count below 0 or no number in {fields}")
    return usage
