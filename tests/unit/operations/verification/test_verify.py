"""`scones verify` on a stage whose steps are real: a sound one, and one with each fault that it catches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper
from PIL import Image

from contracts import outputs
from contracts.artifact.archive import pack
from contracts.artifact.golden import GoldenPicture, golden_members
from lambda_src.core.classes import ModelClasses
from lambda_src.core.image.prediction import keep_confident
from lambda_src.core.image.records import Classification
from serving.images import decode_image
from tests.artifacts import colour_model, model_card
from tests.aws import s3_error
from tests.unit.operations.conftest import Scones
from tests.unit.operations.deployed import BUCKET, OUTPUTS, DeployedStage
from tests.unit.operations.executions import IMAGE_MACHINE, Execution, end

CLASSES = ("bicycle", "motorcycle", "car", "truck")
NAMES = {"car": "four wheels"}
SIZE = 32
COLOURS = ((150, 20, 30), (60, 160, 60), (20, 60, 190))
MODEL = colour_model(len(CLASSES), SIZE, sharpness=2)


def picture(colour: tuple[int, int, int]) -> bytes:
    file = BytesIO()
    Image.new("RGB", (SIZE, SIZE), colour).save(file, "PNG")
    return file.getvalue()


def as_it_is(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return pixels


@dataclass
class Machine:
    """What the state machine, its functions and the endpoint do, in this process. `digest`: who answers."""

    aws: DeployedStage
    digest: str
    model: bytes = MODEL
    classes: tuple[str, ...] = CLASSES
    see: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] = field(default=as_it_is)

    def __call__(self, execution: Execution) -> None:
        given = json.loads(execution.execution_input)
        body = self.aws.objects[given["s3_bucket"], given["s3_key"]]
        answer = keep_confident(
            Classification(
                s3_bucket=given["s3_bucket"],
                s3_key=given["s3_key"],
                threshold=given["threshold"],
                inference_id="id",
                inferences=self.probabilities(body),
                model=self.digest,
            ),
            ModelClasses(self.classes, {}),
            default_threshold=1.0,
        )
        end(execution, output=answer.output())

    def probabilities(self, body: bytes) -> list[float]:
        session = onnxruntime.InferenceSession(self.model, providers=["CPUExecutionProvider"])
        pixels = self.see(decode_image(body, SIZE, SIZE))
        answer: list[float] = session.run(["probabilities"], {"image": pixels[None]})[0][0].tolist()
        return answer


@pytest.fixture
def machine(deployed: DeployedStage, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Sound, of an artifact with golden pictures."""
    found = Machine(deployed, "")
    golden = [
        GoldenPicture(f"golden/0{number}.png", body, CLASSES[number], tuple(found.probabilities(body)))
        for number, body in enumerate(map(picture, COLOURS))
    ]
    found.digest = deploy(deployed, monkeypatch, golden_members(golden))
    deployed.states.on_start = found
    return found


def deploy(aws: DeployedStage, monkeypatch: pytest.MonkeyPatch, golden: dict[str, bytes]) -> str:
    """Put an artifact with these members where the stage's outputs say; its digest."""
    card = json.dumps({**model_card(CLASSES), "names": NAMES}).encode()
    archive = pack({"model.onnx": MODEL, "model.json": card, **golden})
    aws.objects["assets", "model.tar.gz"] = archive
    sha256 = hashlib.sha256(archive).hexdigest()
    monkeypatch.setitem(OUTPUTS, outputs.MODEL_ARTIFACT, "s3://assets/model.tar.gz")
    monkeypatch.setitem(OUTPUTS, outputs.MODEL_DIGEST, sha256)
    return sha256[:12]


def problems(run_scones: Scones) -> set[str]:
    code, out, _ = run_scones("verify", "--json")
    told = json.loads(out)
    assert (code, told["verified"]) == (1, False)
    return {one["problem"] for one in told["pictures"]}


def test_a_sound_stage_is_verified(run_scones: Scones, machine: Machine) -> None:
    code, out, err = run_scones("verify")
    assert code == 0
    assert out.splitlines() == [
        f"golden/0{number}.png\t{label}\t{label}\t0.000000\t{machine.digest}\tas expected"
        for number, label in enumerate(CLASSES[:3])
    ]
    assert f"model {machine.digest}: 3 of 3 answered as expected" in err
    keys = [f"uploads/verify-{machine.digest}/golden/0{number}.png" for number in range(3)]
    assert machine.aws.keys_in("uploads/") == keys
    started = machine.aws.states.started(IMAGE_MACHINE)
    assert {(one["s3_bucket"], one["threshold"]) for one in started} == {(BUCKET, 0)}


def test_a_program_gets_every_probability(run_scones: Scones, machine: Machine) -> None:
    code, out, _ = run_scones("verify", "--json")
    told = json.loads(out)
    assert (code, told["verified"], told["model"], len(told["pictures"])) == (0, True, machine.digest, 3)
    first = told["pictures"][0]
    assert (first["true_class"], first["expected_class"], first["answered_class"]) == ("bicycle",) * 3
    assert first["answered"] == pytest.approx(first["expected"], abs=1e-6)
    assert first["execution"].startswith("arn:")


def test_what_came_of_it_is_kept_for_the_report(run_scones: Scones, machine: Machine) -> None:
    machine.classes = ("motorcycle", "bicycle", *CLASSES[2:])
    run_scones("verify")
    kept = json.loads(machine.aws.objects[BUCKET, "monitor/verified.json"])
    assert kept.pop("time").endswith("Z")
    assert kept == {"model": machine.digest, "pictures": 3, "as_expected": 1}


def test_who_may_not_keep_it_has_verified_all_the_same(run_scones: Scones, machine: Machine) -> None:
    machine.aws.aws.answers["PutObject"] = lambda request: (
        s3_error(403, "AccessDenied") if "/monitor/" in request.path else None
    )
    code, _, err = run_scones("verify")
    assert code == 0
    assert "The report will not show this verification: Access denied to PutObject" in err


def another_order() -> bytes:
    """The same network, which answers in another order."""
    turned = np.roll(np.eye(4, dtype=np.float32), 1, axis=0)
    model = onnx.load_from_string(MODEL)
    weights = next(one for one in model.graph.initializer if one.name == "weights")
    weights.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weights) @ turned, "weights"))
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"model": another_order()}, "the right probabilities in another order of classes"),
        ({"classes": ("motorcycle", "bicycle", *CLASSES[2:])}, "the functions have another order of classes"),
        ({"see": lambda pixels: pixels - np.uint8(3)}, "more than 0.001: other pixels reach the model"),
        ({"see": lambda pixels: pixels // 16 * 16}, "more than 0.001: other pixels reach the model"),
        ({"digest": "0ld0ld0ld0ld"}, "answered by the model 0ld0ld0ld0ld, deployed is"),
        ({"digest": ""}, "answered by the model that nobody names, deployed is"),
    ],
    ids=["order of the model", "order of the functions", "darker", "fewer shades", "old model", "no model"],
)
def test_each_fault_is_caught_and_named(
    run_scones: Scones, machine: Machine, fault: dict[str, Any], problem: str
) -> None:
    for name, value in fault.items():
        setattr(machine, name, value)
    assert any(problem in found for found in problems(run_scones))


def test_a_permission_that_is_missing_is_caught(run_scones: Scones, machine: Machine) -> None:
    def refuse(execution: Execution) -> None:
        if "01.png" in execution.execution_input:
            end(execution, status="FAILED", error="ImageAccessDenied", cause="s3:GetObject is missing")
        else:
            machine(execution)

    machine.aws.states.on_start = refuse
    assert problems(run_scones) == {"", "ImageAccessDenied: s3:GetObject is missing"}
    code, out, err = run_scones("verify")
    assert code == 1
    assert "golden/01.png\tmotorcycle\t\t\t\tImageAccessDenied: s3:GetObject is missing" in out
    assert "2 of 3 answered as expected" in err
    assert "docs/operations.md, Verify a release" in err


def test_no_answer_in_time_is_no_verification(run_scones: Scones, machine: Machine) -> None:
    machine.aws.states.on_start = lambda _execution: None
    code, out, _ = run_scones("verify", "--timeout", "1", "--json")
    assert code == 1
    assert {one["problem"] for one in json.loads(out)["pictures"]} == {"still running"}


def test_an_artifact_without_golden_pictures_is_to_be_trained_again(
    run_scones: Scones, deployed: DeployedStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = deploy(deployed, monkeypatch, {})
    code, out, err = run_scones("verify")
    assert (code, out) == (2, "")
    assert f"{digest} was made without golden pictures" in err
    assert "python -m training.train" in err
    assert deployed.states.executions == {}


def test_stacks_of_two_models_are_told(
    run_scones: Scones, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OUTPUTS, outputs.MODEL_DIGEST, "ab" * 32)
    code, _, err = run_scones("verify")
    assert code == 2
    assert f"of two models: abababababab for the endpoint, {machine.digest} for the monitor" in err


@pytest.mark.usefixtures("deployed")
def test_a_stage_without_the_monitoring_stack_is_told(run_scones: Scones) -> None:
    code, _, err = run_scones("verify")
    assert code == 2
    assert "has no output ModelArtifactUri" in err


@pytest.mark.parametrize(
    ("operation", "status", "error", "reason"),
    [
        ("GetObject", 404, "NoSuchKey", "s3://assets/model.tar.gz is gone. Deploy it again: npx cdk"),
        ("GetObject", 403, "AccessDenied", "Access denied to GetObject"),
        ("PutObject", 403, "AccessDenied", "Access denied to PutObject"),
    ],
)
def test_what_s3_refuses_is_a_sentence(
    run_scones: Scones, machine: Machine, operation: str, status: int, error: str, reason: str
) -> None:
    machine.aws.aws.answers[operation] = s3_error(status, error)
    code, out, err = run_scones("verify")
    assert (code, out) == (2, "")
    assert reason in err


def test_a_damaged_artifact_is_told(run_scones: Scones, machine: Machine) -> None:
    machine.aws.objects["assets", "model.tar.gz"] = b"text"
    code, _, err = run_scones("verify")
    assert code == 2
    assert "s3://assets/model.tar.gz is no complete .tar.gz" in err
