"""`scones stage`: make a data set that training and the deployed workflow can use."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from operations.images.upload import Destination, upload_folder
from operations.progress import progress_bars
from operations.staging.arguments import OwnArguments, read_classes
from operations.staging.made import MADE, DataSet, Form, MadeArguments
from operations.staging.shown import show_staged
from operations.terminal import say, say_json
from training.staging.drivers.source import SplitBy
from training.staging.own.stage import stage_own
from training.staging.sources import ARCHIVE_VARIABLE
from training.staging.stage import StageRequest, stage

EPILOG = """
Examples:
Your own pictures, a sub-folder for each class, or train/, validation/ and test/ above them:
  scones stage folder photos

The same from S3, at most 224 pixels wide and high, pictures of one driver in one split:
  scones stage folder s3://my-bucket/photos --size 224x224 --group-by part:2

A list of im2rec's, whose labels are numbers, and a manifest of SageMaker's:
  scones stage list photos.lst --classes cat,dog
  scones stage manifest s3://my-bucket/labels/output.manifest

RecordIO of im2rec's, with or without .idx and .lst beside it, and RecordIO made of a folder:
  scones stage recordio train.rec --validation val.rec --classes owl,robin
  scones stage folder photos --format recordio

State Farm's distracted drivers as published, by subject, with names for people:
  scones stage statefarm state-farm.zip --names c0="safe driving",c1="texting right"

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


def stage_command(
    dataset: Annotated[
        DataSet,
        typer.Argument(
            help="folder, list, recordio, manifest, statefarm: your own pictures. drawn: vehicles from a "
            "seeded generator. cifar100: real pictures. drivers: ten things that drivers do, drawn as well."
        ),
    ] = DataSet.drawn,
    path: Annotated[
        str | None,
        typer.Argument(help="Of your own pictures: a folder, a zip archive or a file, here or s3://…"),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            help="Names separated by commas, 2 to 100. Their order gives the labels 0, 1, …",
            show_default="bicycle,motorcycle; c0 to c9 of drivers; of your own pictures all",
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
    test_share: Annotated[
        float | None,
        typer.Option(help="Part kept for testing where the source has no test part.", show_default="0.2"),
    ] = None,
    validation: Annotated[
        str | None,
        typer.Option(
            help="Of a list, RecordIO or manifest: a second file, whose pictures are for validation.",
            show_default="a share of PATH's",
        ),
    ] = None,
    test: Annotated[
        str | None,
        typer.Option(help="A third one, whose pictures are for testing.", show_default="a share of PATH's"),
    ] = None,
    group_by: Annotated[
        str | None,
        typer.Option(
            help="What belongs together and so into one split: part:N of the path, match:REGEX, or a column "
            "of --groups or of the manifest."
        ),
    ] = None,
    groups: Annotated[Path | None, typer.Option(help="CSV of a folder's pictures and their groups.")] = None,
    size: Annotated[
        str | None,
        typer.Option(
            help="WIDTHxHEIGHT: larger pictures are made to fit, their ratio kept; drivers are drawn so.",
            show_default="files as they are; 64x48",
        ),
    ] = None,
    names: Annotated[
        str | None, typer.Option(help='Names for people beside the labels: c0="safe driving",c1=…')
    ] = None,
    root: Annotated[
        str | None,
        typer.Option(
            help="Folder that paths in a list or manifest count from.", show_default="where the file is"
        ),
    ] = None,
    label_at: Annotated[
        int | None, typer.Option(help="Which of several labels in a list is the class, from 1 on.", min=1)
    ] = None,
    attribute: Annotated[
        str | None, typer.Option(help="Which attribute of a manifest is the class.", show_default="the only")
    ] = None,
    required_picture_share: Annotated[
        float | None,
        typer.Option(
            help="How much of a damaged picture must be there, 0 to 1, here and when training reads it; "
            "the endpoint has such a setting.",
            min=0,
            max=1,
            show_default="1: all of it",
        ),
    ] = None,
    no_mirror: Annotated[
        bool | None,
        typer.Option(
            "--no-mirror",
            help="Left and right matter: a mirrored picture is of another class, and training makes none. "
            "So always of drivers and statefarm.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        Form,
        typer.Option(
            "--format",
            help="images: a file a picture. recordio: .rec, .idx and .lst of a split, as im2rec makes them.",
        ),
    ] = Form.images,
    images: Annotated[
        int | None,
        typer.Option(
            help="Pictures to draw of each class, a fifth of them for testing.",
            show_default="1000, 260 of drivers",
        ),
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
    """Stage a data set: pictures in train/, validation/ and test/, a list of each, a manifest.

    The same arguments give the same data set, byte for byte; staging again does nothing.

    The folder appears when it is complete, or not at all. What is left out is said, with the reason.
    """
    own = OwnArguments(
        path=path,
        classes=read_classes(classes),
        validation=validation,
        test=test,
        test_share=test_share,
        group_by=group_by,
        groups=groups,
        size=size,
        names=names,
        root=root,
        label_at=label_at,
        attribute=attribute,
        no_mirror=no_mirror,
        required_picture_share=required_picture_share,
    )
    drawn = MadeArguments(images=images, size=size, subjects=subjects, split_by=split_by, archive=archive)
    destination = Destination.parse(to) if to is not None else None
    if dataset in MADE:
        own.require_none(dataset)
        source = drawn.source(dataset, seed)
        if list_classes:
            say(*source.classes)
            return
        request = StageRequest(
            classes=source.default_classes if own.classes is None else own.classes,
            folder=(out or Path("build/dataset") / dataset).resolve(),
            seed=seed,
            validation_share=validation_share,
            form=form,
            force=force,
        )
        make = partial(stage, source, request)
    else:
        drawn.require_none(dataset, list_classes=list_classes)
        make = partial(stage_own, *own.read(dataset, out, seed, validation_share, form=form, force=force))
    with progress_bars() as progress:
        staged = make(progress)
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
    show_staged(staged)
    if uploaded is not None:
        say(f"{destination}: {uploaded:,} objects uploaded, the rest was there already.")
