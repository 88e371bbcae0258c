"""A page of another host attacks AWS on loopback from a real browser: all arrives, and nothing is done."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.local.deployed.emulator import Emulator, start

BUCKET = "of-this-machine"
OBJECTS = {"code.zip": b"PK\x05\x06" + bytes(18), "page.txt": b"a page"}
FUNCTIONS = "/2015-03-31/functions"
ROLE = "arn:aws:iam::000000000000:role/of-a-page"
ATTACKER = "evil.example"
REBOUND = "rebound.example"
"""A name of the attacker's that leads to 127.0.0.1, as both do in the tests' browser."""


def function(name: str) -> str:
    """The request that creates a function whose code is in the bucket."""
    code = {"S3Bucket": BUCKET, "S3Key": "code.zip"}
    return json.dumps(
        {"FunctionName": name, "Runtime": "python3.13", "Role": ROLE, "Handler": "a.b", "Code": code}
    )


CORS = """async ([url, body]) => {
    const headers = {"Content-Type": "application/json", "Authorization": "AWS4-HMAC-SHA256"};
    return fetch(url, {method: "POST", headers, body}).then(answer => answer.text(), error => "blocked");
}"""
NO_CORS = """async ([url, body]) =>
    (await fetch(url, {method: "POST", mode: "no-cors", headers: {"Content-Type": "text/plain"}, body})).type
"""
FORM = """([url, fields, enctype]) => {
    const form = document.createElement("form");
    Object.assign(form, {action: url, method: "post", enctype, target: "frame"});
    for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement("textarea");
        Object.assign(field, {name, value});
        form.append(field);
    }
    document.body.append(form);
    form.submit();
}"""
SOCKET = """async url => new Promise(done => {
    const socket = new WebSocket(url);
    socket.onopen = () => done("open");
    socket.onclose = socket.onerror = () => done("refused");
})"""
SAME_ORIGIN = """async ([path, method, body]) => (await fetch(path, {method, body})).status"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """AWS on loopback with a bucket, and the code of a function in it."""
    emulator = start(tmp_path_factory.mktemp("aws") / "state")
    emulator.client("s3").create_bucket(Bucket=BUCKET)
    for key, body in OBJECTS.items():
        emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body, ContentType="text/plain")
    yield emulator
    emulator.stop()


class AttackersPage(BaseHTTPRequestHandler):
    """A page with a frame for the answers of its forms."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><body><iframe name=frame></iframe></body>")

    def log_message(self, *_: object) -> None:
        """Nothing to standard error."""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The attacker's page, opened by a developer."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), AttackersPage)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    context = browser.new_context()
    context.set_default_timeout(120_000)
    try:
        page = context.new_page()
        page.goto(f"http://{ATTACKER}:{server.server_port}/")
        yield page
    finally:
        context.close()
        server.shutdown()
        serving.join()
        server.server_close()


def untouched(aws: Emulator) -> bool:
    """Whether there is no function, and no object beside the own ones."""
    objects = aws.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    functions = aws.client("lambda").list_functions()["Functions"]
    return [kept["Key"] for kept in objects] == list(OBJECTS) and functions == []


def arrived(response: Response) -> int:
    """The status that the browser got, which it does not let a page of another origin see."""
    assert not [name for name in response.headers if name.startswith("access-control-")]
    return response.status


def test_a_fetch_with_cors_is_stopped_at_its_preflight(aws: Emulator, page: Page) -> None:
    assert page.evaluate(CORS, [aws.endpoint + FUNCTIONS, function("cors")]) == "blocked"
    assert untouched(aws)


def test_a_fetch_without_cors_does_nothing(aws: Emulator, page: Page) -> None:
    with page.expect_response(f"{aws.endpoint}/**") as response:
        assert page.evaluate(NO_CORS, [aws.endpoint + FUNCTIONS, function("no-cors")]) == "opaque"
    assert arrived(response.value) == 403
    assert untouched(aws)


@pytest.mark.parametrize(
    ("path", "fields", "kind"),
    [
        (FUNCTIONS, {function("form")[:-1] + ', "Description": "': '"}'}, "text/plain"),
        (f"/{BUCKET}", {"key": "of-a-page", "file": "picture"}, "multipart/form-data"),
    ],
    ids=["text that is JSON but for a field at its end", "an upload as S3 takes it"],
)
def test_a_form_does_nothing(aws: Emulator, page: Page, path: str, fields: dict[str, str], kind: str) -> None:
    with page.expect_response(f"{aws.endpoint}/**") as response:
        page.evaluate(FORM, [aws.endpoint + path, fields, kind])
    assert arrived(response.value) == 403
    assert untouched(aws)


def test_a_websocket_does_not_open(aws: Emulator, page: Page) -> None:
    assert page.evaluate(SOCKET, aws.endpoint.replace("http:", "ws:") + FUNCTIONS) == "refused"
    assert untouched(aws)


def test_a_name_that_was_rebound_leads_nowhere(aws: Emulator, page: Page) -> None:
    """The page is of the same origin then: the browser asks for no leave, and GET has no Origin."""
    rebound = page.goto(f"http://{REBOUND}:{aws.port}/")
    assert rebound
    assert arrived(rebound) == 403
    asked = [
        (FUNCTIONS, "POST", function("rebound")),
        (f"/{BUCKET}/of-a-page", "PUT", "picture"),
        (f"/{BUCKET}", "GET", None),
        ("/_local/health", "GET", None),
    ]
    for path, method, body in asked:
        assert page.evaluate(SAME_ORIGIN, [path, method, body]) == 403
    assert page.evaluate(SOCKET, f"ws://{REBOUND}:{aws.port}{FUNCTIONS}") == "refused"
    assert untouched(aws)


def test_a_presigned_link_opens_from_the_address_bar_and_not_from_a_page(
    aws: Emulator, browser: Browser, page: Page
) -> None:
    page_of_bucket = {"Bucket": BUCKET, "Key": "page.txt"}
    link = aws.client("s3").generate_presigned_url("get_object", Params=page_of_bucket)
    context = browser.new_context()
    context.set_default_timeout(120_000)
    opened = context.new_page().goto(link)
    assert opened
    assert (arrived(opened), opened.body()) == (200, OBJECTS["page.txt"])
    context.close()
    with page.expect_response(f"{aws.endpoint}/**") as response:
        page.evaluate(
            "link => { const a = document.createElement('a'); a.href = link; a.target = 'frame'; "
            "document.body.append(a); a.click(); }",
            link,
        )
    assert arrived(response.value) == 403
