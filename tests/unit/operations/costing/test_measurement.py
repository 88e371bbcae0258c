"""What a measurement says of any number of images, and how a file holds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.aws.errors import OperationError
from operations.costing.measurement import read_measurement, usages, write_measurement
from tests.unit.operations.costing.measured import MEASUREMENT


def test_a_part_of_a_run_or_batch_counts_as_a_whole_one() -> None:
    used = usages(MEASUREMENT, 250)["batches of 100"]
    assert used.express_requests == 3
    assert used.standard_transitions == 5 + 3
    assert used.notifications == 1
    assert usages(MEASUREMENT, 100_001)["batches of 100"].standard_transitions == 2 * 5 + 1001


def test_a_measurement_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "cost" / "measurements.json"
    write_measurement(MEASUREMENT, path)
    assert read_measurement(path) == MEASUREMENT
    write_measurement(MEASUREMENT._replace(reference=None), path)
    assert read_measurement(path).reference is None


@pytest.mark.parametrize("content", ["", "[]", '{"measured": "2026-11-21"}', "NEGATIVE"])
def test_a_damaged_measurement_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "measurements.json"
    write_measurement(MEASUREMENT, path)
    negative = path.read_text().replace('"lambda_requests": 2', '"lambda_requests": -2')
    path.write_text(negative if content == "NEGATIVE" else content)
    with pytest.raises(OperationError, match=r"measurements\.json is no measurement .*scones cost --measure"):
        read_measurement(path)
