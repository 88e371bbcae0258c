"""The runbook's Markdown as HTML."""

from __future__ import annotations

import pytest

from reports.page.sections.runbook import render, runbook


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("one\ntwo", "<p>one two</p>"),
        ("one\n\ntwo", "<p>one</p><p>two</p>"),
        ("**Means** a\nb\n**Do:** c", "<p><strong>Means</strong> a b</p><p><strong>Do:</strong> c</p>"),
        ("## Run it again\ntext", '<h4 id="runbook-run-it-again">Run it again</h4><p>text</p>'),
        ("a `<b>*x*` & *c*", "<p>a <code>&lt;b&gt;*x*</code> &amp; <em>c</em></p>"),
        ("**a *b***", "<p><strong>a <em>b</em></strong></p>"),
        ("[a](#b-c)", '<p><a href="#runbook-b-c">a</a></p>'),
        ("[a](https://x.org/b)", '<p><a href="https://x.org/b">a</a></p>'),
        ("[settings](settings.md) [b](javascript:alert)", "<p>settings b</p>"),
        ("- one\n  more\n- two", "<ul><li>one more</li><li>two</li></ul>"),
        ("```sh\na\n\n<b>\n```\nend", "<pre><code>a\n\n&lt;b&gt;</code></pre><p>end</p>"),
        (
            "| a | b |\n|---|---|\n| `x \\| y` | z |",
            '<div class="table"><table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
            "<tbody><tr><td><code>x | y</code></td><td>z</td></tr></tbody></table></div>",
        ),
    ],
)
def test_markdown(written: str, shown: str) -> None:
    assert render(written) == shown


def test_nothing_of_the_file_is_left_as_markdown() -> None:
    html = runbook()
    for left in ("**", "](", "<p>|", "```", "|---"):
        assert left not in html, html[max(0, html.index(left) - 80) : html.index(left) + 80]
