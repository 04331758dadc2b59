"""Permissions are judged on every path of a payload, whatever is said of the bytes there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from samego.compare.engine import Comparison, Sides, compare
from samego.compare.permissions import judge_alone, judge_places
from samego.formats.tree.goroot import goroot_view, merge
from samego.model.inputs import Context, Inputs
from samego.model.policy import LayoutRule, Policy
from samego.model.proof import Standing
from samego.model.release import Release, Target
from samego.model.tree import Entry, Kind, Tree
from support.archives import memory_tree
from support.words import cause_of, places_of, where_of

GOROOT = "usr/lib/go-1.24"
SHARE = "usr/share/go-1.24"
FILES = {
    f"{GOROOT}/VERSION": b"go1.24.4\n",
    f"{GOROOT}/pkg/tool/linux_amd64/dist": b"a tool",
    f"{SHARE}/src/a.go": b"package a\n",
    f"{SHARE}/api/go1.txt": b"pkg\n",
    "usr/share/doc/go/copyright": b"BSD\n",
    "usr/share/doc/go/README.md": b"# Go\n",
}
LINKS = {f"{GOROOT}/src": f"../../../{SHARE}/src", f"{GOROOT}/api": f"../../../{SHARE}/api"}
DIRECTORIES = dict.fromkeys(
    [
        *("usr", "usr/lib", "usr/share", GOROOT, SHARE, f"{SHARE}/src", f"{SHARE}/api"),
        *(f"{GOROOT}/pkg", f"{GOROOT}/pkg/tool/linux_amd64", "usr/share/doc/go"),
    ],
    0o755,
)
LAYOUT = (
    LayoutRule("link", "src", LINKS[f"{GOROOT}/src"], "by test", "the test"),
    LayoutRule("link", "api", LINKS[f"{GOROOT}/api"], "by test", "the test"),
    LayoutRule("moved", "README.md", "usr/share/doc/go/README.md", "by test", "the test"),
    LayoutRule("packaging", "usr/share/doc/go/copyright", "", "by test", "the test"),
)
UPSTREAM = memory_tree(
    {"VERSION": b"go1.24.4\n", "src/a.go": b"package a\n", "README.md": b"# Go\n"}
)
#: Where a finding on a payload path stands.
NAMES = {
    f"{GOROOT}/pkg": "pkg",
    f"{GOROOT}/pkg/tool/linux_amd64": "pkg/tool/linux_amd64",
    f"{GOROOT}/pkg/tool/linux_amd64/dist": "pkg/tool/linux_amd64/dist",
    f"{GOROOT}/VERSION": "VERSION",
    f"{GOROOT}/src": "src",
    f"{GOROOT}/api": "api",
    f"{SHARE}/src/a.go": "src/a.go",
    f"{SHARE}/api/go1.txt": "api/go1.txt",
    "usr/share/doc/go/README.md": "README.md",
}


def shipped(**changes: Mapping[str, object]) -> Tree:
    tree = memory_tree(FILES, links=LINKS, directories=DIRECTORIES)
    entries = dict(tree)
    for path, fields in changes.items():
        entries[path] = replace(tree[path], **fields)  # type: ignore[arg-type]  # fields by name
    return tree.with_entries(entries, carries_modes=True)


def judged(payload: Tree) -> Comparison:
    view = goroot_view(payload, GOROOT)
    context = Context(
        Release.parse("go1.24.4"),
        Target.parse("linux-amd64"),
        Policy("test", GOROOT, LAYOUT),
        Inputs(),
        payload,
        UPSTREAM,
    )
    return compare(Sides(payload, view, UPSTREAM, ("api/",), None), context, ())


BEFORE = {finding.path: finding for finding in judged(shipped()).findings}
BAD: Mapping[str, tuple[Mapping[str, object], str]] = {
    "writable for all": ({"mode": 0o777}, "mode 0777"),
    "setuid": ({"mode": 0o4755}, "mode 4755"),
    "setgid": ({"mode": 0o2755}, "mode 2755"),
    "sticky": ({"mode": 0o1755}, "mode 1755"),
    "writable for a group": ({"mode": 0o775}, "mode 0775"),
    "closed": ({"mode": 0o700}, "mode 0700"),
    "another user's": ({"owner": (1000, 0)}, "owned by uid 1000, gid 0"),
    "another group's": ({"owner": (0, 50)}, "owned by uid 0, gid 50"),
    "a capability": ({"xattrs": (("security.capability", b"\1\0\0\2"),)}, "01000002"),
    "an access list": ({"xattrs": (("system.posix_acl_access", b"\2"),)}, "posix_acl_access"),
    "an attribute": ({"xattrs": (("user.x", b""),)}, "user.x"),
}


def test_what_is_plainly_roots_has_no_finding_of_its_own() -> None:
    assert list(judge_places(shipped(), goroot_view(shipped(), GOROOT))) == []
    assert {path: finding.standing for path, finding in BEFORE.items()} == {
        **dict.fromkeys(("src", "api", "README.md"), Standing.EXPLAINED),
        "pkg/tool/linux_amd64/dist": Standing.UNEXPLAINED,
    }


#: Every path with every change; a link has no mode that anything acts on.
CASES = [
    (path, bad)
    for path in (*FILES, *LINKS, *DIRECTORIES)
    for bad, (fields, _) in BAD.items()
    if path not in LINKS or "mode" not in fields
]


@pytest.mark.parametrize(("path", "bad"), CASES)
def test_every_path_is_judged(path: str, bad: str) -> None:
    fields, told = BAD[bad]
    after = {finding.path: finding for finding in judged(shipped(**{path: fields})).findings}
    shown = NAMES.get(path, f"/{path}")
    changed = {name for name in after if after[name] != BEFORE.get(name)}
    assert changed == {shown}
    assert after[shown].standing is Standing.UNEXPLAINED
    assert told in f"{cause_of(after[shown])} {where_of(after[shown])}"


def test_a_file_without_counterpart_may_be_plain_or_executable_only() -> None:
    for mode in (0o644, 0o755, None):
        assert list(judge_alone(Entry("a", Kind.FILE, mode, owner=(0, 0)))) == []
    (told,) = judge_alone(Entry("a", Kind.FILE, 0o666, owner=(0, 0)))
    assert places_of(told) == "mode 0666, not 0644 or 0755"
    (told,) = judge_alone(Entry("a", Kind.DIRECTORY, 0o777))
    assert places_of(told) == "mode 0777, not 0755"


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_packages_directories_the_stranger_one_counts(order: int) -> None:
    """Which of them decides on disk depends on what is unpacked first."""
    plain = memory_tree({}, directories={"usr": 0o755}, name="plain")
    open_ = memory_tree({}, directories={"usr": 0o777}, name="open")
    assert merge([plain, open_][::order], name="both")["usr"].mode == 0o777


@pytest.mark.parametrize(
    ("path", "declared"),
    [
        ("etc", False),
        ("etc/nologin", False),
        ("usr/bin", False),
        ("usr/share/doc/go/more", False),
        ("usr/share/doc/go2", False),
        (f"{GOROOT}/pkg/linux_amd64_race", True),  # below GOROOT upstream has empty ones too
        ("usr/share/doc", True),
    ],
)
def test_an_empty_directory_that_nobody_declared(path: str, *, declared: bool) -> None:
    tree = shipped()
    entries = {**tree, path: Entry(path, Kind.DIRECTORY, 0o755, owner=(0, 0))}
    found = {
        item.path: item for item in judged(tree.with_entries(entries, carries_modes=True)).findings
    }
    assert (f"/{path}" not in found) is declared
    if not declared:
        assert cause_of(found[f"/{path}"]).startswith("an empty directory outside GOROOT")
