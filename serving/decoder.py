"""`python -m serving.decoder`: decodes what is not plain, in a process that the kernel stops at a deadline.

It reads jobs from standard input and answers on standard output until its worker is gone. What decodes in C
cannot be interrupted from Python: a timer over processor time ends the process, its worker starts another.
It is nicer than the workers, so that small requests have the processor first.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from serving.errors import Refusal
from serving.images import decode_image

JOB = struct.Struct("<IIIdd")
"""Bytes of the image that follows, width and height wanted, share that must be there, processor seconds."""
ANSWER = struct.Struct("<?I")
"""Whether pixels follow or, as JSON, a refusal's name and text; how many bytes."""
NICE = 10
FIRST_TO_GO = "500"
"""Of 1,000: where memory is short, the decoder is killed and not its worker."""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the worker ends it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.nice(NICE)
    with contextlib.suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO)
    while answer_job(sys.stdin.buffer, sys.stdout.buffer):
        pass


def answer_job(jobs: BinaryIO, answers: BinaryIO) -> bool:
    """Decode one image; False when there is no further job."""
    head = jobs.read(JOB.size)
    if len(head) < JOB.size:
        return False
    size, width, height, required, seconds = JOB.unpack(head)
    body = jobs.read(size)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        pixels, content = True, decode_image(body, width, height, required).tobytes()
    except Refusal as refusal:
        pixels, content = False, json.dumps([refusal.name, str(refusal)]).encode()
    signal.setitimer(signal.ITIMER_PROF, 0)
    try:
        answers.write(ANSWER.pack(pixels, len(content)) + content)
        answers.flush()
    except BrokenPipeError:
        return False
    return True


if __name__ == "__main__":
    main()
