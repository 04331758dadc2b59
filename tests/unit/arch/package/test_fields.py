"""Each field of an Arch package that somebody acts on: a change there is told or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from samego.model.fields import of_form
from samego_arch.package.field_table import rows
from samego_arch.package.mtree import KEYWORDS
from support.arch_packages import ArchMaker, contents
from support.toy_check import RELEASE, VERSION_FILE, Checked, check, write_upstream

PASS = {"identical", "equivalent", "explained"}


@dataclass(frozen=True, slots=True)
class Toy:
    """A tiny Arch package of a tiny Go, and upstream's archive of it."""

    home: Path
    maker: ArchMaker
    upstream: Path

    def check(self, *options: str) -> Checked:
        """Check the package as it is made now."""
        return check(self.home, self.upstream, [self.maker.write()], *options)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("GOPROXY", "off")
    (tmp_path / "packages").mkdir()
    made = contents(RELEASE) | {"usr/lib/go/VERSION": VERSION_FILE}
    maker = ArchMaker(tmp_path / "packages", version=f"2:{RELEASE[2:]}-1", contents=made)
    upstream = write_upstream(
        tmp_path,
        {
            "VERSION": VERSION_FILE,
            "LICENSE": b"BSD\n",
            "bin/go": b"\x7fELF go",
            "bin/gofmt": b"\x7fELF gofmt",
            "pkg/tool/linux_amd64/compile": b"\x7fELF compile",
            "src/main.go": b"package main\n",
            "test/\u00defoo.go": b"package foo\n",
            "doc/go_spec.html": b"<p>\n",
        },
    )
    return Toy(tmp_path, maker, upstream)


def test_what_arch_declares_has_no_finding(toy: Toy) -> None:
    toy.maker.pkginfo = {"replaces": "go-pie", "provides": "go-pie", "pkgdesc": "Go: it's <new>!"}
    assert set(toy.check().standings.values()) == {"explained"}


#: A change of each key of .PKGINFO that somebody acts on, or whose value has a grammar.
PKGINFO: Mapping[str, object] = {
    "pkgname": "bash",
    "pkgbase": "bash",
    "pkgver": "2:1.25.9-1",
    "arch": "riscv64",
    "url": "see below",
    "builddate": "yesterday",
    "packager": "A <a@example.org> B",
    "size": "-1",
    "license": "\u2603",
    "xdata": ["pkgtype=src"],
    "depend": ["glibc", "evil-daemon"],
    "optdepend": "evil-daemon: because",
    "provides": "glibc=99",
    "conflict": "apparmor",
    "replaces": ["go-pie", "glibc"],
    "group": "base-devel",
    "backup": "etc/passwd",
    "makedepend": "a b",
    "checkdepend": "--noconfirm",
    "makepkgopt": "x y",
    "unknown": "free text",
    "hook": "true",
}
BUILDINFO: Mapping[str, object] = {
    "format": "3",
    "pkgname": "bash",
    "pkgbase": "bash",
    "pkgver": "2:1.25.9-1",
    "pkgarch": "any",
    "pkgbuild_sha256sum": "none",
    "packager": "Somebody Else",
    "builddate": "1",
    "builddir": "here and there",
    "startdir": "$(id)",
    "buildtool": "my own tool, version 3",
    "buildtoolver": "see below",
    "buildenv": ["check", "LD_PRELOAD=/tmp/x"],
    "options": ["strip", "and so on"],
    "installed": ["glibc-2.42-1-x86_64", "free text"],
    "note": "free text",
}


def test_every_key_that_somebody_acts_on_is_planted() -> None:
    for form, planted in ((".PKGINFO", PKGINFO), (".BUILDINFO", BUILDINFO)):
        known = of_form(rows(), form).values()
        assert {row.field for row in known if row.acts} <= set(planted), form


@pytest.mark.parametrize("key", PKGINFO)
def test_a_planted_key_of_pkginfo(key: str, toy: Toy) -> None:
    toy.maker.pkginfo = {key: PKGINFO[key]}
    _told_or_refused(toy.check(), key, PKGINFO[key])


@pytest.mark.parametrize("key", BUILDINFO)
def test_a_planted_key_of_buildinfo(key: str, toy: Toy) -> None:
    toy.maker.buildinfo = {key: BUILDINFO[key]}
    _told_or_refused(toy.check(), key, BUILDINFO[key])


def _told_or_refused(checked: Checked, key: str, planted: object) -> None:
    value = str(planted[-1] if isinstance(planted, list) else planted)
    assert "Traceback" not in checked.said
    if checked.status == 2:
        assert key in checked.said or value in checked.said, checked.said
        return
    told = [item for item in checked.report["findings"] if item["standing"] not in PASS]
    assert any(value in f"{item['cause']} {item.get('where')}" for item in told), told


@pytest.mark.parametrize(
    ("key", "value", "standing"),
    [
        ("depend", "evil-daemon", "unproven"),
        ("conflict", "apparmor", "unproven"),
        ("replaces", "glibc", "unexplained"),
        ("backup", "etc/passwd", "unexplained"),
        ("optdepend", "evil: because", "unproven"),
    ],
)
def test_a_finding_says_the_key_its_value_and_who_acts(
    key: str, value: str, standing: str, toy: Toy
) -> None:
    toy.maker.pkginfo = {key: value}
    finding = toy.check().finding(f"/.PKGINFO:{key}")
    assert finding["standing"] == standing
    assert finding["cause"].startswith(f"{key}: {value}, which Arch's go does not have")
    assert finding["where"].startswith("who acts on it: ")


@pytest.mark.parametrize(
    "line", ["# free text", "#!/bin/sh", "# Generated by makepkg 7.0.0; rm -rf /", "#"]
)
def test_a_comment_that_makepkg_does_not_write_is_refused(line: str, toy: Toy) -> None:
    made = toy.maker.metadata()
    for member in (".PKGINFO", ".BUILDINFO"):
        toy.maker.members = {member: made[member] + f"{line}\n".encode()}
        checked = toy.check()
        assert checked.status == 2
        assert f"{member} is not as makepkg writes it" in checked.said


@pytest.mark.parametrize(
    "version",
    [
        *("2:1.25.9-1", "2:1.24.9-1", "2:r1234.abcdef-1", "2:1.24.99rc1-1"),
        *("1.24.99-1", "3:1.24.99-1", "99:1.24.99-1"),
    ],
)
def test_a_package_that_is_not_what_it_says(version: str, toy: Toy) -> None:
    toy.maker.version = version
    checked = toy.check()
    finding = checked.finding("/.PKGINFO:pkgver")
    assert (finding["kind"], finding["standing"]) == ("identity", "unexplained")
    assert version in finding["cause"]
    path = toy.maker.write()
    text = check(toy.home, toy.upstream, [path], "--format", "text").said
    assert "NOT WHAT IT SAYS: the package's version is" in "\n".join(text.splitlines()[:3])


@pytest.mark.parametrize("version", ["2:1.24.99-1", "2:1.24.99-1.1", "2:1.24.99-12"])
def test_versions_that_name_the_release_agree(version: str, toy: Toy) -> None:
    toy.maker.version = version
    assert "identity" not in {item["kind"] for item in toy.check().report["findings"]}


@pytest.mark.parametrize("member", [".INSTALL", ".CHANGELOG", ".UNKNOWN"])
def test_other_members_are_told(member: str, toy: Toy) -> None:
    toy.maker.contents[member] = b"post_install() { id; }\n"
    assert toy.check().standings[f"/{member}"] == "unexplained"


def test_the_table_has_the_keywords_that_an_mtree_may_have() -> None:
    listed = {row.field for row in of_form(rows(), ".MTREE").values()} - {"any other keyword"}
    assert listed == set(KEYWORDS)


@pytest.mark.parametrize(
    "changed",
    [
        {"usr/lib/go/VERSION": b"go1.0\n"},
        {"usr/bin/go": "/opt/go"},
        {"usr/lib/go/src": b"a file"},
        {"usr/lib/go/bin/go": None},
    ],
)
def test_an_mtree_that_says_otherwise_is_told(
    changed: Mapping[str, bytes | str | None], toy: Toy
) -> None:
    toy.maker.claimed = dict(changed)
    checked = toy.check()
    (path,) = changed
    assert checked.standings[f"/{path}"] == "unexplained"
