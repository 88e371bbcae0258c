"""Train several networks, each without one fold of the images, in as many processes as there are cores.

Every image is then judged by networks that never saw it, which calibration needs, and yet each image
trains all other networks. One fit uses one torch thread: the result does not depend on how many
run at once, nor on how often it was stopped and went on from its checkpoints.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.sharedctypes import SynchronizedArray
from multiprocessing.synchronize import Event

import numpy as np
import torch
from numpy.typing import NDArray

from training.checkpoints import Checkpoints, Pause, State
from training.data import ImageSet
from training.network.fit import AtStep, Progress, fit
from training.network.folds import Fold, make_folds
from training.network.model import HeadedNetwork
from training.network.progress import Detail, draw_bar, progress_line, wants_line
from training.network.recipe import Recipe
from training.network.source import Source
from training.stopping import TrainingStopped, stops_at_a_step

NO_CHECKPOINTS = Checkpoints()
JUDGED = 1_000
"""Held-out images, and at most twice as many, that tell how well a network does on its way."""


@dataclass(frozen=True)
class Task:
    """One network to train, the `number`th of `total` from 0 on."""

    number: int
    total: int
    fold: Fold

    @property
    def name(self) -> str:
        """Of the network's checkpoint once it is trained."""
        return f"network-{self.number}"

    @property
    def unfinished(self) -> str:
        return f"{self.name}-unfinished"


@dataclass(frozen=True)
class Job:
    """What every process is given once. begun: Unix time."""

    source: Source
    labels: NDArray[np.int64]
    recipe: Recipe
    workers: int
    parent: int
    detail: Detail
    begun: float
    checkpoints: Checkpoints


@dataclass(frozen=True)
class CrossFit:
    """The networks, and for each held-out image its label and its logits [N, classes].

    The logits are the mean of those of the networks that did not train on the image. held_out: by network the
    row numbers, of train + validation, of the images that it did not train on.
    """

    networks: list[HeadedNetwork]
    held_out: list[NDArray[np.int64]]
    logits: NDArray[np.float64]
    labels: NDArray[np.int64]


_job: Job
_stop: Event | threading.Event
_work: SynchronizedArray[float]
"""Epochs that all networks have done, and shares of a network's work: done in all, and in earlier runs."""


def cross_fit(
    images: ImageSet,
    validation: int,
    source: Source,
    recipe: Recipe,
    cores: int,
    detail: Detail = "networks",
    checkpoints: Checkpoints = NO_CHECKPOINTS,
) -> CrossFit:
    """Train `recipe.members` networks a fold with up to `cores` processes of one thread each.

    The last so many of the images are the `validation` part. Goes on from the checkpoints, which the caller
    clears. Raises TrainingStopped when SIGINT or SIGTERM asked for it, after it kept what there is.
    """
    folds = make_folds(images.labels, validation, recipe, images.groups)
    total = len(folds) * recipe.members
    tasks = [Task(number, total, folds[number % len(folds)]) for number in range(total)]
    workers = min(cores, total)
    job = Job(source, images.labels, recipe, workers, os.getpid(), detail, time.time(), checkpoints)
    results = _run(job, tasks)
    answers = [
        np.mean([logits for _, logits in results[fold :: len(folds)]], axis=0) for fold in range(len(folds))
    ]
    return CrossFit(
        networks=[_network(source, weights) for weights, _ in results],
        held_out=[task.fold.held_out for task in tasks],
        logits=np.concatenate(answers),
        labels=np.concatenate([images.labels[fold.held_out] for fold in folds]),
    )


Weights = dict[str, NDArray[np.float32]]


def _run(job: Job, tasks: list[Task]) -> list[tuple[Weights, NDArray[np.float64]]]:
    context = multiprocessing.get_context("spawn")  # a fork would copy torch's locks and threads
    stop, work = context.Event(), context.Array("d", 3)
    try:
        if job.workers == 1:
            with stops_at_a_step() as asked:
                _begin(job, work, asked)
                return [_train(task) for task in tasks]
        with ProcessPoolExecutor(job.workers, context, _receive, (job, work, stop)) as pool:
            try:
                return list(pool.map(_train, tasks))
            finally:
                stop.set()
    finally:
        if job.detail == "bar":
            print(file=sys.stderr)


def _receive(job: Job, work: SynchronizedArray[float], stop: Event) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's reaches all, and this process is told to stop
    _begin(job, work, stop)


def _begin(job: Job, work: SynchronizedArray[float], stop: Event | threading.Event) -> None:
    global _job, _stop, _work
    _job, _stop, _work = job, stop, work
    torch.set_num_threads(1)
    # What use_deterministic_algorithms(True) does, without the compiler that it loads for 2.5 s.
    torch.set_deterministic_debug_mode("error")


def _check() -> None:
    orphaned = _job.workers > 1 and os.getppid() != _job.parent
    if _stop.is_set() or orphaned:
        raise TrainingStopped("training was stopped")


def _train(task: Task) -> tuple[Weights, NDArray[np.float64]]:
    """Weights of the task's network and its logits of the fold's held-out images."""
    checkpoints = _job.checkpoints
    if (trained := checkpoints.load(task.name)) is not None:
        _add_work(int(trained.pop("epochs")), 1.0, earlier=True)
        logits = trained.pop("logits")
        return trained, logits
    fold = task.fold
    source, labels = _job.source, torch.from_numpy(_job.labels)
    begun = checkpoints.load(task.unfinished)

    def accuracy(progress: Progress) -> float:
        """On the way of some of them: all of many take as long as a part of an epoch."""
        on_the_way, rows = progress.epoch < progress.epochs, fold.held_out
        some = rows[:: max(1, len(rows) // JUDGED)] if on_the_way else rows
        answers = source.logits(progress.network, some, 1, _check).argmax(1)
        return (answers == labels[some]).float().mean().item()

    reports = Reports(task, accuracy)
    network = fit(
        *(source.learned(fold.kept), labels[fold.kept], source.new_network, _job.recipe),
        *(_job.recipe.seed * 1000 + task.number, reports.tell, _keeper(task), begun),
    )
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    logits = source.logits(network, fold.held_out, _job.recipe.views, _check).double().numpy()
    checkpoints.save(task.name, {**weights, "logits": logits, "epochs": np.array(reports.epochs)})
    checkpoints.remove(task.unfinished)
    return weights, logits


class Reports:
    """What is said of a task's network while it trains; `epochs` is how many it has done."""

    def __init__(self, task: Task, accuracy: Callable[[Progress], float]) -> None:
        self.epochs = 0
        self._task, self._accuracy = task, accuracy
        self._begun = self._told = time.monotonic()
        self._work: float | None = None

    def tell(self, progress: Progress) -> None:
        """Count the epoch, and say it where it is to be said."""
        if self._work is None:
            _add_work(0, progress.earlier, earlier=True)
            self._work = progress.earlier
        _add_work(progress.epoch - self.epochs, progress.work - self._work)
        self.epochs, self._work = progress.epoch, progress.work
        total, now = self._task.total, time.monotonic()
        if _job.detail == "bar":
            done, work, earlier = _work[:]
            left = (time.time() - _job.begun) / (work - earlier) * (total - work)
            draw_bar(round(done), progress.epochs * total, left)
        if wants_line(_job.detail, progress, now - self._told):
            accuracy, self._told = self._accuracy(progress), now
            number, seconds = self._task.number + 1, now - self._begun
            print(progress_line(number, total, progress, accuracy, seconds, _job.workers), flush=True)


def _add_work(epochs: int, share: float, earlier: bool = False) -> None:
    with _work.get_lock():
        _work[0] += epochs
        _work[1] += share
        _work[2] += share if earlier else 0.0


def _keeper(task: Task) -> AtStep:
    """Keeps the state now and then, and when training is to stop."""
    pause = Pause()

    def at_step(make_state: Callable[[], State]) -> None:
        if _stop.is_set() or pause.is_over():
            _job.checkpoints.save(task.unfinished, make_state())
        _check()

    return at_step


def _network(source: Source, weights: Weights) -> HeadedNetwork:
    network = source.new_network()
    network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return network.eval()
