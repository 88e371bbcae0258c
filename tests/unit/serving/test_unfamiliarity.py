"""Who asks is told how unfamiliar an image is; everybody else gets the bare list of probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.artifact.archive import CARD, MODEL
from contracts.artifact.card import card_bytes
from lambda_src.aws.endpoint import WITH_UNFAMILIARITY
from serving.errors import MalformedArtifact
from serving.model import load_model
from tests.artifacts import CLASSES, colour_model, model_card
from tests.unit.serving.packs import image_record
from tests.unit.serving.pictures import plain
from tests.unit.serving.server_process import ServerProcess

OUTPUT = {"name": "probabilities", "unfamiliarity": "unfamiliarity"}
GREY, RED = plain((128, 128, 128)), plain((255, 0, 0))
PACK = b"".join(image_record(image) for image in (RED, b"text", GREY))
PACK_TYPE = "application/x-recordio"


def directory(folder: Path, *, says: bool) -> Path:
    """A model whose card promises the output; `says`: its graph has it."""
    folder.mkdir()
    (folder / MODEL).write_bytes(colour_model(len(CLASSES), unfamiliarity=says))
    (folder / CARD).write_bytes(card_bytes({**model_card(CLASSES), "output": OUTPUT}))
    return folder


@pytest.fixture(scope="module")
def watchful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(directory(tmp_path_factory.mktemp("watchful") / "model", says=True)).wait_ready()
    yield server
    server.stop()


@pytest.mark.parametrize("attributes", ["", "trace=1", "unfamiliarity"])
def test_who_does_not_ask_gets_the_list(watchful: ServerProcess, attributes: str) -> None:
    _, answer, _ = watchful.request("POST", "/invocations", GREY, "image/png", attributes)
    assert answer == pytest.approx([0.5, 0.5])
    _, answers, _ = watchful.request("POST", "/invocations", PACK, PACK_TYPE, attributes)
    assert [type(one) for one in answers] == [list, dict, list]


@pytest.mark.parametrize("attributes", [WITH_UNFAMILIARITY, f"trace=1,{WITH_UNFAMILIARITY}"])
def test_who_asks_is_told(watchful: ServerProcess, attributes: str) -> None:
    status, answer, headers = watchful.request("POST", "/invocations", GREY, "image/png", attributes)
    assert (status, headers["content-type"]) == (200, "application/json")
    assert answer["probabilities"] == pytest.approx([0.5, 0.5])
    assert answer["unfamiliarity"] == pytest.approx(0.5)
    _, answers, _ = watchful.request("POST", "/invocations", PACK, PACK_TYPE, attributes)
    assert [sorted(one) for one in answers] == [
        ["probabilities", "unfamiliarity"],
        ["error"],
        ["probabilities", "unfamiliarity"],
    ]
    assert answers[2] == answer


def test_a_model_that_does_not_say_it_answers_as_ever(server: ServerProcess) -> None:
    _, answer, _ = server.request("POST", "/invocations", GREY, "image/png", WITH_UNFAMILIARITY)
    assert answer == pytest.approx([0.5, 0.5])


def test_a_promised_output_that_is_not_there_refuses_the_model(tmp_path: Path) -> None:
    with pytest.raises(MalformedArtifact, match="unfamiliarity"):
        load_model(directory(tmp_path / "model", says=False))
