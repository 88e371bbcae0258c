"""Many images by one execution, against one execution an image: speed, work, cost, memory.

Both designs run on one local AWS, deployed there by the CDK command line, on the same drawn pictures and the
same endpoint, which captures all requests. The model is a network trained for the measurement; speed is taken
with one of the shape and cost of the demo's model too. Beside each figure stands what other processes took.

What Lambda would bill is taken from runs in which no invocation waits for another: here they wait for
processes and processors, on AWS they do not.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.batch_cost import count_run, reference_dollars
from bench.deployed_app import App, deploy, drawn_pictures
from bench.local_aws import ROOT, local_aws
from bench.process_accounts import Accounts, Watch, main_thread_cpu_seconds
from bench.reference_design import Reference
from bench.server import resnet9
from contracts.artifact.reader import read_artifact
from contracts.names import RESULTS_FOLDER
from contracts.outputs import BATCH_MACHINE, ENDPOINT, IMAGE_MACHINE
from costs.billed import billed
from costs.reference_design import reference_design
from costs.transitions import transitions
from training.artifact.writing import write_archive

FEW, MANY = 2_000, 20_000
ALONE = 60
"""Images that are classified alone."""
WARM = 64
QUICK = ("--preset", "quick", "--folds", "1", "--views", "1")
DEMO_MODEL = ROOT / "build/model/model.tar.gz"
TRAINED_NETWORKS = 4
FASTER, FEWER, CHEAPER, NOT_SLOWER, FLAT = 6.0, 1 / 50, 1 / 100, 1.0, 1.2

Entry = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """An execution over many images."""

    name: str
    images: int
    seconds: float
    summary: dict[str, Any]
    batches: int
    accounts: Accounts
    main_thread: float
    """CPU seconds of the emulator's first thread, which answers all requests."""

    @property
    def rate(self) -> float:
        return self.images / self.seconds


def run(few: int = FEW, many: int = MANY) -> list[Entry]:
    """All figures; minutes, most of them the reference's."""
    pictures = list(drawn_pictures(few))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [
            *whole(train(folder / "one"), pictures, folder / "one", many),
            *speed(demo_model(folder / "demo"), pictures, folder / "demo"),
        ]


def whole(artifact: Path, pictures: list[bytes], folder: Path, many: int) -> Iterator[Entry]:
    """Every figure, with one trained network."""
    with deployed(artifact, folder) as (app, reference):
        keys = app.upload(pictures, "bench/few/", len(pictures))
        warm(app, reference, keys)
        yield from throughput("one network", app, reference, keys)
        yield from alone(app, reference, keys)
        yield from work(app, reference, keys)
        app.upload(pictures, "bench/many/", many)  # the emulator keeps objects in memory: before both runs
        small = batch(app, "bench/few/")
        yield from memory(small, batch(app, "bench/many/"))


def speed(artifact: Path, pictures: list[bytes], folder: Path) -> Iterator[Entry]:
    """Images a second with the demo's model."""
    with deployed(artifact, folder) as (app, reference):
        keys = app.upload(pictures, "bench/few/", len(pictures))
        warm(app, reference, keys)
        yield from throughput("the demo's model", app, reference, keys)


def train(folder: Path) -> Path:
    """An artifact of one network, trained for some seconds on drawn pictures."""
    data, artifact = folder / "data", folder / "model.tar.gz"
    for command in (
        ("operations", "stage", "drawn", "--out", str(data)),
        ("training.train", "--data", str(data), "--artifact", str(artifact), *QUICK),
    ):
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True, stdout=sys.stderr)
    return artifact


def demo_model(folder: Path) -> Path:
    """The trained model if there is one, else one of its shape and cost with random weights."""
    if DEMO_MODEL.exists():
        return DEMO_MODEL
    card = json.loads((resnet9.write_model(folder, TRAINED_NETWORKS, mirror=True) / "model.json").read_text())
    card |= {"threshold": {"recommended": 0.5}}
    write_archive(folder / "model.tar.gz", (folder / "model.onnx").read_bytes(), card)
    return folder / "model.tar.gz"


@contextmanager
def deployed(artifact: Path, folder: Path) -> Iterator[tuple[App, Reference]]:
    """The app and the reference, on one endpoint of a local AWS and with one threshold."""
    with local_aws() as aws:
        app, states = deploy(aws, artifact, folder), aws.client("stepfunctions")
        with reference_design(
            aws.client("lambda"),
            states,
            name="bench-reference",
            endpoint=app.outputs[ENDPOINT],
            threshold=read_artifact(artifact).threshold,
        ) as design:
            yield app, Reference(states, design, app.bucket)


def warm(app: App, reference: Reference, keys: Sequence[str]) -> None:
    """Start what starts at a first request; not counted."""
    batch(app, "bench/few/")
    reference.classify_all(keys[:WARM])


def batch(app: App, prefix: str, **given: Any) -> Run:
    """Classify what is below a prefix by one execution."""
    emulator = main_thread_cpu_seconds(app.aws.pid)
    with Watch(app.aws.pid) as watch:
        said = app.finished(app.outputs[BATCH_MACHINE], {"s3_prefix": prefix} | given, every=0.25)
    if said["status"] != "SUCCEEDED":
        raise RuntimeError(f"the run ended as {said['status']}: {said.get('error')}: {said.get('cause')}")
    summary = json.loads(
        app.aws.client("s3")
        .get_object(Bucket=app.bucket, Key=f"{RESULTS_FOLDER}{said['name']}/summary.json")["Body"]
        .read()
    )
    if summary["errors"]:
        raise RuntimeError(f"{summary['errors']} images were not classified: {summary['errors_by_name']}")
    return Run(
        name=said["name"],
        images=summary["listed"],
        seconds=(said["stopDate"] - said["startDate"]).total_seconds(),
        summary=summary,
        batches=summary["batches"],
        accounts=watch.accounts,
        main_thread=main_thread_cpu_seconds(app.aws.pid) - emulator,
    )


def throughput(model: str, app: App, reference: Reference, keys: Sequence[str]) -> Iterator[Entry]:
    """Images a second: a run over all before and after the reference, the mean of both; where time goes."""
    first = batch(app, "bench/few/")
    begin = datetime.now(UTC)
    emulator = main_thread_cpu_seconds(app.aws.pid)
    with Watch(app.aws.pid) as watch:
        reference.classify_all(keys)
    emulator = main_thread_cpu_seconds(app.aws.pid) - emulator
    slow = len(keys) / (datetime.now(UTC) - begin).total_seconds()
    second = batch(app, "bench/few/")
    fast = statistics.mean([first.rate, second.rate])
    yield entry(
        f"batch, {model}: {len(keys)} images, one execution / reference",
        fast,
        "images/s",
        slow,
        at_least=FASTER,
    )
    yield from profile(f"batch, {model}", second.accounts, second.main_thread, second.images)
    yield from profile(f"reference, {model}", watch.accounts, emulator, len(keys))


def profile(what: str, accounts: Accounts, main_thread: float, images: int) -> Iterator[Entry]:
    """CPU milliseconds an image by who used them, and what others took of the processors meanwhile."""
    for kind, seconds in {
        "emulator": accounts.of("emulator"),
        "emulator, thread that answers requests": main_thread,
        "functions": accounts.of("function"),
        "model server": accounts.of("model server"),
    }.items():
        yield entry(f"{what}: CPU of the {kind}", 1000 * seconds / images, "ms an image")
    yield entry(f"{what}: processors taken by other processes", accounts.others_share, "share")


def alone(app: App, reference: Reference, keys: Sequence[str]) -> Iterator[Entry]:
    """Milliseconds of one image alone, by the executions' own start and stop; the designs take turns."""
    machine = app.outputs[IMAGE_MACHINE]
    ours, theirs = [], []
    for key in keys[: ALONE + 5]:
        said = app.finished(machine, {"s3_key": key}, every=0.03)
        if said["status"] != "SUCCEEDED" and said.get("error") != "LowConfidence":
            raise RuntimeError(f"{key} ended as {said['status']}: {said.get('error')}: {said.get('cause')}")
        ours.append(1000 * (said["stopDate"] - said["startDate"]).total_seconds())
        theirs.append(1000 * reference.classify(key).seconds)
    yield entry(
        "one image alone: median latency / reference",
        statistics.median(ours[5:]),
        "ms",
        statistics.median(theirs[5:]),
        at_most=NOT_SLOWER,
    )


def work(app: App, reference: Reference, keys: Sequence[str]) -> Iterator[Entry]:
    """State transitions, invocations and dollars an image, counted where nothing waits for anything else."""
    logs, begun = app.aws.client("logs"), time.time()
    ended = [reference.classify(key) for key in keys[:200]]
    run = batch(app, "bench/few/", max_concurrency=1)
    functions = app.batch_functions + app.run_functions + reference.design.functions
    used = {name: list(billed(logs, name, begun).values()) for name in functions}

    children = sum(len(used[name]) for name in app.batch_functions) + run.batches
    entered = run_states(app, run) + children
    states = sum(transitions(reference.states, each.arn) for each in ended) / len(ended)
    yield entry(
        "state transitions an image, those inside of Express children too / reference",
        entered / run.images,
        "transitions",
        states,
        at_most=FEWER,
    )
    theirs = [one for name in reference.design.functions for one in used[name]]
    mine = [one for name in app.batch_functions + app.run_functions for one in used[name]]
    yield entry(
        "Lambda invocations an image / reference",
        len(mine) / run.images,
        "invocations",
        len(theirs) / len(ended),
        at_most=FEWER,
    )
    counted = count_run(
        app.aws.client("s3"),
        app.bucket,
        run.name,
        states=run_states(app, run),
        functions=[one for name in app.batch_functions for one in used[name]],
        run_functions=[one for name in app.run_functions for one in used[name]],
    )
    yield entry(
        f"dollars a million images, batches of {run.images // run.batches} / reference",
        counted.dollars(),
        "dollars",
        reference_dollars(len(ended), states, theirs),
        at_most=CHEAPER,
    )


def run_states(app: App, run: Run) -> int:
    """States that the run itself entered, by its history."""
    arn = app.outputs[BATCH_MACHINE].replace(":stateMachine:", ":execution:") + f":{run.name}"
    return transitions(app.aws.client("stepfunctions"), arn)


def memory(few: Run, many: Run) -> Iterator[Entry]:
    """Peaks of each kind of process; that of a kind is that of its largest process."""
    for kind, peak in sorted(many.accounts.peak_megabytes.items()):
        if kind in few.accounts.peak_megabytes:
            yield entry(
                f"peak memory of {kind}: {many.images} images / {few.images}",
                peak,
                "MB",
                few.accounts.peak_megabytes[kind],
                at_most=FLAT,
            )
    yield entry(f"batch, one network: {many.images} images, one execution", many.rate, "images/s")


def entry(
    name: str,
    value: float,
    unit: str,
    reference: float | None = None,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Entry:
    ratio = None if reference is None else value / reference
    met = None
    if ratio is not None and at_least is not None:
        met = ratio >= at_least
    if ratio is not None and at_most is not None:
        met = ratio <= at_most
    return {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "reference": None if reference is None else round(reference, 4),
        "ratio": None if ratio is None else round(ratio, 4),
        "goal": at_least or at_most,
        "met": met,
    }
