"""The template engine behind every page: what is filled in is escaped, what is missing an error."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from samego.report.words import amount
from samego.system.terminal import visible


def environment(package: str) -> Environment:
    """An engine for the templates of a package, with the filters that all pages share."""
    result = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    result.filters.update(visible=lambda value: visible(str(value)), amount=amount)
    return result
