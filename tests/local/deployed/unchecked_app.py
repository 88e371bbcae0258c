"""The application as `app.py` builds it, without the checks of its templates.

They take most of a synthesis, and are the matter of tests/template; what a deployment is given is the same.
"""

from __future__ import annotations

from aws_cdk import App

from app import build, read_context

if __name__ == "__main__":
    app = App()
    build(app, *read_context(app)).synth()
