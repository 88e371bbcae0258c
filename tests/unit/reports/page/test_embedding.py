"""The notice of the chart libraries: of the versions that are pinned, in their own words."""

from __future__ import annotations

import json

import pytest

from reports.page.embedding import NOTICE, ROOT, read_libraries


@pytest.mark.parametrize(("package", "name"), [("d3", "d3"), ("@observablehq/plot", "Observable Plot")])
def test_the_notice_is_the_licence_of_the_pinned_version(package: str, name: str) -> None:
    version = json.loads((ROOT / "package.json").read_text())["devDependencies"][package]
    owner, *terms = (ROOT / "node_modules" / package / "LICENSE").read_text().splitlines()
    assert f"{name} {version}, {owner}\n" in NOTICE
    assert " ".join(" ".join(terms).split()) in " ".join(NOTICE.split())


def test_the_notice_is_before_the_libraries() -> None:
    assert read_libraries().startswith(NOTICE)
