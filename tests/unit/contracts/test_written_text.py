"""One reader for texts that people write: what it takes, and what it says of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import written_text
from contracts.written_text import MAX_LINE_BYTES, TextProblem, read_lines, table, written_lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_are_the_same_however_they_were_saved(
    tmp_path: Path, encoding: str, end: str, last: bool
) -> None:
    texts = ["0\t1\tTür/a\u2028b.jpg", "", "1\t0\t二.jpg"]
    path = tmp_path / "a.lst"
    path.write_bytes((end.join(texts) + (end if last else "")).encode(encoding))
    assert list(read_lines(path)) == list(enumerate(texts, 1))


def test_a_text_may_come_in_any_pieces() -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-16-be"):
        mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
        pieces = [bytes([one]) for one in mark + "ä\r\nö\r\n".encode(encoding)]
        assert [line.text for line in written_lines(pieces, "a")] == ["ä", "ö"]
    assert not list(written_lines([], "a"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "a\nTür\n".encode("cp1252"),
            "a.lst, line 2: byte 2 is not UTF-8; as CP1252 .*iconv -f CP1252 -t UTF-8",
        ),
        ("a\n\n表\n".encode("cp932") + b"\x81\x81", "line 3: .*not UTF-8"),
        ("a\nb\n".encode("utf-16-le"), "line 1: it holds NUL.*iconv -f UTF-16LE"),
        ("a\nb\n".encode("utf-16-be"), "line 1: it holds NUL.*iconv -f UTF-16BE"),
        ("a\nb".encode("utf-16") + b"x", "after line 2: it begins as UTF-16"),
        (b"a\n" + b"x" * (MAX_LINE_BYTES + 1), "line 2: it is longer than 65,536 bytes"),
        (b"x" * (MAX_LINE_BYTES + 9) + b"\nb", "line 1: it is longer than 65,536 bytes"),
    ],
)
def test_what_is_no_such_text_is_an_error_with_file_line_and_a_way_out(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "a.lst"
    path.write_bytes(content)
    with pytest.raises(TextProblem, match=words):
        list(read_lines(path))


def test_lines_without_end_are_refused_before_they_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_text, "MAX_LINES", 1_000)
    taken = []

    def chunks(count: int) -> object:
        for number in range(count):
            taken.append(number)
            yield b"0\t0\ta\n" * 100

    with pytest.raises(TextProblem, match="more than 1,000 lines"):
        list(written_lines(chunks(100_000), "a"))  # type: ignore[arg-type]
    assert len(taken) < 20


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_with_the_separator_of_its_first_line(separator: str) -> None:
    text = f'\nimg{separator}class\n"a{separator}b.jpg"{separator} c0 \n\n{separator}\nc.jpg{separator}c1'
    rows = list(table(written_lines([text.encode()], "a"), "a"))
    assert rows == [(2, ["img", "class"]), (3, [f"a{separator}b.jpg", "c0"]), (6, ["c.jpg", "c1"])]
