"""Keys that STS and IAM of the local AWS have made: sessions of roles, access keys of users."""

from __future__ import annotations

from ministack.services import iam, sts

PRIVATE = ("ministack.services.sts:_sessions", "ministack.services.iam:_access_keys")


def secret_of(key_id: str) -> str | None:
    """The secret of a session or of an active access key of any account; None for any other."""
    if session := sts._sessions.get(key_id):
        return str(session["SecretAccessKey"])
    for (_, known), record in iam._access_keys.to_dict().items():
        if known == key_id and record.get("Status", "Active") == "Active":
            return str(record["SecretAccessKey"])
    return None
