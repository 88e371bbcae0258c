"""Where a request comes from, by the headers that a browser sets and a page cannot forge.

Programs send none of them but Host. A browser names the page in Origin or Referer, says how far it is away in
Sec-Fetch-Site, and puts into Host the name that led it here, be it one that was rebound to 127.0.0.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from loopback_aws.guard.refusals import Refused, shown

_LOOPBACK = rb"(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9_-]+\.)*localhost)"
_HOST = re.compile(rb"%s(?::(\d{1,5}))?" % _LOOPBACK, re.IGNORECASE)
_PAGE = re.compile(rb"https?://%s(?::\d{1,5})?(?:[/?#].*)?" % _LOOPBACK, re.IGNORECASE)
_NEAR = (b"same-origin", b"none")
"""What a browser says of the local AWS's own pages, and of an address that was typed or pasted."""
_HTTP_PORT = 80


def check_sender(headers: Mapping[bytes, bytes], port: int) -> None:
    """Refused when a page of another origin sends the request, or another host's name led it to `port`."""
    for header in (b"origin", b"referer"):
        page = headers.get(header)
        if page is not None and not _PAGE.fullmatch(page):
            raise _from_page(header, page)
    site = headers.get(b"sec-fetch-site")
    if site is not None and site not in _NEAR:
        raise _from_page(b"sec-fetch-site", site)
    _check_host(headers.get(b"host", b""), port)


def is_preflight(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks for leave to send a page's request."""
    return method == "OPTIONS" and b"access-control-request-method" in headers


def _check_host(host: bytes, port: int) -> None:
    named = _HOST.fullmatch(host)
    if named is None or int(named.group(1) or _HTTP_PORT) != port:
        raise Refused(
            "AccessDenied",
            f"Host is {shown(host)}: the local AWS answers to 127.0.0.1:{port}, localhost:{port} and names "
            f"that end in .localhost:{port}, lest another name be led here (DNS rebinding). Call it as "
            f"http://127.0.0.1:{port}.",
        )


def _from_page(header: bytes, value: bytes) -> Refused:
    return Refused(
        "AccessDenied",
        f"{header.decode().title()} is {shown(value)}: no page of a browser may use the local AWS. Call it "
        "from a program (SDK, AWS CLI, CDK); a presigned link opens when it is pasted into the address bar.",
    )
