"""The environments of the functions are contracts with the stack."""

from __future__ import annotations

import pytest

from contracts.artifact.class_names import class_names_json, shown_class
from lambda_src.core.classes import ModelClasses
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
        (FilterEnvironment, {"CLASS_NAMES": '["a", ["b"]]', "THRESHOLD": "0.5"}, "CLASS_NAMES must be"),
        (FilterEnvironment, {"CLASS_NAMES": '["a", ["b", ""]]', "THRESHOLD": "0.5"}, "CLASS_NAMES must be"),
        (FilterEnvironment, {"CLASS_NAMES": '[["a", "x"], "a"]', "THRESHOLD": "0.5"}, "repeats a name"),
        (FilterEnvironment, {"CLASS_NAMES": '["a", "a"]', "THRESHOLD": "0.5"}, "repeats a name"),
    ],
)
def test_environment_is_a_contract(
    contract: type[SerializeEnvironment], variables: dict[str, str], reason: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=reason.replace("[", r"\[")):
        contract.read(variables)


def test_classes_come_with_their_names_for_people_as_the_stack_writes_them() -> None:
    labels, names = ("c0", "c1", "c2"), {"c0": "safe driving", "c2": "on the phone, «left»"}
    written = {"CLASS_NAMES": class_names_json(labels, names), "THRESHOLD": "0.5"}
    classes, _ = FilterEnvironment.read(written)
    assert classes == ModelClasses(labels, names)
    assert [classes.shown(label) for label in labels] == [shown_class(label, names) for label in labels]
    assert classes.shown("c2") == "c2 on the phone, «left»"
