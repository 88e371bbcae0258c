"""Train several networks, each without one fold of the images, in as many processes as there are cores.

Every image is then judged by networks that never saw it, which calibration needs, and yet each image
trains all other networks. One fit uses one torch thread: the result does not depend on how many
run at once.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training.data import ImageSet, at_once
from training.manifest import DatasetError
from training.network.fit import Progress, fit
from training.network.model import BATCH, Network, mean_logits
from training.network.pixels import Pixels, channel_statistics, look_into, where_they_lie
from training.network.progress import Detail, draw_bar, progress_line, wants_line
from training.network.recipe import Recipe


class TrainingStopped(RuntimeError):
    """The process that asked for the training is gone or wants it to end."""


@dataclass(frozen=True)
class Fold:
    """Images `held_out` of training, and those `kept` for it (both are row numbers)."""

    kept: NDArray[np.int64]
    held_out: NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """One network to train, the `number`th of `total` from 0 on."""

    number: int
    total: int
    fold: Fold


@dataclass(frozen=True)
class Job:
    """What every process is given once. images: where they are; begun: Unix time.

    mean, deviation: by channel, of 0..255.
    """

    images: NDArray[np.uint8] | Path
    labels: NDArray[np.int64]
    classes: int
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    recipe: Recipe
    workers: int
    parent: int
    detail: Detail
    begun: float


@dataclass(frozen=True)
class CrossFit:
    """The networks, and for each held-out image its label and its logits [N, classes].

    The logits are the mean of those of the networks that did not train on the image. held_out: by network the
    row numbers, of train + validation, of the images that it did not train on.
    """

    networks: list[Network]
    held_out: list[NDArray[np.int64]]
    logits: NDArray[np.float64]
    labels: NDArray[np.int64]


_job: Job
_stop: Event | None = None
_epochs: Synchronized[int]
"""That any network has done."""


def cross_fit(
    images: ImageSet,
    validation: int,
    classes: int,
    recipe: Recipe,
    cores: int,
    detail: Detail = "networks",
) -> CrossFit:
    """Train `recipe.members` networks a fold with up to `cores` processes of one thread each.

    The last so many of the images are the `validation` part.
    """
    folds = make_folds(images.labels, validation, recipe)
    mean, deviation = channel_statistics(images.images)
    total = len(folds) * recipe.members
    tasks = [Task(number, total, folds[number % len(folds)]) for number in range(total)]
    workers = min(cores, total)
    job = Job(
        *(where_they_lie(images.images), images.labels, classes, mean, deviation),
        *(recipe, workers, os.getpid(), detail, time.time()),
    )
    results = _run(job, tasks)
    answers = [
        np.mean([logits for _, logits in results[fold :: len(folds)]], axis=0) for fold in range(len(folds))
    ]
    return CrossFit(
        networks=[_network(classes, recipe, weights) for weights, _ in results],
        held_out=[task.fold.held_out for task in tasks],
        logits=np.concatenate(answers),
        labels=np.concatenate([images.labels[fold.held_out] for fold in folds]),
    )


def make_folds(labels: NDArray[np.int64], validation: int, recipe: Recipe) -> list[Fold]:
    """Row numbers; with several folds each class is dealt out evenly to them, else validation is held out."""
    everything = np.arange(len(labels))
    if recipe.folds == 1:
        trained = len(labels) - validation
        return [Fold(everything[:trained], everything[trained:])]
    fewest = int(np.bincount(labels).min())
    if fewest < recipe.folds:
        raise DatasetError(
            f"a class has {fewest} images in train and validation together, fewer than "
            f"the {recipe.folds} folds: stage more images or give --folds 1"
        )
    shuffled = np.random.default_rng(recipe.seed).permutation(everything)
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    place = np.empty(len(everything), dtype=np.int64)
    place[by_class] = everything % recipe.folds
    return [Fold(everything[place != number], everything[place == number]) for number in range(recipe.folds)]


Weights = dict[str, NDArray[np.float32]]


def _run(job: Job, tasks: list[Task]) -> list[tuple[Weights, NDArray[np.float64]]]:
    context = multiprocessing.get_context("spawn")  # a fork would copy torch's locks and threads
    stop, epochs = context.Event(), context.Value("i", 0)
    try:
        if job.workers == 1:
            _receive(job, epochs)
            return [_train(task) for task in tasks]
        with ProcessPoolExecutor(job.workers, context, _receive, (job, epochs, stop)) as pool:
            try:
                return list(pool.map(_train, tasks))
            finally:
                stop.set()
    finally:
        if job.detail == "bar":
            print(file=sys.stderr)


def _receive(job: Job, epochs: Synchronized[int], stop: Event | None = None) -> None:
    global _job, _stop, _epochs
    _job, _stop, _epochs = job, stop, epochs
    torch.set_num_threads(1)
    # What use_deterministic_algorithms(True) does, without the compiler that it loads for 2.5 s.
    torch.set_deterministic_debug_mode("error")


def _check() -> None:
    abandoned = _stop is not None and (_stop.is_set() or os.getppid() != _job.parent)
    if abandoned:
        raise TrainingStopped("training was stopped")


def _train(task: Task) -> tuple[Weights, NDArray[np.float64]]:
    """Weights of the task's network and its logits of the fold's held-out images."""
    fold = task.fold
    images = torch.from_numpy(look_into(_job.images))
    few = at_once((images.shape[1], images.shape[2]), BATCH)
    scale = torch.from_numpy(_job.mean), torch.from_numpy(_job.deviation)
    labels = torch.from_numpy(_job.labels)
    kept, rows = torch.from_numpy(fold.kept), torch.from_numpy(fold.held_out)
    held_out = Pixels(images, rows, scale)
    begun = time.monotonic()

    def report(progress: Progress) -> None:
        with _epochs.get_lock():
            _epochs.value += 1
            if _job.detail == "bar":
                draw_bar(_epochs.value, progress.epochs * task.total, time.time() - _job.begun)
        if wants_line(_job.detail, progress):
            logits = mean_logits(progress.network, held_out, 1, few)
            accuracy = (logits.argmax(1) == labels[rows]).float().mean().item()
            seconds = time.monotonic() - begun
            line = progress_line(task.number + 1, task.total, progress, accuracy, seconds, _job.workers)
            print(line, flush=True)

    seed = _job.recipe.seed * 1000 + task.number
    network = fit(Pixels(images, kept, scale), labels[kept], _job.classes, _job.recipe, seed, report, _check)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    return weights, mean_logits(network, held_out, _job.recipe.views, few).double().numpy()


def _network(classes: int, recipe: Recipe, weights: Weights) -> Network:
    network = Network(classes, recipe.width, recipe.dropout)
    network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return network.eval()
