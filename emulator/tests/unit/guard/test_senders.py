"""Which pages and which names may lead a request here."""

from __future__ import annotations

import pytest
from loopback_aws.guard.refusals import Refused
from loopback_aws.guard.senders import check_sender, is_preflight

PORT = 4566
HOST = {b"host": b"127.0.0.1:4566"}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:4566",
        "localhost:4566",
        "LocalHost:4566",
        "[::1]:4566",
        "bucket.localhost:4566",
        "my.dotted_bucket.s3.us-east-1.localhost:4566",
    ],
)
def test_a_name_of_loopback_with_this_port_may_lead_here(host: str) -> None:
    check_sender({b"host": host.encode()}, PORT)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1",
        "localhost:4567",
        "evil.example:4566",
        "127.0.0.1.evil.example:4566",
        "evillocalhost:4566",
        "localhost.evil.example:4566",
        "localhost:4566@evil.example",
        "user@localhost:4566",
        "0.0.0.0:4566",
        "127.0.0.1:4566,evil.example:4566",
        "127.0.0.1:4566 ",
        "lambda.us-east-1.amazonaws.com",
        "localhost:٤٥٦٦",
    ],
)
def test_every_other_name_is_refused_with_its_own_and_the_way_out(host: str) -> None:
    with pytest.raises(Refused) as refused:
        check_sender({b"host": host.encode()}, PORT)
    assert refused.value.code == "AccessDenied"
    assert ascii(host.encode().decode("latin1")) in refused.value.message
    assert "http://127.0.0.1:4566" in refused.value.message


def test_the_port_of_http_may_be_left_out_where_it_is_this_port() -> None:
    check_sender({b"host": b"localhost"}, 80)


@pytest.mark.parametrize("header", ["origin", "referer"])
@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example",
        "http://evil.example:4566",
        "http://localhost.evil.example/",
        "http://localhost@evil.example/",
        "http://localhost:1@evil.example/",
        "http://127.0.0.1.evil.example",
        "http://127.1/",
        "file:///tmp/page.html",
        "chrome-extension://abcdef",
        "null",
        "",
        "http://localhost:1,https://evil.example",
    ],
)
def test_pages_of_other_hosts_are_refused(header: str, page: str) -> None:
    with pytest.raises(Refused, match=f"{header.title()} is "):
        check_sender(HOST | {header.encode(): page.encode()}, PORT)


@pytest.mark.parametrize("header", ["origin", "referer"])
@pytest.mark.parametrize("page", ["http://127.0.0.1:4566", "https://localhost", "http://app.localhost:3000"])
def test_pages_of_this_machine_are_not(header: str, page: str) -> None:
    check_sender(HOST | {header.encode(): page.encode()}, PORT)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "new-word", ""])
def test_a_page_of_another_origin_is_refused_by_its_distance(site: str) -> None:
    with pytest.raises(Refused, match="Sec-Fetch-Site is "):
        check_sender(HOST | {b"sec-fetch-site": site.encode()}, PORT)


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_own_pages_and_typed_addresses_are_not(site: str) -> None:
    check_sender(HOST | {b"sec-fetch-site": site.encode()}, PORT)


def test_a_long_value_is_cut_and_cannot_control_a_terminal() -> None:
    with pytest.raises(Refused) as refused:
        check_sender(HOST | {b"origin": b"\x1b[31m" + b"x" * 100_000}, PORT)
    assert "\x1b" not in refused.value.message
    assert len(refused.value.message) < 400


def test_a_preflight_is_known_by_its_question() -> None:
    assert is_preflight("OPTIONS", {b"access-control-request-method": b"PUT"})
    assert not is_preflight("OPTIONS", {})
    assert not is_preflight("PUT", {b"access-control-request-method": b"PUT"})
