"""docs/operations.md says about inputs, outputs and errors what the functions do."""

from __future__ import annotations

import json
import re
from pathlib import Path

from lambda_src.core.errors import ERRORS, ClassificationError
from lambda_src.core.image.records import Prediction
from lambda_src.core.image.request import read_request
from lambda_src.core.limits import MAX_IMAGE_BYTES, MAX_INLINE_IMAGE_BYTES, MAX_STATE_BYTES

PAGE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
CHAPTER = PAGE.partition("\n## Errors of the functions\n")[2].partition("\n## ")[0]
SECTIONS = dict(re.findall(r"^### (\S+)\n(.*?)(?=^###|\Z)", CHAPTER, re.MULTILINE | re.DOTALL))


def test_every_error_has_its_section() -> None:
    assert list(SECTIONS) == [error.__name__ for error in ERRORS]
    for error, (name, section) in zip(ERRORS, SECTIONS.items(), strict=True):
        assert "**Means**" in section, name
        assert "**Do:**" in section, name
        assert ("**Retried:** yes" in section) == error.retried, name
        assert ("**Retried:** no" in section) == (not error.retried), name


def test_the_list_of_errors_is_complete() -> None:
    of_functions = {
        error for error in ClassificationError.__subclasses__() if "lambda_src" in error.__module__
    }
    assert set(ERRORS) == of_functions  # the monitor has errors of its own


def test_examples_are_what_the_functions_take_and_give() -> None:
    input_, output = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    assert read_request(input_, "data-bucket").s3_key == input_["s3_key"]
    assert (*output, "predicted_name") == Prediction._fields  # it is there only where a class has one
    command_input = re.search(r"--input '(\{.*?\})'", PAGE)
    assert command_input
    assert read_request(json.loads(command_input[1]), "data-bucket").s3_bucket == "data-bucket"


def test_limits_are_those_of_the_code() -> None:
    assert all(f"{limit:,}" in PAGE for limit in (MAX_IMAGE_BYTES, MAX_INLINE_IMAGE_BYTES, MAX_STATE_BYTES))
