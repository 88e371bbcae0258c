"""The images that the model was least certain of."""

from __future__ import annotations

from typing import Any

from reports.page.data import picture
from reports.page.elements import nothing, part, time_tag
from reports.page.links import command_line, console_address
from reports.page.markup import Markup, element
from reports.page.wording import percent

TITLE = "Least certain"
SHOWN = 24


def gallery(numbers: dict[str, Any]) -> Markup:
    """Least certain first; worth labelling, and worth adding to the training data."""
    records = numbers["least_certain"][:SHOWN]
    if not records:
        return part(TITLE, nothing("No inference in this window."), identifier="gallery")
    note = "The images to look at first, and to label for the next training."
    if not any(picture(record) for record in records):
        note += " No picture was captured with them."
    items = [_item(record, numbers["where"]) for record in records]
    return part(TITLE, element("ol", items, class_="gallery"), note=note, identifier="gallery")


def _item(record: dict[str, Any], where: str) -> Markup:
    return element(
        "li",
        _picture(record),
        element(
            "div",
            element(
                "p",
                element("strong", record["class"]),
                " ",
                element("span", percent(record["confidence"]), class_="low" if record["low"] else None),
            ),
            _truth(record),
            element("p", element("bdi", _name(record)), class_="key", title=_name(record)),
            element("p", time_tag(record["time"], "brief"), class_="muted"),
            execution(record, where),
        ),
    )


def execution(record: dict[str, Any], where: str) -> Markup | None:
    """A link to the execution's page in the console, or the command line that shows it."""
    arn, name = record.get("execution_arn"), record.get("execution")
    if not arn or not name:
        return None
    if address := console_address(arn, where):
        return element("p", element("a", "Execution", href=address, title=name))
    command = command_line(arn)
    return element("details", element("summary", "Execution"), element("code", command)) if command else None


def _picture(record: dict[str, Any]) -> Markup:
    source = picture(record)
    if source is None:
        return element("div", "no picture", class_="picture missing")
    return element("img", src=source, alt=f"Taken for {record['class']}", class_="picture")


def _truth(record: dict[str, Any]) -> Markup | None:
    truth = record.get("true_class")
    if truth is None:
        return None
    if truth == record["class"]:
        return element("p", "Label: the same", class_="truth")
    return element("p", f"Label: {truth}", class_="truth low")


def _name(record: dict[str, Any]) -> str:
    return record.get("s3_key") or record.get("inference_id") or "no key captured"
