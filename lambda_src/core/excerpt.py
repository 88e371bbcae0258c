"""Values as error messages and log lines show them: one line, short, printable."""

from __future__ import annotations


def excerpt(value: object, limit: int = 120) -> str:
    """`value` as JSON's vocabulary has it; long text is cut to `limit` characters, containers are counted."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return f"an object with {len(value)} fields"
    if isinstance(value, list | tuple):
        return f"an array of {len(value)}"
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def one_line(text: object, limit: int = 500) -> str:
    """What another service said, without line breaks, cut to `limit` characters; "no message" for nothing."""
    words = " ".join(str(text or "").split())
    return (words if len(words) <= limit else f"{words[:limit]}…") or "no message"
