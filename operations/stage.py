"""`scones stage`: make a data set that training and the deployed workflow can use."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from operations.images.upload import Destination, upload_folder
from operations.progress import progress_bars
from operations.terminal import Column, say, say_json, say_table
from training.staging.drivers.source import Drivers, SplitBy
from training.staging.example import StagingError
from training.staging.sources import ARCHIVE_VARIABLE, DEFAULT_CLASSES, Drawn, Known, cifar100
from training.staging.stage import Staged, StageRequest, stage

EPILOG = """
Examples:
Draw bicycles and motorcycles into build/dataset/drawn, nothing downloaded:
  scones stage

Five classes, and a copy in S3:
  scones stage drawn --classes bicycle,motorcycle,scooter,car,truck --to s3://my-bucket

Real pictures, from an archive you have (without --archive it is downloaded, 161 MiB):
  scones stage cifar100 --classes bicycle,motorcycle --archive cifar-100-python.tar.gz

Ten things that drivers do, by 26 drawn drivers, of whom none is in two splits:
  scones stage drivers --size 160x120 --images 520

What can be told apart:
  scones stage cifar100 --list-classes

Exit code:
0: the data set is there, in S3 too where that was asked for. 2: not possible as asked.
"""


class DataSet(StrEnum):
    """Where pictures can come from."""

    drawn = "drawn"
    cifar100 = "cifar100"
    drivers = "drivers"


def stage_command(
    dataset: Annotated[
        DataSet,
        typer.Argument(
            help="drawn: vehicles from a seeded generator. cifar100: real pictures. drivers: ten things that "
            "drivers do, from a seeded generator."
        ),
    ] = DataSet.drawn,
    classes: Annotated[
        str | None,
        typer.Option(
            help="Names separated by commas, 2 to 100. Their order gives the labels 0, 1, …",
            show_default=f"{','.join(DEFAULT_CLASSES)}; c0 to c9 of drivers",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write.", show_default="build/dataset/DATASET")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(help="s3://bucket or s3://bucket/prefix to copy the folder to. AWS_ENDPOINT_URL works."),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Decides what is drawn and which pictures go to validation.", min=0)
    ] = 0,
    validation_share: Annotated[
        float, typer.Option(help="Part of each class's training pictures kept for validation, 0.01 to 0.5.")
    ] = 0.1,
    images: Annotated[
        int | None,
        typer.Option(
            help="Pictures to draw of each class, a fifth of them for testing.",
            show_default="1000, 260 of drivers",
        ),
    ] = None,
    size: Annotated[
        str | None, typer.Option(help="Of drivers: WIDTHxHEIGHT, up to 640x640.", show_default="64x48")
    ] = None,
    subjects: Annotated[
        int | None, typer.Option(help="Of drivers: how many people drive.", show_default="26")
    ] = None,
    split_by: Annotated[
        SplitBy | None,
        typer.Option(
            help="Of drivers: keep a subject's pictures in one split, or, to see how that flatters, each by "
            "itself.",
            show_default="subject",
        ),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(
            help="CIFAR-100's cifar-100-python.tar.gz, or one of the same layout.",
            show_default=f"${ARCHIVE_VARIABLE}, else it is downloaded",
        ),
    ] = None,
    list_classes: Annotated[
        bool, typer.Option("--list-classes", help="Print the class names and end.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a different data set in the folder and in S3.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
) -> None:
    """Stage a data set: RGB pictures in train/, validation/ and test/, a list of each, a manifest.

    The same arguments give the same data set, byte for byte; staging again does nothing.

    The folder appears when it is complete, or not at all.
    """
    given = {"images": images, "size": _size(size), "subjects": subjects, "split_by": split_by}
    source = _source(
        dataset, {name: value for name, value in given.items() if value is not None}, seed, archive
    )
    if list_classes:
        say(*source.classes)
        return
    destination = Destination.parse(to) if to is not None else None
    request = StageRequest(
        classes=source.default_classes if classes is None else _names(classes),
        folder=(out or Path("build/dataset") / dataset).resolve(),
        seed=seed,
        validation_share=validation_share,
        force=force,
    )
    with progress_bars() as progress:
        staged = stage(source, request, progress)
        uploaded = (
            upload_folder(staged.folder, destination, progress, force=force)
            if destination is not None
            else None
        )
    if as_json:
        summary: dict[str, Any] = {**staged.manifest, "folder": str(staged.folder), "fresh": staged.fresh}
        if uploaded is not None:
            summary |= {"uri": str(destination), "uploaded": uploaded}
        say_json(summary)
        return
    _show(staged)
    if uploaded is not None:
        say(f"{destination}: {uploaded:,} objects uploaded, the rest was there already.")


def _names(classes: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in classes.split(",") if name.strip())


def _size(size: str | None) -> tuple[int, int] | None:
    """(width, height) of WIDTHxHEIGHT; the source says which sizes it can draw."""
    if size is None:
        return None
    found = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", size)
    if found is None:
        raise StagingError(f"--size {size!r} is not WIDTHxHEIGHT, as in 160x120.")
    return int(found[1]), int(found[2])


_TAKEN = {
    DataSet.drawn: {"images"},
    DataSet.cifar100: set(),
    DataSet.drivers: {"images", "size", "subjects", "split_by"},
}
"""What can be said of the pictures of each data set; an archive has those that it has."""


def _source(dataset: DataSet, given: dict[str, Any], seed: int, archive: Path | None) -> Known:
    """The source, with what was given of its pictures. Raises StagingError for what is for another one."""
    for name in given:
        if name not in _TAKEN[dataset]:
            takers = " and ".join(one for one, taken in _TAKEN.items() if name in taken)
            raise StagingError(f"--{name.replace('_', '-')} is for {takers}, not for {dataset}.")
    if archive is not None and dataset is not DataSet.cifar100:
        raise StagingError("--archive is for cifar100: scones stage cifar100 --archive FILE.")
    match dataset:
        case DataSet.drawn:
            return Drawn(seed=seed, **given)
        case DataSet.drivers:
            return Drivers(seed=seed, **given)
        case DataSet.cifar100:
            return cifar100(archive)


def _show(staged: Staged) -> None:
    manifest = staged.manifest
    rows = [
        (name, *(f"{counts[name]:,}" for counts in manifest["counts"].values()))
        for name in manifest["classes"]
    ]
    columns = (Column("class"), *(Column(part, right=True) for part in manifest["counts"]))
    say_table(columns, rows, f"{manifest['name']} ({manifest['source']})")
    state = "staged" if staged.fresh else "already staged, nothing to do"
    say(f"{staged.folder}: {state} (fingerprint {manifest['fingerprint'][:12]})")
