"""A file is there whole or as it was before, and a place for one is looked at before the work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from contracts.whole_files import UnwritableError, check_writable, replacing


def test_a_file_is_replaced_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.html"
    for content in (b"first", b"second"):
        with replacing(path) as file:
            file.write(content)
        assert path.read_bytes() == content
    with pytest.raises(TypeError), replacing(path) as file:
        file.writelines([b"half of the thi", "no bytes"])  # type: ignore[list-item]
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = replacing(tmp_path / "file" / "page.html")
    with pytest.raises(UnwritableError, match=r"cannot write .*/file/page.html: .*choose another place"):
        place.__enter__()


def test_a_place_that_cannot_be_written_is_known_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableError, match=r"it is a folder\. Name a file in it, such as model\.tar\.gz"):
        check_writable(tmp_path, "model.tar.gz")
    with pytest.raises(UnwritableError, match="is no folder"):
        check_writable(tmp_path / "file" / "below" / "model.tar.gz", "model.tar.gz")
    check_writable(tmp_path / "new" / "model.tar.gz", "model.tar.gz")
    assert not (tmp_path / "new").exists()


def test_what_is_no_plain_file_is_not_replaced(tmp_path: Path) -> None:
    """Whoever may write below /dev would lose /dev/null to a file of this name."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(os.devnull)
    for path in (Path(os.devnull), tmp_path / "pipe", tmp_path / "link"):
        with pytest.raises(UnwritableError, match="no plain file"):
            check_writable(path, "model.tar.gz")
