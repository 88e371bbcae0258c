"""Each n once, or an error that names what is missing or double: for any mix of batches that ended anyhow."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.core.batch.rows import Row, row_problem
from lambda_src.core.errors import IncompleteResults
from lambda_src.core.run.map_results import read_batch_result
from lambda_src.core.run.merged_rows import MergedRows
from tests.unit.lambda_src.batch_run import answer_row, child, succeeded

ENDINGS = (
    "succeeded",
    "failed",
    "pending",
    "missing",
    "again",
    "redriven",
    "contradicted",
    "short",
    "foreign",
)
WHOLE = {"succeeded", "failed", "pending", "again", "redriven"}
"""Endings after which every image of the batch is there once."""


def plan(sizes: list[int]) -> list[dict[str, Any]]:
    """Lines of a plan with batches of these sizes."""
    lines, n = [], 0
    for batch, size in enumerate(sizes):
        images = [[n + i, "a-bucket", f"{n + i}.png"] for i in range(size)]
        lines.append({"batch": batch, "images": images})
        n += size
    return lines


def rows_of(line: dict[str, Any], ending: str) -> list[dict[str, Any]]:
    """What ResultWriter's files say of a batch that ended so."""
    failed = child(line, "FAILED", Error="ModelFailed", Cause='{"errorMessage": "500"}')
    match ending:
        case "succeeded":
            return [succeeded(line)]
        case "failed":
            return [failed]
        case "pending":
            return [child(line, "PENDING")]
        case "missing":
            return []
        case "again":
            return [succeeded(line), succeeded(line)]
        case "redriven":
            return [child(line, "PENDING"), failed, succeeded(line)]
        case "contradicted":
            return [succeeded(line), succeeded(line, [answer_row(image, 0.5) for image in line["images"]])]
        case "short":
            return [succeeded(line, [answer_row(image) for image in line["images"][1:]])]
    return [succeeded(line, [answer_row([10**6, "a-bucket", "x.png"])])]


def merge(
    lines: list[dict[str, Any]],
    results: list[dict[str, Any]],
    rejected: list[Row] | None = None,
    listed: int = 0,
) -> list[tuple[str, Row]]:
    """All rows that were written, when nothing is missing or double."""
    rejected = rejected or []
    written: list[tuple[str, Row]] = []
    count = listed or sum(len(line["images"]) for line in lines) + len(rejected)
    merging = MergedRows(count, len(lines), lambda outcome, row: written.append((outcome, row)))
    for row in rejected:
        merging.add_rejected(row)
    for row in results:
        merging.add_result(read_batch_result(row))
    for line in lines:
        merging.add_planned(line)
    merging.finish()
    return written


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(ENDINGS)), max_size=6), st.randoms())
def test_each_once_or_an_error_that_names_the_batch(batches: list[tuple[int, str]], random: Any) -> None:
    lines = plan([size for size, _ in batches])
    results = [row for line, (_, ending) in zip(lines, batches, strict=True) for row in rows_of(line, ending)]
    random.shuffle(results)
    broken = [n for n, (_, ending) in enumerate(batches) if ending not in WHOLE]
    if broken:
        with pytest.raises(IncompleteResults) as raised:
            merge(lines, results)
        for batch in broken:
            assert any(f"batch {batch}{end}" in f"{raised.value}" for end in (" ", ",", ";", ":")) or (
                f", {batch}," in f"{raised.value}"
            ), f"{batch} in {raised.value}"
        return
    written = merge(lines, results)
    assert sorted(row["n"] for _, row in written) == list(range(sum(size for size, _ in batches)))
    endings = {image[0]: batches[line["batch"]][1] for line in lines for image in line["images"]}
    for outcome, row in written:
        assert (outcome == "error") == (endings[row["n"]] in ("failed", "pending"))
        assert "outcome" not in row


def test_images_of_failed_batches_are_rows_with_the_batchs_error() -> None:
    (line,) = plan([2])
    row = {"n": 0, "s3_bucket": "a-bucket", "s3_key": "0.png", "error": "ModelFailed", "cause": "500"}
    written = merge([line], rows_of(line, "failed"))
    assert written == [("error", row), ("error", row | {"n": 1, "s3_key": "1.png"})]


def test_rejected_lines_count() -> None:
    (line,) = plan([1])
    rejected = {"n": 1, "s3_bucket": "", "s3_key": "", "outcome": "error", "error": "InvalidInput", "line": 2}
    written = merge([line], [succeeded(line)], [rejected])
    assert written[0] == ("error", {name: value for name, value in rejected.items() if name != "outcome"})
    assert merge([], []) == []


def incomplete(*arguments: Any, **options: Any) -> str:
    with pytest.raises(IncompleteResults) as raised:
        merge(*arguments, **options)
    return str(raised.value)


def test_what_is_missing_is_named() -> None:
    lines = plan([3, 3, 3])
    said = incomplete(lines, [succeeded(lines[0]), succeeded(lines[2], [answer_row(lines[2]["images"][0])])])
    assert "5 of 9 listed images are missing: n 3 to 5, 7 to 8" in said
    assert "of batch 1, 2, namely n 3 ('s3://a-bucket/3.png'), n 4" in said
    assert "Redrive the execution" in said


def test_what_failed_before_does_not_stand_in_for_what_an_answer_lacks() -> None:
    (line,) = plan([2])
    said = incomplete([line], rows_of(line, "failed") + rows_of(line, "short"))
    assert "1 of 2 listed images are missing: n 0; of batch 0" in said


def test_an_image_that_no_file_mentions_is_missing() -> None:
    assert "1 of 2 listed images are missing: n 1" in incomplete(
        plan([1]), [succeeded(plan([1])[0])], listed=2
    )


def test_a_long_list_is_cut() -> None:
    lines = plan([1] * 500)
    said = incomplete(lines, [succeeded(line) for line in lines[::2]])
    assert "250 of 500" in said
    assert "and 240 more" in said
    assert len(said) < 1_000


def double(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [succeeded(lines[0]), succeeded(lines[1], [answer_row(line["images"][0]) for line in lines])]


def unreadable(output: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda lines: [succeeded(lines[0]), child(lines[1], "SUCCEEDED", Output=output)]


def row_with(**fields: Any) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda lines: [
        succeeded(lines[0]),
        succeeded(lines[1], [answer_row(lines[1]["images"][0]) | fields]),
    ]


@pytest.mark.parametrize(
    ("results", "words"),
    [
        (double, "there more than once: n 0 ('s3://a-bucket/0.png') again in batch 1"),
        (row_with(n=7), "n 7 in batch 1, of 2 that are listed"),
        (row_with(n=True), "the output of batch 1: rows must hold rows with n and outcome"),
        (row_with(n=-1), "a row of batch 1 has -1 for n"),
        (row_with(outcome="lost"), "the output of batch 1"),
        (row_with(confidence=None), "a row of batch 1 has null for confidence"),
        (row_with(confidence=2), "has 2 for confidence"),
        (row_with(predicted_class=7), "has 7 for predicted_class"),
        (row_with(outcome="error"), "has null for error"),
        (unreadable("{"), "the output of batch 1: "),
        (unreadable("[" * 100_000), "the output of batch 1: "),
        (unreadable('{"batch": 0, "rows": []}'), "batch 1 answered as batch 0"),
        (
            lambda lines: [succeeded(lines[0]), child(lines[1], "SUCCEEDED")],
            "batch 1 succeeded without output",
        ),
        (
            lambda lines: [*map(succeeded, lines), succeeded({"batch": 9, "images": []})],
            "a result of batch 9",
        ),
        (lambda lines: [*map(succeeded, lines), {"Status": "SUCCEEDED"}], "a result of batch None"),
    ],
)
def test_what_is_not_as_it_should_be(
    results: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], words: str
) -> None:
    lines = plan([1, 1])
    assert words in incomplete(lines, results(copy.deepcopy(lines)))


def test_a_damaged_plan_is_told() -> None:
    lines = plan([1])
    merging = MergedRows(1, 1, lambda *_: None)
    merging.add_result(read_batch_result(succeeded(lines[0])))
    merging.add_planned({"batch": 0, "images": [["0"]]})
    with pytest.raises(IncompleteResults, match="a line of the plan: an image must be"):
        merging.finish()


@pytest.mark.parametrize("row", [None, [], {}, {"n": "0"}, {"n": 0, "outcome": None}])
def test_what_is_no_row(row: Any) -> None:
    assert row_problem(row)
    json.dumps(row_problem(row))
