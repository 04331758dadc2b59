"""The formats that a report can be written in, by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence

from samego.report import json, markdown, text
from samego.report.summary import Summary
from samego.report.trackers import bug, code_quality, junit, sarif
from samego.report.trackers.issues import Checked, Undecided


def _html(summary: Summary) -> str:
    """The page. What fills its template is loaded here: most runs write none."""
    page: str = importlib.import_module("samego.report.html").render(summary)
    return page


#: Formats of one report, for people and scripts.
SINGLE: Mapping[str, Callable[[Summary], str]] = {
    "text": text.render,
    "json": json.render,
    "markdown": markdown.render,
    "html": _html,
    **bug.RENDERERS,
}
#: Formats of several, for those that show the results of checks.
SEVERAL: Mapping[str, Callable[[Sequence[Checked | Undecided]], str]] = {
    junit.NAME: junit.render,
    sarif.NAME: sarif.render,
    code_quality.NAME: code_quality.render,
}
FORMATS = (*SINGLE, *SEVERAL)


def render(summary: Summary, form: str) -> str:
    """One report in one of FORMATS."""
    return SINGLE[form](summary) if form in SINGLE else SEVERAL[form]([Checked(summary)])
