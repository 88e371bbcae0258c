"""A model has the same short name everywhere, in the functions too, which are deployed apart."""

from __future__ import annotations

import pytest

from contracts.artifact.digest import SHORT_DIGITS, short_digest
from lambda_src.core.probabilities import short_digest as short_digest_of_the_functions

SHA256 = "0123456789abcdef" * 4


def test_the_digest_is_cut_to_twelve_digits() -> None:
    assert short_digest(SHA256) == "0123456789ab"
    assert SHORT_DIGITS == 12
    assert short_digest("") == ""


@pytest.mark.parametrize("sha256", ["", "0123456789ab", SHA256])
def test_the_functions_cut_it_alike(sha256: str) -> None:
    """They are deployed alone, without the contracts."""
    assert short_digest_of_the_functions(sha256) == short_digest(sha256)
