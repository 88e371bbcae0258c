"""`scones report`: from a stage and from a folder, what it prints and writes, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from PIL import Image

from lambda_src.core.inference_id import pack_inference_id
from operations.reporting.folder import FolderSource
from pictures.recordio import image_record
from reports.figures.limits import Limits
from tests.artifacts import make_artifact
from tests.aws import Request
from tests.local.deployed.deployment import BLUE, GREY, RED, picture
from tests.unit.operations.conftest import Scones
from tests.unit.operations.deployed import BUCKET, DeployedStage
from tests.unit.operations.executions import BATCH_MACHINE, IMAGE_MACHINE, START

NOW = datetime.now(UTC)
MONITOR = "scones-local-monitor"
PICTURES = {"bicycle": (RED, [0.99, 0.01]), "motorcycle": (BLUE, [0.02, 0.98]), "low": (GREY, [0.6, 0.4])}


def line(id: str | None, answer: Any, body: bytes, content_type: str, minutes: float = 5) -> str:
    """A captured request, so many minutes ago."""
    moment = NOW - timedelta(minutes=minutes)
    metadata = {"eventId": str(uuid.uuid4()), "inferenceTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    sides = {
        "endpointInput": (content_type, "INPUT", "BASE64", base64.b64encode(body).decode()),
        "endpointOutput": ("application/json", "OUTPUT", "JSON", json.dumps(answer)),
    }
    data = {
        side: {"observedContentType": content, "mode": mode, "encoding": encoding, "data": text}
        for side, (content, mode, encoding, text) in sides.items()
    }
    event = metadata if id is None else metadata | {"inferenceId": id}
    return json.dumps({"captureData": data, "eventMetadata": event, "eventVersion": "0"})


def single(id: str | None, kind: str, minutes: float = 5) -> str:
    colour, answer = PICTURES[kind]
    return line(id, answer, picture(colour), "image/png", minutes)


def capture_key(minutes: float, number: int = 0) -> str:
    moment = NOW - timedelta(minutes=minutes)
    return f"data-capture/scones-local/AllTraffic/{moment:%Y/%m/%d/%H/%M-%S}-{number:03}-uuid.jsonl"


@pytest.fixture
def stage(deployed: DeployedStage, tmp_path: Path) -> DeployedStage:
    """A stage with three single images and a run of two, an hour's worth of captured data."""
    artifact = make_artifact(tmp_path / "deployed" / "model.tar.gz", metrics={"images": 0})
    deployed.objects["assets", "hash.tar.gz"] = artifact.read_bytes()
    deployed.functions.environments[MONITOR] = {
        "STAGE": "local",
        "ENDPOINT_NAME": "scones-local",
        "DATA_BUCKET": BUCKET,
        "CAPTURE_URI": f"s3://{BUCKET}/data-capture",
        "MODEL_ARTIFACT": "s3://assets/hash.tar.gz",
        "THRESHOLD": "0.9",
        "STATE_MACHINE_ARN": IMAGE_MACHINE,
        "BATCH_STATE_MACHINE_ARN": BATCH_MACHINE,
        "LIMITS": Limits(min_inferences=3).as_json(),
        "REPORTS_PREFIX": "reports/",
        "STATE_PREFIX": "monitor/",
        "IMAGE_EVERY": "1",
        "RUNBOOK_URL": "https://example.org/operations.md",
    }
    deployed.store("assets", "hash.tar.gz", START)
    when = {"start_date": NOW - timedelta(minutes=6), "stop_date": NOW - timedelta(minutes=5)}
    states = deployed.states
    states.add(IMAGE_MACHINE, "one", {"s3_key": "test/one.png"}, **when)
    states.add(IMAGE_MACHINE, "two", {"s3_key": "two.png"}, **when, status="FAILED", error="LowConfidence")
    states.add(BATCH_MACHINE, "run", {"s3_prefix": "test/"}, **when)
    pack = pack_inference_id("run", "0-0")
    rows = [{"s3_bucket": BUCKET, "s3_key": f"test/{n}.png", "inference_id": f"{pack}#{n}"} for n in range(2)]
    deployed.put_lines("results/run/accepted.jsonl", rows)
    deployed.put_lines("results/run/low_confidence.jsonl", [])
    deployed.put_lines("results/run/errors.jsonl", [])
    deployed.put_lines("results/run/summary.json", [{}])
    lines = [single("one", "bicycle"), single("two", "low"), single(None, "motorcycle"), "{cut off"]
    packed = line(
        pack,
        [PICTURES["bicycle"][1], PICTURES["motorcycle"][1]],
        image_record(picture(RED), 0) + image_record(picture(BLUE), 1),
        "application/x-recordio",
    )
    deployed.objects[BUCKET, capture_key(5)] = ("\n".join(lines) + "\n").encode()
    deployed.objects[BUCKET, capture_key(5, 1)] = (packed + "\n").encode()
    return deployed


@pytest.fixture
def numbers(stage: DeployedStage, run_scones: Scones) -> dict[str, Any]:
    assert stage
    code, out, _ = run_scones("report", "--json", "--hours", "1")
    assert code == 0
    told: dict[str, Any] = json.loads(out)
    return told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of capture files of two days, and the usual artifact."""
    make_artifact(tmp_path / "build" / "model" / "model.tar.gz")
    folder = tmp_path / "captured"
    (folder / "a").mkdir(parents=True)
    (folder / "1.jsonl").write_text(single("one", "bicycle", 60 * 30) + "\n")
    (folder / "a" / "2.jsonl").write_text(single("two", "low") + "\n" + single("three", "motorcycle") + "\n")
    return folder


def test_every_inference_of_a_stage_is_counted_and_named(numbers: dict[str, Any]) -> None:
    captured = numbers["captured"]
    assert (captured["files"], captured["requests"], captured["inferences"]) == (2, 4, 5)
    assert [problem["count"] for problem in captured["problems"]] == [1]
    assert numbers["low_confidence"]["count"] == 1
    named = {record["inference_id"]: (record["s3_key"], record["execution"]) for record in numbers["recent"]}
    pack = pack_inference_id("run", "0-0")
    assert named == {
        "one": ("test/one.png", "one"),
        "two": ("two.png", "two"),
        None: (None, None),
        f"{pack}#0": ("test/0.png", "run"),
        f"{pack}#1": ("test/1.png", "run"),
    }


def test_the_last_verification_of_the_model_is_shown(stage: DeployedStage, run_scones: Scones) -> None:
    digest = hashlib.sha256(stage.objects["assets", "hash.tar.gz"]).hexdigest()[:12]
    kept = {"time": "2026-12-01T19:20:00Z", "model": digest, "pictures": 16, "as_expected": 16}
    stage.objects[BUCKET, "monitor/verified.json"] = json.dumps(kept).encode()
    _, out, _ = run_scones("report", "--markdown")
    assert "Verified 1 Dec 2026, 19:20 UTC: 16 of 16 golden pictures answered as expected." in out


def test_executions_of_both_machines_and_the_stages_own_limits(numbers: dict[str, Any]) -> None:
    executions = numbers["executions"]
    assert executions["outcomes"]["SUCCEEDED"] == 2
    assert executions["errors"] == [{"error": "LowConfidence", "count": 1}]
    assert numbers["drift"]["minimum"] == 3
    assert (numbers["stage"], numbers["endpoint"], numbers["model"]["threshold"]) == (
        "local",
        "scones-local",
        0.9,
    )
    assert numbers["links"]["runbook"].startswith("https://example.org")


def test_a_page_by_default_with_the_verdict_in_the_terminal(
    stage: DeployedStage, run_scones: Scones, tmp_path: Path
) -> None:
    assert stage
    code, out, err = run_scones("report")
    assert code == 0
    (page,) = (tmp_path / "build" / "reports").glob("*")
    assert page.name.startswith("local-")
    assert page.read_text().lower().startswith("<!doctype html>")
    for text in (f"build/reports/{page.name}", "Captured inferences", "at least 3", "Needs attention"):
        assert text in out
    assert out.count("Readable data") == 3  # in the verdict, among the checks, and with what to do
    assert page.as_uri() in out
    assert "stage local" in err


def test_numbers_are_printed_instead_of_a_page_unless_one_is_asked_for(
    stage: DeployedStage, run_scones: Scones, tmp_path: Path
) -> None:
    assert stage
    code, out, _ = run_scones("report", "--markdown")
    assert code == 0
    assert "5" in out
    assert not (tmp_path / "build").exists()
    code, out, err = run_scones("report", "--json", "--out", "here/page.html")
    assert json.loads(out)["captured"]["inferences"] == 5
    assert (tmp_path / "here" / "page.html").exists()
    assert "here/page.html" in err


def test_open_shows_the_page(
    stage: DeployedStage, run_scones: Scones, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stage
    opened: list[str] = []

    def browser(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", browser)
    assert run_scones("report", "--open", "--out", "page.html")[0] == 0
    assert opened == [(tmp_path / "page.html").as_uri()]
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    code, out, err = run_scones("report", "--open", "--json")
    assert code == 0
    assert json.loads(out)
    assert "No browser could be opened" in err


def test_no_picture_leaves_when_none_is_wanted(stage: DeployedStage, run_scones: Scones) -> None:
    assert stage
    with_pictures = json.loads(run_scones("report", "--json")[1])
    without = json.loads(run_scones("report", "--json", "--no-images")[1])
    assert any(record["picture"] for record in with_pictures["recent"])
    assert not any(record["picture"] for record in [*without["recent"], *without["least_certain"]])
    assert (with_pictures["images"]["measured"], without["images"]["measured"]) == (5, 0)


@pytest.mark.parametrize("by", ["inference_id", "s3_key"])
def test_labels_by_id_or_key_give_the_true_accuracy(
    stage: DeployedStage, run_scones: Scones, tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By key also of images that are shown nowhere."""
    assert stage
    monkeypatch.setattr("reports.figures.analysis.Analysis.shown_ids", property(lambda _: []))
    pack = pack_inference_id("run", "0-0")
    names = {
        "inference_id": ["one", "two", f"{pack}#0", f"{pack}#1", "never"],
        "s3_key": ["test/one.png", "two.png", "test/0.png", "test/1.png", "never.png"],
    }[by]
    true = ["bicycle", "bicycle", "bicycle", "bicycle", "motorcycle"]
    labels = [json.dumps({by: name, "class": label}) for name, label in zip(names, true, strict=True)]
    (tmp_path / "labels.jsonl").write_text("\n".join(labels))
    labelled = json.loads(run_scones("report", "--json", "--labels", "labels.jsonl")[1])["accuracy"][
        "labelled"
    ]
    assert (labelled["images"], labelled["value"], labelled["unmatched"]) == (4, 0.75, 1)


def sorted_pictures(folder: Path, **classes: list[bytes]) -> Path:
    """A folder of labelled pictures, saved anew as other files with the same pixels."""
    for name, pictures in classes.items():
        (folder / name / "deeper").mkdir(parents=True)
        for number, content in enumerate(pictures):
            with Image.open(io.BytesIO(content)) as opened:
                opened.save(folder / name / "deeper" / f"{number}.png", compress_level=0)
    return folder


@pytest.mark.parametrize("written", ["json", "csv", "utf-16", "folder"])
def test_captures_without_inference_ids_are_labelled_by_the_pictures_content(
    folder: Path, run_scones: Scones, tmp_path: Path, written: str
) -> None:
    (folder / "1.jsonl").write_text(single(None, "bicycle") + "\n" + single(None, "motorcycle") + "\n")
    (folder / "a" / "2.jsonl").write_text(single(None, "low") + "\n")
    true = {"bicycle": "bicycle", "motorcycle": "motorcycle", "low": "motorcycle"}
    digests = {hashlib.sha256(picture(PICTURES[kind][0])).hexdigest(): label for kind, label in true.items()}
    path = tmp_path / ("labels.csv" if written == "csv" else "labels.jsonl")
    if written == "csv":
        rows = [f"{label};SHA256:{digest.upper()};a note" for digest, label in digests.items()]
        path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(["class;digest;note", *rows, ""]).encode())
    elif written == "folder":
        pictures = [picture(PICTURES[kind][0]) for kind in ("motorcycle", "low")]
        path = sorted_pictures(tmp_path / "sorted", bicycle=[picture(RED)], motorcycle=pictures)
        (path / "bicycle" / "notes.txt").write_text("no picture")
        (path / "README").write_text("beside the classes")
    else:
        lines = [json.dumps({"digest": digest, "class": label}) for digest, label in digests.items()]
        path.write_text("\n".join(lines), encoding="utf-16" if written == "utf-16" else "utf-8")
    code, out, err = run_scones("report", "--from", str(folder), "--labels", str(path), "--json")
    assert code == 0, err
    labelled = json.loads(out)["accuracy"]["labelled"]
    assert (labelled["images"], labelled["unmatched"], labelled["value"]) == (3, 0, pytest.approx(2 / 3))
    assert ("left out: 1 no readable PNG, JPEG or WebP, such as bicycle/notes.txt" in err) == (
        written == "folder"
    )
    assert {record["true_class"] for record in json.loads(out)["recent"]} == {"bicycle", "motorcycle"}


def test_one_picture_in_two_classes_is_refused(folder: Path, run_scones: Scones, tmp_path: Path) -> None:
    path = sorted_pictures(tmp_path / "sorted", bicycle=[picture(RED)], motorcycle=[picture(RED)])
    code, _, err = run_scones("report", "--from", str(folder), "--labels", str(path))
    assert code == 2
    assert "bicycle/deeper/0.png and motorcycle/deeper/0.png are the same picture in two classes" in err


def test_labels_by_content_without_captured_pictures_are_told(
    folder: Path, run_scones: Scones, tmp_path: Path
) -> None:
    for path in folder.rglob("*.jsonl"):
        captured = [json.loads(one) for one in path.read_text().splitlines()]
        for one in captured:
            del one["captureData"]["endpointInput"]
        path.write_text("\n".join(map(json.dumps, captured)))
    labels = sorted_pictures(tmp_path / "sorted", bicycle=[picture(RED)])
    code, _, err = run_scones("report", "--from", str(folder), "--labels", str(labels), "--json")
    assert code == 0
    assert "No picture was captured in this window" in err


def test_five_copies_of_a_folder_are_no_more_data(folder: Path, run_scones: Scones) -> None:
    once = json.loads(run_scones("report", "--from", str(folder), "--json")[1])
    for copy in range(4):
        for path in list(folder.glob("*.jsonl")) + list(folder.glob("a/*.jsonl")):
            target = folder / f"copy {copy}" / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    often = json.loads(run_scones("report", "--from", str(folder), "--json")[1])
    assert often["captured"].pop("repeated") == 12
    assert once["captured"].pop("repeated") == 0
    assert {**often, "generated": ""} == {**once, "generated": ""}


def test_labels_that_name_nothing_of_the_window_are_told(
    stage: DeployedStage, run_scones: Scones, tmp_path: Path
) -> None:
    assert stage
    (tmp_path / "labels.jsonl").write_text('{"inference_id": "another", "class": "bicycle"}')
    said = "1 label named no inference of this window."
    asked = ("report", "--labels", "labels.jsonl", "--out", "page.html")
    assert said in run_scones(*asked)[1]
    assert said in run_scones(*asked, "--markdown")[1]
    page = (tmp_path / "page.html").read_text()
    assert said in page
    assert "No labels were given" not in page


def test_labels_of_a_class_that_the_model_does_not_know_are_told(
    stage: DeployedStage, run_scones: Scones, tmp_path: Path
) -> None:
    assert stage
    labels = [{"inference_id": "one", "class": "bicycle"}, {"inference_id": "two", "class": "truck"}]
    (tmp_path / "labels.jsonl").write_text("\n".join(map(json.dumps, labels)))
    code, out, err = run_scones("report", "--json", "--labels", "labels.jsonl")
    assert code == 0
    assert "does not know truck" in err
    assert json.loads(out)["accuracy"]["labelled"]["value"] == 0.5


def test_records_of_an_earlier_model_are_left_out_and_said(stage: DeployedStage, run_scones: Scones) -> None:
    stage.objects[BUCKET, capture_key(60)] = (single("early", "bicycle", 60) + "\n").encode()
    stage.store("assets", "hash.tar.gz", NOW - timedelta(minutes=20))
    code, out, err = run_scones("report", "--json", "--hours", "3")
    assert code == 0
    assert json.loads(out)["captured"]["inferences"] == 5
    assert "earlier records are left out" in err
    remark = json.loads(out)["verdict"]["checks"][-1]
    assert (remark["label"], remark["value"]) == ("What these figures are of", "1 remark")
    assert "earlier records are left out, but no executions" in remark["advice"]
    del stage.objects[BUCKET, capture_key(60)]
    assert "earlier records" not in run_scones("report", "--json", "--hours", "3")[2]


def test_a_folder_needs_no_aws_and_is_read_whole(folder: Path, run_scones: Scones) -> None:
    code, out, _ = run_scones("report", "--from", str(folder), "--json")
    assert code == 0
    numbers = json.loads(out)
    assert numbers["captured"]["inferences"] == 3
    assert numbers["executions"] is None
    assert numbers["window"]["start"] <= numbers["captured"]["first"]
    assert numbers["captured"]["last"] < numbers["window"]["stop"]
    code, out, _ = run_scones("report", "--from", str(folder), "--json", "--hours", "2")
    assert json.loads(out)["captured"]["inferences"] == 2


def test_a_file_that_cannot_be_read_is_not_left_out_silently(
    stage: DeployedStage, run_scones: Scones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.captured.object_stream.FIRST_PAUSE", 0)

    def broken(request: Request) -> None:
        if "/data-capture/" in request.path:
            raise ConnectionClosedError(endpoint_url="https://s3")

    stage.aws.answers["GetObject"] = broken
    code, out, err = run_scones("report", "--json")
    assert (code, out) == (2, "")
    assert f"A capture file cannot be read: s3://{BUCKET}/data-capture/" in err


def test_the_labels_file_of_a_folder_is_no_capture_file(folder: Path, run_scones: Scones) -> None:
    labels = folder / "labels.jsonl"
    labels.write_text(json.dumps({"inference_id": "one", "class": "bicycle"}) + "\n")
    numbers = json.loads(run_scones("report", "--from", str(folder), "--labels", str(labels), "--json")[1])
    assert numbers["captured"]["problems"] == []
    assert numbers["accuracy"]["labelled"]["images"] == 1


@pytest.mark.parametrize(
    ("state", "fail_on", "code"),
    [
        ("attention", "attention", 1),
        ("unknown", "attention", 0),
        ("unknown", "unknown", 1),
        ("attention", "unknown", 1),
        ("well", "unknown", 0),
    ],
)
def test_a_pipeline_may_stop_on_a_verdict(
    folder: Path, run_scones: Scones, monkeypatch: pytest.MonkeyPatch, state: str, fail_on: str, code: int
) -> None:
    real = FolderSource.numbers

    def judged(*given: Any) -> dict[str, Any]:
        numbers = real(*given)
        return {**numbers, "verdict": numbers["verdict"] | {"state": state}}

    monkeypatch.setattr("operations.reporting.folder.FolderSource.numbers", judged)
    arguments = ("report", "--from", str(folder), "--out", "page.html")
    assert run_scones(*arguments)[0] == 0
    assert run_scones(*arguments, "--fail-on", fail_on)[0] == code


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["--hours", "0"], "--hours"),
        (["--hours", "2161"], "--hours"),
        (["--json", "--markdown"], "either --json or --markdown"),
        (["--from", "captured", "--stage", "dev"], "either --from or --stage"),
        (["--from", "nowhere"], "There is no folder nowhere"),
        (["--from", "empty"], "empty holds no capture files: .jsonl and .jsonl.gz files were looked for"),
        (["--from", "captured", "--artifact", "no.tar.gz"], "no model artifact at no.tar.gz"),
        (["--from", "captured", "--labels", "no.jsonl"], "no.jsonl cannot be read"),
        (["--from", "captured", "--labels", "bad.jsonl"], "bad.jsonl: labels, line 2"),
        (["--from", "captured", "--labels", "none.jsonl"], "none.jsonl holds no labels"),
        (["--from", "captured", "--labels", "empty"], "empty holds no labelled picture"),
        (
            ["--from", "captured", "--labels", "latin.jsonl"],
            "latin.jsonl, line 1: byte 1 is not UTF-8; as CP1252",
        ),
        (["--from", "captured", "--labels", "columns.csv"], "line 1: the columns are 'a, class', not"),
        (["--from", "captured", "--labels", "rows.csv"], "line 3: digest is '5e', not the 64 hexadecimal"),
        (["--from", "captured", "--labels", "other.jsonl"], "labels are of cat; the model knows bicycle"),
        (["--from", "captured", "--out", "empty"], "--out: cannot write empty: it is a folder"),
    ],
)
def test_what_is_not_possible_says_why_and_writes_nothing(
    folder: Path, run_scones: Scones, tmp_path: Path, argv: list[str], reason: str
) -> None:
    assert folder
    (tmp_path / "empty").mkdir()
    label = json.dumps({"s3_key": "a.png", "class": "bicycle"})
    (tmp_path / "bad.jsonl").write_text(label + "\n{\n")
    (tmp_path / "none.jsonl").write_text("\n")
    (tmp_path / "latin.jsonl").write_bytes(b"\xe4")
    (tmp_path / "columns.csv").write_text("a,class\n")
    (tmp_path / "rows.csv").write_text(f"class,digest\nbicycle,{'5' * 64}\nbicycle,5e\n")
    (tmp_path / "other.jsonl").write_text(label.replace("bicycle", "cat"))
    code, out, err = run_scones("report", *argv)
    assert (code, out) == (2, "")
    assert reason in err
    assert not (tmp_path / "build" / "reports").exists()


def test_a_stage_without_its_monitor_says_what_to_deploy(stage: DeployedStage, run_scones: Scones) -> None:
    stage.functions.environments.clear()
    code, _, err = run_scones("report")
    assert code == 2
    assert "There is no function scones-local-monitor" in err
    assert "npx cdk deploy --all -c stage=local" in err


def test_an_artifact_that_is_gone_says_the_way_out(stage: DeployedStage, run_scones: Scones) -> None:
    del stage.objects["assets", "hash.tar.gz"]
    code, _, err = run_scones("report")
    assert code == 2
    assert "--artifact FILE" in err


def test_help_teaches_by_example_and_names_the_exit_codes(run_scones: Scones) -> None:
    code, out, _ = run_scones("report", "--help")
    assert code == 0
    for text in ("scones report --open", "--fail-on attention", "--labels", "Exit code"):
        assert text in out
