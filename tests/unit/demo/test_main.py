"""What `python -m demo` answers and leaves when it does not get to its end, and how long it says it takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo import __main__ as demo
from demo.loopback import alone
from demo.processes import CommandFailed, Interruption
from demo.steps import STEPS, Demo, class_names


@pytest.mark.parametrize(
    ("reason", "code", "said"),
    [
        (CommandFailed("`cdk deploy` ended with exit code 1"), 1, "The demo stopped: `cdk deploy`"),
        (KeyboardInterrupt(), 130, "Nothing is left running"),
    ],
)
def test_a_demo_that_stops_leaves_no_figures_of_an_earlier_one(
    reason: BaseException,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def stop(*_: object) -> None:
        raise reason

    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    monkeypatch.setattr(Demo, "run", stop)
    monkeypatch.setattr(Interruption, "listen", lambda _: None)
    (tmp_path / "summary.json").write_text("{}")
    assert demo.main([]) == code
    assert said in capsys.readouterr().out
    assert not (tmp_path / "summary.json").exists()


def test_a_second_demo_leaves_the_first_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    monkeypatch.setattr(Interruption, "listen", lambda _: None)
    (tmp_path / "summary.json").write_text("{}")
    with alone(tmp_path):
        assert demo.main([]) == 1
    assert f"another demo runs in {tmp_path}" in capsys.readouterr().out
    assert (tmp_path / "summary.json").exists()


@pytest.mark.parametrize(
    ("last", "seconds"),
    [
        ({"dataset": "drawn", "recipe": ["--preset", "quick"], "steps": {"deploy": 33.0}}, 33.0),
        ({"dataset": "cifar100", "recipe": ["--preset", "quick"], "steps": {"deploy": 33.0}}, None),
        ({"dataset": "drawn"}, None),
        ([], None),
    ],
)
def test_a_step_is_expected_to_take_what_it_took_the_last_time(
    last: object, seconds: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    (tmp_path / "summary.json").write_text(json.dumps(last))
    usual = {step.name: step.seconds for step in STEPS}
    expected = {step.name: step.seconds for step in demo.expected_steps("drawn", ("--preset", "quick"))}
    assert expected == {**usual, "deploy": seconds or usual["deploy"]}


def test_ten_classes_are_expected_to_take_longer_than_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    seconds = {
        name: demo.expected_steps(name, recipe)[2].seconds for name, recipe in demo.ABOUT_A_MINUTE.items()
    }
    assert seconds["drivers"] > seconds["drawn"]


def test_many_classes_are_told_by_their_number() -> None:
    assert class_names(["bicycle", "motorcycle"]) == "bicycle and motorcycle"
    assert class_names([f"c{number}" for number in range(10)]) == "10 classes, c0 to c9,"


def test_a_full_training_is_expected_to_take_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    quick, full = (
        demo.expected_steps("drawn", recipe)[2].seconds for recipe in (("--preset", "quick"), demo.FULL)
    )
    assert full > quick
