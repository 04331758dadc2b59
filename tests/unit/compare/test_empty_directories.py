from __future__ import annotations

from collections.abc import Iterable

import pytest

from samego.compare.engine import Sides, compare
from samego.formats.tree.goroot import goroot_view
from samego.model.inputs import Context, Inputs
from samego.model.policy import LayoutRule, Policy
from samego.model.release import Release, Target
from support.archives import memory_tree

ROOT = "usr/lib/go"
FILES = {"src/a/a.go": b"package a\n", "src/b/c/c.go": b"package c\n"}
RULES = (
    LayoutRule("added", "pkg/race", "", "by test", "the test"),
    LayoutRule("directory", "usr/src/debug/go", "", "by test", "the test"),
)


def found(
    directories: Iterable[str],
    files: dict[str, bytes] = FILES,
    links: dict[str, str] | None = None,
    outside: dict[str, int] | None = None,
    beside: dict[str, bytes] | None = None,
) -> set[str]:
    """The findings on a package with these directories below GOROOT, and outside it."""
    payload = memory_tree(
        {f"{ROOT}/{path}": data for path, data in files.items()} | (beside or {}),
        links={f"{ROOT}/{path}": to for path, to in (links or {}).items()},
        directories={f"{ROOT}/{path}": 0o755 for path in directories} | (outside or {}),
    )
    upstream = memory_tree(FILES)
    release, target = Release.parse("go1.24.4"), Target.parse("linux-amd64")
    view = goroot_view(payload, ROOT)
    context = Context(release, target, Policy("test", ROOT, RULES), Inputs(), payload, upstream)
    compared = compare(Sides(payload, view, upstream, (), None), context, ())
    return {finding.path for finding in compared.findings}


@pytest.mark.parametrize(
    ("directories", "expected"),
    [
        (["src", "src/a", "src/b", "src/b/c"], set()),
        (["src/vendor"], {"src/vendor"}),
        (["evil"], {"evil"}),
        (["src/a/.x"], {"src/a/.x"}),
        (["src/x", "src/x/y"], {"src/x", "src/x/y"}),
        (["pkg", "pkg/race"], set()),
        (["pkg/race", "pkg/race2"], {"pkg/race2"}),
    ],
)
def test_an_empty_directory_is_told_unless_it_is_declared(
    directories: list[str], expected: set[str]
) -> None:
    assert found(directories) == expected


def test_a_directory_whose_files_are_gone_is_told_once_by_each_file() -> None:
    assert found(["src/a"], {"src/b/c/c.go": FILES["src/b/c/c.go"]}) == {"src/a/a.go"}


def test_one_that_holds_a_link_is_not_empty() -> None:
    assert found(["evil"], links={"evil/x": "/nowhere"}) == {"evil/x"}


@pytest.mark.parametrize(
    ("outside", "expected"),
    [
        (["usr/src", "usr/src/debug", "usr/src/debug/go"], set()),
        (["usr/src", "usr/src/debug"], set()),
        (["usr/src/debug/gp"], {"/usr/src/debug/gp"}),
        (["usr/src/debug/go", "usr/src/debug/go/x"], {"/usr/src/debug/go/x"}),
        (["usr/src/linux"], {"/usr/src/linux"}),
    ],
)
def test_an_empty_directory_outside_is_told_unless_it_is_declared(
    outside: list[str], expected: set[str]
) -> None:
    assert found([], outside=dict.fromkeys(outside, 0o755)) == expected


def test_a_declared_directory_may_hold_nothing_and_has_ordinary_permissions() -> None:
    place = "usr/src/debug/go"
    assert found([], outside={place: 0o777}) == {f"/{place}"}
    assert found([], outside={place: 0o755}, beside={f"{place}/x": b""}) == {f"/{place}/x"}
    assert found([], beside={place: b""}) == {f"/{place}"}
