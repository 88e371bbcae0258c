"""model.json: what is relied on is checked, all of it at once; the rest may be missing, new or malformed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.artifact.archive import ArtifactError
from contracts.artifact.card import Metrics, card_bytes, check_card, parse_card
from tests.artifacts import CLASSES, model_card
from tests.unit.contracts.artifact.archives import REFUSED_CARDS, REQUIRED


def test_what_is_written_is_read() -> None:
    figures: dict[str, Any] = {"images": 400, "accuracy": 0.9, "accuracy_at_threshold": None, "per_class": {}}
    document = {
        **model_card(size=48),
        "metrics": figures,
        "training": {"arguments": {"seed": 3}, "images": 50},
    }
    card = parse_card(card_bytes(document), "model.json")
    assert (card.schema_version, card.classes, card.size, card.threshold) == (1, CLASSES, (48, 48), 0.9)
    assert (card.input_name, card.output_name) == ("image", "probabilities")
    assert card.metrics == Metrics(images=400, accuracy=0.9)
    assert (card.arguments, card.training_images) == ({"seed": 3}, 50)
    assert card.dataset_fingerprint == "0" * 64
    assert card.document == document


def test_an_older_card_leaves_unknown_what_it_does_not_say() -> None:
    card = check_card({key: value for key, value in model_card().items() if key in REQUIRED})
    assert (card.metrics, card.baseline, card.arguments) == (Metrics(), {}, {})
    assert (card.output_name, card.training_images, card.dataset_fingerprint) == ("probabilities", 0, "")


@pytest.mark.parametrize("wrong", [None, True, "0.9", -0.1, 1.1, float("inf"), [0.9]])
def test_a_malformed_figure_is_unknown(wrong: Any) -> None:
    names = [name for name in Metrics.__dataclass_fields__ if name != "images"]
    card = check_card({**model_card(), "metrics": dict.fromkeys([*names, "images"], wrong)})
    assert card.metrics == Metrics()


@pytest.mark.parametrize("fault", REFUSED_CARDS)
def test_a_card_that_cannot_be_right_is_refused(fault: str) -> None:
    content, complaint = REFUSED_CARDS[fault]
    with pytest.raises(ArtifactError, match=complaint) as error:
        parse_card(content, "folder/model.json")
    message = str(error.value)
    assert message.startswith("folder/model.json cannot be used: ")
    assert message.endswith("train or copy it again")
    assert "\n" not in message
    assert len(message) < 600


def test_every_problem_is_named_at_once() -> None:
    wrong = {"classes": ["a", "a"], "threshold": {"recommended": 2}, "input": {"height": 0, "width": 9}}
    with pytest.raises(ArtifactError) as error:
        check_card({**model_card(), **wrong})
    for problem in ("classes names more than once: a", "recommended is 2", "input.height is 0"):
        assert problem in str(error.value)


def test_a_card_may_have_so_many_bytes_and_no_more() -> None:
    content = json.dumps(model_card()).encode()
    parse_card(content.ljust(5_000_000), "model.json")
    with pytest.raises(ArtifactError, match="it has 5,000,001 bytes, the limit is 5,000,000"):
        parse_card(content.ljust(5_000_001), "model.json")
