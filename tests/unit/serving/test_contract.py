"""The serving contract, over HTTP, against a running server."""

from __future__ import annotations

import http.client
import json
import socket

import pytest

from pictures.limits import MAX_PIXELS
from serving.limits import MAX_BODY_BYTES
from tests.unit.serving.conftest import DIGEST
from tests.unit.serving.packs import image_record, record
from tests.unit.serving.pictures import GREY, RGB, noise, plain, png
from tests.unit.serving.server_process import ServerProcess

RED, BLUE, GREY_SQUARE = plain((255, 0, 0)), plain((0, 0, 255)), plain((128, 128, 128))


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        ("image/png", "PNG"),
        ("image/jpeg", "JPEG"),
        ("application/x-image", "JPEG"),
        ("image/jpg", "JPEG"),
        ("image/webp", "WEBP"),
        ("Image/PNG; charset=binary", "PNG"),
    ],
)
def test_an_image_gets_a_probability_a_class(server: ServerProcess, content_type: str, form: str) -> None:
    status, probabilities = server.invoke(plain((200, 60, 40), form=form), content_type)
    assert status == 200
    assert len(probabilities) == 2
    assert probabilities[0] > 0.9
    assert sum(probabilities) == pytest.approx(1, abs=1e-6)


def test_the_answer_names_the_model(server: ServerProcess) -> None:
    status, _, headers = server.request("POST", "/invocations", RED, "image/png")
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["x-amzn-sagemaker-custom-attributes"] == f"model={DIGEST[:12]}"


def test_a_pack_gets_one_entry_a_record_in_order(server: ServerProcess) -> None:
    bomb = png(noise(8, 8, 3), RGB, size=(100_000, 100_000))
    images = [image_record(image) for image in (BLUE, b"text", RED, b"", bomb, GREY_SQUARE)]
    pack = b"".join([*images, record(b""), image_record(RED, labels=(1.0, 2.0))])
    status, answers = server.invoke(pack, "application/x-recordio")
    assert status == 200
    assert [answer.index(max(answer)) for answer in (answers[0], answers[2], answers[7])] == [1, 0, 0]
    assert answers[5] == pytest.approx([0.5, 0.5])
    assert [answers[at]["error"].split(":")[0] for at in (1, 3, 4, 6)] == [
        "UnsupportedImage",
        "UnsupportedImage",
        "ImageTooLarge",
        "MalformedRecordIO",
    ]


def test_a_pack_answers_what_single_images_answer(server: ServerProcess) -> None:
    images = [plain(tuple(noise(3, seed=seed))) for seed in range(70)]
    _, together = server.invoke(b"".join(map(image_record, images)), "application/x-recordio")
    assert len(together) == len(images)
    for number in (0, 31, 32, 69):
        assert together[number] == pytest.approx(server.invoke(images[number])[1], abs=1e-6)


REFUSED = {
    "empty body": ("image/png", b"", 400, "UnsupportedImage", "0 bytes"),
    "text": ("image/png", b"hello", 400, "UnsupportedImage", "neither PNG nor JPEG"),
    "truncated": ("image/png", png(noise(64, 64), GREY)[:-99], 400, "DamagedImage", "it is cut short"),
    "bomb": (
        "image/png",
        png(noise(8, 8), GREY, size=(60_000, 60_000)),
        400,
        "ImageTooLarge",
        f"{MAX_PIXELS:,}",
    ),
    "content type": ("text/csv", RED, 415, "UnsupportedContentType", "image/png"),
    "no content type": ("", RED, 415, "UnsupportedContentType", "application/x-recordio"),
    "empty pack": ("application/x-recordio", b"", 400, "MalformedRecordIO", "0 bytes"),
    "foreign pack": ("application/x-recordio", RED, 400, "MalformedRecordIO", "byte 0"),
    "too many": ("application/x-recordio", record(b"") * 10_001, 400, "TooManyImages", "10,000"),
    "too large": ("image/png", bytes(MAX_BODY_BYTES + 1), 413, "BodyTooLarge", f"{MAX_BODY_BYTES:,}"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused_by_name_and_logged_once(server: ServerProcess, name: str) -> None:
    content_type, body, status, error, reason = REFUSED[name]
    before = len(server.events("request_refused"))
    answered, answer = server.invoke(body, content_type)
    assert (answered, answer["error"]) == (status, error)
    assert reason in answer["message"]
    line = server.wait_for("request_refused", before + 1)
    assert (line["status"], line["error"], line["message"]) == (status, error, answer["message"])
    assert server.invoke(RED)[0] == 200


def test_the_largest_body_is_read(server: ServerProcess) -> None:
    status, answer = server.invoke(bytes(MAX_BODY_BYTES))
    assert (status, answer["error"]) == (400, "UnsupportedImage")


def test_a_body_that_grows_too_large_is_refused_while_it_is_sent(server: ServerProcess) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    chunks = (bytes(1_000_000) for _ in range(8))
    connection.request("POST", "/invocations", chunks, {"Content-Type": "image/png"}, encode_chunked=True)
    answer = connection.getresponse()
    assert answer.status == 413
    assert json.loads(answer.read())["error"] == "BodyTooLarge"
    connection.close()


@pytest.mark.parametrize(
    ("size", "answer"), [(len(RED), b"HTTP/1.1 100 Continue"), (MAX_BODY_BYTES + 1, b"HTTP/1.1 413")]
)
def test_who_asks_before_sending_is_answered_first(server: ServerProcess, size: int, answer: bytes) -> None:
    head = b"POST /invocations HTTP/1.1\r\nContent-Type: image/png\r\nContent-Length: %d\r\n" % size
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as caller:
        caller.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert caller.recv(65_536).startswith(answer)


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/invocations", 405, "MethodNotAllowed"),
        ("POST", "/ping", 405, "MethodNotAllowed"),
        ("GET", "/models", 404, "NotFound"),
    ],
)
def test_wrong_method_or_path(server: ServerProcess, method: str, path: str, status: int, error: str) -> None:
    answered, answer, headers = server.request(method, path)
    assert (answered, answer["error"]) == (status, error)
    if status == 405:
        assert headers["allow"] in ("GET", "POST")


def test_a_caller_that_leaves_half_way_is_logged_and_costs_nobody_else(server: ServerProcess) -> None:
    before = len(server.events("client_gone"))
    with socket.create_connection(("127.0.0.1", server.port)) as caller:
        caller.sendall(
            b"POST /invocations HTTP/1.1\r\nContent-Type: image/png\r\nContent-Length: 999\r\n\r\n\x89PNG"
        )
    server.wait_for("client_gone", before + 1)
    assert server.invoke(RED)[0] == 200


def test_an_answer_leaves_in_one_segment_and_the_connection_stays(server: ServerProcess) -> None:
    head = b"POST /invocations HTTP/1.1\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(RED)
    with socket.create_connection(("127.0.0.1", server.port)) as caller:
        for _ in range(3):
            caller.sendall(head + RED)
            answer = caller.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 200 OK")
            assert answer.endswith(b"]")


def test_requests_sent_ahead_on_one_connection_are_answered_in_order(server: ServerProcess) -> None:
    requests = b"".join(
        b"POST /invocations HTTP/1.1\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(image)
        + image
        for image in (RED, BLUE, b"text", RED)
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as caller:
        caller.sendall(requests + b"GET /ping HTTP/1.1\r\nConnection: close\r\n\r\n")
        answers = b"".join(iter(lambda: caller.recv(65_536), b""))
    assert [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"400", b"200", b"200"]


def test_what_is_no_http_is_told_so(server: ServerProcess) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as caller:
        caller.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        assert caller.recv(65_536).startswith(b"HTTP/1.1 400")
