from __future__ import annotations

import re

from samego.model.proof import Standing
from samego.monitor.site.pages import Site, html, pages
from support.history_runs import run
from support.site_history import past


def index(*architectures: str, verdict: Standing = Standing.EXPLAINED) -> str:
    """The first page of a history with one package on these architectures."""
    given = past(*(run("1-1", verdict, architecture=each) for each in architectures))
    return html(next(page for page in pages(given, Site("Go"), []) if page.path == "index.html"))


def test_a_run_without_an_architecture_has_a_heading_and_a_link() -> None:
    """Histories of earlier versions hold such."""
    text = index("amd64", "", verdict=Standing.UNEXPLAINED)
    assert re.findall(r'<th scope="col">(.*?)</th>', text)[4:6] == ["unknown architecture", "amd64"]
    assert re.search(r'<a href="reports/[^"]*">unknown architecture<span class="hidden">', text)
    assert 'data-label="unknown architecture"' in text


def test_the_numbers_add_up_and_no_zero_passes() -> None:
    text = index("amd64")
    numbers = re.findall(r"<strong>(\d+)</strong> ([a-z ]+)</a>", text)
    words = [("1", "package"), ("0", "need work"), ("0", "not proven yet"), ("1", "passes")]
    assert numbers == words
    assert "none passes yet" in index("amd64", verdict=Standing.UNPROVEN)
