"""The process: how it starts, refuses to start, and ends."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from unittest.mock import ANY

import pytest

from pictures.structure import is_plain
from tests.unit.pictures.kinds import REFUSED
from tests.unit.serving.packs import image_record
from tests.unit.serving.pictures import plain
from tests.unit.serving.server_process import ServerProcess, until_there, wait_until

Start = Callable[..., ServerProcess]
RED = plain((255, 0, 0))
SLOW_LOAD = (
    "import time, serving.model as m; load = m.load_model; "
    "m.load_model = lambda folder: time.sleep(1) or load(folder)"
)


def begin_upload(server: ServerProcess) -> http.client.HTTPConnection:
    """A request whose head and first byte have been received, and whose rest is still to come."""
    caller = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    caller.putrequest("POST", "/invocations")
    caller.putheader("Content-Type", "image/png")
    caller.putheader("Content-Length", str(len(RED)))
    caller.endheaders(RED[:1])
    return caller


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_lets_requests_in_flight_finish(start: Start, workers: str) -> None:
    server = start("serve", SERVING_WORKERS=workers).wait_ready()
    processes = {line["pid"] for line in server.events("ready")}
    assert len(processes) == int(workers)
    assert (server.process.pid in processes) == (workers == "1")
    caller = begin_upload(server)
    assert server.invoke(RED)[0] == 200
    server.process.terminate()
    wait_until(lambda: refused(server.port), "the socket to close")
    caller.send(RED[1:])
    answer = caller.getresponse()
    assert answer.status == 200
    assert json.loads(answer.read())[0] > 0.9
    assert server.wait_exit() == 0
    assert not any(map(alive, processes))
    assert len(server.events("stopped")) == 1


def refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_workers_end_with_a_killed_supervisor(start: Start) -> None:
    server = start(SERVING_WORKERS="2").wait_ready()
    workers = [line["pid"] for line in server.events("ready")]
    server.process.kill()
    assert server.wait_exit() == -signal.SIGKILL
    assert len(server.events("supervisor_gone")) == 2
    wait_until(lambda: not any(map(alive, workers)), "the workers to end")


def test_a_worker_that_crashes_at_once_ends_the_server(start: Start) -> None:
    prologue = "import serving.supervisor as s; s.SOONEST_CRASH_SECONDS = 600"
    server = start(SERVING_WORKERS="2", prologue=prologue).wait_ready()
    os.kill(server.events("ready")[0]["pid"], signal.SIGKILL)
    assert server.wait_exit() == 1
    assert server.events("worker_crashed")[0]["signal"] == signal.SIGKILL


def test_a_worker_that_crashes_later_is_replaced_without_a_refusal(start: Start) -> None:
    prologue = "import serving.supervisor as s; s.SOONEST_CRASH_SECONDS = 0; " + SLOW_LOAD
    server = start(SERVING_WORKERS="2", prologue=prologue).wait_ready()
    os.kill(server.events("ready")[0]["pid"], signal.SIGKILL)
    crash = server.wait_for("worker_crashed")
    while len(server.events("ready")) < 3:
        assert server.invoke(RED)[0] == 200
    assert server.events("ready")[2]["worker"] == crash["worker"]
    assert server.stop() == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_malformed_artifact_ends_the_process_with_one_line(
    start: Start, tmp_path: Path, workers: str
) -> None:
    server = start(directory=tmp_path, SERVING_WORKERS=workers)
    assert server.wait_exit() == 1
    (line,) = server.events("start_failed")
    assert line["error"] == "MalformedArtifact"
    assert "model.json is missing" in line["message"]
    assert not server.events("ready") + server.events("not_json")


def test_a_port_in_use_is_said(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = start(PORT=str(taken.getsockname()[1]))
        assert server.wait_exit() == 1
    assert "Address already in use; choose another PORT" in server.events("start_failed")[0]["message"]


def test_wrong_settings_are_listed_together(start: Start) -> None:
    server = start(PORT="http", SERVING_WORKERS="0", MODEL_DIGEST="a b", REQUIRED_SHARE="2")
    assert server.wait_exit() == 1
    (line,) = server.lines
    assert all(
        name in line["message"]
        for name in ("PORT is 'http'", "SERVING_WORKERS is '0'", "MODEL_DIGEST", "REQUIRED_SHARE is '2'")
    )


def test_ping_says_503_until_the_model_answers(start: Start, tmp_path: Path) -> None:
    load = f"m.load_model = lambda folder: ({until_there(tmp_path / 'go')}, load(folder))[1]"
    server = start(prologue=f"import serving.model as m; load = m.load_model; {load}")
    status, answer, headers = server.request("GET", "/ping")
    assert (status, answer["error"], headers["retry-after"]) == (503, "ModelLoading", "1")
    assert server.invoke(RED) == (503, {"error": "ModelLoading", "message": ANY})
    (tmp_path / "go").touch()
    server.wait_ready()
    assert [line["path"] for line in server.events("request_refused")] == ["/invocations"]
    assert server.invoke(RED)[0] == 200


def test_requests_beyond_the_limit_are_told_to_come_back(start: Start) -> None:
    server = start(prologue="import serving.limits as l; l.MAX_IN_FLIGHT = 2").wait_ready()
    callers = [begin_upload(server), begin_upload(server)]
    wait_until(lambda: server.request("POST", "/invocations", RED, "image/png")[0] == 503, "the limit")
    status, answer, headers = server.request("POST", "/invocations", RED, "image/png")
    assert (status, answer["error"], headers["retry-after"]) == (503, "Overloaded", "1")
    assert server.request("GET", "/ping")[0] == 200
    for caller in callers:
        caller.send(RED[1:])
        assert caller.getresponse().status == 200
    assert server.invoke(RED)[0] == 200


def test_a_share_of_a_damaged_picture_is_enough_where_it_is_said_so(start: Start) -> None:
    """Decoded where it is, in the process beside, and from a pack."""
    server = start(REQUIRED_SHARE="0.2").wait_ready()
    here, beside = REFUSED["jpeg, a quarter of it"].body, REFUSED["jpeg, restarts, three quarters of it"].body
    assert is_plain(here)
    assert not is_plain(beside)
    singly = [server.invoke(body, "image/jpeg") for body in (here, beside)]
    assert [status for status, _ in singly] == [200, 200]
    pack = image_record(here) + image_record(beside) + image_record(here[: len(here) // 2])
    status, (first, second, third) = server.invoke(pack, "application/x-recordio")
    assert (status, first, second) == (200, *(answer for _, answer in singly))
    assert third["error"].startswith("DamagedImage: a damaged JPEG: it is cut short; ")


def test_a_body_that_does_not_arrive_is_given_up(start: Start) -> None:
    server = start(prologue="import serving.limits as l; l.BODY_SECONDS = 0.2").wait_ready()
    answer = begin_upload(server).getresponse()
    assert answer.status == 408
    assert json.loads(answer.read())["error"] == "RequestTimeout"


def test_a_large_image_does_not_hold_up_a_small_one(start: Start, tmp_path: Path) -> None:
    """The pack takes until a small image, sent after it, has been answered."""
    read = f"p.read_records = lambda body: ({until_there(tmp_path / 'go')}, read(body))[1]"
    server = start(prologue=f"import serving.packs as p; read = p.read_records; {read}").wait_ready()
    caller = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    caller.request("POST", "/invocations", image_record(RED), {"Content-Type": "application/x-recordio"})
    assert server.invoke(RED)[0] == 200
    (tmp_path / "go").touch()
    assert caller.getresponse().status == 200


def test_a_model_that_fails_is_the_servers_fault(start: Start) -> None:
    broken = "import numpy, serving.model as m; load = m.load_model; "
    broken += (
        "m.Model.classify = lambda model, images: numpy.full((len(images), 2), 0.5) if len(images) == 2 "
    )
    broken += "else numpy.full((len(images), 2), numpy.nan)"
    server = start(prologue=broken).wait_ready()
    status, answer = server.invoke(RED)
    assert (status, answer["error"]) == (500, "ModelFailed")
    assert server.wait_for("request_refused")["level"] == "error"


def test_other_arguments_are_explained(start: Start) -> None:
    server = start("train")
    assert server.wait_exit() == 2
    assert "usage" in server.lines[0]["message"]
