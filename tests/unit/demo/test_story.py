"""What the demo prints: what happens now, how long it takes, what came of it, why it stopped."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from demo.story import LAST_LINES, Step, Story, minutes

STEPS = (
    Step("draw", "Draw pictures", 4.4, "Buy a pencil."),
    Step("train", "Train a model", 80.0, "Think again."),
)


def story(folder: Path, **console: bool) -> tuple[Story, io.StringIO]:
    file = io.StringIO()
    return Story(Console(file=file, width=60, highlight=False, **console), STEPS, folder), file  # type: ignore[arg-type]


def test_each_step_is_announced_and_its_time_told(tmp_path: Path) -> None:
    told, file = story(tmp_path)
    (tmp_path / "draw.log").write_text("of an earlier demo")
    told.begin()
    with told.step("draw") as step:
        told.say("a bicycle")
        step.log.write_text("said")
        step.result = "2,000 of them"
    lines = file.getvalue().splitlines()
    assert "in 2 steps and about 84 seconds" in lines[0]
    assert lines[1:] == [
        "",
        "1/2 Draw pictures (about 4 s)",
        "    a bicycle",
        "    done in 0 s: 2,000 of them",
    ]
    assert (tmp_path / "draw.log").read_text() == "said"
    assert list(told.took) == ["draw"]


def test_a_line_is_left_whole_so_that_it_can_be_copied(tmp_path: Path) -> None:
    told, file = story(tmp_path)
    told.say("aws stepfunctions start-execution " + "a" * 100)
    assert file.getvalue() == f"    aws stepfunctions start-execution {'a' * 100}\n"


def test_a_step_that_fails_is_named_with_the_end_of_its_log_and_the_way_out(tmp_path: Path) -> None:
    told, file = story(tmp_path)
    error = RuntimeError("`train` ended with exit code 1")
    log = told.log("train")
    log.write_text("".join(f"line {number}\n" for number in range(30)))
    with pytest.raises(RuntimeError), told.step("train"):
        raise error
    told.failed(error)
    said = file.getvalue()
    assert "The demo stopped in step 2/2, Train a model: `train` ended with exit code 1" in said
    assert f"The last lines of {log}:" in said
    assert said.count("  │ line") == LAST_LINES
    assert "line 29" in said
    assert "Think again. Nothing is left running" in said
    assert "done in" not in said


def test_before_the_first_step_only_the_reason_is_said(tmp_path: Path) -> None:
    told, file = story(tmp_path)
    told.failed(RuntimeError("another demo runs"))
    assert file.getvalue() == "The demo stopped: another demo runs\n"


def test_an_interruption_names_the_step(tmp_path: Path) -> None:
    told, file = story(tmp_path)
    with pytest.raises(KeyboardInterrupt), told.step("train"):
        raise KeyboardInterrupt
    told.interrupted()
    assert "Interrupted in step 2, Train a model. Nothing is left running" in file.getvalue()


@pytest.mark.parametrize(("name", "bar"), [("draw", False), ("train", True)])
def test_a_long_step_has_a_bar_on_a_terminal_that_goes_when_it_is_done(
    tmp_path: Path, name: str, bar: bool
) -> None:
    told, file = story(tmp_path, force_terminal=True)
    with told.step(name):
        pass
    assert ("s of about" in file.getvalue()) == bar
    assert "done in 0 s" in file.getvalue().splitlines()[-1]


def test_nothing_but_lines_is_printed_where_there_is_no_terminal(tmp_path: Path) -> None:
    told, file = story(tmp_path)
    with told.step("train"):
        told.say("test accuracy 94.8%")
    assert "\x1b" not in file.getvalue()
    assert "of about" not in file.getvalue()


def test_minutes_are_said_in_words() -> None:
    assert [minutes(seconds) for seconds in (59.6, 99, 119, 150)] == [
        "60 seconds",
        "99 seconds",
        "2 minutes",
        "2 minutes",
    ]
