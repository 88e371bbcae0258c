"""What the name of an instance type says."""

from __future__ import annotations

import pytest

from stacks.settings.instance_types import has_local_disk, is_graviton, is_instance_type


@pytest.mark.parametrize(
    ("name", "known", "graviton", "disk"),
    [
        ("ml.m5.large", True, False, False),
        ("ml.c7g.2xlarge", True, True, False),
        ("ml.m6gd.large", True, True, True),
        ("ml.g4dn.xlarge", True, False, True),
        ("ml.g5.xlarge", True, False, True),
        ("ml.t2.medium", True, False, False),
        ("c5.large", False, False, False),
    ],
)
def test_what_a_types_name_says(name: str, known: bool, graviton: bool, disk: bool) -> None:
    assert (is_instance_type(name), is_graviton(name), has_local_disk(name)) == (known, graviton, disk)
