"""The flags of `python -m training.train`, with SageMaker's environment as their defaults."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from contracts.artifact.archive import MAXIMUM_GOLDEN_PICTURES
from pictures.limits import WHOLE, share_from_text
from training.checkpoints import SAGEMAKER
from training.data import SPLITS
from training.network.recipe import PRESETS, Recipe, within_time, without_mirror

DEFAULT_ARTIFACT = Path("build/model/model.tar.gz")


@dataclass(frozen=True)
class Options:
    """Where to read and write, and how to train.

    channels: folder of each split. model_dir: gets the two files unpacked; artifact: gets model.tar.gz;
    at least one is set. output_dir: gets training.json. image_size: as
    `training.input_size` takes it; nothing: that of the data. required_picture_share: as the endpoint's.
    golden_pictures: how many of the test part the artifact may hold, byte for byte.
    weights: the pretrained ones, file or folder, None: those of the package. mirror: None where the data set
    decides. verbose: say how each network is doing, epoch by epoch. checkpoints: folder of the states from
    which a training that was stopped goes on, None: nowhere; fresh: it begins anew.
    """

    channels: dict[str, Path]
    model_dir: Path | None
    artifact: Path | None
    output_dir: Path | None
    failure_file: Path | None
    preset: str
    recipe: Recipe
    cores: int
    target_precision: float
    image_size: str
    required_picture_share: float
    golden_pictures: int
    weights: Path | None
    mirror: bool | None
    verbose: bool
    checkpoints: Path | None
    fresh: bool

    def for_data(self, mirror: bool, images: int, size: tuple[int, int]) -> Options:
        """With a recipe for these images, where the flags say nothing.

        mirror: as the manifest has it. images, size: how many are learned from, and their (height, width).
        """
        recipe = within_time(self.recipe, images, size)
        wanted = mirror if self.mirror is None else self.mirror
        return replace(self, recipe=recipe if wanted else without_mirror(recipe))


def parse(argv: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Flags win over the environment, that over the defaults; wrong ones end the process with status 2."""
    parser = _parser(environment)
    flags = parser.parse_args([_with_hyphens(word) for word in argv])
    recipe = _recipe(flags, parser)
    if not 0.5 <= flags.target_precision < 1:
        parser.error(f"--target-precision {flags.target_precision} is not in [0.5, 1)")
    artifact = flags.artifact or (None if flags.model_dir else DEFAULT_ARTIFACT)
    return Options(
        channels=_channels(flags, parser),
        model_dir=flags.model_dir,
        artifact=artifact,
        output_dir=flags.output_data_dir or (artifact.parent if artifact else None),
        failure_file=_folder(environment, "SM_OUTPUT_DIR", "failure"),
        preset=flags.preset,
        recipe=recipe,
        cores=flags.threads,
        target_precision=flags.target_precision,
        image_size=flags.image_size,
        required_picture_share=flags.required_picture_share,
        golden_pictures=flags.golden_pictures,
        weights=flags.weights,
        mirror=None if flags.mirror is None else bool(flags.mirror),
        verbose=flags.verbose,
        checkpoints=flags.checkpoints or _beside(artifact),
        fresh=flags.fresh,
    )


def _beside(artifact: Path | None) -> Path | None:
    """Where checkpoints are unless told otherwise; SageMaker makes the folder only if it was asked to."""
    if artifact is not None:
        return artifact.with_name(f"{artifact.name}.checkpoints")
    return SAGEMAKER if SAGEMAKER.is_dir() else None


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description="Train a classifier on a staged data set and write the model artifact. "
        "Runs the same as a SageMaker training job, whose SM_* variables are the defaults.",
    )
    data = parser.add_argument_group("data and results")
    whole = _folder(environment, "SM_CHANNEL_TRAINING")
    data.add_argument(
        "--data", type=Path, metavar="DIR", default=whole, help="a staged data set with all splits"
    )
    for split in SPLITS:
        channel = _folder(environment, f"SM_CHANNEL_{split.upper()}")
        data.add_argument(
            f"--{split}", type=Path, metavar="DIR", default=channel, help=f"the {split} part alone"
        )
    model_dir, output = _folder(environment, "SM_MODEL_DIR"), _folder(environment, "SM_OUTPUT_DATA_DIR")
    data.add_argument(
        "--model-dir", type=Path, metavar="DIR", default=model_dir, help="write the files unpacked"
    )
    data.add_argument("--artifact", type=Path, help=f"write model.tar.gz (default: {DEFAULT_ARTIFACT})")
    data.add_argument("--output-data-dir", type=Path, metavar="DIR", default=output, help="for training.json")
    data.add_argument(
        "--checkpoints",
        type=Path,
        metavar="DIR",
        help="what a training that was stopped or killed goes on from, when the same command is given again "
        f"(default: beside the artifact; in a training job {SAGEMAKER}, if it is there)",
    )
    data.add_argument("--fresh", action="store_true", help="begin anew, whatever checkpoints there are")
    how = parser.add_argument_group("training")
    how.add_argument("--preset", choices=PRESETS, default="full", help="defaults for the flags below")
    for field in fields(Recipe):
        values = {name: getattr(recipe, field.name) for name, recipe in PRESETS.items()}
        full = values["full"]
        others = [f"{name} {value}" for name, value in values.items() if value != full]
        default = "as the data set says" if field.name == "mirror" else ", ".join([str(full), *others])
        meaning = f"{field.metadata['meaning']} (default: {default})"
        how.add_argument(_flag(field.name), type=type(full), metavar="N", help=meaning)
    how.add_argument("--target-precision", type=float, default=0.99, help="for the threshold (default: 0.99)")
    how.add_argument(
        "--image-size",
        default="",
        help="WIDTHxHEIGHT, or the longer side in pixels (default: that of the images)",
    )
    add_required_share(how)
    how.add_argument(
        "--golden-pictures",
        type=int,
        choices=range(MAXIMUM_GOLDEN_PICTURES + 1),
        default=MAXIMUM_GOLDEN_PICTURES,
        metavar="N",
        help="pictures of the test part that the artifact holds for `scones verify`, 0 where none may leave "
        f"the data set (default: {MAXIMUM_GOLDEN_PICTURES})",
    )
    how.add_argument(
        "--weights",
        type=Path,
        metavar="PATH",
        help="of a pretrained EfficientNet-Lite0: a file .pth, or a folder with one (default: the package's)",
    )
    cores = int(environment.get("SM_NUM_CPUS") or os.cpu_count() or 1)
    how.add_argument("--threads", type=int, default=cores, help="cores to use (default: all)")
    how.add_argument(
        "--verbose", action="store_true", help="lines for each network's epochs, not one for the network"
    )
    return parser


def add_required_share(group: argparse._ActionsContainer) -> None:
    """The flag that says as the setting `endpoint.required_picture_share` which damaged pictures are read."""
    group.add_argument(
        "--required-picture-share",
        type=_share,
        default=WHOLE,
        metavar="SHARE",
        help="how much of a damaged picture must be there, from 0 to 1, as the endpoint is set (default: 1)",
    )


def _share(text: str) -> float:
    try:
        return share_from_text(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def _recipe(flags: argparse.Namespace, parser: argparse.ArgumentParser) -> Recipe:
    """The preset with the given flags over it."""
    given = {field.name: getattr(flags, field.name) for field in fields(Recipe)}
    recipe = replace(
        PRESETS[flags.preset], **{name: value for name, value in given.items() if value is not None}
    )
    if problems := recipe.problems():
        parser.error("; ".join(_flag(problem) for problem in problems))
    if flags.weights and not recipe.kept_blocks:
        parser.error(f"--weights {flags.weights}: nothing is pretrained here; give --preset photo too")
    if flags.threads < 1:
        parser.error(f"--threads {flags.threads} is below 1")
    return recipe


def _channels(flags: argparse.Namespace, parser: argparse.ArgumentParser) -> dict[str, Path]:
    channels = {split: getattr(flags, split) or flags.data for split in SPLITS}
    missing = [f"--{split}" for split, folder in channels.items() if folder is None]
    if missing:
        parser.error(f"give --data DIR (a staged data set), or {', '.join(missing)}")
    return channels


def _folder(environment: Mapping[str, str], variable: str, below: str = "") -> Path | None:
    value = environment.get(variable)
    return Path(value) / below if value else None


def _flag(name: str) -> str:
    """`max_steps …` as it is given: `--max-steps …`."""
    return "--" + name.replace("_", "-")


def _with_hyphens(word: str) -> str:
    """Hyperparameters named with underscores reach a job as `--max_steps`."""
    if not word.startswith("--"):
        return word
    name, equals, value = word.partition("=")
    return name.replace("_", "-") + equals + value
