"""Captured lines that are damaged, foreign or incomplete: each kind is counted with its place."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.captured.counts import CaptureCounts
from reports.captured.inferences import read_inferences
from reports.captured.problems import KINDS, Loss
from reports.captured.request import MAX_LINE_BYTES
from tests.unit.reports.captured.captured_lines import (
    ANSWER,
    FILE,
    IMAGE,
    base64_side,
    captured,
    counts,
    json_side,
    line,
    read,
)
from tests.unit.serving.packs import image_record

WHOLE = line()
SHORT_PACK = base64_side("application/x-recordio", image_record(b"only"))
BROKEN_PACK = base64_side("application/x-recordio", image_record(b"only")[:-4])


def out(data: Any, content_type: str = "application/json", encoding: str = "JSON") -> bytes:
    return line(output=json_side(data, content_type, encoding), given=None)


def without(*names: str) -> bytes:
    record = captured()
    for name in names:
        del record[name]
    return json.dumps(record).encode()


LOST: dict[str, tuple[str, bytes]] = {
    "cut off at the end": ("cut_off", WHOLE[:200]),
    "cut off between members": ("cut_off", WHOLE[: WHOLE.index(b', "endpointOutput"')]),
    "cut off behind a bracket": ("cut_off", WHOLE[: WHOLE.index(b', "eventMetadata"')]),
    "cut off in a letter": (
        "cut_off",
        line(inference_id="é").replace(b"\\u00e9", b"\xc3\xa9")[:-60] + b"\xc3",
    ),
    "cut off at the start": ("cut_off", WHOLE[100:]),
    "text": ("not_json", b"Internal server error\n"),
    "two records on a line": ("not_json", WHOLE.strip() + WHOLE),
    "zeros": ("not_json", b"\0" * 64),
    "a number of too many digits": ("not_json", b"9" * 5000),
    "another encoding": ("not_utf8", '{"name": "Größe"}'.encode("latin-1")),
    "UTF-16": ("not_utf8", WHOLE.decode().encode("utf-16")),
    "a nested bomb": ("too_deep", b"[" * 200_000 + b"]" * 200_000),
    "too long": ("too_long", b'{"a": "' + b"x" * MAX_LINE_BYTES + b'"}'),
    "a foreign object": ("not_a_record", b'{"level": "info", "message": "started"}'),
    "a foreign list": ("not_a_record", b"[1, 2]"),
    "a foreign number": ("not_a_record", b"NaN"),
    "capture data of another kind": ("not_a_record", b'{"captureData": "text", "eventMetadata": {}}'),
    "no metadata": ("bad_time", without("eventMetadata")),
    "no time": ("bad_time", line(time=None)),
    "time as words": ("bad_time", line(time="yesterday")),
    "time as a number": ("bad_time", line(time=1_795_219_198)),
    "time as an object": ("bad_time", line(time={})),
    "a 30th of February": ("bad_time", line(time="2026-02-30T00:00:00Z")),
    "before any calendar": ("bad_time", line(time="0001-01-01T00:00:00+14:00")),
    "after any calendar": ("bad_time", line(time="9999-12-31T23:59:59-14:00")),
    "no output": ("no_output", line(output=None)),
    "output of another kind": ("unreadable_output", line(output="[0.9, 0.1]")),
    "output without data": ("unreadable_output", line(output={"encoding": "JSON"})),
    "output cut off": ("unreadable_output", out("[0.9, 0.")),
    "output of a number": ("unreadable_output", out("0.9")),
    "output of null": ("unreadable_output", out("null")),
    "output of a foreign object": ("unreadable_output", out('{"predictions": [[0.9, 0.1]]}')),
    "output nested deep": ("unreadable_output", out("[" * 100_000)),
    "output empty": ("unreadable_output", out("")),
    "CSV empty": ("unreadable_output", out("\n", "text/csv", "CSV")),
    "output not base64": ("unreadable_output", out("[0.9, 0.1]", encoding="BASE64")),
    "output base64 with foreign letters": (
        "unreadable_output",
        out("WzAu*OSwgMC4xXQ==", encoding="BASE64"),
    ),
    "output base64 cut off": ("unreadable_output", out("WzAuOSwgMC4xX", encoding="BASE64")),
    "output base64 of no UTF-8": ("unreadable_output", out("//79/A==", encoding="BASE64")),
    "an error of the model server": ("error_answer", out('{"error": "UnsupportedImage", "message": "…"}')),
    "an error already parsed": ("error_answer", out({"error": "UnsupportedImage"})),
    "an error as text": ("error_answer", out("Bad Gateway", "text/plain", "JSON")),
    "an error in base64": ("error_answer", line(output=base64_side("text/html", b"<h1>502</h1>"))),
    "an error among CSV": ("error_answer", out("unable to answer", "text/csv", "CSV")),
    "too few": ("wrong_class_count", out("[1.0]")),
    "too many": ("wrong_class_count", out("[0.5, 0.25, 0.25]")),
    "none": ("wrong_class_count", out("[]")),
    "NaN": ("bad_probabilities", out("[NaN, 0.5]")),
    "NaN behind": ("bad_probabilities", out("[0.5, NaN]")),
    "NaN in CSV": ("bad_probabilities", out("nan,0.5", "text/csv", "CSV")),
    "infinite": ("bad_probabilities", out("[Infinity, -Infinity]")),
    "negative": ("bad_probabilities", out("[1.5, -0.5]")),
    "more than 1 together": ("bad_probabilities", out("[0.9, 0.9]")),
    "text as a number": ("bad_probabilities", out('["0.9", "0.1"]')),
    "text among CSV": ("bad_probabilities", out("0.9,a lot", "text/csv", "CSV")),
    "truth values": ("bad_probabilities", out("[true, false]")),
    "null as a number": ("bad_probabilities", out("[0.9, null]")),
    "a list as a number": ("bad_probabilities", out("[0.9, [0.1]]")),
    "a foreign object in a pack": ("bad_probabilities", out('[{"label": "bicycle"}]')),
}
"""What loses an answer: kind and line."""

KEPT: dict[str, tuple[str, bytes]] = {
    "input not base64": ("unreadable_input", line(given=IMAGE | {"data": "no base64"})),
    "input of another kind": ("unreadable_input", line(given=[1])),
    "input without data": ("unreadable_input", line(given={"observedContentType": "image/png"})),
    "input in another encoding": ("unreadable_input", line(given=IMAGE | {"encoding": "CSV"})),
    "input of a foreign type": ("foreign_input", line(given=base64_side("application/pdf", b"%PDF"))),
    "input without a type": ("foreign_input", line(given={"data": "UE5H", "encoding": "BASE64"})),
    "a type that is no text": ("foreign_input", line(given=IMAGE | {"observedContentType": ["image/png"]})),
    "a pack not base64": (
        "unreadable_input",
        line(output=json_side("[[0.9, 0.1]]"), given=SHORT_PACK | {"data": "????"}),
    ),
    "a broken pack": ("broken_pack", line(output=json_side("[[0.9, 0.1]]"), given=BROKEN_PACK)),
    "an empty pack": (
        "broken_pack",
        line(output=json_side("[[0.9, 0.1]]"), given=base64_side("application/x-recordio", b"")),
    ),
    "an id that is no text": ("bad_inference_id", line(inference_id=7)),
    "an id of half a letter": ("bad_inference_id", line(inference_id="\ud800")),
    "an endless id": ("bad_inference_id", line(inference_id="x" * 10_000)),
}
"""What keeps its answer."""


@pytest.mark.parametrize("name", LOST)
def test_a_lost_answer_is_counted_with_its_place_and_disturbs_no_other_line(name: str) -> None:
    kind, damaged = LOST[name]
    inferences, found = read(WHOLE, damaged, WHOLE, damaged)
    assert len(inferences) == found.inferences == 2
    assert counts(found) == {kind: 2}
    assert found.problems[kind].example == f"{FILE}, line 2"
    assert (found.lines, found.unreadable) == (4, 2)
    assert KINDS[kind].loss is Loss.ANSWER


@pytest.mark.parametrize("name", KEPT)
def test_an_unusable_part_besides_the_answer_leaves_the_answer(name: str) -> None:
    kind, damaged = KEPT[name]
    (_, inference), found = read(WHOLE, damaged)
    assert inference.probabilities == (0.9, 0.1)
    assert counts(found) == {kind: 1}
    assert found.problems[kind].example == f"{FILE}, line 2"
    assert (found.requests, found.unreadable) == (2, 0)
    assert KINDS[kind].loss is not Loss.ANSWER
    assert (inference.image is None) is (KINDS[kind].loss is Loss.IMAGE)
    assert (inference.inference_id is None) is (kind == "bad_inference_id")


@pytest.mark.parametrize("empty", [b"", b"\n", b"\r\n", b" \t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf" * 3000])
def test_empty_lines_are_counted_and_lose_nothing(empty: bytes) -> None:
    inferences, found = read(empty, WHOLE, empty)
    assert len(inferences) == 1
    assert (counts(found), found.lines, found.unreadable) == ({"empty_line": 2}, 3, 0)
    assert KINDS["empty_line"].loss is Loss.NOTHING


@pytest.mark.parametrize("answers", ["[[0.9, 0.1]]", "[[0.9, 0.1], [0.2, 0.8], [1, 0]]", "[0.9, 0.1]"])
def test_images_of_a_pack_that_fit_no_answer_are_left_out(answers: str) -> None:
    pack = base64_side("application/x-recordio", image_record(b"first") + image_record(b"second"))
    inferences, found = read(line(output=json_side(answers), given=pack))
    assert len(inferences) == found.inferences > 0
    assert not any(inference.image for inference in inferences)
    assert (counts(found), found.unreadable) == ({"pack_count_differs": 1}, 0)


def test_a_pack_loses_its_bad_answers_only_and_its_line_counts_once() -> None:
    answers = [[0.9, 0.1], [0.9], 0.5, {"error": "ImageTooLarge"}, [0.9, None], [0.2, 0.8]]
    inferences, found = read(line(output=json_side(json.dumps(answers)), given=None))
    assert [inference.inference_id for inference in inferences] == ["one#0", "one#5"]
    assert counts(found) == {"wrong_class_count": 1, "bad_probabilities": 2}
    assert (found.inferences, found.refused, found.unreadable) == (2, 1, 1)


def test_broken_base64_of_a_single_image_shows_when_it_is_read() -> None:
    (inference,), _ = read(line(given=IMAGE | {"data": "a*b="}))
    assert inference.image is not None
    assert inference.image.position == (FILE, 1)
    with pytest.raises(ValueError, match=r"base64|data"):
        inference.image.read()


def endless(error: Exception) -> Iterator[bytes]:
    yield WHOLE
    raise error


def test_a_damaged_compressed_file_gives_what_came_before() -> None:
    compressed = gzip.compress(WHOLE * 50_000)
    found = CaptureCounts()
    with gzip.open(io.BytesIO(compressed[: len(compressed) // 2])) as file:
        inferences = list(read_inferences(FILE, file, 2, found))
    assert 0 < len(inferences) < 50_000
    assert counts(found) == {"damaged_file": 1}
    assert found.problems["damaged_file"].example == f"{FILE}, line {len(inferences) + 1}"
    for error in (zlib.error("damaged"), gzip.BadGzipFile("no gzip")):
        assert len(list(read_inferences(FILE, endless(error), 2, found))) == 1
    assert (counts(found), found.unreadable) == ({"damaged_file": 3}, 3)


def test_a_failed_download_is_not_taken_for_damage() -> None:
    with pytest.raises(ConnectionError):
        list(read_inferences(FILE, endless(ConnectionError()), 2, CaptureCounts()))


def test_a_path_of_broken_letters_can_be_written() -> None:
    found = CaptureCounts()
    list(read_inferences("captured-\udcff.jsonl", [b"text"], 2, found))
    assert found.problems["not_json"].example.encode() == b"captured-\\udcff.jsonl, line 1"


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.sampled_from(["BASE64", "CSV", "[0.9, 0.1]", "0.9,0.1", "application/x-recordio", "UE5H"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
SIDES = st.one_of(
    VALUES,
    st.fixed_dictionaries(
        {},
        optional={
            "observedContentType": st.one_of(
                st.sampled_from(["image/png", "application/x-recordio"]), VALUES
            ),
            "data": VALUES,
            "encoding": st.one_of(st.sampled_from(["BASE64", "JSON", "CSV"]), VALUES),
        },
    ),
)
RECORDS = st.one_of(
    VALUES,
    st.builds(captured, output=st.one_of(st.just(ANSWER), SIDES), given=SIDES, time=VALUES),
    st.builds(captured, SIDES, SIDES),
).map(lambda record: json.dumps(record).encode())
CUT = st.builds(lambda start, stop: WHOLE[start:stop], st.integers(0, 400), st.integers(0, 400))


@given(st.lists(st.one_of(st.binary(), CUT, RECORDS), max_size=6))
def test_no_bytes_stop_the_reading_and_every_line_is_accounted_for(lines: list[bytes]) -> None:
    inferences, found = read(*lines, WHOLE)
    assert found.lines == len(lines) + 1
    assert found.inferences == len(inferences) >= 1
    assert inferences[-1].probabilities == (0.9, 0.1)
    assert found.requests + found.unreadable + counts(found).get("empty_line", 0) >= found.lines
    assert all(0 <= value <= 1 for inference in inferences for value in inference.probabilities)
    assert CaptureCounts.from_state(json.loads(json.dumps(found.as_state()))) == found
