"""The notebook as it is committed: no trace of a run, no path of a machine, no logic, verbs that exist."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

from notebooks.clean import NOTEBOOK, cleaned

ROOT = Path(__file__).resolve().parents[3]
TEXT = NOTEBOOK.read_text(encoding="utf-8")
CELLS: list[dict[str, Any]] = json.loads(TEXT)["cells"]
SOURCES = {cell["id"]: "".join(cell["source"]) for cell in CELLS}
CODE = {cell["id"]: SOURCES[cell["id"]] for cell in CELLS if cell["cell_type"] == "code"}
LONGEST = 17
"""Lines of a cell: what is seen at once, above what it shows."""


def test_it_is_committed_without_traces_of_a_run() -> None:
    assert cleaned(TEXT) == TEXT, "run `python -m notebooks.clean`"
    assert not re.search(r"/(home|root|Users|work|tmp)/|[A-Z]:\\", TEXT), "a path of somebody's machine"


def test_a_run_leaves_traces_that_are_taken_away() -> None:
    run = json.loads(TEXT)
    run["metadata"]["language_info"] = {"name": "python", "version": "3.11.7"}
    for cell in run["cells"]:
        cell["metadata"] = {"scrolled": True, "execution": {"shell.execute_reply": "2026-12-01"}}
        if cell["cell_type"] == "code":
            output = {"output_type": "stream", "name": "stdout", "text": ["/home/somebody"]}
            cell |= {"execution_count": 7, "outputs": [output]}
    assert cleaned(json.dumps(run)) == TEXT


def test_cells_are_short_and_call_what_the_product_has() -> None:
    assert {name: code for name, code in CODE.items() if code.count("\n") >= LONGEST} == {}
    logic = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.If, ast.For, ast.While, ast.Match)
    for name, code in CODE.items():
        lines = [line for line in code.splitlines() if not line.startswith("%")]
        found = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, logic)]
        assert found == [], name


def test_every_cell_of_code_is_explained_above_it() -> None:
    """At most three follow each other without a word."""
    kinds = "".join(cell["cell_type"][0] for cell in CELLS)
    assert kinds[0] == "m"
    assert "cccc" not in kinds


def test_what_it_names_is_there() -> None:
    for verb in re.findall(r"make ([a-z]+)", TEXT):
        assert re.search(rf"^{verb}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE), verb
    for link in re.findall(r"\]\(\.\./([^)#]+)", TEXT):
        assert (ROOT / link).is_file(), link
