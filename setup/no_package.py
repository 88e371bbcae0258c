"""The build backend of pyproject.toml, which refuses: the project is a checkout, not a package.

A wheel would put nine generic names (`training`, `reports`, …) into other people's environments, and leave
behind what the stacks deploy by path: the charts, the layer, the Dockerfile.
"""

from __future__ import annotations

import sys
from typing import NoReturn


def refuse(*_: object, **__: object) -> NoReturn:
    """Every hook of PEP 517 and PEP 660 that a front end may call."""
    sys.exit(
        "scones is not installed as a package, it runs from its checkout. To synthesize: npm ci && "
        "pip install -r requirements.txt && npx cdk synth. For the command .venv/bin/scones: make setup."
    )


get_requires_for_build_wheel = get_requires_for_build_sdist = get_requires_for_build_editable = refuse
prepare_metadata_for_build_wheel = prepare_metadata_for_build_editable = refuse
build_wheel = build_sdist = build_editable = refuse
