"""Documents that are generated agree with what they are generated from."""

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.diagram import BEGIN, END, classify_image, embedded, mermaid, write
from stacks.settings_reference import reference

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_the_diagram_is_that_of_the_definition(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    assert embedded(text) == mermaid(classify_image()), f"run: python -m stacks.diagram --write {page}"


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
