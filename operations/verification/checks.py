"""Whether an answer is the one that the model gave when it was made, and if not, what that means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from contracts.artifact.golden import TOLERANCE, GoldenPicture
from operations.images.answer_table import outcome_words, reason
from operations.images.answers import Answer
from operations.verification.deployed_model import DeployedModel


class Checked(NamedTuple):
    """A golden picture, what was expected of it, and what came.

    expected, answered: probabilities in the model's order. difference: the greatest of one of them; None
    where they cannot be compared. model: the digest of the one that answered. problem: "" where all is as
    expected.
    """

    picture: str
    true_class: str
    expected_class: str
    expected: Sequence[float]
    answered_class: str | None
    answered: Sequence[float] | None
    difference: float | None
    model: str | None
    problem: str
    execution: str | None


def check(model: DeployedModel, answers: Sequence[Answer]) -> list[Checked]:
    """Each golden picture of the model with its answer, which are in the same order."""
    return [_checked(model, *pair) for pair in zip(model.golden, answers, strict=True)]


def _checked(model: DeployedModel, picture: GoldenPicture, answer: Answer) -> Checked:
    expected = picture.probabilities
    expected_class = model.classes[expected.index(max(expected))]
    difference = _difference(expected, answer.inferences)
    return Checked(
        picture=picture.name,
        true_class=picture.true_class,
        expected_class=expected_class,
        expected=expected,
        answered_class=answer.predicted_class,
        answered=answer.inferences,
        difference=difference,
        model=answer.model,
        problem=_problem(model.digest, expected, expected_class, answer, difference),
        execution=answer.execution,
    )


def _problem(
    digest: str, expected: Sequence[float], expected_class: str, answer: Answer, difference: float | None
) -> str:
    """The first that is wrong, beginning with what explains all others."""
    if answer.outcome != "accepted":
        return reason(answer) if answer.error else outcome_words(answer.outcome)
    if answer.model != digest:
        return f"answered by the model {answer.model or 'that nobody names'}, deployed is {digest}"
    if difference is None:
        return f"{len(answer.inferences or ())} probabilities for {len(expected)} classes"
    if difference > TOLERANCE:
        turned = _difference(sorted(expected), sorted(answer.inferences or ()))
        if turned is not None and turned <= TOLERANCE:
            return "the right probabilities in another order of classes"
        return f"off by {difference:.4f}, more than {TOLERANCE}: other pixels reach the model"
    if answer.predicted_class != expected_class:
        return f"called {answer.predicted_class}: the functions have another order of classes"
    return ""


def _difference(expected: Sequence[float], answered: Sequence[float] | None) -> float | None:
    if answered is None or len(answered) != len(expected):
        return None
    return max(abs(one - other) for one, other in zip(expected, answered, strict=True))
