"""What an operation answers to a request that it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from loopback_aws.errors import ApiError


def refusal(call: Any, *arguments: Any) -> tuple[str, str]:
    """Code and message of the ApiError that the call raises."""
    with pytest.raises(ApiError) as error:
        call(*arguments)
    return error.value.code, error.value.message
