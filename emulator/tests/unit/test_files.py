"""The state of a service in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from loopback_aws.errors import LocalError
from loopback_aws.files import load_state, save_state


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.json"
    assert load_state(path, ("a",), "Service", lost="things") is None
    save_state(path, {"a": {"x": 1}, "b": 2})
    assert load_state(path, ("a",), "Service", lost="things") == {"a": {"x": 1}}


@pytest.mark.parametrize("content", ["{", "[]", "{}", "3", '{"a": 1}', '{"a": ["x"]}'])
def test_what_is_no_state_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    with pytest.raises(LocalError, match=r"not a state of the local Service .* without things"):
        load_state(path, ("a",), "Service", lost="things")
    assert path.read_text() == content
