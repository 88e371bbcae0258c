"""The numbers for a pull request."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from reports.document import Numbers
from reports.markdown import render_markdown, text
from tests.unit.reports.samples import sample_numbers


@cache
def _numbers(count: int) -> Numbers:
    return sample_numbers(count, labelled=True)


def numbers(count: int) -> Any:
    """To be changed in ways that the document's types forbid."""
    return deepcopy(_numbers(count))


def rows(markdown: str, title: str) -> list[list[str]]:
    """The first table after a heading that begins so, without its head."""
    lines = markdown[markdown.index(title) :].split("\n\n")[1].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_verdict_comes_first() -> None:
    document = numbers(300)
    markdown = render_markdown(document)
    assert markdown.startswith("## scones-dev: All is well\n\nAll is well: 300 inferences")
    assert "24 Oct 2026, 12:00 to 25 Oct 2026, 12:00 UTC, 300 inferences, threshold 90.00 %" in markdown


def test_classes_with_names_for_people_are_shown_with_them() -> None:
    document = numbers(300)
    label = document["classes"][0]["name"]
    document["model"]["names"] = {label: "two wheels, no engine"}
    first = [row[0] for row in rows(render_markdown(document), "### Classes")]
    assert f"{label} two wheels, no engine" in first
    assert len(first) == len(document["classes"])


def test_every_check_is_a_row() -> None:
    document = numbers(300)
    cells = rows(render_markdown(document), "## scones-dev") or []
    markdown = render_markdown(document)
    table = [line for line in markdown.splitlines() if line.startswith("| ")]
    for check in document["verdict"]["checks"]:
        assert any(line.startswith(f"| {check['label']} | Well |") for line in table), (check, cells)


def test_tables_hold_the_numbers() -> None:
    document = numbers(300)
    markdown = render_markdown(document)
    classes = rows(markdown, "### Classes")
    assert [(row[0], row[1]) for row in classes] == [
        (row["name"], str(row["inferences"]))
        for row in sorted(document["classes"], key=lambda row: -row["inferences"])
    ]
    drift = rows(markdown, "### Drift")
    assert [(row[0], row[2]) for row in drift] == [
        (measure["label"], f"{measure['psi']:.3f}") for measure in document["drift"]["measures"]
    ]
    assert rows(markdown, "### Executions")[0][:2] == [
        "Succeeded",
        str(document["executions"]["outcomes"]["SUCCEEDED"]),
    ]
    assert (
        f"- Estimated without labels: {100 * document['accuracy']['estimate']['value']:.1f} % (95 % interval"
        in markdown
    )
    assert "- By labels: " in markdown


def test_nothing_captured_leaves_tables_out() -> None:
    document: Any = {**numbers(0), "executions": None}
    markdown = render_markdown(document)
    assert markdown.startswith("## scones-dev: Not enough is known")
    assert "### Classes" not in markdown
    assert "### Executions" not in markdown
    assert "None" not in markdown


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("a|b", r"a\|b"),
        ("`rm`", r"\`rm\`"),
        ("cut_off", r"cut\_off"),
        ("[x](http://example.com)", r"\[x\](http&#58;//example.com)"),
        ("<b>&", r"\<b\>&amp;"),
        ("two\nlines", "two lines"),
        ("@someone", "@\u200bsomeone"),
        ("\x1b[31mred \u202egnp.exe", "\ufffd\\[31mred \ufffdgnp.exe"),
    ],
)
def test_text_formats_nothing(given: str, written: str) -> None:
    assert text(given) == written


def test_names_do_not_break_tables() -> None:
    document = numbers(30)
    document["classes"][0]["name"] = "one | two\n`three`"
    document["captured"]["problems"] = [
        {"kind": "x", "meaning": "a | b", "count": 3, "example": "k|`y`, line 1"}
    ]
    markdown = render_markdown(document)
    assert r"| one \| two \`three\` |" in markdown
    assert r"| A \| b | k\|\`y\`, line 1 | 3 |" in markdown
