"""The environments of the functions are contracts with the stack."""

from __future__ import annotations

import pytest

from lambda_src.core.environment import ClassifyEnvironment, FilterEnvironment, SerializeEnvironment
from lambda_src.core.errors import InvalidConfiguration


@pytest.mark.parametrize(
    ("contract", "variables", "reason"),
    [
        (SerializeEnvironment, {"PACKS_PREFIX": "p/"}, "DATA_BUCKET is not set"),
        (
            SerializeEnvironment,
            {"DATA_BUCKET": "No_Bucket", "PACKS_PREFIX": "p/"},
            "DATA_BUCKET 'No_Bucket' is no bucket name",
        ),
        (
            SerializeEnvironment,
            {"DATA_BUCKET": "data-bucket", "PACKS_PREFIX": "packs"},
            "PACKS_PREFIX must end in /, not 'packs'",
        ),
        (SerializeEnvironment, {"DATA_BUCKET": "data-bucket"}, "PACKS_PREFIX is not set"),
        (
            SerializeEnvironment,
            {"DATA_BUCKET": "data-bucket", "PACKS_PREFIX": "p/", "REQUIRED_SHARE": "1.5"},
            "REQUIRED_SHARE must be a number from 0 to 1, not 1.5",
        ),
        (ClassifyEnvironment, {"CLASS_COUNT": "2"}, "ENDPOINT_NAME is not set"),
        (ClassifyEnvironment, {"ENDPOINT_NAME": "e", "CLASS_COUNT": "two"}, "CLASS_COUNT must be"),
        (ClassifyEnvironment, {"ENDPOINT_NAME": "e", "CLASS_COUNT": "1"}, "CLASS_COUNT must be"),
        (FilterEnvironment, {"CLASS_NAMES": '["a", "b"]'}, "THRESHOLD is not set"),
        (FilterEnvironment, {"CLASS_NAMES": '["a", "b"]', "THRESHOLD": "NaN"}, "THRESHOLD must be"),
        (FilterEnvironment, {"CLASS_NAMES": '["a", "b"]', "THRESHOLD": "high"}, "THRESHOLD is not JSON"),
        (FilterEnvironment, {"CLASS_NAMES": "a,b", "THRESHOLD": "0.5"}, "CLASS_NAMES is not JSON"),
        (FilterEnvironment, {"CLASS_NAMES": '["a"]', "THRESHOLD": "0.5"}, "CLASS_NAMES must be"),
        (FilterEnvironment, {"CLASS_NAMES": '["a", "a"]', "THRESHOLD": "0.5"}, "repeats a name"),
    ],
)
def test_environment_is_a_contract(
    contract: type[SerializeEnvironment], variables: dict[str, str], reason: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=reason.replace("[", r"\[")):
        contract.read(variables)
