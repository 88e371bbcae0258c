"""What the runs of the designs tell."""

from __future__ import annotations

import pytest

from lambda_src.core.run.prices import Usage
from operations.costing.designs import run_and_image


def test_two_runs_tell_the_fixed_part_from_that_of_each_image() -> None:
    small, large = (Usage(standard_transitions=5, lambda_gb_seconds=0.1 + 0.001 * n) for n in (20, 1000))
    run, image = run_and_image([(1000, large), (20, small), (100, small)])
    assert run.lambda_gb_seconds == pytest.approx(0.1)
    assert run.standard_transitions == 5
    assert image == Usage(lambda_gb_seconds=pytest.approx(0.001))  # type: ignore[arg-type]
    assert run_and_image([(20, large), (1000, small)])[1] == Usage()
