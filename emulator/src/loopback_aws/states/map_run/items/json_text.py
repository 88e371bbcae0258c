"""JSON read value by value from text that comes in pieces, so that a large array is never held whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from loopback_aws.states.map_run.errors import ItemReaderFailed
from loopback_aws.states.map_run.items.objects import MAX_ITEM_BYTES, check_size

BLANK = re.compile(r"[ \t\r\n]*")
STRUCTURE = re.compile(r'["{}\[\]]')
NUMBER = re.compile(r"[-+.0-9eE]+")
IN_STRING = re.compile(r'["\\]')


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


DECODER = json.JSONDecoder(parse_constant=_refuse)


def parse(text: str) -> Any:
    """The value of a whole JSON text. Raises ItemReaderFailed."""
    check_size(text)
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ItemReaderFailed(f"The data set is not valid JSON: {error}") from error


class JsonText:
    """A place in a JSON text, which moves forward only. What is no JSON raises ItemReaderFailed."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0

    def peek(self) -> str:
        """The next character that is not blank, without taking it; empty at the end."""
        while True:
            blank = BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, character: str) -> bool:
        """Take the character if it is the next one."""
        taken = self.peek() == character
        self._at += taken
        return taken

    def expect(self, character: str) -> None:
        """Take the character, which must be the next one."""
        if not self.take(character):
            self._fail(f"expected {character!r}, found {self.peek()!r}")

    def value(self) -> Any:
        """Take a whole value."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if not self._grow():
                    self._fail(str(error))
                continue
            if not self._may_go_on(end) or not self._grow():
                check_size(self._text[self._at : end])
                self._at = end
                return value

    def array(self) -> Iterator[Any]:
        """Take an array, element by element."""
        self.expect("[")
        if self.take("]"):
            return
        while True:
            yield self.value()
            if self.take("]"):
                return
            self.expect(",")

    def members(self) -> Iterator[str]:
        """Take an object: its names, after each of which the caller takes the value."""
        self.expect("{")
        if self.take("}"):
            return
        while True:
            name = self.value()
            if not isinstance(name, str):
                self._fail("the name of a member is not a string")
            self.expect(":")
            yield name
            if self.take("}"):
                return
            self.expect(",")

    def skip(self) -> None:
        """Take a value of any size without holding it."""
        if self.peek() not in ("{", "[", '"'):
            self.value()
            return
        depth = 0
        while True:
            mark = self._find(STRUCTURE)
            if mark == '"':
                self._skip_string()
            else:
                depth += 1 if mark in "{[" else -1
            if depth == 0:
                return

    def _skip_string(self) -> None:
        while self._find(IN_STRING) != '"':
            if self._at == len(self._text) and not self._more():
                self._fail("a string does not end")
            self._at += 1  # the character that the backslash escapes

    def _find(self, pattern: re.Pattern[str]) -> str:
        while not (found := pattern.search(self._text, self._at)):
            self._at = len(self._text)
            if not self._more():
                self._fail("the text ends within a value")
        self._at = found.end()
        return found.group()

    def _may_go_on(self, end: int) -> bool:
        """Whether the value is a number at the end of the piece: `1`, or the first character of `1.5`."""
        number = NUMBER.match(self._text, self._at)
        return end == len(self._text) or (number is not None and number.end() == len(self._text))

    def _grow(self) -> bool:
        """Read as much again as there is of a value, so that trying anew costs no more than twice in all."""
        held = len(self._text) - self._at
        if held > MAX_ITEM_BYTES:
            raise ItemReaderFailed("An item is larger than 8 MB, or the data set is not valid JSON.")
        return self._more(held)

    def _more(self, least: int = 1) -> bool:
        pieces, size = [self._text[self._at :]], 0
        for piece in self._pieces:
            pieces.append(piece)
            size += len(piece)
            if size >= least and size:
                break
        self._text, self._at = "".join(pieces), 0
        return size > 0

    def _fail(self, reason: str) -> NoReturn:
        raise ItemReaderFailed(f"The data set is not valid JSON: {reason}.")
