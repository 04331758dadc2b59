"""What a package says of its own files, as findings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samego.compare.claims import KIND, judge_claims
from samego.distro.interface import Claims
from samego.model.finding import Finding, Side, added, unexplained
from samego.model.proof import Standing
from samego.model.tree import Entry, Kind
from samego.model.value import Told
from support.archives import memory_tree
from support.words import cause_of, told, where_of

PAYLOAD = memory_tree(
    {"usr/a": b"a", "usr/b": b"b"}, links={"usr/l": "a"}, directories={"usr": 0o755}
)
HONEST = dict(PAYLOAD)


def judged(entries: dict[str, Entry]) -> list[Finding]:
    return list(judge_claims(PAYLOAD, Claims(entries, ".LIST")))


def test_an_honest_list() -> None:
    assert judged(HONEST) == []


def test_what_is_not_claimed_is_not_held_against_it() -> None:
    loose = {path: replace(entry, mode=None, owner=None) for path, entry in HONEST.items()}
    assert judged(loose) == []


@pytest.mark.parametrize(
    ("path", "change", "where"),
    [
        ("usr/a", {"sha256": "00"}, ".LIST says 00"),
        ("usr/a", {"size": 2}, "size 1, .LIST says 2"),
        ("usr/a", {"mode": 0o4755}, "mode 0644, .LIST says 4755"),
        ("usr/a", {"owner": (0, 5)}, "owner 0:0, .LIST says 0:5"),
        ("usr/l", {"link": "b"}, "leads to a, .LIST says b"),
        ("usr", {"mode": 0o777}, "mode 0755, .LIST says 0777"),
        ("usr/a", {"kind": Kind.LINK}, "a file, .LIST says a link"),
    ],
)
def test_one_field_that_differs(path: str, change: dict[str, object], where: str) -> None:
    entry = HONEST[path]
    for name, value in change.items():
        entry = replace(entry, **{name: value})  # type: ignore[arg-type]  # a field by name
    (finding,) = judged({**HONEST, path: entry})
    assert (finding.path, finding.standing) == (f"/{path}", Standing.UNEXPLAINED)
    assert (finding.side, finding.kind) == (Side.DISTRO, KIND)
    assert where in where_of(finding)


def test_a_path_that_has_a_finding_keeps_one() -> None:
    before = unexplained("/usr/a", Side.DISTRO, "packaging", Told("strange"), where=told("here"))
    other = unexplained("/usr/z", Side.DISTRO, "packaging", Told("strange"))
    found = added([before, other], iter(judged({**HONEST, "usr/gone": HONEST["usr/a"]})))
    assert [finding.path for finding in found] == ["/usr/a", "/usr/z", "/usr/gone"]
    lie = replace(HONEST["usr/a"], size=9)
    (merged, same) = added([before, other], iter(judged({**HONEST, "usr/a": lie})))
    assert same == other
    assert merged.standing is Standing.UNEXPLAINED
    assert where_of(merged) == "here; size 1, .LIST says 9"
    assert cause_of(merged).startswith("strange; ")
