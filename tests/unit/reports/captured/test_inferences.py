"""Captured requests that are whole: every form that an endpoint writes."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.core.errors import ModelFailed
from lambda_src.core.probabilities import check_probabilities
from reports.captured.answer import read_probabilities
from reports.captured.counts import CaptureCounts
from reports.captured.problems import Unreadable
from tests.unit.reports.captured.captured_lines import (
    ANSWER,
    IMAGE,
    SECONDS,
    base64_side,
    captured,
    counts,
    json_side,
    line,
    read,
)
from tests.unit.serving.packs import image_record


def test_a_line_as_aws_documents_it() -> None:
    text = (
        '{"captureData":{"endpointInput":{"observedContentType":"image/png","mode":"INPUT","data":"UE5H",'
        '"encoding":"BASE64"},"endpointOutput":{"observedContentType":"application/json","mode":"OUTPUT",'
        '"data":"[0.93, 0.07]","encoding":"JSON"}},"eventMetadata":{"eventId":"0b1f","inferenceId":"a-1",'
        '"inferenceTime":"2026-11-20T23:59:58Z"},"eventVersion":"0"}\n'
    )
    (inference,), found = read(text.encode())
    assert inference[:3] == (SECONDS, "a-1", (0.93, 0.07))
    assert inference.image is not None
    assert inference.image.read() == b"PNG"
    assert inference.image.size_hint == 4
    assert (found.lines, found.requests, found.inferences, found.problems) == (1, 1, 1, {})


@pytest.mark.parametrize("given", [IMAGE, None])
@pytest.mark.parametrize(
    "output", [json_side("[0.25, 0.75]"), base64_side("application/json", b"[0.25, 0.75]")]
)
@pytest.mark.parametrize("inference_id", [None, "run-7"])
def test_what_an_endpoint_may_be_told_to_capture(
    given: dict[str, object] | None, output: dict[str, object], inference_id: str | None
) -> None:
    (inference,), found = read(line(given=given, output=output, inference_id=inference_id))
    assert inference[:3] == (SECONDS, inference_id, (0.25, 0.75))
    assert (inference.image is None) is (given is None)
    assert found.without_input == (given is None)
    assert not found.problems


@pytest.mark.parametrize(
    "output",
    [
        json_side("[0.9, 0.1]"),
        json_side(" [9e-1,\n1E-1] "),
        json_side([0.9, 0.1]),
        json_side("0.9,0.1\n", "text/csv; charset=utf-8", "CSV"),
        json_side("[0.9, 0.1]", "application/json", "CSV"),
        base64_side("application/json", b"[0.9, 0.1]"),
        base64_side("text/csv", b"0.9, 0.1\r\n"),
    ],
)
def test_every_encoding_of_an_answer(output: dict[str, object]) -> None:
    (inference,), found = read(line(output=output))
    assert inference.probabilities == (0.9, 0.1)
    assert not found.problems


@pytest.mark.parametrize("content_type", ["image/png", "image/jpeg", "application/x-image", "Image/PNG; a=b"])
def test_every_type_of_a_single_image(content_type: str) -> None:
    (inference,), found = read(line(given=base64_side(content_type, b"image")))
    assert inference.image is not None
    assert inference.image.read() == b"image"
    assert not found.problems


def test_an_answer_that_says_how_unfamiliar_its_image_is() -> None:
    said = '{"probabilities": [0.9, 0.1], "unfamiliarity": 0.25}'
    (inference,), found = read(line(output=json_side(said)))
    assert (inference.probabilities, inference.unfamiliarity) == ((0.9, 0.1), 0.25)
    pack = f'[{said}, {{"error": "UnsupportedImage: none"}}, [0.2, 0.8]]'
    both, more = read(line(output=json_side(pack), given=PACK))
    assert [one.unfamiliarity for one in both] == [0.25, None]
    assert [one.probabilities for one in both] == [(0.9, 0.1), (0.2, 0.8)]
    assert not found.problems
    assert not more.problems


PACK = base64_side("application/x-recordio", b"".join(map(image_record, [b"first", b"second", b"third"])))
ERROR = {"error": "UnsupportedImage: not a readable PNG"}


@pytest.mark.parametrize("encode", [json_side, lambda text: base64_side("application/json", text.encode())])
def test_a_pack_with_a_refused_image(encode: object) -> None:
    answers = [[0.9, 0.1], ERROR, [0.2, 0.8]]
    inferences, found = read(line(output=encode(json.dumps(answers)), given=PACK))  # type: ignore[operator]
    assert [inference[:3] for inference in inferences] == [
        (SECONDS, "one#0", (0.9, 0.1)),
        (SECONDS, "one#2", (0.2, 0.8)),
    ]
    assert [inference.image and inference.image.read() for inference in inferences] == [b"first", b"third"]
    assert (found.requests, found.inferences, found.refused, found.unreadable) == (1, 2, 1, 0)
    assert not found.problems


def test_a_pack_of_refused_images_only() -> None:
    inferences, found = read(line(output=json_side(json.dumps([ERROR] * 3)), given=PACK))
    assert (inferences, found.refused, found.problems) == ([], 3, {})


def test_a_pack_whose_images_were_not_captured_and_without_id() -> None:
    output = json_side("[[1, 0], [0.5, 0.5]]")
    inferences, found = read(line(output=output, given=None, inference_id=None, event_id="e"))
    assert [inference[1:] for inference in inferences] == [
        (None, (1.0, 0.0), None, None, "e#0"),
        (None, (0.5, 0.5), None, None, "e#1"),
    ]
    assert found.without_input == 1


def test_csv_rows_are_a_packs_answers_also_when_there_is_one() -> None:
    pack = base64_side("application/x-recordio", image_record(b"only"))
    (inference,), _ = read(line(output=json_side("0.9,0.1\n", "text/csv", "CSV"), given=pack))
    assert inference.inference_id == "one#0"
    inferences, _ = read(line(output=json_side("0.9,0.1\n0.2,0.8\n", "text/csv", "CSV"), given=None))
    assert [inference.inference_id for inference in inferences] == ["one#0", "one#1"]


def test_a_record_too_short_for_its_header_is_found_when_its_image_is_read() -> None:
    truncated = base64_side("application/x-recordio", b"\x0a\x23\xd7\xce\x04\0\0\0abcd")
    (inference,), _ = read(line(output=json_side("[[0.9, 0.1]]"), given=truncated))
    assert inference.image is not None
    with pytest.raises(ValueError, match="header needs 24"):
        inference.image.read()


def test_an_empty_file_is_no_problem() -> None:
    assert read() == ([], CaptureCounts())


def test_any_number_of_lines_with_or_without_their_ends() -> None:
    whole = line()
    lines = [b"\xef\xbb\xbf" + whole, whole.rstrip(b"\n") + b"\r\n", whole.rstrip(b"\n"), b"  " + whole]
    inferences, found = read(*lines)
    assert (len(inferences), found.lines, found.problems) == (4, 4, {})


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own zone, far from UTC."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20T23:59:58Z",
        "2026-11-20T23:59:58+00:00",
        "2026-11-20T23:59:58",
        "2026-11-21T00:59:58+01:00",
        "2026-11-20T18:29:58.000-05:30",
    ],
)
def test_times_in_any_zone_are_one_moment_wherever_they_are_read(written: str) -> None:
    (inference,), _ = read(line(time=written))
    assert inference.time == SECONDS


def test_the_hour_that_clocks_repeat_is_two_hours() -> None:
    before, after = "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"  # Berlin, both half past two
    (first, second), _ = read(line(time=before), line(time=after))
    assert second.time - first.time == 3600


def test_a_window_takes_its_start_and_not_its_stop() -> None:
    lines = [line(time=f"2026-11-20T23:59:{second}Z") for second in (57, 58, 59)]
    pack = line(output=json_side(json.dumps([ERROR])), time="2026-11-21T00:00:00Z")
    inferences, found = read(*lines, pack, start=SECONDS, stop=SECONDS + 1)
    assert [inference.time for inference in inferences] == [SECONDS]
    assert (found.lines, found.requests, found.outside, found.refused) == (4, 1, 3, 0)


def test_unknown_fields_do_not_matter() -> None:
    record = captured() | {"new": 1}
    record["eventMetadata"]["customAttributes"] = ["model=abc"]
    inferences, found = read(json.dumps(record).encode())
    assert (len(inferences), found.problems) == (1, {})


values = st.one_of(
    st.floats(),
    st.floats(-0.1, 1.1),
    st.integers(),
    st.booleans(),
    st.none(),
    st.text(max_size=3),
    st.just([]),
)
probabilities = st.integers(1, 6).flatmap(
    lambda n: st.lists(st.integers(0, 100), min_size=n, max_size=n).map(
        lambda parts: [part / (sum(parts) or 1) for part in parts]
    )
)


answers = st.one_of(st.lists(values, max_size=4), probabilities, values)
objects = answers.map(lambda one: {"probabilities": one, "unfamiliarity": 0.5})


@given(st.one_of(answers, objects), st.integers(2, 4))
def test_probabilities_are_taken_exactly_when_the_workflow_takes_them(answer: object, classes: int) -> None:
    try:
        expected = tuple(check_probabilities(answer, classes))
    except ModelFailed:
        with pytest.raises(Unreadable):
            read_probabilities(answer, classes)
    else:
        assert read_probabilities(answer, classes) == expected


def test_rounding_outside_of_0_and_1_is_taken_back() -> None:
    (inference,), _ = read(line(output=json_side("[1.0000001, -0.0000001]")))
    assert inference.probabilities == (1.0, 0.0)


def test_base64_of_many_images_is_what_was_sent() -> None:
    body = bytes(range(256)) * 40
    (inference,), found = read(line(given=base64_side("image/png", body), output=ANSWER))
    assert inference.image is not None
    assert inference.image.size_hint == len(base64.b64encode(body))
    assert inference.image.read() == body
    assert counts(found) == {}
