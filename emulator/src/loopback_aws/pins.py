"""Refuse to start on another version of the emulator than the one whose private names are extended."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from loopback_aws.errors import LocalError

PINS = {
    "ministack": "1.5.33",
    "moto": "5.2.5",
    "jsonata-python": "0.7.1",
    "antlr4-python3-runtime": "4.13.2",
    "botocore": "1.43.106",
}
"""Distribution name -> the exact version that `patches` was written against."""


def install_command(pins: dict[str, str]) -> str:
    """What a person types to have those versions."""
    return " ".join(["python -m pip install", *(f"{name}=={version}" for name, version in pins.items())])


def check_pins(pins: dict[str, str] = PINS) -> None:
    """Raise LocalError naming every distribution whose installed version is not the pinned one."""
    wrong = []
    for name, expected in pins.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "not installed"
        if installed != expected:
            wrong.append(f"{name} {expected} is needed, installed: {installed}")
    if wrong:
        raise LocalError(
            "The local AWS extends private parts of its emulator and runs on exact versions only: "
            + "; ".join(wrong)
            + f". Install them with: {install_command(pins)}"
        )
