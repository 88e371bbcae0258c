"""One analysis or several, in any order: the same numbers. Hours are UTC, and nothing in a file stops it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.analysis import Analysis
from reports.baseline import read_baseline
from reports.image_names import ImageName
from reports.labels import Labels
from reports.limits import Limits
from reports.numbers import make_numbers
from tests.artifacts import model_card
from tests.unit.reports.captured_lines import base64_side, json_side, line
from tests.unit.reports.samples import CLASSES, STOP, about, answers, baseline, captured_lines, labels, png
from tests.unit.serving.packs import image_record

MIDNIGHT = datetime(2026, 10, 25, tzinfo=UTC)


def numbers(analysis: Analysis) -> dict[str, Any]:
    return make_numbers(analysis, None, Limits(), about())


def at(moment: datetime, confidence: float = 0.95, **parts: Any) -> bytes:
    """A captured request of one image, answered at `moment`."""
    answer = json_side(json.dumps([confidence, 1 - confidence]))
    return line(output=answer, given=None, time=moment.strftime("%Y-%m-%dT%H:%M:%SZ"), **parts)


def pack(moment: datetime, images: list[bytes], inference_id: str | None = "pack") -> bytes:
    body = b"".join(map(image_record, images))
    answer = json_side(json.dumps([[0.6, 0.4]] * (len(images) - 1) + [{"error": "no image"}]))
    given = base64_side("application/x-recordio", body)
    return line(
        output=answer, given=given, inference_id=inference_id, time=moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    )


def test_packs_and_single_images_count_each_image() -> None:
    analysis = Analysis(baseline())
    analysis.read(
        "mixed.jsonl", [at(STOP, inference_id="one"), pack(STOP, [png(0, 0), png(1, 1), b"x"]), b"{"]
    )
    found = numbers(analysis)["captured"]
    assert (found["files"], found["requests"], found["inferences"], found["refused"]) == (1, 2, 3, 1)
    assert [problem["kind"] for problem in found["problems"]] == ["cut_off"]
    assert set(analysis.shown_ids) == {"one", "pack#0", "pack#1"}
    totals = analysis.totals
    assert (totals.requests, totals.inferences, totals.refused, totals.unreadable) == (2, 3, 1, 1)
    assert totals.class_inferences == {"bicycle": 3, "motorcycle": 0}
    assert totals.class_confidence["bicycle"] == pytest.approx(0.95 + 0.6 + 0.6)
    assert totals.low_confidence == 2


@pytest.mark.parametrize("known", [baseline(), read_baseline(model_card(CLASSES))])
@pytest.mark.parametrize("count", [0, 1])
def test_no_record_and_one(known: Any, count: int) -> None:
    analysis = Analysis(known)
    analysis.read("few.jsonl", captured_lines(count))
    found = numbers(analysis)
    assert (found["captured"]["inferences"], len(found["recent"]), len(found["hours"])) == (
        count,
        count,
        count,
    )
    assert found["verdict"]["state"] == "unknown"
    json.dumps(found, allow_nan=False)


def test_a_hundred_thousand_records_against_numpy() -> None:
    """Every figure that counts, from one pass without images, beside the same computed from arrays."""
    count = 100_000
    answered, truth = answers(count, 3)
    probabilities = np.round(answered.astype(np.float64), 7)
    confidences, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)
    analysis = Analysis(baseline(), labels=labels(count, 3))
    analysis.read("many.jsonl", captured_lines(count, 3, pictures=False))
    found = numbers(analysis)
    assert found["captured"]["requests"] == found["captured"]["without_input"] == count
    assert found["low_confidence"]["count"] == (confidences < 0.9).sum()
    assert found["confidence"]["mean"] == pytest.approx(confidences.mean(), abs=1e-6)
    assert (
        found["confidence"]["counts"] == np.histogram(confidences, found["confidence"]["edges"])[0].tolist()
    )
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    quantiles = np.quantile(confidences, levels, method="inverted_cdf")
    assert list(found["confidence"]["quantiles"].values()) == pytest.approx(quantiles, abs=0.001)
    for place, row in enumerate(found["classes"]):
        mine = predicted == place
        assert (row["inferences"], row["low_confidence"]) == (mine.sum(), (mine & (confidences < 0.9)).sum())
        assert row["mean_confidence"] == pytest.approx(confidences[mine].mean(), abs=1e-6)
    assert found["accuracy"]["labelled"]["value"] == pytest.approx((predicted == truth).mean(), abs=1e-6)
    assert sum(hour["inferences"] for hour in found["hours"]) == count
    assert [hour["start"] for hour in found["hours"]] == [
        (STOP - timedelta(hours=24 - hour)).strftime("%Y-%m-%dT%H:%M:%SZ") for hour in range(24)
    ]
    least = np.sort(confidences)[:24]
    assert [record["confidence"] for record in found["least_certain"]] == pytest.approx(least, abs=1e-6)
    assert [record["inference_id"] for record in found["recent"][-3:]] == [
        f"image-{place}" for place in range(count - 3, count)
    ]


def test_hours_are_utc_over_a_day_boundary_and_a_clock_change() -> None:
    """In Berlin 02:30 comes twice on 25 October 2026: 00:30 and 01:30 UTC are two hours all the same."""
    berlin = [datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=fold) for fold in (0, 1)]
    analysis = Analysis(baseline())
    analysis.read(
        "day.jsonl",
        [at(MIDNIGHT - timedelta(seconds=1)), at(MIDNIGHT), *(at(time.astimezone(UTC)) for time in berlin)],
    )
    assert [(hour["start"], hour["inferences"]) for hour in numbers(analysis)["hours"]] == [
        ("2026-10-24T23:00:00Z", 1),
        ("2026-10-25T00:00:00Z", 2),
        ("2026-10-25T01:00:00Z", 1),
    ]


def test_only_records_of_the_time_asked_for_count() -> None:
    analysis = Analysis(baseline())
    moments = [MIDNIGHT + timedelta(minutes=minute) for minute in (-1, 0, 59, 60)]
    analysis.read("some.jsonl", map(at, moments), start=MIDNIGHT, stop=MIDNIGHT + timedelta(hours=1))
    found = numbers(analysis)["captured"]
    assert (found["requests"], found["first"], found["last"]) == (
        2,
        "2026-10-25T00:00:00Z",
        "2026-10-25T00:59:00Z",
    )


def test_dropped_hours_leave_nothing_behind() -> None:
    early = [
        at(MIDNIGHT - timedelta(minutes=minute), 0.5 + minute / 1000, inference_id=f"e{minute}")
        for minute in range(1, 60)
    ]
    late = [
        at(MIDNIGHT + timedelta(minutes=minute), 0.9 + minute / 1000, inference_id=f"l{minute}")
        for minute in range(59)
    ]
    both, only = Analysis(baseline()), Analysis(baseline())
    both.read("key/2026/10/24/23/59-00-000-x.jsonl", [*early, b"damaged"])
    for analysis in (both, only):
        analysis.read("key/2026/10/25/00/59-00-000-x.jsonl", late)
    both.drop_before(MIDNIGHT - timedelta(seconds=1))
    assert numbers(both)["captured"]["inferences"] == 118  # that hour has not ended yet
    both.drop_before(MIDNIGHT + timedelta(minutes=59))
    assert numbers(both) == numbers(only)
    assert both.as_state() == only.as_state()


def test_a_file_of_damage_only_counts_in_the_hour_of_its_key() -> None:
    analysis = Analysis(baseline())
    analysis.read("capture/2026/10/25/00/01-02-003-a.jsonl", [b"damaged"])
    analysis.drop_before(MIDNIGHT)
    assert [problem["count"] for problem in numbers(analysis)["captured"]["problems"]] == [1]
    analysis.drop_before(MIDNIGHT + timedelta(hours=1))
    assert numbers(analysis)["captured"]["problems"] == []
    analysis.read("capture/2026/99/25/00/01-02-003-a.jsonl", [b"damaged"])
    assert numbers(analysis)["captured"]["files"] == 1


IDS = st.sampled_from(["a", "b", "c"]) | st.none()
OFFSETS = st.integers(-3 * 3600, 3 * 3600)
LINES = st.one_of(
    st.builds(
        lambda s, p, i: at(MIDNIGHT + timedelta(seconds=s), p, inference_id=i), OFFSETS, st.floats(0, 1), IDS
    ),
    st.builds(
        lambda s, n, i: pack(MIDNIGHT + timedelta(seconds=s), [png(0, n), png(1, n)], i),
        OFFSETS,
        st.integers(0, 3),
        IDS,
    ),
    st.sampled_from([b"", b"{", b"[]", line(time="never"), line(output=json_side("[1]"))]),
)
FILES = st.lists(st.lists(LINES, max_size=6), max_size=6)
TRUE = Labels.read(['{"inference_id": "a", "class": "bicycle"}', '{"inference_id": "b#0", "class": "car"}'])


@settings(max_examples=60, deadline=None)
@given(FILES, st.data())
def test_any_split_and_order_gives_the_numbers_of_one_pass(
    files: list[list[bytes]], data: st.DataObject
) -> None:
    options: dict[str, Any] = {"labels": TRUE, "image_every": 2, "recent": 4, "least_certain": 2}
    named = [(f"{place}.jsonl", lines) for place, lines in enumerate(files)]
    whole, parts = Analysis(baseline(), **options), [Analysis(baseline(), **options) for _ in range(3)]
    for name, lines in named:
        whole.read(name, lines)
    for name, lines in data.draw(st.permutations(named)):
        part = data.draw(st.integers(0, 2))
        parts[part].read(name, lines)
        if data.draw(st.booleans()):
            state = json.loads(json.dumps(parts[part].as_state(), allow_nan=False))
            parts[part] = Analysis.from_state(state, baseline(), **options)
    merged = parts.pop(data.draw(st.integers(0, 2)))
    for part_of in parts:
        merged.merge(part_of)
    assert numbers(merged) == numbers(whole)
    assert merged.as_state() == whole.as_state()


def test_a_state_of_another_model_or_of_nothing_is_refused() -> None:
    analysis = Analysis(baseline())
    analysis.read("some.jsonl", captured_lines(5))
    state = json.loads(json.dumps(analysis.as_state()))
    other = read_baseline(model_card(CLASSES), digest="other")
    for wrong in (
        {},
        {**state, "version": 0},
        {**state, "shown": [[1]]},
        {**state, "hours": {"x": {}}},
        {**state, "hours": []},
    ):
        with pytest.raises(ValueError, match="not a state of this analysis"):
            Analysis.from_state(wrong, baseline())
    with pytest.raises(ValueError, match="another model"):
        Analysis.from_state(state, other)
    with pytest.raises(ValueError, match="cannot be merged"):
        analysis.merge(Analysis(other))


def test_images_are_named_and_labels_by_key_then_count() -> None:
    known = Labels.read(
        [json.dumps({"s3_key": f"{name}.png", "class": "bicycle"}) for name in ("a", "b", "c")]
    )
    analysis = Analysis(baseline(), labels=known)
    analysis.read(
        "named.jsonl",
        [at(STOP, 0.95, inference_id="a"), at(STOP, 0.2, inference_id="b"), at(STOP, inference_id=None)],
    )
    assert numbers(analysis)["accuracy"]["labelled"] is None
    assert analysis.shown_ids == ["b", "a"]
    analysis.name_images(
        {name: ImageName("bucket", f"{name}.png", name, f"arn:{name}") for name in ("a", "b", "z")}
    )
    assert analysis.shown_ids == []
    found = numbers(analysis)
    labelled = found["accuracy"]["labelled"]
    assert (labelled["value"], labelled["images"], labelled["unmatched"]) == (0.5, 2, 1)
    newest = found["recent"][-1]
    assert (newest["s3_bucket"], newest["s3_key"], newest["execution"], newest["execution_arn"]) == (
        "bucket",
        "b.png",
        "b",
        "arn:b",
    )
    assert newest["true_class"] == "bicycle"
    assert "true_class" not in found["recent"][0]
    again = Analysis.from_state(json.loads(json.dumps(analysis.as_state())), baseline(), labels=known)
    assert numbers(again) == found


def test_images_are_measured_and_what_is_none_is_counted() -> None:
    lines = [
        line(given=base64_side("image/png", body), time="2026-10-25T00:00:00Z")
        for body in (png(0, 1), png(1, 2), b"none")
    ]
    analysis = Analysis(baseline())
    analysis.read("images.jsonl", lines)
    found = numbers(analysis)
    assert found["images"] == {"with_image": 3, "measured": 2, "every": 1, "undecodable": 1}
    assert [problem["kind"] for problem in found["captured"]["problems"]] == ["undecodable_image"]
    assert {measure["name"]: measure["mean"] for measure in found["drift"]["measures"]}["width"] == 32
    pictures = [record["picture"] for record in found["recent"]]
    assert sum(picture is None for picture in pictures) == 1
    assert sum(str(picture).startswith("data:image/webp;base64,") for picture in pictures) == 2


def test_sampled_images_are_about_one_in_so_many() -> None:
    analysis = Analysis(baseline(), image_every=10)
    analysis.read("sampled.jsonl", captured_lines(1000))
    images = numbers(analysis)["images"]
    assert images["with_image"] == 1000
    assert 60 <= images["measured"] <= 140
    none = Analysis(baseline(), image_every=0)
    none.read("sampled.jsonl", captured_lines(100))
    assert numbers(none)["images"] == {"with_image": 100, "measured": 0, "every": 0, "undecodable": 0}
