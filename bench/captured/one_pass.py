"""One pass of the analysis over a generated stream, in a process of its own: what it costs.

`python -m bench.captured.one_pass RECORDS IMAGE_EVERY` prints CPU seconds and peak memory as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import timedelta

from bench.captured.stream import START, CapturedStream
from bench.process_accounts import peak_megabytes
from reports.figures.analysis import Analysis
from reports.figures.limits import Limits
from reports.figures.numbers import About, make_numbers

RECORDS_A_FILE = 1_000


def main(argv: list[str]) -> int:
    records, image_every = map(int, argv)
    stream = CapturedStream()
    analysis = Analysis(stream.baseline(), image_every=image_every)
    begun = time.process_time()
    for first in range(0, records, RECORDS_A_FILE):
        count = min(RECORDS_A_FILE, records - first)
        analysis.read(f"file-{first}.jsonl", stream.lines(count, first))
    seconds = time.process_time() - begun
    end = START + timedelta(days=365)
    about = About(stage="bench", where="", endpoint="", generated=end, start=START, stop=end)
    numbers = make_numbers(analysis, None, Limits(), about)
    json.dumps([numbers, analysis.as_state()])  # what a run writes, thumbnails included
    assert numbers["captured"]["inferences"] == records, numbers["captured"]
    print(json.dumps({"seconds": seconds, "peak_megabytes": peak_megabytes(os.getpid())}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
