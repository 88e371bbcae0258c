"""An item of a Map state, and what the Context object says of it.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STATE_DATA = "STATE_DATA"
"""`Map.Item.Source` of items that are in the state's input."""


@dataclass(frozen=True)
class Item:
    """`value`, `source` and `key` are Map.Item.Value, .Source and .Key of the Context object."""

    value: Any
    source: str
    """`STATE_DATA`, `S3://bucket` for an entry of a listing, or `S3://bucket/key` of the file it is from."""
    key: str | None = None
    """Name of the member when the items are those of a JSON object."""

    @property
    def input(self) -> Any:
        """What a child is given without ItemSelector: the value, or the pair of a JSON object.

        AWS says that the pair is passed, not how it is spelt; assumed are the names of the Context object.
        """
        return self.value if self.key is None else {"Key": self.key, "Value": self.value}
