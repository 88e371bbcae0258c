"""Documents that are generated agree with what they are generated from."""

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.diagram import BEGIN, END, classify_image, embedded, mermaid, write
from stacks.settings_reference import reference

DOCS = Path(__file__).parents[2] / "docs"


def test_the_diagram_in_the_architecture_is_that_of_the_definition() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert embedded(text) == mermaid(classify_image()), (
        "run: python -m stacks.diagram --write docs/architecture.md"
    )


def test_the_list_of_settings_is_that_of_the_settings() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert text == reference(), "run: python -m stacks.settings_reference --write docs/settings.md"


def test_writing_keeps_the_rest_of_the_document(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write(path, "new")
    assert path.read_text() == f"before\n{BEGIN}\n```mermaid\nnew\n```\n{END}\nafter\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["page.md"]


def test_a_document_without_markers_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("text\n")
    with pytest.raises(SystemExit, match="no markers"):
        write(path, "new")
    assert path.read_text() == "text\n"
