"""Results of a map run's children: files in S3, or values for the state's output.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from local.states.map_run.s3 import S3
from local.states.map_run.spec import WriterSpec
from local.states.records import Child, MapRun


def write_results(spec: WriterSpec, map_run: MapRun, children: Iterable[Child], s3: S3) -> dict[str, Any]:
    """Write the files and return the state's output. Raises ResultWriterFailed.

    `children` are all of the run, in order of index; those that have not ended are pending.
    """
    raise NotImplementedError


def result_values(spec: WriterSpec | None, map_run: MapRun, children: Iterable[Child]) -> Iterator[Any]:
    """What the state's output array holds, without S3; None for a state that has no ResultWriter."""
    raise NotImplementedError
