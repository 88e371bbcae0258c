"""Labels are found by inference id or by key, and a wrong line is told by its number."""

from __future__ import annotations

import io
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


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("", "line 1: the columns are ''"),
        ("class\ncar\n", "line 1: the columns are 'class'"),
        ("x" * 200_000 + ",class,digest\n", "line 1: field larger than"),
        (f"class,digest\ncar,{'x' * 200_000}\n", "field larger than"),
        ("class,event_id\n,e\n", 'line 2: not an object with a text "class"'),
        ("class,event_id\ncar\n", "line 2: none of inference_id, event_id, s3_key, digest"),
        ("class,digest\ncar,md5:12\n", "line 2: digest is 'md5:12'"),
    ],
)
def test_a_wrong_table_is_told_by_its_line(table: str, fault: str) -> None:
    with pytest.raises(ValueError, match="labels, line ") as refused:
        Labels.read_table(io.StringIO(table))
    assert fault in str(refused.value)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_of_labels(separator: str) -> None:
    rows = [
        ["event_id", "note", "class", "digest"],
        ["e", "x", "car", ""],
        ["", "", "truck", "SHA256:" + "Ab" * 32],
    ]
    labels = Labels.read_table(separator.join(row) + "\r\n" for row in rows)
    assert (labels.images, labels.by_event, labels.by_digest) == (2, {"e": "car"}, {"ab" * 32: "truck"})
