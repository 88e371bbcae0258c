"""Labels are found by inference id or by key, and a wrong line is told by its number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from operations.simulation.labels import LABELS
from operations.simulation.labels import Labels as Writer
from reports.history.labels import Labels


def test_labels_by_id_and_by_key() -> None:
    labels = Labels.read(
        [
            '{"inference_id": "one", "class": "car"}\n',
            "\n",
            '{"s3_key": "a.png", "class": "truck"}',
            '{"s3_key": "a.png", "s3_bucket": "other", "class": "scooter"}',
        ]
    )
    assert labels.images == 3
    assert labels.find("one", None, None) == "car"
    assert labels.find("one", "other", "a.png") == "car"
    assert labels.find(None, "mine", "a.png") == "truck"
    assert labels.find("two", "other", "a.png") == "scooter"
    assert labels.find("two", "mine", "b.png") is None
    assert labels.find(None, None, None) is None


def test_what_a_simulation_wrote_is_read(tmp_path: Path) -> None:
    with Writer(tmp_path, "bucket") as writer:
        writer.add("a.png", "pack#0", "car", drifted=True)
        writer.add("b.png", None, "truck", drifted=False)
    labels = Labels.read((tmp_path / LABELS).read_text().splitlines())
    assert labels.find("pack#0", None, None) == "car"
    assert labels.find(None, "bucket", "b.png") == "truck"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "Expecting"),
        ("[]", "not an object"),
        ('{"class": "car"}', "none of inference_id, event_id, s3_key, digest"),
        ('{"inference_id": "a"}', '"class"'),
        ('{"inference_id": 7, "class": "car"}', "inference_id is 7"),
        ('{"s3_key": [], "class": "car"}', "s3_key"),
        ("[" * 100_000, "line 2"),
    ],
)
def test_a_wrong_line_is_told_by_its_number(line: str, fault: str) -> None:
    with pytest.raises(ValueError, match="labels, line 2: ") as refused:
        Labels.read([json.dumps({"inference_id": "a", "class": "car"}), line])
    assert fault in str(refused.value)
