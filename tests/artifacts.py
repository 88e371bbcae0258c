"""A model artifact small enough to make in every test run, without torch.

The network is real ONNX and really answers: it averages each colour and weighs the averages, so a
picture's colour decides its class and how sure the model is. It has the interface of a trained artifact.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from contracts.artifact.golden import GoldenPicture, golden_members

CLASSES = ("bicycle", "motorcycle")


def colour_model(
    class_count: int, size: int = 32, sharpness: float = 20.0, *, unfamiliarity: bool = False
) -> bytes:
    """ONNX bytes: uint8 NHWC `image` -> float32 `probabilities`, class k lit by its own colour, and on demand
    `unfamiliarity`: how little the least probable class is lit.

    For two classes red pictures are the first class, blue ones the second, grey ones undecided.
    """
    angles = np.linspace(0, 2 * np.pi, class_count, endpoint=False)
    red_green_blue = np.stack([np.cos(angles), np.sin(angles), -np.cos(angles)])
    weights = (sharpness * red_green_blue / 255).astype(np.float32)
    lowest = helper.make_node("ReduceMin", ["probabilities", "along"], ["unfamiliarity"], keepdims=0)
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["pixels", "axes"], ["colour"], keepdims=0),
            helper.make_node("MatMul", ["colour", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
            *([lowest] if unfamiliarity else []),
        ],
        "colour",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", size, size, 3])],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", class_count]),
            *(
                [helper.make_tensor_value_info("unfamiliarity", TensorProto.FLOAT, ["batch"])]
                if unfamiliarity
                else []
            ),
        ],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([1, 2], dtype=np.int64), "axes"),
            *([numpy_helper.from_array(np.array([1], dtype=np.int64), "along")] if unfamiliarity else []),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def model_card(classes: Sequence[str] = CLASSES, size: int = 32, threshold: float = 0.9) -> dict[str, Any]:
    """What `model.json` says, with figures that are plainly those of a test."""
    return {
        "schema_version": 1,
        "classes": list(classes),
        "input": {"name": "image", "height": size, "width": size, "layout": "NHWC", "dtype": "uint8"},
        "output": {"name": "probabilities"},
        "threshold": {"recommended": threshold, "target_precision": 0.99, "coverage": 0.8, "precision": 0.99},
        "metrics": {"images": 0},
        "baseline": {},
        "training": {"arguments": {"seed": 0}},
        "dataset": {"fingerprint": "0" * 64, "counts": {}},
    }


def make_artifact(
    path: Path,
    classes: Sequence[str] = CLASSES,
    size: int = 32,
    golden: Sequence[GoldenPicture] = (),
    **card: Any,
) -> Path:
    """Write `model.tar.gz` to `path`; further keywords replace entries of its `model.json`."""
    contents = {
        "model.json": json.dumps({**model_card(classes, size), **card}, indent=2).encode(),
        "model.onnx": colour_model(len(classes), size),
        **golden_members(golden),
    }
    return write_archive(path, contents)


def write_archive(path: Path, contents: dict[str, bytes]) -> Path:
    """A gzipped tar of exactly these members, whatever their names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for name, data in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path
