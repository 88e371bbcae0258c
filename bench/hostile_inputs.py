"""Seeded damage to what handlers, readers and parsers are handed: each may raise its named errors only.

`python -m bench.hostile_inputs --count 1000 --only recordio` is a smaller one, and shows what was raised.
The handlers are the functions' own, S3 and the endpoint behind them answer with damaged bytes as well. What
a handler answers must be JSON without NaN and fit into a state, and its log line is bounded.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from bench.hostility.handlers import handlers
from bench.hostility.mutations import PICTURE, damaged, damaged_bytes, damaged_json
from bench.hostility.pictures import read_by_all
from contracts.artifact.archive import CARD, MODEL, ArtifactError, pack
from contracts.artifact.card import parse_card
from contracts.artifact.reader import read_card
from contracts.names import LOOPBACK_ACCOUNT
from lambda_src.core.batch.recordio import split
from lambda_src.core.errors import ClassificationError
from lambda_src.core.image_type import image_type
from lambda_src.core.probabilities import read_probabilities
from lambda_src.core.run.manifest import manifest_entries
from lambda_src.core.run.map_results import read_batch_result, read_result_manifest, read_result_rows
from pictures.decode import decode_image
from pictures.recordio import image_record
from pictures.refusals import PictureRefused
from reports.captured.answer import read_answer
from reports.captured.problems import Unreadable
from reports.captured.request import read_request as read_captured_request
from serving.errors import ImageRefused
from training.staging.cifar.array_pickle import UnsafePickle
from training.staging.cifar.array_pickle import load as load_pickle

COUNT = 100_000
SHOWN = 5
Trial = Callable[[random.Random], object]
Named = tuple[type[Exception], ...]

CARD_DOCUMENT = {
    "schema_version": 1,
    "classes": ["bicycle", "motorcycle"],
    "input": {"name": "image", "height": 32, "width": 32},
    "output": {"name": "probabilities"},
    "threshold": {"recommended": 0.9},
    "metrics": {"images": 200, "accuracy": 0.95, "confusion_matrix": [[90, 10], [0, 100]]},
    "baseline": {"confidence": {"edges": [0, 0.5, 1], "counts": [1, 2]}},
    "training": {"arguments": {"seed": 1}, "images": 800},
    "dataset": {"fingerprint": "f" * 64},
}
ARCHIVE = pack({MODEL: bytes(200), CARD: json.dumps(CARD_DOCUMENT).encode()})
CHILD = {
    "ExecutionArn": f"arn:aws:states:us-east-1:{LOOPBACK_ACCOUNT}:express:m/8a7b:0",
    "Input": '{"batch": {"batch": 1, "images": [[1, "a-bucket", "1.png"]]}}',
    "Output": '{"batch": 1, "rows": []}',
    "Status": "SUCCEEDED",
    "StartDate": "2026-11-20T10:00:00.000Z",
    "StopDate": "2026-11-20T10:00:01.000Z",
}
MAP_MANIFEST = {"DestinationBucket": "data-bucket", "ResultFiles": {"SUCCEEDED": [{"Key": "a", "Size": 1}]}}
CAPTURED = {
    "captureData": {
        "endpointInput": {
            "observedContentType": "image/png",
            "mode": "INPUT",
            "data": "aGk=",
            "encoding": "BASE64",
        },
        "endpointOutput": {
            "observedContentType": "application/json",
            "data": "[0.9, 0.1]",
            "encoding": "JSON",
        },
    },
    "eventMetadata": {"eventId": "e1", "inferenceId": "i1", "inferenceTime": "2026-11-20T10:00:00Z"},
    "eventVersion": "0",
}
PICKLE = (
    b"\x80\x02}q\x00(U\x04dataq\x01cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03"
    b"K\x00\x85q\x04U\x01bq\x05\x87q\x06Rq\x07U\x06labelsq\x08]q\x09(K\x01K\x02eu."
)
"""A dictionary of an array and a list, as Python 2 wrote it."""


def parsers() -> dict[str, tuple[Trial, Named]]:
    """What reads bytes of others, and the errors that its callers know."""
    images = b"".join(image_record(PICTURE, number) for number in range(3))
    lines = b'"a.png"\n{"s3_key": "b.png", "s3_bucket": "inbox"}\n{"source-ref": "s3://inbox/c.png"}\n'
    rows = (json.dumps(CHILD) + "\n").encode() * 2

    def results(dice: random.Random) -> object:
        body = damaged_bytes(rows, dice) if dice.random() < 0.5 else damaged_json(CHILD, dice)
        return [read_batch_result(row) for row in read_result_rows([body])]

    return {
        "recordio": (lambda dice: split(damaged_bytes(images, dice)), (ValueError,)),
        "picture": (lambda dice: decode_image(damaged_bytes(PICTURE, dice), 8, 8), (PictureRefused,)),
        "pictures, to all who read them": (read_by_all, (ImageRefused,)),
        "image type": (lambda dice: image_type(damaged_bytes(PICTURE, dice), "x"), (ClassificationError,)),
        "probabilities": (
            lambda dice: read_probabilities(damaged_json([0.9, 0.1], dice), 2),
            (ClassificationError,),
        ),
        "manifest": (lambda dice: list(manifest_entries([damaged_bytes(lines, dice)], "data-bucket")), ()),
        "manifest of a map run": (
            lambda dice: read_result_manifest(damaged_json(MAP_MANIFEST, dice)),
            (ValueError,),
        ),
        "rows of a map run": (results, (ValueError,)),
        "model.json": (lambda dice: parse_card(damaged_json(CARD_DOCUMENT, dice), "x"), (ArtifactError,)),
        "model.tar.gz": (
            lambda dice: read_card(io.BytesIO(damaged_bytes(ARCHIVE, dice)), "x"),
            (ArtifactError,),
        ),
        "captured line": (lambda dice: read_captured_request(damaged_json(CAPTURED, dice)), (Unreadable,)),
        "captured answer": (
            lambda dice: read_answer(
                damaged(CAPTURED["captureData"]["endpointOutput"], dice),  # type: ignore[index]
                of_pack=dice.random() < 0.5,
            ),
            (Unreadable,),
        ),
        "pickle": (lambda dice: load_pickle(damaged_bytes(PICKLE, dice)), (UnsafePickle,)),
    }


def targets() -> dict[str, tuple[Trial, Named]]:
    """All that is tried, by name."""
    return handlers() | parsers()


def tried(trial: Trial, named: Named, count: int, seed: int) -> tuple[Counter[str], dict[str, str]]:
    """How `count` trials ended, by the error's name or "answered"; of errors without a name one each."""
    ended, unnamed = Counter[str](), dict[str, str]()
    for number in range(count):
        try:
            trial(random.Random(f"{seed}-{number}"))
            ended["answered"] += 1
        except named as error:
            ended[type(error).__name__] += 1
        except Exception as error:  # noqa: BLE001  # what is measured
            name = f"UNNAMED {type(error).__name__}"
            ended[name] += 1
            unnamed.setdefault(name, f"seed {seed}, trial {number}: {str(error)[:200]}")
    return ended, unnamed


def run(count: int = COUNT, only: str = "", seed: int = 1) -> list[dict[str, Any]]:
    """One entry a target: errors without a name in so many inputs; there may be none."""
    entries = []
    for name, (trial, named) in targets().items():
        if only in name:
            ended, unnamed = tried(trial, named, count, seed)
            report(name, ended, unnamed)
            entries.append(entry(name, count, sum(ended[one] for one in unnamed)))
    return entries


def entry(name: str, count: int, bad: int) -> dict[str, Any]:
    return {
        "name": f"hostile inputs: {name}, errors without a name",
        "value": bad,
        "unit": f"of {count}",
        "reference": None,
        "ratio": None,
        "goal": 0,
        "met": bad == 0,
    }


def report(name: str, ended: Counter[str], unnamed: Mapping[str, str]) -> None:
    print(f"{name}: {', '.join(f'{count} {how}' for how, count in ended.most_common())}", file=sys.stderr)
    for how, example in list(unnamed.items())[:SHOWN]:
        print(f"  {how}: {example}", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.hostile_inputs", description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help=f"inputs for each ({COUNT})")
    parser.add_argument("--only", default="", help="targets whose name holds this")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.getLogger("scones").setLevel(logging.CRITICAL)
    began = time.monotonic()
    entries = run(given.count, given.only, given.seed)
    print(f"{len(entries)} targets, {sum(one['value'] for one in entries)} errors without a name, ", end="")
    print(f"{given.count:,} inputs each, {time.monotonic() - began:.0f} s")
    return 0 if all(one["met"] for one in entries) else 1


if __name__ == "__main__":
    sys.exit(main())
