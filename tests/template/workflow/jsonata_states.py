"""JSONata expressions of states, evaluated as Step Functions does."""

from __future__ import annotations

import json
from typing import Any

from jsonata import Jsonata


def evaluate(expression: str, **states: Any) -> Any:
    """The value of `{% … %}`, `states` being what `$states` holds; `$parse` is Step Functions' own."""
    parsed = Jsonata.jsonata(expression.removeprefix("{%").removesuffix("%}").strip())
    parsed.register_lambda("parse", json.loads)
    return parsed.evaluate(None, {"states": states})
