"""One execution of ClassifyBatch for all new objects that wait in the queue.

The order makes it safe to end anywhere: the list is written, the ledger names it as pending, the execution
is started by its name, the messages are deleted. What was interrupted the next invocation takes up: a
pending run is started (again, which changes nothing), and messages that come back are known to the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from lambda_src.core.inbox.ledger import Ledger
from lambda_src.core.inbox.messages import Message, objects_of
from lambda_src.core.inbox.naming import DIGEST_DIGITS, digest, run_execution_name
from lambda_src.core.inbox.single import Start
from lambda_src.core.run.plan import json_line
from lambda_src.core.run.records import Files, run_key
from lambda_src.core.s3_events import Arrival

GATHERED = "gathered.jsonl"
"""The list of a run's images, beside its results."""
MOST_OBJECTS = 10_000
"""Of one run: a minute's work for the function. What is more waits for the next."""


class Queue(Protocol):
    """Messages that nobody else gets for a while; none means that none was found in a second."""

    def receive(self) -> Sequence[Message]: ...

    def delete(self, messages: Sequence[Message]) -> None: ...


class LedgerFile(Protocol):
    """The ledger in S3. Writing raises where somebody else has written since."""

    def read(self) -> Ledger: ...

    def write(self, ledger: Ledger) -> None: ...


class Inbox(NamedTuple):
    """What gathering works on. `start` starts ClassifyBatch."""

    queue: Queue
    ledger: LedgerFile
    files: Files
    start: Start


def gather(inbox: Inbox, now: datetime, goes_on: Callable[[], bool]) -> dict[str, Any]:
    """Hand on what waits, as long as `goes_on`; what was done, for the log. Raises what the parts raise."""
    ledger = inbox.ledger.read()
    if ledger.pending:
        ledger = _start(inbox, ledger, ledger.pending)
    messages = _received(inbox.queue, goes_on)
    new, done = _sorted_out(messages, ledger.known)
    name = None
    if new:
        name = run_execution_name(new, now)
        with inbox.files.writer(run_key(name, GATHERED)) as lines:
            for one in new.values():
                lines.write(json_line({"s3_bucket": one.s3_bucket, "s3_key": one.s3_key}))
        ledger = ledger.with_run(name, new, now)
        inbox.ledger.write(ledger)
        _start(inbox, ledger, name)
    inbox.queue.delete(done)
    return {"run": name, "objects": len(new), "messages": len(messages), "left": len(messages) - len(done)}


def _start(inbox: Inbox, ledger: Ledger, name: str) -> Ledger:
    inbox.start(name, {"manifest_key": run_key(name, GATHERED)})
    started = ledger.started()
    inbox.ledger.write(started)
    return started


def _received(queue: Queue, goes_on: Callable[[], bool]) -> list[Message]:
    """All that wait, up to `MOST_OBJECTS`."""
    messages: list[Message] = []
    while len(messages) < MOST_OBJECTS and goes_on():
        more = queue.receive()
        if not more:
            break
        messages += more
    return messages


def _sorted_out(messages: Sequence[Message], known: set[str]) -> tuple[dict[str, Arrival], list[Message]]:
    """New objects by their digests, in the order in which they came, and the messages that are understood."""
    new: dict[str, Arrival] = {}
    done = []
    for message in messages:
        arrivals = objects_of(message)
        if arrivals is None:
            continue
        done.append(message)
        for arrival in arrivals:
            short = digest(arrival)[:DIGEST_DIGITS]
            if short not in known:
                new.setdefault(short, arrival)
    return new, done
