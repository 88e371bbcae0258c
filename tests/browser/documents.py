"""Numbers documents as the page gets them, of any size, drawn from a seed."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from PIL import Image

from reports.figures import images
from training.staging.drawing.picture import VEHICLES, draw_picture

# 25 October 2026, 01:00 UTC: clocks go back in Europe. The window holds that hour and a day boundary.
STOP = datetime(2026, 10, 25, 12, tzinfo=UTC)
VEHICLE_NAMES = ("bicycle", "motorcycle")
ACCOUNT = "123456789012"
THRESHOLD = 0.9174
EXECUTION = f"arn:aws:states:eu-central-1:{ACCOUNT}:execution:scones-dev-classify-image:"


def document(
    inferences: int,
    *,
    classes: tuple[str, ...] = VEHICLE_NAMES,
    hours: int = 24,
    pictures: bool = True,
    labels: bool = False,
    where: str = f"AWS account {ACCOUNT}, eu-central-1",
    stop: datetime = STOP,
) -> Any:
    """A document of so many inferences in the hours before `stop`; at most 1,000 of them are `recent`."""
    chance = Random(f"{inferences}:{len(classes)}")
    start = stop - timedelta(hours=hours)
    times = sorted(start + timedelta(seconds=chance.uniform(0, hours * 3600 - 1)) for _ in range(inferences))
    records = [_record(index, time, classes, pictures, labels, chance) for index, time in enumerate(times)]
    low = sum(record["low"] for record in records)
    confidences = [record["confidence"] for record in records]
    return {
        "schema_version": 1,
        "generated": _iso(stop + timedelta(minutes=3)),
        "stage": "dev",
        "where": where,
        "endpoint": "scones-dev",
        "links": {"runbook": "https://example.com/runbook", "dashboard": "https://example.com/dashboard"},
        "window": {"start": _iso(start), "stop": _iso(stop)},
        "model": {
            "digest": "3f1c9a0be27d" + "0" * 52,
            "classes": list(classes),
            "threshold": THRESHOLD,
            "held_out": {"images": 400, "accuracy": 0.948},
        },
        "captured": {
            "files": hours * 2,
            "requests": inferences,
            "inferences": inferences,
            "refused": 0,
            "repeated": 0,
            "without_input": 0 if pictures else inferences,
            "first": records[0]["time"] if records else None,
            "last": records[-1]["time"] if records else None,
            "problems": [],
        },
        "classes": [_class_row(name, classes, records) for name in classes],
        "confidence": _confidence(confidences),
        "low_confidence": {
            "count": low,
            "share": low / inferences if inferences else None,
            "expected": 0.11,
            "limit": 0.21,
            "excess": low / inferences - 0.11 if inferences else None,
        },
        "unfamiliar": None,
        "hours": _hours(records),
        "accuracy": {
            "estimate": None if pictures else _estimate(confidences),
            "withdrawn": WITHDRAWN if pictures and inferences >= 200 else None,
            "labelled": _labelled(records) if labels else None,
            "labels": len(records) + 3 if labels else 0,
        },
        "drift": _drift(inferences, pictures),
        "images": {
            "with_image": inferences if pictures else 0,
            "measured": inferences,
            "every": 1,
            "undecodable": 0,
        },
        "executions": _executions(records, inferences),
        "recent_total": inferences,
        "recent": records[-1000:],
        "least_certain": sorted(records, key=lambda record: record["confidence"])[:24],
        "verdict": _verdict(inferences, low),
    }


def _record(
    index: int, time: datetime, classes: tuple[str, ...], pictures: bool, labels: bool, chance: Random
) -> dict[str, Any]:
    name = classes[min(int(chance.expovariate(2.5) * len(classes) / 2), len(classes) - 1)]
    confidence = round(
        1 - min(chance.expovariate(22), 0.48) if chance.random() < 0.97 else chance.uniform(0.52, 0.9), 4
    )
    execution = f"{index:08x}-6a53-4f0e-9a1c-b0c5d5a1a0a4"
    record = {
        "time": _iso(time),
        "class": name,
        "confidence": confidence,
        "low": confidence < THRESHOLD,
        "inference_id": f"{index:08x}d0c5",
        "event_id": f"{index:08x}-e7e4",
        "s3_bucket": "scones-dev-data",
        "s3_key": f"test/{name}_s_{index:06d}.png",
        "execution": execution,
        "execution_arn": EXECUTION + execution,
        "picture": thumbnail(name, index % 200) if pictures else None,
    }
    if labels:
        record["true_class"] = name if chance.random() < confidence else classes[0]
    return record


def thumbnail(name: str, index: int) -> str:
    """A drawn vehicle as the analysis hands it to the page."""
    return _drawn(name if name in VEHICLES else list(VEHICLES)[index % len(VEHICLES)], index)


@cache
def _drawn(vehicle: str, index: int) -> str:
    file = io.BytesIO()
    Image.fromarray(draw_picture(vehicle, seed=7, index=index)).save(file, "PNG")
    return images.thumbnail(file.getvalue())


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _class_row(name: str, classes: tuple[str, ...], records: list[dict[str, Any]]) -> dict[str, Any]:
    own = [record for record in records if record["class"] == name]
    return {
        "name": name,
        "inferences": len(own),
        "share": len(own) / len(records) if records else None,
        "baseline_share": 1 / len(classes),
        "mean_confidence": sum(record["confidence"] for record in own) / len(own) if own else None,
        "low_confidence": sum(record["low"] for record in own),
    }


def _confidence(confidences: list[float]) -> dict[str, Any]:
    counts = [0] * 20
    for confidence in confidences:
        counts[min(int(confidence * 20), 19)] += 1
    ordered = sorted(confidences)
    at = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
    return {
        "edges": [index / 20 for index in range(21)],
        "counts": counts,
        "baseline_counts": [0] * 10 + [4, 3, 4, 5, 6, 8, 10, 14, 38, 308],
        "mean": sum(ordered) / len(ordered) if ordered else None,
        "quantiles": {name: ordered[int(q * len(ordered))] for name, q in at.items()} if ordered else None,
        "resolution": 0.001,
    }


def _hours(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    hours: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        hours.setdefault(record["time"][:13] + ":00:00Z", []).append(record)
    return [
        {
            "start": start,
            "inferences": len(own),
            "low_confidence": sum(record["low"] for record in own),
            "mean_confidence": sum(record["confidence"] for record in own) / len(own),
        }
        for start, own in sorted(hours.items())
    ]


WITHDRAWN = (
    "Not estimated: Brightness drifted, and confidence does not fall where pictures are unlike those learnt "
    "from. Label some recent images to know."
)


def _estimate(confidences: list[float]) -> dict[str, Any] | None:
    if len(confidences) < 200:
        return None
    mean = sum(confidences) / len(confidences)
    return {
        "value": mean,
        "low": mean - 0.018,
        "high": min(1, mean + 0.018),
        "inferences": len(confidences),
        "method": "Mean confidence of the calibrated model; the interval holds the chance of these answers "
        "and what 400 held-out images leave open.",
    }


def _labelled(records: list[dict[str, Any]]) -> dict[str, Any]:
    right = sum(record["class"] == record["true_class"] for record in records)
    value = right / len(records) if records else 0
    names = sorted({record["class"] for record in records})
    return {
        "value": value,
        "low": max(0, value - 0.02),
        "high": min(1, value + 0.02),
        "images": len(records),
        "per_class": [{"name": name, "images": 40, "precision": 0.96, "recall": 0.94} for name in names],
        "confusion": [*([38 * (true == told) for told in names] for true in names), [2] * len(names)],
        "unmatched": 3,
    }


def _drift(inferences: int, pictures: bool) -> dict[str, Any]:
    enough = inferences >= 200
    measures = [
        ("confidence", "Confidence", "", 0.031, 0.95, 0.951),
        ("class_share", "Class share", "", 0.012, None, None),
        ("brightness", "Brightness", "of 255", 0.31, 96.2, 121.4),
        ("contrast", "Contrast", "of 255", 0.08, 52.1, 54.9),
        ("sharpness", "Sharpness", "", 0.04, 812.0, 790.5),
        ("colorfulness", "Colourfulness", "", 0.05, 31.7, 33.0),
        ("width", "Width", "pixels", 0.0, 32.0, 32.0),
        ("height", "Height", "pixels", 0.0, 32.0, 32.0),
    ]
    rows = []
    for name, label, unit, psi, mean, baseline_mean in measures:
        image = name not in {"confidence", "class_share"}
        judged = enough and (pictures or not image)
        verdict = "no_images" if image and not pictures else "drift" if psi >= 0.25 else "stable"
        rows.append(
            {
                "name": name,
                "label": label,
                "unit": unit,
                "psi": psi if judged else None,
                "critical": 0.06 if judged else None,
                "samples": inferences if pictures or not image else 0,
                "baseline_samples": 400,
                "verdict": verdict if enough or verdict == "no_images" else "not_enough_data",
                "mean": mean if judged else None,
                "baseline_mean": baseline_mean,
            }
        )
    overall = "not_enough_data" if not enough else "drift" if pictures else "stable"
    return {"verdict": overall, "limit": 0.25, "minimum": 200, "measures": rows}


def _executions(records: list[dict[str, Any]], inferences: int) -> dict[str, Any]:
    names = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "RUNNING")
    totals = dict.fromkeys(names, 0)
    hours: dict[str, dict[str, Any]] = {}
    for index, record in enumerate(records):
        outcome = "FAILED" if record["low"] else "TIMED_OUT" if index % 97 == 96 else "SUCCEEDED"
        outcome = "ABORTED" if index % 211 == 210 else "RUNNING" if 10 < index > inferences - 4 else outcome
        hour = record["time"][:13] + ":00:00Z"
        hours.setdefault(hour, {"start": hour, **dict.fromkeys(names, 0)})[outcome] += 1
        totals[outcome] += 1
    errors = [
        ("LowConfidence", totals["FAILED"] - totals["FAILED"] // 10),
        ("ImageNotFound", totals["FAILED"] // 10),
    ]
    return {
        "listed": len(records),
        "complete": True,
        "errors_complete": True,
        "outcomes": totals,
        "errors": [{"error": error, "count": number} for error, number in errors if number],
        "machines": [{"name": "scones-dev-classify-image", "outcomes": totals}],
        "hours": [hours[hour] for hour in sorted(hours)],
    }


def _verdict(inferences: int, low: int) -> dict[str, Any]:
    enough = inferences >= 200
    share = f"{100 * low / inferences:.1f} %" if inferences else "unknown"
    state = "well" if enough else "unknown"
    checks = [
        ("captured", "Captured inferences", state, f"{inferences:,} inferences", "at least 200",
         "" if enough else "Wait for more, or look at a longer window: scones report --hours 168.", None),
        ("executions", "Executions", state, f"{inferences - low:,} of {inferences:,} succeeded",
         "at least 50 %", "", None),
        ("low_confidence", "Low confidence", state, f"{share} of inferences", "at most 21.0 %", "",
         "low-confidence"),
        ("drift", "Drift", "attention" if enough else "unknown",
         "1 of 8 measures: Brightness, PSI 0.31" if enough else "not enough data", "PSI below 0.25",
         "Look at the newest pictures: a camera, its light or its place may have changed."
         if enough else "", "drift"),
        ("accuracy", "Accuracy", "unknown" if enough else state,
         "not estimated under drift" if enough else "unknown", "not surely below 90.0 %",
         WITHDRAWN if enough else "", None),
        ("readable", "Unreadable lines", "well", "0 lines", "none", "", None),
    ]  # fmt: skip
    return {
        "state": "attention" if enough else "unknown",
        "summary": "The images are darker than the held-out ones; everything else is as expected."
        if enough
        else f"{inferences} inferences are too few to judge by: at least 200 are needed.",
        "checks": [
            dict(zip(("name", "label", "state", "value", "limit", "advice", "section"), check, strict=True))
            for check in checks
        ],
    }
