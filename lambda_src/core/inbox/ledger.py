"""What the inbox has handed on to runs, so that S3 may tell twice and each object is classified once.

One object in S3, replaced only if nobody else did. It forgets what is older than a day: EventBridge tries for
so long to deliver an event.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from lambda_src.core.errors import InvalidConfiguration
from lambda_src.core.inbox.naming import DIGEST_DIGITS

KEPT = timedelta(hours=24)
MOST_KEPT = 1_000_000
"""Objects; of more than that a day the oldest are forgotten, and the file stays below 20 MB."""


class Gathered(NamedTuple):
    """The objects of one run: when they were gathered (seconds since 1970), and their digests in a row."""

    at: int
    objects: str


class Ledger(NamedTuple):
    """Runs of the last day, the oldest first; `pending` has its list and perhaps no execution yet."""

    gathered: tuple[Gathered, ...] = ()
    pending: str | None = None

    @property
    def known(self) -> set[str]:
        """Digests of all objects that were handed on."""
        return {
            one.objects[place : place + DIGEST_DIGITS]
            for one in self.gathered
            for place in range(0, len(one.objects), DIGEST_DIGITS)
        }

    def with_run(self, name: str, digests: Iterable[str], now: datetime) -> Ledger:
        """With a run that is to be started, and without what is old."""
        oldest = (now - KEPT).timestamp()
        kept = [one for one in self.gathered if one.at >= oldest]
        kept.append(Gathered(int(now.timestamp()), "".join(digests)))
        while len(kept) > 1 and sum(len(one.objects) for one in kept) > MOST_KEPT * DIGEST_DIGITS:
            del kept[0]
        return Ledger(tuple(kept), name)

    def started(self) -> Ledger:
        """With nothing pending."""
        return self._replace(pending=None)


def write_ledger(ledger: Ledger) -> bytes:
    """As JSON."""
    gathered = [one._asdict() for one in ledger.gathered]
    return json.dumps({"pending": ledger.pending, "gathered": gathered}, separators=(",", ":")).encode()


def read_ledger(data: bytes, where: str) -> Ledger:
    """The ledger in a file; `where` names it. Raises InvalidConfiguration for what is none."""
    try:
        value: dict[str, Any] = json.loads(data)
        gathered = tuple(Gathered(_whole(one["at"]), _digests(one["objects"])) for one in value["gathered"])
        pending = value["pending"]
        if pending is not None and not isinstance(pending, str):
            raise TypeError("pending is no name")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidConfiguration(
            f"{where} is damaged ({type(error).__name__}): delete it, and what S3 tells of twice "
            "within a day is classified twice"
        ) from error
    return Ledger(gathered, pending)


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError("no whole number")
    return value


def _digests(value: object) -> str:
    if not isinstance(value, str) or len(value) % DIGEST_DIGITS:
        raise TypeError("no digests")
    return value
