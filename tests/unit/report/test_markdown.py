from __future__ import annotations

from dataclasses import replace
from html import escape

from markdown_it import MarkdownIt

from samego.model.finding import Side, unexplained
from samego.model.report import Report
from samego.model.value import Told
from samego.report.markdown import render
from samego.report.summary import Summary
from samego.words.failures import command, sentence
from support.reports import sid, trixie
from support.words import told


def html(report: Report) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(render(Summary(report))))


def test_a_bug_report_holds_what_somebody_needs_to_check_it() -> None:
    report = sid()
    text = render(Summary(report))
    for package in report.subject.packages:
        assert package.sha256 in text
    assert report.upstream.sha256 in text
    shown = html(report)
    for consequence in report.consequences:
        assert f"<strong>breaks</strong>: {sentence(consequence)}" in shown
        shows = escape(command(consequence, report.subject.place), quote=False)
        assert f"<pre><code>{shows}\n</code></pre>" in shown.replace("&quot;", '"')
    for finding in report.findings:
        assert f"<code>{finding.path}</code>" in shown
    assert "<td>line 2041: ...</td>" in shown
    assert text.endswith("Written by samego 0.1.0 with File::StripNondeterminism 1.15.1.\n")


def test_the_worst_stands_first() -> None:
    text = render(Summary(sid()))
    rows = [line.split(" | ")[0][2:] for line in text.splitlines() if "` | " in line]
    assert rows[0] == "unexplained"
    assert rows == sorted(rows, key=["unexplained", "unproven", "explained", "equivalent"].index)


def test_hostile_text_stays_text() -> None:
    nasty = "a`b``|<script>*x*\x1b"
    finding = unexplained(nasty, Side.BOTH, "text", Told(nasty), where=told(nasty))
    shown = html(replace(trixie(), findings=(finding,), notes=(nasty,)))
    assert "<script>" not in shown
    assert "<em>" not in shown
    assert r"<code>a`b``|&lt;script&gt;*x*\x1b</code>" in shown
    assert r"<td>a`b``|&lt;script&gt;*x*\x1b</td>" in shown


def test_a_long_table_is_cut_and_says_so() -> None:
    many = tuple(unexplained(f"src/{n}.go", Side.BOTH, "text", Told("cause")) for n in range(300))
    assert "And 100 more, none of them worse" in render(Summary(replace(trixie(), findings=many)))


def test_without_differences_there_is_no_table_of_them() -> None:
    text = render(Summary(replace(trixie(), findings=())))
    assert "## Differences" not in text
    assert "Not compared: 3,424 paths in test/ (3,374)" in text
