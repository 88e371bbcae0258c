"""The whole way in a notebook, workflow.ipynb, and what it draws, shows and works on with."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: a notebook's kernel runs in the notebook's own folder."""
