"""True classes of images, against which the model's answers are counted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Labels:
    """Class by inference id, and by (bucket, key) of the image; bucket "" where the label names none."""

    by_id: dict[str, str]
    by_key: dict[tuple[str, str], str]
    images: int

    @classmethod
    def read(cls, lines: Iterable[str]) -> Labels:
        """JSON lines: {"inference_id" or "s3_key" (or both), "class", "s3_bucket" if wanted}.

        Further fields are ignored, as those that `scones simulate` writes. ValueError names the line.
        """
        labels = cls({}, {}, 0)
        images = 0
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    labels._add(json.loads(line))
                except (ValueError, RecursionError) as error:
                    raise ValueError(f"labels, line {number}: {error}") from None
                images += 1
        return cls(labels.by_id, labels.by_key, images)

    def find(self, inference_id: str | None, bucket: str | None, key: str | None) -> str | None:
        """The class of an image: by its inference id, else by its key, in its bucket or in any."""
        if inference_id is not None and (found := self.by_id.get(inference_id)) is not None:
            return found
        if not key:
            return None
        return self.by_key.get((bucket or "", key), self.by_key.get(("", key)))

    def _add(self, label: Any) -> None:
        if not isinstance(label, dict) or not isinstance(label.get("class"), str) or not label["class"]:
            raise ValueError('not an object with a text "class"')
        names = {name: label.get(name) for name in ("inference_id", "s3_key", "s3_bucket")}
        for name, value in names.items():
            if value is not None and not isinstance(value, str):
                raise ValueError(f"{name} is {value!r}, not a text")
        if not names["inference_id"] and not names["s3_key"]:
            raise ValueError("neither inference_id nor s3_key")
        if names["inference_id"]:
            self.by_id[names["inference_id"]] = label["class"]
        if names["s3_key"]:
            self.by_key[names["s3_bucket"] or "", names["s3_key"]] = label["class"]
