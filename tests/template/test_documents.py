"""Documents that are generated agree with what they are generated from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stacks.settings.reference import reference
from stacks.workflow.diagram import MACHINES, embedded, machines, markers, mermaid, write

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def definitions() -> dict[str, dict[str, Any]]:
    return machines()


@pytest.mark.parametrize("name", MACHINES)
def test_the_diagram_is_that_of_the_definition(definitions: dict[str, dict[str, Any]], name: str) -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    expected = mermaid(definitions[name])
    assert embedded(text, name) == expected, (
        "run: python -m stacks.workflow.diagram --write docs/architecture.md"
    )


def test_a_map_is_drawn_with_what_it_runs_for_each_item(definitions: dict[str, dict[str, Any]]) -> None:
    lines = [line.strip() for line in mermaid(definitions["ClassifyBatch"]).splitlines()]
    inside = lines[lines.index("state ClassifyBatches {") + 1 :]
    inside = inside[: inside.index("}")]
    assert "[*] --> SerializeImages" in inside
    assert "SerializeImages --> ClassifyImages" in inside
    assert "ClassifyBatches --> MergeResults" not in inside
    assert "ClassifyBatches --> MergeResults" in lines


def test_the_list_of_settings_is_that_of_the_settings() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert text == reference(), "run: python -m stacks.settings.reference --write docs/settings.md"


def test_writing_keeps_the_rest_of_the_document(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    (begin, end), (other, _) = markers("One"), markers("Other")
    path.write_text(f"before\n{other}\nkept\n{end}\n{begin}\nold\n{end}\nafter\n")
    write(path, "One", "new")
    kept = f"before\n{other}\nkept\n{end}\n"
    assert path.read_text() == f"{kept}{begin}\n```mermaid\nnew\n```\n{end}\nafter\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["page.md"]


def test_a_document_without_markers_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("text\n")
    with pytest.raises(SystemExit, match="no markers"):
        write(path, "One", "new")
    assert path.read_text() == "text\n"
