"""What to say to a caller whose change the disk did not take."""

from __future__ import annotations

import errno
from pathlib import Path

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_NOT_OURS = (errno.EROFS, errno.EACCES, errno.EPERM)


def refusal(error: OSError, folder: Path | str) -> str:
    """The message of an error answer: which folder cannot be used, why, and the way out."""
    reason = error.strerror or str(error)
    return (
        f"The local AWS cannot use its files in {folder} ({reason}): {_way_out(error)}. Nothing was changed."
    )


def not_kept(error: OSError, folder: Path | str) -> str:
    """The message of an error answer to a change that was made and cannot be kept."""
    reason = error.strerror or str(error)
    return (
        f"The local AWS cannot use its files in {folder} ({reason}): {_way_out(error)}. What was asked "
        "for is done, and lost if the local AWS ends before there is room."
    )


def _way_out(error: OSError) -> str:
    if error.errno in _NO_ROOM:
        return "make room on that disk, and try again"
    if error.errno == errno.EFBIG:
        return "files may be no longer in its process; raise `ulimit -f` and start it again"
    if error.errno in _NOT_OURS:
        return "see that user and file system may write there, or start it with another --state DIR"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "too much is open at once; try again, or raise `ulimit -n` and start it again"
    return f"look after that disk (error {errno.errorcode.get(error.errno or 0, error.errno)}), and try again"
