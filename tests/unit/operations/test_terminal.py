"""Text for a terminal: safe whoever wrote it, whole at any width, and fields for programs."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from operations import terminal
from operations.aws.deployment import find_deployment
from operations.runs.recent import COLUMNS, execution_cells, recent_executions
from operations.runs.summary import print_summary
from operations.terminal import Cell, Column, layout, printable, say_table
from tests.unit.operations.conftest import Scones
from tests.unit.operations.deployed import DeployedStage, client
from tests.unit.operations.executions import IMAGE_MACHINE, end

HOSTILE = "a\x1b[2J\x1b]0;owned\x07\u202egnp.exe\u2066\x9b31m\r\n\tz\ud800\u2028"
SAFE = r"a\x1b[2J\x1b]0;owned\x07\u202egnp.exe\u2066\x9b31m\x0d\x0a\x09z\ud800\u2028"
OPERATIONS = Path(terminal.__file__).parent


def test_what_controls_a_terminal_is_escaped() -> None:
    assert printable(HOSTILE) == SAFE
    assert printable("süß 猫 a b\\x1b") == "süß 猫 a b\\x1b"


@given(st.text())
def test_nothing_that_controls_is_left(text: str) -> None:
    control = "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]"
    assert not re.search(control, printable(text))


@pytest.mark.parametrize("verb", ["executions", "classify", "batch"])
def test_no_verb_lets_a_key_control_the_terminal(
    run_scones: Scones, deployed: DeployedStage, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    key = HOSTILE.replace("\ud800", "")
    deployed.states.add(IMAGE_MACHINE, "one", {"s3_key": key}, status="FAILED", error=key, cause=key)
    deployed.states.on_start = lambda execution: end(execution, status="FAILED", error="E", cause=key)
    argv = {"executions": (), "classify": (f"s3://others/{key}",), "batch": (f"s3://others/{key}",)}[verb]
    for is_terminal in (True, False):
        monkeypatch.setattr(terminal, "is_terminal", lambda is_terminal=is_terminal: is_terminal)
        _, out, err = run_scones(verb, *argv)
        assert r"\x1b]0;owned\x07\u202e" in "".join(line.strip() for line in out.splitlines())
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066\u2028]", out + err)


def test_only_one_module_prints() -> None:
    """Whatever else wrote to a terminal would have to make it safe as well."""
    found = []
    for path in OPERATIONS.rglob("*.py"):
        if path.name == "terminal.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if {getattr(node, "attr", ""), getattr(node, "id", "")} & {"echo", "secho", "print", "Console"}:
                found.append(f"{path.name}: {ast.unparse(node)}")
    assert found == []


def lines(columns: list[Column], rows: list[list[str]], width: int) -> list[str]:
    made = layout(columns, [[Cell(text) for text in row] for row in rows], width)
    return ["".join(cell.text for cell in line) for line in made]


def test_a_table_that_fits() -> None:
    columns = [Column("name"), Column("images", right=True), Column("reason", long=True)]
    assert lines(columns, [["a", "1,000", ""], ["猫猫", "2", "why"]], 40) == [
        "name  images  reason",
        "a      1,000",
        "猫猫       2  why",
    ]


def test_long_columns_go_below_and_nothing_is_cut() -> None:
    columns = [Column("key", long=True), Column("outcome"), Column("reason", long=True)]
    rows = [["some/key.png", "accepted", ""], ["k" * 30, "failed", "there is no such object anywhere"]]
    assert lines(columns, rows, 22) == [
        "outcome",
        "  key",
        "  reason",
        "accepted",
        "  some/key.png",
        "failed",
        "  " + "k" * 20,
        "  " + "k" * 10,
        "  there is no such",
        "  object anywhere",
    ]


def test_too_many_columns_are_lines_with_titles() -> None:
    columns = [Column("shows"), *(Column(f"→ class {n}") for n in range(9))]
    made = lines(columns, [["bicycle", *map(str, range(9))]], 40)
    assert made[:3] == ["bicycle", "  → class 0: 0", "  → class 1: 1"]


ROWS = st.lists(st.lists(st.text("ab 猫/", max_size=50), min_size=3, max_size=3), max_size=4)


@given(ROWS, st.integers(4, 100))
def test_every_width_holds_every_letter(rows: list[list[str]], width: int) -> None:
    columns = [Column("a"), Column("b", long=True), Column("c", right=True)]
    made = lines(columns, rows, width)
    assert all(cell_len(line) <= width for line in made if line.strip())
    letters = "".join(sorted("".join(made).replace(" ", "")))
    for text in (text for row in rows for text in row):
        assert all(letters.count(letter) >= text.count(letter) for letter in "ab猫/")


def test_names_keys_and_errors_are_whole_at_80_columns(
    deployed: DeployedStage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, key = "classify-20261120T091500Z-77aa0de1", "test/motorcycle_s_000723.png"
    given_, cause = {"s3_key": key}, "there is no object 's3://a-bucket/test/motorcycle_s_000723.png'"
    deployed.states.add(IMAGE_MACHINE, name, given_, status="FAILED", error="ImageAccessDenied", cause=cause)
    rows = recent_executions(client("stepfunctions"), find_deployment(), 5, failed=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    say_table(COLUMNS, map(execution_cells, rows))
    out = capsys.readouterr().out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert all(whole in out for whole in (name, key, "ImageAccessDenied", "FAILED"))


def test_people_see_the_name_of_a_class_beside_its_label(
    deployed: DeployedStage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = {"predicted_class": "c4", "predicted_name": "on the phone, left hand", "confidence": 0.9}
    deployed.states.add(IMAGE_MACHINE, "one", {"s3_key": "a.png"}, output=seen)
    counts = {"listed": 1, "accepted": 1, "low_confidence": 0, "errors": 0}
    classes = {"c4": {"count": 1, "share": 1.0, "name": "on the phone, left hand"}}
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    rows = recent_executions(client("stepfunctions"), find_deployment(), 5, failed=False)
    say_table(COLUMNS, map(execution_cells, rows))
    print_summary({**counts, "classes": classes})
    out = capsys.readouterr().out
    assert "c4 on the phone, left hand 0.9000" in out
    assert "c4 on the phone, left hand  " in out


def test_in_a_pipe_a_table_is_fields(run_scones: Scones, deployed: DeployedStage) -> None:
    seen = {"predicted_class": "bicycle", "predicted_name": "two wheels", "confidence": 1}
    deployed.states.add(IMAGE_MACHINE, "one", {"s3_key": "a\tb"}, output=seen)
    _, out, _ = run_scones("executions")
    assert out == "one\tSUCCEEDED\t2026-11-20 09:15:00\t1.50\ta\\x09b\tbicycle 1.0000\n"
    assert json.loads(run_scones("executions", "--json")[1])["executions"][0]["subject"] == "a\tb"
