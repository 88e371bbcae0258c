"""Each conformance case says which document of AWS it was written from."""

from __future__ import annotations

import pytest

from tests.conformance.documents import Case, cases, problem

FEWEST = 120
"""Cases that a change of the interpreter must pass."""


@pytest.fixture(scope="module")
def collected() -> list[Case]:
    return cases()


def test_every_case_names_its_document(collected: list[Case]) -> None:
    problems = [text for case in collected if (text := problem(case))]
    assert not problems, "\n".join(problems)


def test_there_are_cases_enough(collected: list[Case]) -> None:
    assert len(collected) >= FEWEST, f"{len(collected)} cases"


@pytest.mark.parametrize(
    "url", ["", "https://example.com/docs.aws.amazon.com", "http://docs.aws.amazon.com/step-functions/"]
)
def test_other_addresses_do_not_count(url: str) -> None:
    assert problem(Case("case", [url] if url else [], []))
