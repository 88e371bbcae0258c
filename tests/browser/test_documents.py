"""The documents of these tests are of the form that the analysis makes."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import Open
from tests.browser.documents import document
from tests.unit.reports.samples import sample_numbers

# There only where an image has a label.
OPTIONAL = {"true_class"}


def form(value: Any) -> Any:
    """Names and nesting, without what is said under them."""
    if isinstance(value, dict):
        return {name: form(item) for name, item in value.items() if name not in OPTIONAL}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [form(value[0])]
    return "value"


def test_documents_are_in_step_with_the_analysis() -> None:
    drawn, analysed = document(300, labels=True), sample_numbers(300, labelled=True)
    drawn["accuracy"]["estimate"] = document(300, pictures=False)["accuracy"][
        "estimate"
    ]  # it has not drifted
    assert form(drawn) == form(analysed)


def test_what_the_analysis_makes_is_drawn(open_report: Open) -> None:
    numbers: Any = sample_numbers(300, labelled=True)
    opened = open_report(numbers)
    assert opened.points("recent").count() == 300
    assert opened.points("executions").count() == len(numbers["executions"]["hours"])
    assert opened.page.locator(".gallery img").count() == 24
    opened.chart("recent").locator('[tabindex="0"]').focus()
    assert numbers["recent"][-1]["s3_key"] in opened.card.inner_text()
