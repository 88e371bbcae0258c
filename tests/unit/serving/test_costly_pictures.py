"""Costly pictures against a running server: they are stopped, and nobody else waits for them."""

from __future__ import annotations

import http.client
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.server.costly_pictures import empty_png, progressive_jpeg
from pictures.limits import MAX_SCANS
from serving.limits import MAX_PACK_PIXELS
from tests.unit.serving.packs import image_record, record
from tests.unit.serving.pictures import plain
from tests.unit.serving.server_process import ServerProcess, until_there, wait_until

Start = Callable[..., ServerProcess]
RED = plain((255, 0, 0))
LARGE = empty_png(1_000)
PACK = "application/x-recordio"


def slow_decoder(work: str) -> str:
    """A server's prologue: its decoder does `work` for each image that is not plain and not empty."""
    child = (
        "import time, os, signal, serving.decoder as d; decode = d.decode_image\n"
        "def busy():\n  while True: pass\n"
        f"d.decode_image = lambda body, *size: ({work} if body else 0, decode(body, *size))[1]\n"
        "d.main()"
    )
    return f"import sys, serving.decoding as d; d.COMMAND = (sys.executable, '-c', {child!r})"


def child_processes(server: ServerProcess) -> list[int]:
    text = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return [int(process) for process in text.split()]


def processor_ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@contextmanager
def asking(server: ServerProcess, body: bytes, kind: str) -> Iterator[http.client.HTTPConnection]:
    caller = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    caller.request("POST", "/invocations", body, {"Content-Type": kind})
    yield caller
    caller.close()


@pytest.mark.parametrize("scans", [6_400, 600_000])
def test_a_picture_of_too_many_scans_is_refused_by_name(server: ServerProcess, scans: int) -> None:
    status, answer = server.invoke(progressive_jpeg(scans), "image/jpeg")
    assert (status, answer["error"]) == (400, "TooManyScans")
    assert f"more than {MAX_SCANS} scans" in answer["message"]


def test_a_large_picture_is_answered(server: ServerProcess) -> None:
    status, probabilities = server.invoke(LARGE)
    assert status == 200
    assert probabilities == pytest.approx([0.5, 0.5])


def test_a_pack_answers_costly_pictures_in_their_place(server: ServerProcess) -> None:
    images = [RED, LARGE, progressive_jpeg(6_400), RED]
    status, answers = server.invoke(b"".join(map(image_record, images)), PACK)
    assert status == 200
    assert answers[0][0] > 0.9
    assert answers[1] == pytest.approx([0.5, 0.5])
    assert answers[2]["error"].startswith("TooManyScans: ")
    assert answers[3] == answers[0]


def test_a_pack_of_too_many_pixels_is_refused_before_it_is_decoded(server: ServerProcess) -> None:
    pack = image_record(empty_png()) * 11
    (decoder,) = child_processes(server)
    before = processor_ticks(decoder)
    status, answer = server.invoke(pack, PACK)
    assert (status, answer["error"]) == (400, "TooManyPixels")
    assert (
        f"275,000,000 pixels together, the limit is {MAX_PACK_PIXELS:,}; send it in parts"
        in answer["message"]
    )
    assert processor_ticks(decoder) == before


def test_a_pack_of_parts_without_end_is_refused(server: ServerProcess) -> None:
    pack = record(b"\x0a\x23\xd7\xce" * 50_000)
    status, answer = server.invoke(pack, PACK)
    assert (status, answer["error"]) == (400, "MalformedRecordIO")
    assert "40,000 parts" in answer["message"]


def test_decoding_is_stopped_at_its_processor_time_and_the_next_picture_is_answered(start: Start) -> None:
    limits = "d.DECODE_CPU_SECONDS = 0.2; d.DECODE_SECONDS = p.PACK_SECONDS = 60"
    prologue = f"{slow_decoder('len(body) < 2000 and busy()')}; import serving.packs as p; {limits}"
    server = start(prologue=prologue).wait_ready()
    costly = progressive_jpeg(30)
    status, answer = server.invoke(costly, "image/jpeg")
    assert (status, answer["error"]) == (400, "DecodingTooLong")
    assert "more than 0.2 s of processor time, the limit" in answer["message"]
    assert server.invoke(empty_png(1_500))[0] == 200
    status, answers = server.invoke(image_record(costly) + image_record(RED), PACK)
    assert answers[0]["error"].startswith("DecodingTooLong: ")
    assert answers[1][0] > 0.9
    assert not server.events("decoder_failed")


def test_small_pictures_and_ping_do_not_wait_for_a_picture_that_is_decoded(
    start: Start, tmp_path: Path
) -> None:
    prologue = slow_decoder(until_there(tmp_path / "go")) + "; d.DECODE_SECONDS = 60"
    server = start(prologue=prologue).wait_ready()
    with asking(server, LARGE, "image/png") as one, asking(server, image_record(LARGE), PACK):
        for _ in range(20):
            assert server.invoke(RED)[0] == 200
            assert server.request("GET", "/ping")[0] == 200
        (tmp_path / "go").touch()
        assert one.getresponse().status == 200


def test_who_has_gone_is_not_computed(start: Start) -> None:
    """The first picture would take for ever; the second stands behind it, and its caller leaves as well."""
    server = start(prologue=slow_decoder("len(body) < 3000 and time.sleep(99)")).wait_ready()
    (decoder,) = child_processes(server)
    with asking(server, LARGE, "image/png"), asking(server, image_record(LARGE), PACK):
        assert server.request("GET", "/ping")[0] == 200
        assert child_processes(server) == [decoder]
    server.wait_for("client_gone", 2)
    wait_until(lambda: decoder not in child_processes(server), "the decoder to be stopped")
    assert server.invoke(empty_png(2_000))[0] == 200
    assert server.stop() == 0


def test_a_busy_machine_is_not_the_pictures_fault(start: Start) -> None:
    prologue = slow_decoder("time.sleep(99)") + "; d.DECODE_SECONDS = 0.2"
    status, answer, headers = (
        start(prologue=prologue).wait_ready().request("POST", "/invocations", LARGE, "image/png")
    )
    assert (status, answer["error"], headers["retry-after"]) == (503, "Overloaded", "1")
    assert "not decoded within 0.2 s" in answer["message"]


def test_a_pack_that_takes_too_long_is_to_be_sent_in_parts(start: Start, tmp_path: Path) -> None:
    limit = "import serving.packs as p; p.PACK_SECONDS = 2"
    server = start(prologue=f"{slow_decoder(until_there(tmp_path / 'go'))}; {limit}").wait_ready()
    status, answer = server.invoke(image_record(LARGE) * 9, PACK)
    assert (status, answer["error"]) == (400, "PackTooLong")
    assert "within 2 s; send it in parts" in answer["message"]
    (tmp_path / "go").touch()
    part = image_record(LARGE)  # the next decoder's start counts, too, and takes its time on a busy machine
    wait_until(lambda: server.invoke(part, PACK)[0] == 200, "a part to be answered")


def test_a_decoder_that_crashes_is_the_servers_fault_and_replaced(start: Start) -> None:
    work = "len(body) < 3000 and os.kill(os.getpid(), signal.SIGSEGV)"
    server = start(prologue=slow_decoder(work)).wait_ready()
    status, answer = server.invoke(LARGE)
    assert (status, answer["error"]) == (500, "DecoderFailed")
    assert server.wait_for("decoder_failed")["exit_code"] == -signal.SIGSEGV
    assert server.invoke(empty_png(2_000))[0] == 200


def test_a_decoder_that_ends_while_it_has_nothing_to_do_is_replaced(start: Start) -> None:
    server = start().wait_ready()
    (decoder,) = child_processes(server)
    os.kill(decoder, signal.SIGKILL)
    wait_until(lambda: decoder not in child_processes(server), "the decoder to end")
    assert server.invoke(LARGE)[0] == 200


def test_ping_says_so_while_nothing_large_can_be_decoded(start: Start, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    command = f"[ -e {broken} ] && exit 1; exec {{python}} -m serving.decoder"
    prologue = (
        "import sys, serving.decoding as d; "
        f"d.COMMAND = ('sh', '-c', {command!r}.replace('{{python}}', sys.executable))"
    )
    server = start(prologue=prologue).wait_ready()
    broken.touch()
    os.kill(child_processes(server)[0], signal.SIGKILL)
    wait_until(lambda: server.request("GET", "/ping")[0] == 503, "/ping to tell")
    assert server.invoke(LARGE)[1]["error"] == "DecoderFailed"
    assert server.request("GET", "/ping")[1]["error"] == "DecoderFailed"
    assert server.invoke(RED)[0] == 200
    broken.unlink()
    wait_until(lambda: server.request("GET", "/ping")[0] == 200, "/ping to tell")
    assert server.invoke(LARGE)[0] == 200


def test_a_decoder_that_does_not_start_ends_the_server_with_one_line(start: Start) -> None:
    server = start(prologue="import serving.decoding as d; d.COMMAND = ('false',)")
    assert server.wait_exit() == 1
    (line,) = server.events("start_failed")
    assert "the decoder does not start" in line["message"]


def test_the_decoder_ends_with_a_killed_worker(start: Start) -> None:
    server = start().wait_ready()
    server.process.kill()
    assert server.wait_exit() == -signal.SIGKILL  # reads its output to the end: no child holds it
