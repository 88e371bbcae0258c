"""`python -m training.train`: a staged data set -> a calibrated model artifact.

The same script on a laptop and as a SageMaker training job; `--help` names the flags.
"""

from __future__ import annotations

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while modules are loaded

import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from contracts.artifact.archive import ArtifactError
from contracts.artifact.card import check_card
from contracts.artifact.golden import GoldenPicture
from contracts.artifact.reader import Artifact
from contracts.whole_files import check_writable, replacing
from training.artifact.card import Trained, describe_versions, make_card
from training.artifact.export import ExportError, check_export, export
from training.artifact.golden import make_golden
from training.artifact.writing import write_archive, write_folder
from training.checkpoints import CheckpointError, Checkpoints, open_checkpoints, way_on
from training.data import SPLITS, ImageSet, load_images, sizes_of
from training.figures.calibration import (
    Threshold,
    averaged_temperature,
    fit_temperature,
    recommend_threshold,
    softmax,
)
from training.input_size import choose_size, usual_size
from training.listing import ListedImage, list_images
from training.manifest import DatasetError, Manifest, find_manifest
from training.network.crossfit import CrossFit, cross_fit
from training.network.folds import make_folds
from training.network.maps import MapSource
from training.network.model import HeadedNetwork
from training.network.progress import Detail
from training.network.recipe import Recipe
from training.network.source import PixelSource, Source
from training.network.unfamiliarity import WatchfulClassifier, fit_unfamiliarity
from training.network.weights import WeightsError, find_weights, weights_digest
from training.options import Options, parse
from training.stopping import TrainingStopped
from training.working_folder import working_folder

CHECKED_IMAGES = 64
SCALED_IMAGES = 500
"""That tell how far apart the logits of served networks lie."""
KILLED = "a process that trained a network was killed, most likely for want of memory: give fewer --threads"
DOUBT = 1.645
"""In standard errors: 5 % on one side. With several folds each held-out image is judged by fewer networks
than the artifact averages, so the precision measured on them is below the artifact's."""


def main(argv: Sequence[str] | None = None) -> int:
    """Train; 0 when the artifact is written, otherwise nothing was and stderr says why."""
    options = parse(sys.argv[1:] if argv is None else argv, os.environ)
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    try:
        train(options)
    except (
        *(ArtifactError, CheckpointError, DatasetError, ExportError, WeightsError),
        *(BrokenProcessPool, OSError),
    ) as error:
        reason = KILLED if isinstance(error, BrokenProcessPool) else str(error)
        print(f"error: {reason}{way_on(options.checkpoints)}", file=sys.stderr)
        if options.failure_file:
            options.failure_file.write_text(reason, encoding="utf-8")
        return 1
    except (KeyboardInterrupt, TrainingStopped):
        stopped = "error: stopped before the end; no artifact was written"
        print(f"{stopped}{way_on(options.checkpoints)}", file=sys.stderr)
        return 130
    return 0


def train(options: Options) -> dict[str, Any]:
    """Read, train, calibrate, export, measure, write. Returns the model's card (model.json)."""
    begun = time.monotonic()
    if options.artifact:
        check_writable(options.artifact, "model.tar.gz")
    weights = find_weights(options.weights) if options.recipe.kept_blocks else None
    with working_folder("training-") as folder:
        data = read_dataset(options, folder)
        options = adapt(options, data)
        digest = weights_digest(weights) if weights else None
        about = {**describe_training(options, data), "pretrained weights": digest}
        with open_checkpoints(options.checkpoints, about, fresh=options.fresh) as checkpoints:
            source = make_source(options, data, weights, folder / "maps.npy")
            trained = replace(train_on(data, source, options, checkpoints), weights=digest)
            card = make_card(options, data.manifest, trained, data.test)
            golden = choose_golden(trained, card, data, options)
            write(options, trained.onnx, card, golden, time.monotonic() - begun)
            checkpoints.clear()
    return card


def adapt(options: Options, data: Dataset) -> Options:
    """With the recipe for these pictures; what differs from the one asked for is said."""
    adapted = options.for_data(data.manifest.mirror, len(data.learned), data.size)
    print(f"{len(data.learned):,} images to learn from, {len(data.test):,} to test", flush=True)
    if not adapted.recipe.mirror:
        print("no image is mirrored: left and right matter")
    if (most := adapted.recipe.max_steps) != options.recipe.max_steps:
        print(
            f"each network ends after {most:,} steps, for {options.recipe.epochs} epochs of so many images "
            "would take hours; --max-steps takes another number",
            flush=True,
        )
    return adapted


def train_on(data: Dataset, source: Source, options: Options, checkpoints: Checkpoints) -> Trained:
    """Train, calibrate and export."""
    detail: Detail = "epochs" if options.verbose else "bar" if sys.stderr.isatty() else "networks"
    fitted = cross_fit(
        *(data.learned, data.validation, source, options.recipe, options.cores),
        *(detail, checkpoints),
    )
    temperature, threshold = calibrate(fitted, options.target_precision, options.recipe.members)
    served = source.served(fitted.networks)
    temperature = round(temperature * logit_scale(source, served, fitted.networks, len(data.learned)), 6)
    onnx = export_checked(fitted, served, temperature, data.learned, source, options.recipe.seed)
    return Trained(onnx, data.size, temperature, threshold, len(data.learned))


def describe_training(options: Options, data: Dataset) -> dict[str, Any]:
    """All that decides the networks: of a training that differs in any of it no checkpoint is of use."""
    learned = hashlib.sha256(data.learned.images.data)
    learned.update(repr((data.learned.labels.tolist(), data.validation, data.learned.groups)).encode())
    return {
        **asdict(options.recipe),
        "pictures": learned.hexdigest(),
        "input size": data.size,
        "classes": len(data.manifest.classes),
        **{f"version of {name}": version for name, version in describe_versions().items()},
    }


@dataclass(frozen=True)
class Dataset:
    """All splits, decoded to the model's input `size` (height, width).

    learned: train and validation, whose `validation` images are the last. tested: the files of `test`.
    """

    manifest: Manifest
    size: tuple[int, int]
    learned: ImageSet
    validation: int
    test: ImageSet
    tested: Sequence[ListedImage]


def read_dataset(options: Options, folder: Path) -> Dataset:
    """The pixels are put into files in the folder, in which all processes look."""
    manifest = find_manifest([options.channels[split] for split in SPLITS])
    train, validation, test = (
        list_images(options.channels[split], split, len(manifest.classes)) for split in SPLITS
    )
    check_dealing([*train, *validation], len(validation), options.recipe)
    sizes = sizes_of([*train, *validation, *test])
    usual = usual_size(sizes[: len(train) + len(validation)])
    size = choose_size(options.image_size, usual, bool(options.recipe.kept_blocks))
    alike = bool((sizes == sizes[0]).all())
    found = f"{usual[1]}x{usual[0]}" if alike else "of several sizes"
    resized = "" if alike and usual == size else f", resized to {size[1]}x{size[0]}"
    print(f"{manifest.name}: {len(manifest.classes)} classes, images {found}{resized}", flush=True)
    required = min(options.required_picture_share, manifest.required_share)
    learned, tested = (
        load_images(listed, size, folder / file, required)
        for listed, file in (([*train, *validation], "learned.npy"), (test, "tested.npy"))
    )
    return Dataset(manifest, size, learned, len(validation), tested, test)


def check_dealing(learned: Sequence[ListedImage], validation: int, recipe: Recipe) -> None:
    """Raise DatasetError for what cannot be dealt into folds, before minutes of reading and looking."""
    labels = np.array([one.label for one in learned], dtype=np.int64)
    make_folds(labels, validation, recipe, [one.group for one in learned])


def make_source(options: Options, data: Dataset, weights: Path | None, file: Path) -> Source:
    """What the networks learn from; with pretrained weights, what these make of the pictures, in `file`."""
    images, classes, recipe = data.learned.images, len(data.manifest.classes), options.recipe
    if weights is None:
        return PixelSource.of(images, classes, recipe)
    source = MapSource.of(images, classes, recipe, weights, file, options.cores)
    height, width = source.trunk.size
    print(f"pretrained weights {weights.name}; they see the images at {width}x{height}", flush=True)
    return source


def calibrate(fitted: CrossFit, target_precision: float, judges: int) -> tuple[float, Threshold]:
    """Temperature and threshold of the average of all networks.

    From answers about held-out images, each the mean of the `judges` networks that never saw the image.
    """
    networks = len(fitted.networks)
    doubt = DOUBT if networks > judges else 0.0
    temperature = fit_temperature(fitted.logits, fitted.labels)
    probabilities = softmax(fitted.logits / temperature)
    correct = probabilities.argmax(axis=1) == fitted.labels
    threshold = recommend_threshold(probabilities.max(axis=1), correct, target_precision, doubt)
    verdict = "reached" if threshold.reached else "NOT reached, so the most precise threshold is taken"
    print(f"temperature {temperature:.3f}, fitted on {threshold.images} held-out images")
    print(f"threshold {threshold.recommended} covers {threshold.coverage:.3f} of them", flush=True)
    print(f"target precision {target_precision} {verdict}", flush=True)
    return averaged_temperature(temperature, judges, networks), threshold


def logit_scale(
    source: Source, served: Sequence[HeadedNetwork], networks: Sequence[HeadedNetwork], images: int
) -> float:
    """How far apart the logits of the served networks lie, beside the mean logits of all `networks`.

    One network with the mean of their weights answers like their average, and less surely: what calibrates
    the average is to be as much smaller. 1 where all of them are served.
    """
    if list(served) == list(networks):
        return 1.0
    rows = np.arange(0, images, max(1, images // SCALED_IMAGES))

    def spread(those: Sequence[HeadedNetwork]) -> float:
        logits = torch.stack([source.logits(each, rows, 1, lambda: None) for each in those]).mean(0)
        return (logits - logits.mean(1, keepdim=True)).square().mean().sqrt().item()

    return round(spread(served) / spread(networks), 3)  # as on any number of threads


def export_checked(
    fitted: CrossFit,
    served: Sequence[HeadedNetwork],
    temperature: float,
    learned: ImageSet,
    source: Source,
    seed: int,
) -> bytes:
    """The ONNX model, after it answered like the trained one on some of the real images."""
    classifier = source.classifier(served, temperature)
    unfamiliarity = fit_unfamiliarity(
        fitted.networks, fitted.held_out, learned.images, learned.labels, source, seed
    )
    height, width = learned.images.shape[1:3]
    watchful = WatchfulClassifier(classifier, unfamiliarity)
    onnx = export(watchful, (height, width))
    difference = check_export(onnx, watchful, learned.images[:CHECKED_IMAGES])
    print(f"ONNX model of {len(onnx):,} bytes, at most {difference:.1e} from torch", flush=True)
    return onnx


def choose_golden(
    trained: Trained, card: dict[str, Any], data: Dataset, options: Options
) -> list[GoldenPicture]:
    """Pictures of the test part by which the served model will be known; how many is said."""
    if not options.golden_pictures:
        return []
    artifact = Artifact(trained.onnx, check_card(card), sha256="")
    golden = make_golden(artifact, data.test, data.tested, options.recipe.seed, options.golden_pictures)
    size = sum(len(picture.content) for picture in golden)
    found = f"{len(golden)} golden pictures of {size:,} bytes, for `scones verify`"
    none = "no golden pictures, by which `scones verify` would know the model: all are too large or undecided"
    print(found if golden else none, flush=True)
    return golden


def write(
    options: Options,
    onnx: bytes,
    card: dict[str, Any],
    golden: Sequence[GoldenPicture],
    wall_seconds: float,
) -> None:
    """The artifact where the options want it; beside it training.json, with what differs from run to run."""
    record: dict[str, Any] = {
        "cpu_seconds": round(cpu_seconds(), 1),
        "wall_seconds": round(wall_seconds, 1),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "threads": options.cores,
    }
    if options.model_dir:
        write_folder(options.model_dir, onnx, card, golden)
        print(f"wrote {options.model_dir}/model.onnx and model.json")
    if options.artifact:
        record["artifact_sha256"] = write_archive(options.artifact, onnx, card, golden)
        print(f"wrote {options.artifact} (sha256 {record['artifact_sha256']})")
    if options.output_dir:
        with replacing(options.output_dir / "training.json") as file:
            file.write((json.dumps(record, indent=2) + "\n").encode())
    print(summary_line(card["metrics"], record["cpu_seconds"]), flush=True)


def summary_line(metrics: dict[str, Any], cpu: float) -> str:
    """One line that a person and SageMaker's metric definitions can read."""
    accuracy = metrics["accuracy_at_threshold"]
    return (
        f"test_accuracy={metrics['accuracy']:.4f} "
        f"test_coverage_at_threshold={metrics['coverage_at_threshold']:.4f} "
        f"test_accuracy_at_threshold={'none' if accuracy is None else f'{accuracy:.4f}'} "
        f"cpu_seconds={cpu:.1f}"
    )


def cpu_seconds() -> float:
    """User and system time of this process and of the ended ones that it started."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    sys.exit(main())
