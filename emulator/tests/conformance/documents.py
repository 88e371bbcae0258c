"""Where a conformance case comes from, and a list of all cases.

`python -m tests.conformance.documents` prints the cases as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
HOSTS = ("docs.aws.amazon.com", "states-language.net")
"""Whose word counts."""


@dataclass(frozen=True)
class Case:
    """A test of this folder; one for each set of parameters."""

    id: str
    """Pytest's node id."""
    urls: list[str]
    assumed: list[str]
    """What the documents leave open and the case takes for granted."""


def aws_document(url: str, *, assumed: str | None = None) -> pytest.MarkDecorator:
    """Mark a test with the page that says what it asserts, and with what the page leaves open."""
    return pytest.mark.aws_document(url=url, assumed=assumed)


def problem(case: Case) -> str | None:
    """Why the case does not say where it comes from; None when it does."""
    if not case.urls:
        return f"{case.id}: no @aws_document"
    for url in case.urls:
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.hostname not in HOSTS:
            return f"{case.id}: {url} is not an https address of {' or '.join(HOSTS)}"
    return None


def cases() -> list[Case]:
    """All cases of this folder, whichever tests this session runs."""
    collected = subprocess.run(
        [sys.executable, "-m", __name__], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert collected.returncode == 0, collected.stdout[-3000:] + collected.stderr[-3000:]
    return [Case(**case) for case in json.loads(collected.stdout.splitlines()[-1])]


class _Collector:
    """Keeps what pytest has collected."""

    cases: list[Case]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.cases = [
            Case(
                id=item.nodeid,
                urls=[mark.kwargs["url"] for mark in item.iter_markers("aws_document")],
                assumed=[a for mark in item.iter_markers("aws_document") if (a := mark.kwargs["assumed"])],
            )
            for item in session.items
            if item.path.name != "test_documents.py"
        ]


if __name__ == "__main__":
    collector = _Collector()
    code = pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", str(FOLDER)], [collector])
    if code == pytest.ExitCode.OK:
        print("\n" + json.dumps([asdict(case) for case in collector.cases]))
    sys.exit(code)
