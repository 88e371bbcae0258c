"""The verb `scones simulate` before it comes to AWS: help, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from operations.aws.errors import OperationError
from operations.simulate import SUMMARY, _tell
from tests.unit.operations.conftest import Scones


def test_help_teaches_by_example_and_names_the_exit_codes(run_scones: Scones) -> None:
    code, out, _ = run_scones("simulate", "--help")
    assert code == 0
    for text in ("scones simulate --minutes 2 --rate 5", "--drift blur", "--burst 2000", "130 after Ctrl-C"):
        assert text in out


def test_a_summary_that_cannot_be_kept_is_printed_and_the_reason_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / SUMMARY).mkdir()
    with pytest.raises(OperationError, match=r"cannot write .*/summary.json: .*choose another place"):
        _tell({"name": "sim"}, tmp_path, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"name": "sim"}


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        ([], "Give either --minutes and --rate"),
        (["--burst", "10", "--rate", "1"], "Give either --minutes and --rate"),
        (["--minutes", "1"], "needs both --minutes and --rate"),
        (["--burst", "10", "--drift", "new-class"], "new-class needs --drawn"),
        (["--burst", "10", "--drift-from", "0"], "what changes is for --drift to say"),
        (["--burst", "0"], "--burst"),
        (["--burst", "10", "--drift", "rain"], "'brightness', 'blur', 'new-class'"),
        (["--burst", "10", "--drawn", "--drift-from", "1.5"], "--drift-from"),
    ],
)
def test_what_is_not_possible_exits_2_with_the_reason_and_leaves_nothing(
    run_scones: Scones, argv: list[str], reason: str
) -> None:
    code, out, err = run_scones("simulate", *argv)
    assert (code, out) == (2, "")
    assert reason in err
    assert not list(Path.cwd().iterdir())
