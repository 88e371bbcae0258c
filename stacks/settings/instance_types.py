"""What an instance type's name says about it, such as `ml.m6gd.large`: family, generation, features."""

from __future__ import annotations

import re

_PATTERN = re.compile(
    r"^ml\.(?P<family>[a-z]+)(?P<generation>\d+)(?P<features>[a-z]*(-[a-z0-9]+)?)\.[0-9a-z]+$"
)
_LOCAL_DISK_FAMILIES = {"g4", "g5", "g6", "p3dn", "p4", "p5", "i3", "trn1"}


def is_instance_type(name: str) -> bool:
    """Whether this names an instance of SageMaker hosting at all."""
    return _PATTERN.match(name) is not None


def is_burstable(name: str) -> bool:
    """T-family: no automatic scaling."""
    return name.startswith("ml.t")


def is_graviton(name: str) -> bool:
    """Whether the processor is arm64, so that the image has to be."""
    match = _PATTERN.match(name)
    return match is not None and "g" in match["features"]


def has_local_disk(name: str) -> bool:
    """Local NVMe disks are encrypted by the hardware: SageMaker refuses a key for their volume."""
    match = _PATTERN.match(name)
    if match is None:
        return False
    return "d" in match["features"] or match["family"] + match["generation"] in _LOCAL_DISK_FAMILIES
