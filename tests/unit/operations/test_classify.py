"""`scones classify` as a person or a script meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from operations.images.source import MOST_IMAGES
from tests.aws import s3_error
from tests.unit.operations.conftest import Scones
from tests.unit.operations.deployed import BUCKET, DeployedStage
from tests.unit.operations.executions import IMAGE_MACHINE, Execution, end

SEEN = {
    "predicted_class": "bicycle",
    "predicted_name": "two wheels",
    "confidence": 0.98765,
    "model": "3f1c9a0be27d",
    "inferences": [0.98765, 0.01235],
}


def answer(execution: Execution) -> None:
    """What the machine would: by the image's name."""
    key = json.loads(execution.execution_input)["s3_key"]
    if "unsure" in key:
        cause = json.dumps({"errorType": "LowConfidence", "errorMessage": "bicycle with confidence 0.5"})
        end(execution, status="FAILED", error="LowConfidence", cause=cause)
    elif "missing" in key:
        end(execution, status="FAILED", error="ImageNotFound", cause="there is no object [x]")
    elif "slow" not in key:
        end(execution, output=SEEN)


@pytest.fixture
def aws(deployed: DeployedStage) -> DeployedStage:
    deployed.states.on_start = answer
    return deployed


def test_a_local_image_is_uploaded_and_its_answer_shown(
    run_scones: Scones, aws: DeployedStage, tmp_path: Path
) -> None:
    (tmp_path / "a bicycle.PNG").write_bytes(b"png")
    code, out, err = run_scones("classify", "a bicycle.PNG", "--threshold", "0.5")
    assert (code, err.splitlines()) == (
        0,
        ["AWS on loopback, http://127.0.0.1:4566, stage local", "1 image: 1 accepted"],
    )
    assert "accepted" in out
    assert "bicycle" in out
    assert "0.9877" in out
    ((bucket, key),) = aws.objects
    assert (bucket, key.split("/")[0], key.split("/")[2]) == (BUCKET, "uploads", "a bicycle.PNG")
    assert aws.states.started(IMAGE_MACHINE) == [
        {"image_data": "", "s3_bucket": BUCKET, "s3_key": key, "threshold": 0.5}
    ]


def test_a_folder_is_its_images_in_order_with_bounded_concurrency(
    run_scones: Scones, aws: DeployedStage, tmp_path: Path
) -> None:
    for name in ("b/2.jpg", "a/1.png", "notes.txt", ".hidden/3.png", "4.jpeg"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()
    (tmp_path / "in" / "from a phone").write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "in" / "windows.JFIF").touch()
    code, out, err = run_scones("classify", "in", "--json", "--max-concurrency", "2")
    told = json.loads(out)
    assert "left out: 1 hidden, 1 neither PNG nor JPEG nor WebP (.txt)" in err
    assert told["skipped"] == {"hidden": 1, "neither PNG nor JPEG nor WebP (.txt)": 1}
    assert (code, told["stage"]) == (0, "local")
    assert [image["image"] for image in told["images"]] == [
        "in/4.jpeg",
        "in/a/1.png",
        "in/b/2.jpg",
        "in/from a phone",
        "in/windows.JFIF",
    ]
    assert {image["outcome"] for image in told["images"]} == {"accepted"}
    assert aws.states.most_at_once <= 2


def test_not_every_image_has_a_confident_answer(run_scones: Scones, aws: DeployedStage) -> None:
    for name in ("sure", "unsure", "missing"):
        aws.objects["others", f"in/{name}.png"] = b""
    aws.objects["others", "in/"] = b""
    code, out, _ = run_scones("classify", "s3://others/in/", "--json")
    images = {image["s3_key"]: image for image in json.loads(out)["images"]}
    assert code == 1
    assert images["in/sure.png"] | {"execution": None} == {
        "image": "s3://others/in/sure.png",
        "s3_bucket": "others",
        "s3_key": "in/sure.png",
        "outcome": "accepted",
        "predicted_class": "bicycle",
        "confidence": 0.98765,
        "error": None,
        "cause": None,
        "seconds": 1.5,
        "execution": None,
        "predicted_name": "two wheels",
        "model": "3f1c9a0be27d",
        "inferences": [0.98765, 0.01235],
    }
    assert (images["in/unsure.png"]["outcome"], images["in/unsure.png"]["cause"]) == (
        "low_confidence",
        "bicycle with confidence 0.5",
    )
    assert images["in/missing.png"]["error"] == "ImageNotFound"
    code, out, err = run_scones("classify", "s3://others/in/")
    assert "there is no object [x]" in out, "a cause is no markup"
    assert "\tbicycle\t" in out, "programs get the label alone"
    assert "3 images: 1 accepted, 1 low confidence, 1 failed" in err


def test_the_deadline_ends_the_wait_and_starts_no_more(run_scones: Scones, aws: DeployedStage) -> None:
    for name in ("1-slow", "2"):
        aws.objects["others", f"{name}.png"] = b""
    code, out, err = run_scones(
        "classify", "s3://others", "--timeout", "1", "--max-concurrency", "1", "--json"
    )
    slow, other = json.loads(out)["images"]
    assert (code, slow["outcome"], other["outcome"]) == (1, "running", "not_started")
    assert slow["execution"].startswith("arn:")
    assert "scones executions" in err
    assert len(aws.states.executions) == 1


def test_ctrl_c_leaves_what_has_been_started(run_scones: Scones, aws: DeployedStage) -> None:
    aws.objects["others", "slow.png"] = b""
    aws.objects["others", "x.png"] = b""

    def interrupt(_jobs: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("operations.images.answers.as_completed", interrupt)
        code, out, _ = run_scones("classify", "s3://others/slow.png", "--json")
    assert code == 130
    assert json.loads(out)["images"][0]["outcome"] in ("running", "not_started")


def test_one_object_is_asked_for_without_a_look_at_it(run_scones: Scones, aws: DeployedStage) -> None:
    code, _, _ = run_scones("classify", "s3://others/missing.png")
    assert code == 1
    assert aws.states.started(IMAGE_MACHINE)[0]["s3_key"] == "missing.png"


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["nothing.png"], "There is no file or folder nothing.png; objects in S3 are named s3://bucket/key."),
        (["Notes.text"], "nearest that exists: notes.txt"),
        (["*.png"], "There is no file or folder *.png: no name fits the pattern; . is the folder."),
        (
            ["."],
            "the folder . has no PNG, JPEG or WebP image; left out: 1 neither PNG nor JPEG nor WebP (.txt)",
        ),
        (["s3://others/none/"], "no object below s3://others/none/; the bucket has 's3://others/many/'."),
        (
            ["s3://others/Many/x/"],
            "no object below s3://others/Many/x/; nearest that exists: 's3://others/many/'.",
        ),
        (["s3://Others/x.png"], "is not s3://bucket/key"),
        (["s3://others/many/"], f"holds more than {MOST_IMAGES:,} images"),
        (["s3://others/x.png", "--stage", "prod"], "npx cdk deploy --all -c stage=prod"),
        (["s3://others/x.png", "--threshold", "2"], "--threshold"),
    ],
)
def test_what_cannot_be_done_exits_2_with_the_reason(
    run_scones: Scones, aws: DeployedStage, argv: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.unit.operations.deployed.PAGE", MOST_IMAGES)
    Path("notes.txt").touch()
    aws.objects.update({("others", f"many/{n}.png"): b"" for n in range(MOST_IMAGES + 1)})
    code, out, err = run_scones("classify", *argv)
    assert (code, out) == (2, "")
    assert reason in err
    assert aws.states.executions == {}


def test_what_aws_refuses_is_a_sentence(run_scones: Scones, aws: DeployedStage, tmp_path: Path) -> None:
    (tmp_path / "x.png").touch()
    aws.aws.answers["PutObject"] = s3_error(403, "AccessDenied")
    code, _, err = run_scones("classify", "x.png")
    assert code == 2
    assert "Access denied to PutObject: as AWS words it." in err


def test_help_teaches_by_example(run_scones: Scones) -> None:
    code, out, _ = run_scones("classify", "--help")
    assert code == 0
    assert "scones classify bicycle.png" in out
    assert "Exit code" in out
