"""The pair of a state folder, and which keys have a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from loopback_aws.errors import LocalError
from loopback_aws.guard import issued_keys
from loopback_aws.guard.keys import FILE, KeyPair, Keyring, make_keys, read_keys, require_keys
from ministack.core.responses import get_account_id, set_request_account_id
from ministack.services import iam, sts

PAIR = KeyPair(access_key_id="LOOPBACKOWN", secret_access_key="own")


def test_a_folder_has_one_pair_that_only_its_owner_reads(tmp_path: Path) -> None:
    pair = make_keys(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / FILE).chmod(0o644)
    assert make_keys(tmp_path) == read_keys(tmp_path) == require_keys(tmp_path, "up") == pair
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_another_folder_has_another_pair_of_ids_and_secrets_as_long_as_those_of_aws(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    one, other = map(make_keys, folders)
    assert one.access_key_id != other.access_key_id
    assert one.secret_access_key != other.secret_access_key
    assert (len(one.access_key_id), len(one.secret_access_key)) == (28, 40)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"access_key_id": "x"}', "\udcff"])
def test_a_damaged_file_is_replaced_at_the_next_start(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(LocalError, match="start it again, which makes one: make up"):
        require_keys(tmp_path, "make up")
    assert make_keys(tmp_path) == read_keys(tmp_path)


def test_the_account_of_the_pair_is_the_documented_one() -> None:
    set_request_account_id(PAIR.access_key_id)
    assert get_account_id() == "000000000000"


def test_known_are_the_pair_accounts_and_what_was_issued() -> None:
    keyring = Keyring(PAIR, {"ASIA1": "session"}.get)
    assert keyring.secret_of("LOOPBACKOWN") == "own"
    assert keyring.secret_of("000000000000") == keyring.secret_of("111111111111") == "own"
    assert keyring.secret_of("ASIA1") == "session"
    for unknown in ("test", "", "AKIAIOSFODNN7EXAMPLE", "00000000000", "\u0660" * 12, "000000000000\n"):
        assert keyring.secret_of(unknown) is None


def test_sessions_of_roles_and_active_keys_of_users_are_issued() -> None:
    sts.register_session("ASIAGUARD", {"SecretAccessKey": "of a session"})
    for status in ("Active", "Inactive"):
        iam._access_keys[f"AKIA{status}"] = {"SecretAccessKey": "of a user", "Status": status}
    try:
        assert issued_keys.secret_of("ASIAGUARD") == "of a session"
        assert issued_keys.secret_of("AKIAActive") == "of a user"
        assert issued_keys.secret_of("AKIAInactive") is None
        assert issued_keys.secret_of("test") is None
    finally:
        sts._sessions.clear()
        iam._access_keys.clear()


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    pair = make_keys(tmp_path)
    assert json.loads((tmp_path / FILE).read_text()) == {
        "access_key_id": pair.access_key_id,
        "secret_access_key": pair.secret_access_key,
    }
