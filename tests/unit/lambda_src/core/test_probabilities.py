"""How the functions name the model that answered."""

from __future__ import annotations

import pytest

from contracts.artifact import digest
from lambda_src.core.probabilities import short_digest


@pytest.mark.parametrize("sha256", ["", "0123456789ab", "fedcba9876543210" * 4])
def test_the_functions_cut_a_digest_as_everybody_does(sha256: str) -> None:
    """They are deployed alone, without the contracts."""
    assert short_digest(sha256) == digest.short_digest(sha256)
