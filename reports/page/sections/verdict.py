"""Is it well? In words, in colour and with a sign, for all and for each check."""

from __future__ import annotations

from reports.document import Check, Numbers
from reports.page.links import section_address, web_address
from reports.page.markup import Markup, element
from reports.page.wording import HEADLINES, STATES, sentence, state_word

# A sign for each state, so that colour is never alone.
SIGNS = {
    "well": "M5 12.5l4.5 4.5L19 7.5",
    "attention": "M12 5.5v8.5M12 18v.6",
    "unknown": "M8.5 9.2a3.5 3.5 0 1 1 5 3.2c-1 .6-1.5 1.2-1.5 2.4M12 18v.6",
}
NOTE = "M12 6v.6M12 10.5v8"


def verdict(numbers: Numbers) -> Markup:
    """The verdict and its checks."""
    judged = numbers["verdict"]
    state = _state(judged["state"])
    runbook = web_address(numbers["links"].get("runbook"))
    return element(
        "section",
        element(
            "div",
            _sign(state),
            element(
                "div",
                element("h2", HEADLINES[state]),
                element("p", _summary(judged["summary"], HEADLINES[state])),
            ),
            class_=f"headline {state}",
        ),
        element("ul", [_check(check, runbook) for check in judged["checks"]], class_="checks"),
        aria_label="Verdict",
        class_="verdict",
    )


def _check(check: Check, runbook: str | None) -> Markup:
    state = _state(check["state"])
    address = section_address(runbook, check["section"]) if check["section"] else None
    return element(
        "li",
        element(
            "div",
            element("h3", check["label"]),
            element("span", _sign(state, check["name"]), state_word(check), class_="state"),
            class_="check-head",
        ),
        element("p", sentence(check["value"]), class_="value"),
        element("p", "Limit: ", check["limit"], class_="limit") if check["limit"] else None,
        element("p", check["advice"], class_="advice") if check["advice"] else None,
        element("p", element("a", "Read the runbook's section", href=address), class_="advice")
        if address and state != "well"
        else None,
        class_=f"check {state}",
        data_check=check["name"],
    )


def _summary(summary: str, headline: str) -> str:
    """The sentence without the words that the headline has said already."""
    return sentence(summary.removeprefix(headline).lstrip(".:, "))


def _state(state: str) -> str:
    return state if state in STATES else "unknown"


def _sign(state: str, check: str = "") -> Markup:
    path = element("path", d=NOTE if check == "monitor" else SIGNS[state])
    return element("svg", path, class_=f"sign {state}", viewBox="0 0 24 24", aria_hidden="true")
