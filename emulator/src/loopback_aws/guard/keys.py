"""The access keys of a local AWS: a pair of its own for each state folder, and what its services issue."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from loopback_aws.errors import LocalError
from loopback_aws.files import write_atomically

FILE = "credentials.json"
_ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    """An access key: its id goes with every request, its secret with none."""

    access_key_id: str
    secret_access_key: str


def read_keys(state: Path) -> KeyPair | None:
    """The pair of the state folder; None when it has none that can be read."""
    try:
        record = json.loads((state / FILE).read_bytes())
        return KeyPair(
            access_key_id=str(record["access_key_id"]), secret_access_key=str(record["secret_access_key"])
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def require_keys(state: Path, restart: str) -> KeyPair:
    """As `read_keys` where a local AWS runs; LocalError, with what restarts it, when there is none."""
    if pair := read_keys(state):
        return pair
    raise LocalError(
        f"{state / FILE} holds no access key of the local AWS that runs there. Stop that one and start it "
        f"again, which makes one: {restart}"
    )


def make_keys(state: Path) -> KeyPair:
    """The pair of the state folder, made when there is none: 100 random bits of id, 240 of secret.

    The file is its owner's alone. The pair stays the same from start to start, so that a shell which took
    the variables is good after `down` and `up`.
    """
    pair = read_keys(state)
    if pair is None:
        pair = KeyPair(
            access_key_id="LOOPBACK" + base64.b32encode(secrets.token_bytes(13)).decode()[:20],
            secret_access_key=secrets.token_urlsafe(30),
        )
        write_atomically(state / FILE, json.dumps(asdict(pair)).encode())
    (state / FILE).chmod(0o600)
    return pair


class Keyring:
    """The secrets of all keys that may sign requests."""

    def __init__(self, own: KeyPair, issued: Callable[[str], str | None]) -> None:
        """`issued` gives the secret of a key that a service of the local AWS has made, None for any other."""
        self.own = own
        self._issued = issued

    def secret_of(self, key_id: str) -> str | None:
        """The secret of a key, None when nobody has made it.

        An account's number is the key of whatever acts in that account (functions, state machines): the
        emulator takes the account from it. It is no secret, and has the secret of the own pair.
        """
        if key_id == self.own.access_key_id or _ACCOUNT_ID.fullmatch(key_id):
            return self.own.secret_access_key
        return self._issued(key_id)
