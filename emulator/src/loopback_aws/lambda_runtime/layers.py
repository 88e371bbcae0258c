"""Layers that were built for another machine: this one's packages stand in for what they bring.

A function runs on this machine's Python, whatever it declares. A layer with modules compiled for another
processor or another Python cannot be imported here; the packages of the same names that are installed here
take its place.
"""

from __future__ import annotations

import functools
import importlib.machinery
import io
import re
import zipfile

_FOLDER = re.compile(r"python/(?:lib/python3\.\d+/site-packages/)?")
_COMPILED = re.compile(r"\.cpython-\d+[^/]*\.so$")


@functools.lru_cache(maxsize=32)
def foreign_packages(layer: bytes) -> tuple[str, ...]:
    """Names of the top-level packages of a layer that this Python cannot import; none of one that it can."""
    with zipfile.ZipFile(io.BytesIO(layer)) as archive:
        names = [name for name in archive.namelist() if _FOLDER.match(name)]
    compiled = [found[0] for name in names if (found := _COMPILED.search(name))]
    if all(suffix in importlib.machinery.EXTENSION_SUFFIXES for suffix in compiled):
        return ()
    tops = {_FOLDER.sub("", name, count=1).partition("/")[0] for name in names}
    return tuple(sorted(top.removesuffix(".py") for top in tops if top.removesuffix(".py").isidentifier()))
