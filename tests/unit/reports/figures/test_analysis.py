"""What one analysis counts: images, classes, confidences, labels; against NumPy for 100,000 records."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from contracts.artifact.card import check_card
from reports.figures.analysis import Analysis
from reports.figures.baseline import read_baseline
from reports.history.image_names import ImageName
from reports.history.labels import Labels
from tests.artifacts import model_card
from tests.unit.reports.captured.captured_lines import base64_side, line
from tests.unit.reports.figures.analysed import at, numbers_of, pack
from tests.unit.reports.samples import CLASSES, STOP, answers, baseline, captured_lines, labels, png


def test_packs_and_single_images_count_each_image() -> None:
    analysis = Analysis(baseline())
    analysis.read(
        "mixed.jsonl", [at(STOP, inference_id="one"), pack(STOP, [png(0, 0), png(1, 1), b"x"]), b"{"]
    )
    found = numbers_of(analysis)["captured"]
    assert (found["files"], found["requests"], found["inferences"], found["refused"]) == (1, 2, 3, 1)
    assert [problem["kind"] for problem in found["problems"]] == ["cut_off"]
    assert set(analysis.shown_ids) == {"one", "pack#0", "pack#1"}
    totals = analysis.totals
    assert (totals.requests, totals.inferences, totals.refused, totals.unreadable) == (2, 3, 1, 1)
    assert totals.class_inferences == {"bicycle": 3, "motorcycle": 0}
    assert totals.class_confidence["bicycle"] == pytest.approx(0.95 + 0.6 + 0.6)
    assert totals.low_confidence == 2


@pytest.mark.parametrize("known", [baseline(), read_baseline(check_card(model_card(CLASSES)))])
@pytest.mark.parametrize("count", [0, 1])
def test_no_record_and_one(known: Any, count: int) -> None:
    analysis = Analysis(known)
    analysis.read("few.jsonl", captured_lines(count))
    found = numbers_of(analysis)
    assert (found["captured"]["inferences"], len(found["recent"]), len(found["hours"])) == (
        count,
        count,
        count,
    )
    assert found["verdict"]["state"] == "unknown"
    json.dumps(found, allow_nan=False)


def test_many_records_against_numpy() -> None:
    """Every figure that counts, from one pass without images, beside the same computed from arrays."""
    count = 20_000
    answered, truth = answers(count, 3)
    probabilities = np.round(answered.astype(np.float64), 7)
    confidences, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)
    analysis = Analysis(baseline(), labels=labels(count, 3))
    analysis.read("many.jsonl", captured_lines(count, 3, pictures=False))
    found = numbers_of(analysis)
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


def test_a_label_of_a_class_that_the_model_does_not_know_is_a_wrong_answer() -> None:
    known = Labels.read(
        ['{"inference_id": "a", "class": "car"}', '{"inference_id": "b", "class": "bicycle"}']
    )
    analysis = Analysis(baseline(), labels=known)
    analysis.read("labelled.jsonl", [at(STOP, inference_id="a"), at(STOP, inference_id="b")])
    assert numbers_of(analysis)["accuracy"]["labelled"]["value"] == 0.5


def test_confidences_on_an_edge_are_in_the_bin_above_it_as_numpy_has_it() -> None:
    confidences = [place / 1000 for place in range(1001)]
    analysis = Analysis(baseline(), least_certain=0, recent=0)
    analysis.read("edges.jsonl", [at(STOP, max(p, 1 - p)) for p in confidences])
    found = numbers_of(analysis)["confidence"]
    surest = [max(p, 1 - p) for p in confidences]
    assert found["counts"] == np.histogram(surest, found["edges"])[0].tolist()


def test_images_are_named_and_labels_by_key_then_count() -> None:
    known = Labels.read(
        [json.dumps({"s3_key": f"{name}.png", "class": "bicycle"}) for name in ("a", "b", "c")]
    )
    analysis = Analysis(baseline(), labels=known)
    analysis.read(
        "named.jsonl",
        [at(STOP, 0.95, inference_id="a"), at(STOP, 0.2, inference_id="b"), at(STOP, inference_id=None)],
    )
    assert numbers_of(analysis)["accuracy"]["labelled"] is None
    assert analysis.shown_ids == ["b", "a"]
    analysis.name_images(
        {name: ImageName("bucket", f"{name}.png", name, f"arn:{name}") for name in ("a", "b", "z")}
    )
    assert analysis.shown_ids == []
    found = numbers_of(analysis)
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
    assert numbers_of(again) == found


def test_images_are_measured_and_what_is_none_is_counted() -> None:
    lines = [
        line(given=base64_side("image/png", body), time="2026-10-25T00:00:00Z")
        for body in (png(0, 1), png(1, 2), b"none")
    ]
    analysis = Analysis(baseline())
    analysis.read("images.jsonl", lines)
    found = numbers_of(analysis)
    assert found["images"] == {"with_image": 3, "measured": 2, "every": 1, "undecodable": 1}
    assert [problem["kind"] for problem in found["captured"]["problems"]] == ["undecodable_image"]
    assert {measure["name"]: measure["mean"] for measure in found["drift"]["measures"]}["width"] == 32
    pictures = [record["picture"] for record in found["recent"]]
    assert sum(picture is None for picture in pictures) == 1
    assert sum(str(picture).startswith("data:image/webp;base64,") for picture in pictures) == 2


def test_sampled_images_are_about_one_in_so_many() -> None:
    analysis = Analysis(baseline(), image_every=10)
    analysis.read("sampled.jsonl", captured_lines(1000))
    images = numbers_of(analysis)["images"]
    assert images["with_image"] == 1000
    assert 60 <= images["measured"] <= 140
    none = Analysis(baseline(), image_every=0)
    none.read("sampled.jsonl", captured_lines(100))
    assert numbers_of(none)["images"] == {"with_image": 100, "measured": 0, "every": 0, "undecodable": 0}
