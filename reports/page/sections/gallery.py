"""The images that the model was least certain of."""

from __future__ import annotations

from reports.document import InferenceRecord, Numbers
from reports.page.data import picture
from reports.page.elements import empty, part, time_tag
from reports.page.links import command_line, console_address
from reports.page.markup import Markup, element
from reports.page.wording import percent

TITLE = "Least certain"
SHOWN = 24


def gallery(numbers: Numbers, *, console: bool) -> Markup:
    """Least certain first; worth labelling, and worth adding to the training data."""
    records = numbers["least_certain"][:SHOWN]
    if not records:
        return empty(TITLE, "No inference in this window.", identifier="gallery")
    note = "The images to look at first, and to label for the next training."
    if not any(picture(record) for record in records):
        note += " No picture was captured with them."
    items = [_item(record, console=console) for record in records]
    return part(TITLE, element("ol", items, class_="gallery"), note=note, identifier="gallery")


def _item(record: InferenceRecord, *, console: bool) -> Markup:
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
            execution(record, console=console),
        ),
    )


def execution(record: InferenceRecord, *, console: bool) -> Markup | None:
    """A link to the execution's page in the console, or the command line that shows it."""
    arn, name = record["execution_arn"], record["execution"]
    if not arn or not name:
        return None
    if console and (address := console_address(arn)):
        return element("p", element("a", "Execution", href=address, title=name))
    command = command_line(arn)
    return element("details", element("summary", "Execution"), element("code", command)) if command else None


def _picture(record: InferenceRecord) -> Markup:
    source = picture(record)
    if source is None:
        return element("div", "no picture", class_="picture missing")
    return element("img", src=source, alt=f"Taken for {record['class']}", class_="picture")


def _truth(record: InferenceRecord) -> Markup | None:
    truth = record.get("true_class")
    if truth is None:
        return None
    if truth == record["class"]:
        return element("p", "Label: the same", class_="truth")
    return element("p", f"Label: {truth}", class_="truth low")


def _name(record: InferenceRecord) -> str:
    return record["s3_key"] or record["inference_id"] or record["event_id"] or "no key captured"
