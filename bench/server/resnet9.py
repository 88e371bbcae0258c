"""A network of the trained model's shape and cost with random weights, written without torch.

Convolutions 3 -> 16 -> 32, pool, residual block, -> 64, pool, -> 128, pool, residual block, linear: 411,104
parameters for images of 32 x 32: one of the networks that training averages. Batch normalisation is folded
into the convolutions, as exporting does.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

CLASSES = ("bicycle", "motorcycle")
SIZE = 32
WIDTH = 16


class GraphBuilder:
    """Collects nodes and weights; each method adds a layer and returns the name of its output."""

    def __init__(self, seed: int) -> None:
        self.nodes: list[object] = []
        self.weights: list[object] = []
        self._random = np.random.default_rng(seed)

    def node(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: object, dtype: type = np.float32) -> str:
        name = f"constant_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value, dtype=dtype), name))
        return name

    def random(self, *shape: int, fan_in: int) -> str:
        return self.constant(self._random.normal(size=shape) / np.sqrt(fan_in))

    def convolution(self, features: str, channels_in: int, channels_out: int) -> str:
        """3 x 3 convolution and SiLU."""
        kernel = self.random(channels_out, channels_in, 3, 3, fan_in=9 * channels_in)
        bias = self.constant(np.zeros(channels_out))
        convolved = self.node("Conv", features, kernel, bias, pads=[1, 1, 1, 1])
        return self.node("Mul", convolved, self.node("Sigmoid", convolved))

    def pool(self, features: str) -> str:
        return self.node("MaxPool", features, kernel_shape=[2, 2], strides=[2, 2])

    def residual(self, features: str, channels: int) -> str:
        inner = self.convolution(self.convolution(features, channels, channels), channels, channels)
        return self.node("Add", features, inner)


def convolutional(build: GraphBuilder, images: str) -> str:
    """Logits of one network for normalised images [batch, 3, 32, 32]."""
    features = build.convolution(images, 3, WIDTH)
    features = build.pool(build.convolution(features, WIDTH, 2 * WIDTH))
    features = build.residual(features, 2 * WIDTH)
    features = build.pool(build.convolution(features, 2 * WIDTH, 4 * WIDTH))
    features = build.pool(build.convolution(features, 4 * WIDTH, 8 * WIDTH))
    features = build.residual(features, 8 * WIDTH)
    axes = build.constant([2, 3], np.int64)
    pooled = [build.node(kind, features, axes, keepdims=0) for kind in ("ReduceMean", "ReduceMax")]
    weights = build.random(16 * WIDTH, len(CLASSES), fan_in=16 * WIDTH)
    return build.node("MatMul", build.node("Concat", *pooled, axis=1), weights)


def mirror_image(build: GraphBuilder, images: str) -> str:
    ends = [build.constant([end], np.int64) for end in (-1, -(2**31), 3, -1)]
    return build.node("Slice", images, *ends)


def network(networks: int, mirror: bool, seed: int = 0) -> bytes:
    """ONNX bytes: uint8 [batch, 32, 32, 3] `image` -> float32 [batch, 2] `probabilities`."""
    build = GraphBuilder(seed)
    pixels = build.node("Cast", "image", to=TensorProto.FLOAT)
    centred = build.node("Sub", pixels, build.constant([124.0, 116.0, 104.0]))
    normalised = build.node("Div", centred, build.constant([58.0, 57.0, 57.0]))
    upright = build.node("Transpose", normalised, perm=[0, 3, 1, 2])
    views = [upright, mirror_image(build, upright)] if mirror else [upright]
    logits = build.node("Mean", *[convolutional(build, view) for _ in range(networks) for view in views])
    build.nodes.append(helper.make_node("Softmax", [logits], ["probabilities"], axis=1))
    graph = helper.make_graph(
        build.nodes,
        "resnet9",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", SIZE, SIZE, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", len(CLASSES)])],
        build.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return bytes(model.SerializeToString())


def write_model(folder: Path, networks: int, mirror: bool) -> Path:
    """A model directory: the mean of some networks, each on an image and its mirror image if asked."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(network(networks, mirror))
    card = {
        "schema_version": 1,
        "classes": list(CLASSES),
        "input": {"name": "image", "height": SIZE, "width": SIZE, "layout": "NHWC", "dtype": "uint8"},
        "output": {"name": "probabilities"},
        "threshold": {"recommended": 0.5},
    }
    (folder / "model.json").write_text(json.dumps(card))
    return folder
