"""Labels and names of classes: what can be deployed, shown and told apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.artifact.archive import ArtifactError
from contracts.artifact.card import check_card
from contracts.artifact.class_names import (
    MAX_CLASS_NAMES_BYTES,
    class_names_json,
    class_names_problem,
    shown_class,
)
from tests.artifacts import model_card

LABELS = ("c0", "c1", "c2")


def test_a_card_has_names_for_some_of_its_classes_or_none() -> None:
    document = {**model_card(LABELS), "names": {"c1": "texting, «right»"}}
    assert check_card(document).names == {"c1": "texting, «right»"}
    assert check_card(model_card(LABELS)).names == {}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("texting", "names is 'texting', not an object"),
        ({"c7": "reaching"}, r"names is of \['c7'\], which are no classes"),
        ({"c1": 7}, r"names has \[7\]: a name has letters"),
        ({"c1": "a\nb"}, "a name has letters that can be seen"),
        ({"c1": "x", "c2": "x"}, "more than one class is called x"),
        ({"c1": "x" * 61}, "the name of c1 has 61 characters, 60 are possible"),
    ],
)
def test_names_that_cannot_be_right_are_refused_with_the_card(names: Any, words: str) -> None:
    with pytest.raises(ArtifactError, match=words):
        check_card({**model_card(LABELS), "names": names})


def test_a_class_is_shown_by_label_and_name() -> None:
    names = {"c1": "texting", "bicycle": "bicycle"}
    assert [shown_class(one, names) for one in ("c0", "c1", "bicycle")] == ["c0", "c1 texting", "bicycle"]


def test_functions_are_told_of_each_class_its_label_or_label_and_name() -> None:
    assert json.loads(class_names_json(LABELS, {"c1": "«b»"})) == ["c0", ["c1", "«b»"], "c2"]
    assert class_names_json(("a", "b"), {}) == '["a","b"]'


def test_labels_and_names_share_what_the_functions_have_room_for() -> None:
    labels = tuple(f"class-{number:02d}" for number in range(100))
    assert class_names_problem(labels, {}) is None
    names = {label: f"{'n' * 40} {label}" for label in labels}
    assert f"more than the {MAX_CLASS_NAMES_BYTES:,}" in str(class_names_problem(labels, names))


@pytest.mark.parametrize("text", ["${LABEL}", "{{resolve:secretsmanager:x}}"])
def test_what_a_template_takes_for_a_command_is_not_deployed(text: str) -> None:
    assert "leave it out" in str(class_names_problem(("a", text), {}))
    assert "leave it out" in str(class_names_problem(("a", "b"), {"a": text}))
