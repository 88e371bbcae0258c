"""Charts have as many marks as there are numbers."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.documents import document
from tests.browser.states import CIFAR


@pytest.mark.parametrize("inferences", [1, 10, 300])
def test_one_point_for_each_inference(open_report: Open, inferences: int) -> None:
    numbers = document(inferences)
    assert open_report(numbers).points("recent").count() == inferences


def test_the_newest_thousand_of_more(open_report: Open) -> None:
    opened = open_report(document(1200))
    assert opened.points("recent").count() == 1000
    assert (
        "The newest 1,000 of 1,200 inferences are shown." in opened.page.locator("#recent .note").inner_text()
    )


def test_a_burst_in_a_long_window_is_drawn_apart(open_report: Open) -> None:
    numbers = document(30, hours=1)
    numbers["window"]["start"] = "2026-10-24T12:00:00.000Z"
    opened = open_report(numbers)
    places = opened.points("recent").evaluate_all("points => points.map((p) => p.getBoundingClientRect().x)")
    assert max(places) - min(places) > 800


def test_a_burst_of_seconds_has_an_axis_of_seconds(open_report: Open) -> None:
    numbers = document(30, hours=1)
    for index, record in enumerate(numbers["recent"]):
        record["time"] = f"2026-10-25T11:20:{10 + index}.500Z"
    labels = open_report(numbers).chart("recent").locator('g[aria-label="x-axis tick label"] text')
    assert "12:20:15" in " ".join(labels.all_text_contents())


def test_a_burst_in_the_midst_of_others_is_drawn_as_bars_of_how_many(open_report: Open) -> None:
    """Points would hide each other; those that are alone, and others of the window, stay points."""
    numbers = document(400)
    for index, record in enumerate(numbers["recent"][100:]):
        record["time"] = f"2026-10-25T10:20:0{index // 150}.000Z"
    opened = open_report(numbers)
    bars = opened.chart("recent").locator("rect.bin")
    labels = bars.evaluate_all("bars => bars.map((bar) => bar.ariaLabel)")
    counts = [int(label.split("\u00a0")[0]) for label in labels]
    assert min(counts) >= 4
    assert sum(counts) + opened.points("recent").count() - len(counts) == 400
    assert sum(counts) > 250
    assert max(counts) > 20
    widths = bars.evaluate_all("bars => bars.map((bar) => Number(bar.getAttribute('width')))")
    assert widths[counts.index(max(counts))] == max(widths)
    bars.nth(counts.index(max(counts))).hover()
    text = opened.card.inner_text().replace("\u00a0", " ")
    assert f"{max(counts)} inferences of a burst" in text
    assert "Sun 25 Oct 2026, 11:20:00 UTC+1 to Sun 25 Oct 2026, 11:20:01 UTC+1" in text
    assert opened.card.locator("img").count() == 6


def test_one_column_for_each_hour(open_report: Open) -> None:
    numbers = document(300)
    opened = open_report(numbers)
    hours = numbers["executions"]["hours"]
    parts = sum(count > 0 for hour in hours for name, count in hour.items() if name != "start")
    assert opened.points("executions").count() == len(hours)
    assert opened.chart("executions").locator("g.bars > *").count() == parts
    assert opened.points("hours").count() == len(numbers["hours"])


def test_one_column_for_each_day_of_a_long_window(open_report: Open) -> None:
    opened = open_report(document(500, hours=90 * 24))
    assert opened.points("executions").count() == opened.points("hours").count() == 91
    opened.points("hours").first.focus()
    text = opened.card.inner_text()
    assert "Mon 27 Jul 2026, 02:00 UTC+2 to Tue 28 Jul 2026, 02:00 UTC+2" in text


def test_one_bar_for_each_class_and_its_baseline(open_report: Open) -> None:
    opened = open_report(document(300))
    assert opened.points("classes").count() == 2
    assert opened.chart("classes").locator("g.baseline > *").count() == 2


def test_ten_classes_have_a_colour_and_a_shape_each(open_report: Open) -> None:
    opened = open_report(document(300, classes=CIFAR[:10]))
    legend = opened.page.locator("#recent .legend").first
    signs = legend.locator("svg.sign path")
    for look in ("fill", "d"):
        assert len(set(signs.evaluate_all(f"all => all.map((one) => one.getAttribute('{look}'))"))) == 10
    assert "other classes" not in legend.inner_text()
    drawn = opened.chart("recent").locator(".confident-points path, .low-points path")
    fills = drawn.evaluate_all("all => all.map((one) => one.getAttribute('fill'))")
    assert {fill for fill in fills if fill} == {f"var(--class-{number + 1})" for number in range(10)}


def test_a_hundred_classes_are_eleven_and_the_others(open_report: Open) -> None:
    opened = open_report(document(1000, classes=CIFAR))
    assert opened.points("classes").count() == 12
    assert "89 other classes" in opened.chart("classes").inner_text().replace("\u00a0", " ")
    assert opened.page.locator("#classes tbody tr").count() == 100


def test_bars_are_as_high_as_their_counts(open_report: Open) -> None:
    numbers = document(300)
    opened = open_report(numbers)
    heights = (
        opened.chart("hours")
        .locator("g.bars > *")
        .evaluate_all("bars => bars.map((bar) => Number(bar.getAttribute('height')))")
    )
    total = sum(hour["inferences"] for hour in numbers["hours"])
    busiest = max(hour["inferences"] for hour in numbers["hours"])
    column = opened.points("hours").first.evaluate("rect => Number(rect.getAttribute('height'))")
    assert sum(heights) / total == pytest.approx(column / busiest, rel=0.01)


def test_bins_of_confidence_from_the_lowest_that_is_used(open_report: Open) -> None:
    opened = open_report(document(300))
    assert opened.points("confidence").count() == 10
    assert opened.chart("confidence").locator("g.baseline path").count() == 1


def test_unsafe_text_stays_text(open_report: Open) -> None:
    numbers = document(30)
    attack = (
        "<img src=x onerror=\"document.title='broken'\"></script><script>document.title='broken'</script>"
    )
    for record in numbers["recent"]:
        record.update(s3_key=attack, execution=attack, **{"class": attack})
    numbers["classes"][0]["name"] = numbers["endpoint"] = numbers["where"] = attack
    opened = open_report(numbers)
    opened.points("recent").last.focus()
    opened.page.locator("#recent-table summary").click()
    assert attack in opened.card.inner_text()
    assert "broken" not in opened.page.title().replace(attack, "")
    assert opened.page.locator("img[src='x']").count() == 0
