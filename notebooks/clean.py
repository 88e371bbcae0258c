"""`python -m notebooks.clean`: the notebook as it is committed, without outputs and other traces of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).with_name("workflow.ipynb")
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""Of the whole: without the version and the name of whoever's kernel ran it."""
TRACES: dict[str, Any] = {"outputs": [], "execution_count": None}


def cleaned(text: str) -> str:
    """The same cells; no outputs, counts or metadata, in the form that Jupyter writes."""
    found: dict[str, Any] = json.loads(text)
    cells = [
        {**cell, "metadata": {}, **(TRACES if cell["cell_type"] == "code" else {})} for cell in found["cells"]
    ]
    kept = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    NOTEBOOK.write_text(cleaned(NOTEBOOK.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
