"""What the page says was taken for what: a matrix with labels, or of many classes the most frequent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest

from reports.figures.accuracy import labelled_accuracy
from reports.page.sections.accuracy import accuracy
from reports.page.shown_classes import with_shown_classes


def shown(
    cells: Mapping[tuple[int, int], int], classes: int, names: Mapping[str, str] | None = None
) -> list[str]:
    """Each row of the last table as text; `cells` is images by true and by predicted class."""
    labels = tuple(f"c{number}" for number in range(classes))
    counts = {true * classes + told: images for (true, told), images in cells.items()}
    labelled = labelled_accuracy(counts, labels, sum(cells.values()))
    numbers: Any = {
        "model": {"classes": list(labels), "names": dict(names or {})},
        "accuracy": {"estimate": None, "withdrawn": None, "labelled": labelled, "labels": 0},
        **dict.fromkeys(("classes", "recent", "least_certain"), ()),
    }
    section = accuracy(with_shown_classes(numbers))
    rows = re.findall(r"<tr>(.*?)</tr>", str(section).rpartition("<table>")[2], re.S)
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", row)).split()) for row in rows]


def test_ten_classes_are_a_matrix_with_the_true_class_before_each_row() -> None:
    rows = shown({**{(number, number): 20 for number in range(10)}, (3, 1): 7}, 10)
    assert rows[0] == "Shows " + " ".join(f"→ c{number}" for number in range(10))
    assert len(rows) == 11
    assert rows[4] == "c3 0 7 0 20 0 0 0 0 0 0"


def test_rows_of_a_matrix_have_the_names_for_people_and_columns_the_labels_alone() -> None:
    rows = shown({(0, 0): 3, (1, 0): 1}, 2, {"c1": "texting with the right hand"})
    assert rows == ["Shows → c0 → c1", "c0 3 0", "c1 texting with the right hand 1 0"]


def test_a_class_that_the_model_does_not_know_has_a_row_where_there_are_images_of_it() -> None:
    assert shown({(0, 0): 3, (2, 1): 4}, 2)[-1] == "another class 0 4"
    assert shown({(0, 0): 3, (1, 1): 4}, 2)[-1] == "c1 0 4"


@pytest.mark.parametrize("classes", [13, 100])
def test_of_many_classes_the_page_says_what_was_mixed_up_most(classes: int) -> None:
    wrong = {(number, number + 1): number + 1 for number in range(12)}
    rows = shown({(classes, 0): 90, (5, 5): 1000, **wrong}, classes)
    assert rows[:3] == ["Shows Taken for Images", "another class c0 90", "c11 c12 12"]
    assert len(rows) == 14
