"""How well the model tells unfamiliar pictures, one by one and by streams.

A model is trained as `make demo` does. Healthy pictures are drawn anew; the others are those of the
simulation's drifts. Area under the ROC curve: how often a drifted picture is said to be less familiar than a
healthy one. Streams are judged as the monitor judges a window.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.local_aws import ROOT
from contracts.artifact.reader import read_artifact
from reports.figures.baseline import read_baseline
from reports.figures.hours import Hour
from reports.figures.limits import Limits
from reports.figures.unfamiliar import familiar_up_to, is_alarming, judge_unfamiliar
from training.artifact.predictor import Predictor
from training.staging.drawing.picture import VEHICLES, draw_picture
from training.staging.drift import NEW_CLASS_SHARE, Drift, drifted, new_class

CLASSES = ("bicycle", "motorcycle")
QUICK = ("--preset", "quick")
ALONE, DRIFTED, HEALTHY = 1_000, 500, 2_000
"""Pictures that are told one by one, of a drifted and of a healthy stream."""
STREAMS = 20
GOALS = {Drift.brightness: 0.85, Drift.blur: 0.85, Drift.new_class: 0.75}
_FIRST = 3_000_000
"""Number of the first picture: training and simulations have lower ones."""

Entry = dict[str, Any]


class Judged:
    """The trained model, and what it says of drawn pictures."""

    def __init__(self, artifact: Path) -> None:
        read = read_artifact(artifact)
        self._predictor, self._baseline = Predictor(read), read_baseline(read.card)

    def say(self, seed: int, count: int, drift: Drift | None = None, share: float = 1.0) -> NDArray[Any]:
        """Unfamiliarity [count] of new pictures; `share`: how many of them a new class is of."""
        chance = np.random.default_rng(seed)
        stranger = new_class(CLASSES, tuple(VEHICLES))
        pictures = []
        for number in range(count):
            name = CLASSES[chance.integers(len(CLASSES))]
            if drift is Drift.new_class and stranger and chance.random() < share:
                name = stranger
            pixels = np.asarray(draw_picture(name, seed, _FIRST + number))
            pictures.append(drifted(pixels, drift) if drift else pixels)
        said = self._predictor.unfamiliarity(np.stack(pictures))
        if said is None:
            raise RuntimeError("the trained artifact does not say how familiar a picture is")
        return said

    def alarms(self, said: NDArray[Any]) -> bool:
        """Whether a window with these answers asks for attention."""
        familiar, window, limits = familiar_up_to(self._baseline), Hour(), Limits()
        unfamiliar = int((said > familiar).sum())
        window.add("unfamiliar", 1, unfamiliar)
        window.add("unfamiliar", 0, len(said) - unfamiliar)
        return is_alarming(judge_unfamiliar(window, self._baseline, limits), limits.min_inferences)


def run(streams: int = STREAMS) -> list[Entry]:
    """Minutes: a training, and some 70,000 answers."""
    with tempfile.TemporaryDirectory() as name:
        judged = Judged(train(Path(name)))
    healthy = judged.say(1, ALONE)
    entries = []
    for drift, goal in GOALS.items():
        area = area_under_curve(healthy, judged.say(2, ALONE, drift))
        entries.append(entry(f"unfamiliar: {drift}, area under the ROC curve", area, goal, area >= goal))
        noticed = sum(
            judged.alarms(judged.say(100 + seed, DRIFTED, drift, NEW_CLASS_SHARE)) for seed in range(streams)
        )
        what = f"unfamiliar: {drift}, drifted streams of {DRIFTED} noticed, of {streams}"
        entries.append(entry(what, noticed, streams, noticed == streams))
    raised = sum(judged.alarms(judged.say(1_000 + seed, HEALTHY)) for seed in range(streams))
    what = f"unfamiliar: alarms raised by {streams} healthy streams of {HEALTHY:,}"
    return [*entries, entry(what, raised, 0, raised == 0)]


def train(folder: Path) -> Path:
    """As the demo does, without its app."""
    data, artifact = folder / "data", folder / "model.tar.gz"
    for command in (
        ("training.staging", "drawn", "--out", str(data)),
        ("training.train", "--data", str(data), "--artifact", str(artifact), *QUICK),
    ):
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True, stdout=sys.stderr)
    return artifact


def area_under_curve(healthy: Sequence[float] | NDArray[Any], strange: NDArray[Any]) -> float:
    """Share of pairs in which the strange one has the greater value; of equals half (Mann-Whitney)."""
    ordered = np.sort(healthy)
    below, upto = np.searchsorted(ordered, strange, "left"), np.searchsorted(ordered, strange, "right")
    return float((below + upto).mean() / 2 / len(ordered))


def entry(name: str, value: float, goal: float, met: bool) -> Entry:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": "",
        "reference": None,
        "ratio": None,
        "goal": goal,
        "met": met,
    }
