"""The page's HTML: what it holds without a script, that nothing in the data becomes markup, its size."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

import pytest

from reports.document import Numbers
from reports.markdown import render_markdown
from reports.monitor.notes import Note, with_notes
from reports.page import render_page
from reports.page.embedding import LibraryMissingError, read_libraries
from tests.unit.reports.samples import sample_numbers

ATTACKS = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\" onmouseover='alert(1)' x=\"",
    "<!--<script>",
    "a&amp;b & c",
    "\u2028\u2029",
    "$style ${body} $$",
    "\ud800 alone",
]


@cache
def _numbers(count: int, pictures: bool = True) -> Numbers:
    return sample_numbers(count, pictures=pictures, labelled=True)


def numbers(count: int = 30, **options: bool) -> Any:
    """To be changed in ways that the document's types forbid."""
    return deepcopy(_numbers(count, **options))


def rendered(document: Any, *, console: bool = True) -> str:
    return render_page(document, console=console)


class Reader(HTMLParser):
    """What a browser makes of the page: elements with their attributes, and text outside of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        page.encode("utf-8")
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.data = ""
        self._inside = ""
        self.feed(page)
        self.text = " ".join(" ".join(self.words).replace("\u00a0", " ").split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self._inside = "data" if dict(attrs).get("id") == "numbers" else tag

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)
        elif self._inside == "data":
            self.data += data
        elif not self._inside:
            self.words.append(data)


def addresses(reader: Reader) -> list[str]:
    names = ("href", "src", "action", "formaction", "data", "poster", "srcset", "background")
    return [value for _, attributes in reader.elements for name in names if (value := attributes.get(name))]


def test_verdict_and_checks_need_no_script() -> None:
    document = numbers(300)
    text = Reader(rendered(document)).text
    for check in document["verdict"]["checks"]:
        assert check["label"] in text
        assert check["value"][1:] in text
        assert f"Limit: {check['limit']}" in text
        assert check["advice"] in text


@pytest.mark.parametrize(
    ("state", "headline"),
    [
        ("well", "All is well"),
        ("attention", "Needs attention"),
        ("unknown", "Not enough is known"),
        ("?", "Not enough is known"),
    ],
)
def test_the_verdict_in_words(state: str, headline: str) -> None:
    document = numbers()
    document["verdict"].update(state=state, summary=f"{headline}. drift: Brightness drifted.")
    text = Reader(rendered(document)).text
    assert f"{headline} " in text
    assert f"{headline}. drift" not in text


def test_a_remark_is_a_note_and_no_doubt() -> None:
    document = with_notes(numbers(300), [Note(datetime.now(UTC), "A new model is deployed.")], behind=False)
    text = Reader(rendered(document)).text
    assert "What these figures are of Note 1 remark" in " ".join(text.split())
    assert "| What these figures are of | Note | 1 remark |" in render_markdown(document)


def test_every_part_is_there_in_its_order() -> None:
    reader = Reader(rendered(numbers(300)))
    parts = [attributes.get("id") for tag, attributes in reader.elements if tag == "section"][1:]
    assert parts == [
        "recent",
        "executions",
        "classes",
        "confidence",
        "drift",
        "errors",
        "accuracy",
        "unreadable",
        "gallery",
    ]


def test_tables_hold_the_numbers() -> None:
    document = numbers(300)
    text = Reader(rendered(document)).text
    for measure in document["drift"]["measures"]:
        assert f"{measure['label']} " in text
        assert f"up to {measure['critical']:.2f}" in text
        assert f"{measure['psi']:.3f}" in text
    estimate = document["accuracy"]["estimate"]
    assert f"{100 * estimate['value']:.1f} %" in text
    assert estimate["method"] in text
    assert "LowConfidence" in text
    assert text.count("Label: ") == 24


def test_what_chance_explains_does_not_look_like_drift() -> None:
    document = numbers(300)
    measure = document["drift"]["measures"][0]
    measure |= {"psi": 0.3, "critical": 0.4, "verdict": "stable"}
    document["drift"]["measures"] = [measure]
    reader = Reader(rendered(document))
    meters = [
        attributes for tag, attributes in reader.elements if tag == "svg" and "aria-label" in attributes
    ]
    assert [(one["class"], one["aria-label"]) for one in meters] == [("meter", "75 % of the limit")]


def test_nothing_can_be_fetched_and_only_known_scripts_run() -> None:
    reader = Reader(rendered(numbers()))
    policy = next(
        attributes["content"]
        for tag, attributes in reader.elements
        if tag == "meta" and "http-equiv" in attributes
    )
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    digests = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in reader.scripts
    ]
    assert rules == {
        "default-src": "'none'",
        "script-src": " ".join(f"'sha256-{digest}'" for digest in digests),
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    for address in addresses(reader):
        assert address.startswith(
            ("data:image/", "https://example.com/", "https://eu-central-1.console.aws.")
        ), address
    assert not {tag for tag, _ in reader.elements} & {"link", "iframe", "object", "embed", "base", "form"}


def test_outside_of_aws_there_is_no_console_but_a_command_line() -> None:
    reader = Reader(rendered(numbers(), console=False))
    assert not [address for address in addresses(reader) if "console" in address]
    assert "aws stepfunctions describe-execution --execution-arn 'arn:aws:states:" in reader.text
    assert {machine["console"] for machine in json.loads(reader.data)["machines"]} == {None}


def strings(value: Any, attack: str) -> Any:
    """The document with every text in it replaced that is not part of its form."""
    fixed = {"time", "start", "stop", "generated", "first", "last", "picture", "state", "verdict"}
    if isinstance(value, dict):
        return {
            key: text if key in fixed and isinstance(text, str) else strings(text, attack)
            for key, text in value.items()
        }
    if isinstance(value, list):
        return [strings(item, attack) for item in value]
    return attack if isinstance(value, str) else value


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_markup(attack: str) -> None:
    document = {**numbers(), "links": {}}
    plain, attacked = Reader(rendered(document)), Reader(rendered(strings(document, attack)))
    assert {tag for tag, _ in attacked.elements} <= {tag for tag, _ in plain.elements}
    assert len(attacked.scripts) == len(plain.scripts) == 2
    assert attacked.scripts == plain.scripts
    for _, attributes in attacked.elements:
        assert not [name for name in attributes if name.startswith("on")]
    assert json.loads(attacked.data)["recent"][0][4] == attack


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//example.com", "file:///etc", None, 7]
)
def test_only_web_addresses_are_linked_to(address: Any) -> None:
    document = {**numbers(), "links": {"runbook": address, "dashboard": address}}
    assert not [link for link in addresses(Reader(rendered(document))) if link == address]


@pytest.mark.parametrize(
    "picture", ["https://example.com/a.png", "data:text/html,x", "data:image/svg+xml;base64,AA==", 7]
)
def test_only_pictures_in_the_page_are_shown(picture: Any) -> None:
    document = numbers()
    for record in [*document["recent"], *document["least_certain"]]:
        record["picture"] = picture
    reader = Reader(rendered(document))
    assert "img" not in {tag for tag, _ in reader.elements}
    assert {row[-1] for row in json.loads(reader.data)["recent"]} == {None}


def test_a_section_of_the_runbook() -> None:
    document = numbers()
    document["verdict"]["checks"][3].update(state="attention", section="drift")
    document["links"] = {"runbook": "https://example.com/operations.md#top"}
    found = addresses(Reader(rendered(document)))
    assert "https://example.com/operations.md#drift" in found
    assert "#runbook-drift" not in found


def test_the_runbook_is_in_the_page_where_it_is_not_published() -> None:
    document = numbers()
    document["verdict"]["checks"][3].update(state="attention", section="drift")
    document["links"] = {}
    reader = Reader(rendered(document))
    inside = {address for address in addresses(reader) if address.startswith("#")}
    assert inside >= {"#runbook", "#runbook-drift"}
    identifiers = {dict(attributes).get("id") for _, attributes in reader.elements}
    assert {address.removeprefix("#") for address in inside} <= identifiers
    assert identifiers >= {f"runbook-{check['section']}" for check in document["verdict"]["checks"]}


def test_a_thousand_inferences_stay_below_three_megabytes() -> None:
    page = rendered(numbers(1000))
    print(f"{len(page.encode()):,} bytes for 1,000 inferences with pictures")
    assert len(page.encode()) <= 3_000_000
    data = json.loads(Reader(page).data)
    assert len(data["recent"]) == 1000
    assert all(row[-1] for row in data["recent"])
    assert "leaves out" not in page


def test_pictures_of_confident_inferences_are_left_out_for_the_size() -> None:
    document = numbers(1000)
    noise = Random(1)
    for record in document["recent"]:
        record["picture"] = "data:image/webp;base64," + base64.b64encode(noise.randbytes(3000)).decode()
    page = rendered(document)
    assert 2_900_000 < len(page.encode()) <= 3_000_000
    reader = Reader(page)
    data = json.loads(reader.data)
    rows = [dict(zip(data["fields"], row, strict=True)) for row in data["recent"]]
    assert all(row["picture"] for row in rows if row["low"])
    confident = [row["picture"] is not None for row in rows if not row["low"]]
    assert 0 < sum(confident) < len(confident)
    assert confident == sorted(confident)
    assert f"leaves out {confident.count(False)} pictures" in reader.text


def test_more_inferences_than_are_drawn() -> None:
    document = {**numbers(30), "recent_total": 123456}
    assert "The newest 30 of 123,456 inferences are shown." in Reader(rendered(document)).text


@pytest.mark.parametrize("count", [0, 1])
def test_few_inferences(count: int) -> None:
    text = Reader(rendered(numbers(count))).text
    assert "Nothing can be said" in text
    assert ("Nothing was captured in this window." in text) == (count == 0)


def test_captured_answers_without_images() -> None:
    text = Reader(rendered(numbers(250, pictures=False))).text
    assert "No picture was captured with them." in text
    assert "No image was captured, so measures of images are not judged." in text


def test_executions_that_were_not_asked_for() -> None:
    document = {**numbers(), "executions": None}
    assert Reader(rendered(document)).text.count("Executions were not asked for.") == 2


def test_a_folder_of_captured_data_has_no_stage() -> None:
    document = {**numbers(), "stage": "", "endpoint": "", "where": "folder build/capture"}
    page = rendered(document)
    assert "<title>Folder build/capture: monitoring report</title>" in page
    assert "<h1>Folder build/capture</h1>" in page


def test_a_missing_library_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissingError, match=r"d3\.min\.js: run `make setup`"):
        read_libraries(tmp_path)


def test_the_libraries_are_the_pinned_ones_with_their_licence() -> None:
    pins = json.loads((Path(__file__).parents[4] / "package.json").read_text())["devDependencies"]
    page = rendered(numbers())
    assert f"d3 {pins['d3']}, Copyright" in page
    assert f"Observable Plot {pins['@observablehq/plot']}, Copyright" in page
    assert re.search(rf"// https://d3js\.org v{re.escape(pins['d3'])} ", page)
    assert f"// @observablehq/plot v{pins['@observablehq/plot']} " in page
    assert "Permission to use, copy, modify, and/or distribute" in page
