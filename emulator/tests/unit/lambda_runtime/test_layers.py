"""Lambda layers for another machine: recognised, and this machine's packages in their place."""

from __future__ import annotations

import importlib.machinery
import io
import zipfile

import pytest
from loopback_aws.lambda_runtime.isolation import OnlyDeployedCode
from loopback_aws.lambda_runtime.layers import foreign_packages

OWN = next(suffix for suffix in importlib.machinery.EXTENSION_SUFFIXES if "cpython" in suffix)
OTHER = ".cpython-399-aarch64-linux-gnu.so"


def layer(*names: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name in names:
            file.writestr(name, "")
    return archive.getvalue()


@pytest.mark.parametrize(
    ("names", "foreign"),
    [
        (["python/plain/__init__.py", "python/one.py"], ()),
        (["python/numpy/__init__.py", f"python/numpy/core{OWN}", "python/numpy.libs/x.so"], ()),
        (["python/numpy/__init__.py", "python/numpy/core.abi3.so"], ()),
        (
            ["python/numpy/core" + OTHER, "python/numpy-2.dist-info/METADATA", "python/six.py"],
            ("numpy", "six"),
        ),
        (["python/lib/python3.14/site-packages/PIL/_imaging" + OTHER], ("PIL",)),
        (["other/numpy/core" + OTHER], ()),
    ],
)
def test_a_layer_is_foreign_by_the_modules_that_were_compiled_for_it(
    names: list[str], foreign: tuple[str, ...]
) -> None:
    assert foreign_packages(layer(*names)) == foreign


def test_a_function_finds_what_stands_in_for_a_layer_and_nothing_else() -> None:
    finder = OnlyDeployedCode(["/nowhere"], ["numpy"])
    assert finder.find_spec("numpy", None) is None, "the next finder has it"
    with pytest.raises(ModuleNotFoundError):
        finder.find_spec("PIL", None)
