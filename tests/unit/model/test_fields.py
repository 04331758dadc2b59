"""The tables of what is acted on: well-formed, and the same in the documentation."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pytest

from samego.errors import ConfigError
from samego.model.fields import FieldRow, load_rows
from samego_arch.package import field_table as arch
from samego_debian.package import field_table as debian
from samego_npm.package import field_table as npm
from samego_pypi.wheel import field_table as pypi

_HEAD = (
    'schema = "samego.fields/1"\n[[rows]]\nform = "f"\nfield = "x"\nacts = ""\njudged = "here"\n'
)
DOCS = Path(__file__).parents[3] / "docs/trust.md"


def core_rows() -> tuple[FieldRow, ...]:
    text = files("samego.compare").joinpath("fields.toml").read_text(encoding="utf-8")
    return load_rows(text, name="the core's fields")


#: In the order of the documentation.
ALL = (*core_rows(), *debian.rows(), *arch.rows(), *pypi.rows(), *npm.rows())


def as_markdown(rows: Iterable[FieldRow]) -> str:
    """The tables of all formats, as docs/trust.md has them."""
    blocks: dict[str, list[str]] = {}
    for row in rows:
        start = [f"### {row.form}", "", "| field | who acts on it | where it is judged |"]
        lines = blocks.setdefault(row.form, [*start, "|---|---|---|"])
        lines.append(f"| `{row.field}` | {row.acts or 'nobody'} | {row.judged} |")
    return "\n\n".join("\n".join(lines) for lines in blocks.values()) + "\n"


def test_the_documentation_has_the_tables() -> None:
    begin, end = "<!-- fields: begin -->\n\n", "\n<!-- fields: end -->"
    shown = DOCS.read_text(encoding="utf-8").partition(begin)[2].partition(end)[0]
    assert shown == as_markdown(ALL)


def test_whoever_acts_is_answered() -> None:
    for row in ALL:
        assert row.judged, row
        assert not row.undeclared or "policy" in row.judged or "unexplained" in row.judged, row


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("schema = 1", "has schema"),
        ("schema = ", "not TOML"),
        (_HEAD + 'note = "x"\n', "unknown key 'note'"),
        (_HEAD.replace('acts = ""\n', ""), "without its four keys"),
        (_HEAD + 'undeclared = "fine"\n', "has the standing 'fine'"),
        (_HEAD + _HEAD.partition("\n")[2], "a field twice"),
    ],
)
def test_a_table_that_breaks_the_schema(text: str, told: str) -> None:
    assert load_rows(_HEAD, name="t")[0].field == "x"
    with pytest.raises(ConfigError, match=told):
        load_rows(text, name="t")
