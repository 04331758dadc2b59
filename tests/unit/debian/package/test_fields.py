"""Each field of a binary package that somebody acts on: a change there is told or refused."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from samego.errors import InputError
from samego.model.fields import of_form
from samego_debian.package.control import parse_control, parse_status
from samego_debian.package.field_table import CONTROL_ARCHIVE, CONTROL_FILE, rows
from support.debian_packages import COMPRESSORS, DebMaker, ar, control, tar
from support.toy_check import DEBIAN_FILES, RELEASE, Checked, check, write_upstream

LINE = "golang-1.24"
CONTROL = f"/DEBIAN/{LINE}-go.control"
PASS = {"identical", "equivalent", "explained"}


@dataclass(frozen=True, slots=True)
class Toy:
    """A tiny Debian package of a tiny Go, and upstream's archive of it."""

    home: Path
    maker: DebMaker
    upstream: Path

    def check(self, *options: str) -> Checked:
        """Check the three packages as they are made now."""
        return check(self.home, self.upstream, self.maker.write_all(), *options)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("GOPROXY", "off")
    (tmp_path / "packages").mkdir()
    version = f"{RELEASE[2:]}-1"
    maker = DebMaker(tmp_path / "packages", version=version, release=RELEASE)
    upstream = write_upstream(tmp_path, DEBIAN_FILES)
    return Toy(tmp_path, maker, upstream)


def test_what_debian_declares_has_no_finding(toy: Toy) -> None:
    toy.maker.fields = {
        "Installed-Size": "117055",
        "Priority": "optional",
        "Homepage": "https://go.dev/",
    }
    # Changelogs and copyright are not compared: no source package is at hand.
    assert toy.check().standings == {"doc": "explained", "src": "explained"}


#: A change of each field of the control file that somebody acts on: its new value.
PLANTED: Mapping[str, str] = {
    "Package": "golang-1.25-go",
    "Source": "golang-1.25",
    "Version": "1.25.9-1",
    "Architecture": "riscv64",
    "Installed-Size": "1; rm",
    "Section": "metapackages",
    "Priority": "required",
    "Multi-Arch": "same",
    "Depends": "golang-1.24-src (>= 1.24.99-1), evil-daemon",
    "Recommends": "evil-daemon",
    "Suggests": "evil-daemon",
    "Enhances": "bash",
    "Breaks": "apparmor",
    "Conflicts": "unattended-upgrades",
    "Provides": "golang-go (= 2:9.9)",
    "Built-Using": "gcc-99 (= 1)",
    "Static-Built-Using": "gcc-99 (= 1)",
    "Pre-Depends": "evil-daemon",
    "Replaces": "coreutils",
    "Essential": "yes",
    "Protected": "yes",
    "Important": "yes",
    "Build-Essential": "yes",
    "Bugs": "mailto:somebody@example.org",
    "Origin": "somebody",
    "Package-Type": "udeb",
    "Kernel-Version": "6.1",
    "Installer-Menu-Item": "1",
    "Subarchitecture": "x",
    "Task": "standard",
    "Auto-Built-Package": "debug-symbols",
    "Build-Ids": "0123",
    "Status": "install ok installed",
    "Config-Version": "1",
    "Conffiles": "/etc/passwd 0",
    "Triggers-Awaited": "x",
    "Triggers-Pending": "x",
    "Filename": "x.deb",
    "MSDOS-Filename": "x.deb",
    "Size": "1",
    "MD5sum": "0",
    "SHA1": "0",
    "SHA256": "0",
    "Class": "x",
    "Recommended": "evil",
    "Optional": "evil",
    "Revision": "9",
    "Package-Revision": "9",
    "Package_Revision": "9",
    "X-Unknown": "y",
    "Depends-On": "evil",
}
_ACTED_ON = {row.field for row in of_form(rows(), CONTROL_FILE).values() if row.acts}


def test_every_field_that_somebody_acts_on_is_planted() -> None:
    assert set(PLANTED) >= _ACTED_ON


@pytest.mark.parametrize("field", PLANTED)
def test_a_planted_field_is_told_or_refused(field: str, toy: Toy) -> None:
    part = toy.maker.write("go")
    fields = {
        "Package": f"{LINE}-go",
        "Version": toy.maker.version,
        "Architecture": "amd64",
        "Source": LINE,
        "Depends": f"{LINE}-src (>= {toy.maker.version})",
        field: PLANTED[field],
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    _with_control(part, {"control": f"{text}Maintainer: A\nDescription: a\n".encode()}, toy)
    others = [toy.maker.write("src"), toy.maker.write("doc")]
    checked = check(toy.home, toy.upstream, [part, *others])
    if checked.status == 2:
        assert field in checked.said or PLANTED[field] in checked.said, checked.said
        assert "Traceback" not in checked.said
        return
    changed = {
        path: standing
        for path, standing in checked.standings.items()
        if standing not in PASS and path.startswith("/")
    }
    assert changed, checked.standings
    told = {path: checked.finding(path) for path in changed}
    assert any(
        PLANTED[field].rpartition(", ")[2] in f"{item['cause']} {item.get('where')}"
        for item in told.values()
    ), told


def _with_control(path: Path, members: Mapping[str, bytes], toy: Toy) -> None:
    """Write the -go package again with another control archive."""
    pack = COMPRESSORS[toy.maker.suffix]
    parts = [
        ("debian-binary", b"2.0\n"),
        (f"control.tar{toy.maker.suffix}", pack(tar({**members, "md5sums": b""}))),
        (f"data.tar{toy.maker.suffix}", pack(tar(toy.maker.contents("go")))),
    ]
    path.write_bytes(ar(parts))


@pytest.mark.parametrize(
    ("field", "value", "acts", "standing"),
    [
        ("Pre-Depends", "evil-daemon", "before this package is unpacked", "unexplained"),
        ("Essential", "yes", "refuse to remove", "unexplained"),
        ("Replaces", "coreutils", "overwrite files", "unexplained"),
        ("Conflicts", "apparmor", "remove what is named", "unproven"),
        ("Recommends", "gcc, evil-daemon", "installs what is named", "unproven"),
    ],
)
def test_a_finding_says_the_field_its_value_and_who_acts(
    field: str, value: str, acts: str, standing: str, toy: Toy
) -> None:
    toy.maker.fields = {field: value}
    finding = toy.check().finding(f"{CONTROL}:{field}")
    assert finding["standing"] == standing
    assert finding["cause"].startswith(f"{field}: {value.removeprefix('gcc, ')}, which Debian's")
    assert finding["where"].startswith("who acts on it: ")
    assert acts in finding["where"]


@pytest.mark.parametrize(
    ("depends", "passes"),
    [
        ("golang-1.24-src (>= 1.24.99-1)", True),
        ("golang-1.24-src (>= 1.24.99-1), libc6 (>= 2.34)", True),
        ("binutils-gold, golang-1.24-src (>= 1.24.99-1)", True),
        ("golang-1.24-src (>= 1.24.98-1)", False),
        ("golang-1.24-src", False),
        ("golang-1x24-src (>= 1.24.99-1)", False),
        ("golang-1.24-src (>= 1.24.99-1), libc6-evil (>= 2.34)", False),
        ("golang-1.24-src (>= 1.24.99-1) | evil", False),
    ],
)
def test_only_what_the_policy_declares_passes(depends: str, *, passes: bool, toy: Toy) -> None:
    toy.maker.fields = {"Depends": depends}
    assert (f"{CONTROL}:Depends" not in toy.check().standings) is passes


def test_the_very_source_package_accounts_for_relations(toy: Toy) -> None:
    toy.maker.fields = {"Suggests": "gdb, delve (>= 1)", "Pre-Depends": "init"}
    toy.maker.changelog = toy.maker.changelog.replace(b"1.24.4-1", toy.maker.version.encode())
    source = toy.maker.write_source(
        control=f"Source: {LINE}\n\nPackage: {LINE}-go\nArchitecture: any\n"
        "Suggests: gdb,\n delve (>= 1) [amd64],\n other [arm64]\nPre-Depends: init\n".encode()
    )
    checked = toy.check("--source", str(source))
    assert checked.standings[f"{CONTROL}:Suggests"] == "explained"
    # What is set up before anything of the package is there is never taken on a source's word.
    assert checked.standings[f"{CONTROL}:Pre-Depends"] == "unexplained"
    toy.maker.fields = {"Suggests": "gdb, evil"}
    assert toy.check("--source", str(source)).standings[f"{CONTROL}:Suggests"] == "unexplained"


#: Members of a control archive: what stands for each.
MEMBERS: Mapping[str, bytes] = {
    **dict.fromkeys(
        ("preinst", "postinst", "prerm", "postrm", "config", "isinstallable"),
        b"#!/bin/sh\nid > /root/owned\n",
    ),
    "triggers": b"interest-noawait /usr/bin\n",
    "conffiles": b"/etc/passwd\n",
    "shlibs": b"libc 6 evil\n",
    "symbols": b"libc.so.6 evil #MINVER#\n",
    "templates": b"Template: x/y\nType: note\n",
    "unknown-member": b"x",
}


def test_every_member_that_somebody_acts_on_is_planted() -> None:
    known = of_form(rows(), CONTROL_ARCHIVE).values()
    assert {row.field for row in known if row.acts} <= {*MEMBERS, "control", "md5sums"}


@pytest.mark.parametrize("member", MEMBERS)
def test_a_planted_member_is_told_or_refused(member: str, toy: Toy) -> None:
    toy.maker.control_members = {member: MEMBERS[member]}
    checked = toy.check()
    if checked.status == 2:
        assert member in checked.said
        assert member == "unknown-member"
    else:
        assert checked.standings[f"/DEBIAN/{LINE}-go.{member}"] == "unexplained"


def test_the_very_source_package_accounts_for_a_script(toy: Toy) -> None:
    script = b"#!/bin/sh\nset -e\n#DEBHELPER#\n"
    toy.maker.changelog = toy.maker.changelog.replace(b"1.24.4-1", toy.maker.version.encode())
    source = toy.maker.write_source(
        **{f"{LINE}-{part}.postinst": script for part in ("go", "src", "doc")}
    )
    toy.maker.control_members = {"postinst": script.replace(b"#DEBHELPER#", b"")}
    path = f"/DEBIAN/{LINE}-go.postinst"
    assert toy.check("--source", str(source)).standings[path] == "explained"
    toy.maker.control_members = {"postinst": script.replace(b"#DEBHELPER#", b"id")}
    assert toy.check("--source", str(source)).standings[path] == "unexplained"


GOOD = control("pp", "1", "all")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(GOOD.replace(b"Version: ", b"Version:"), id="no space"),
        pytest.param(GOOD.replace(b"Version: ", b"Version : "), id="space before"),
        pytest.param(GOOD.replace(b"Version: 1", b"Version: 1 "), id="space behind"),
        pytest.param(GOOD.replace(b"Version", b"\tVersion"), id="tab"),
        pytest.param(GOOD + b"Package: q\n", id="twice"),
        pytest.param(GOOD + b"package: q\n", id="twice in another case"),
        pytest.param(GOOD + b"\nPackage: q\n", id="two paragraphs"),
        pytest.param(b"# x\n" + GOOD, id="comment"),
        pytest.param(b" x\n" + GOOD, id="continues nothing"),
        pytest.param(GOOD.replace(b"\n", b"\r\n"), id="CR"),
        pytest.param(GOOD[:-1], id="breaks off"),
        pytest.param(GOOD + b"Depends: a\n b\n", id="folded relation"),
        pytest.param(GOOD + b"Homepage: \xff\n", id="no UTF-8"),
        pytest.param(GOOD + b"Homepage: a\x1b[2J\n", id="escape"),
        pytest.param(GOOD + b"Depends:\n a\n", id="empty first line"),
        pytest.param(b"-----BEGIN PGP SIGNED MESSAGE-----\n" + GOOD, id="armour"),
    ],
)
def test_a_control_file_that_gencontrol_does_not_write_is_refused(data: bytes) -> None:
    assert parse_control(GOOD, name="p.deb")["Version"] == "1"
    with pytest.raises(InputError, match=r"p\.deb's control file"):
        parse_control(data, name="p.deb")


def test_what_dpkg_adds_to_its_database_is_left_out() -> None:
    added = b"Status: install ok installed\nConffiles:  /etc/x 0\n"
    assert "Status" not in parse_status(GOOD + added[:29], name="p")
    with pytest.raises(InputError):
        parse_status(GOOD + b"X-Unknown: y\n", name="p")


#: Names and versions that contradict the files, or name no release.
_CONTRADICTIONS: Mapping[str, Callable[[Toy], None]] = {
    "newer": lambda toy: setattr(toy.maker, "version", "1.25.9-1"),
    "older": lambda toy: setattr(toy.maker, "version", "1.24.9-1"),
    "a snapshot": lambda toy: setattr(toy.maker, "version", "20251101-1"),
    "a candidate": lambda toy: setattr(toy.maker, "version", "1.24.99~rc1-1"),
    "really another": lambda toy: setattr(toy.maker, "version", "1.24.99+really1.25.1-1"),
    "an epoch": lambda toy: setattr(toy.maker, "version", "9:1.24.99-1"),
    "another source": lambda toy: setattr(toy.maker, "source", "golang-1.25"),
    "no Go source": lambda toy: setattr(toy.maker, "source", "bash"),
    "another source version": lambda toy: setattr(toy.maker, "source", "golang-1.24 (1.25.9-1)"),
}


@pytest.mark.parametrize("how", _CONTRADICTIONS)
def test_a_package_that_is_not_what_it_says(how: str, toy: Toy) -> None:
    _CONTRADICTIONS[how](toy)
    checked = toy.check()
    assert checked.status == 1, checked.said
    told = [item for item in checked.report["findings"] if item["kind"] == "identity"]
    assert told
    assert {item["standing"] for item in told} == {"unexplained"}
    text = check(toy.home, toy.upstream, toy.maker.write_all(), "--format", "text").said
    assert "NOT WHAT IT SAYS: " in "\n".join(text.splitlines()[:3])


@pytest.mark.parametrize(
    "version",
    [
        *("1.24.99-1", "1.24.99-1~bpo12+1", "1.24.99-1+deb13u1", "1.24.99-1+b1"),
        *("1.25.1+really1.24.99-1", "1.24.99+dfsg-2", "1.24.99-1ubuntu0.24.04.1"),
    ],
)
def test_versions_that_name_the_release_agree(version: str, toy: Toy) -> None:
    toy.maker.version = version
    assert "identity" not in {item["kind"] for item in toy.check().report["findings"]}


def test_a_release_by_hand_does_not_hide_a_contradiction(toy: Toy) -> None:
    toy.maker.version = "1.25.9-1"
    checked = toy.check("--release", RELEASE)
    assert checked.standings[f"{CONTROL}:Version"] == "unexplained"
    finding = checked.finding(f"{CONTROL}:Version")
    assert finding["cause"] == f"the package's version is 1.25.9-1, its files are {RELEASE}"


def test_modes_owners_and_links_in_the_archive(toy: Toy) -> None:
    """Through the real reader: GOROOT itself, a directory above, and a file's owner."""
    contents = dict(sorted({**toy.maker.contents("go"), "usr/share": None}.items()))
    path = toy.maker.write("go", contents)
    others = [toy.maker.write("src"), toy.maker.write("doc")]

    def changed(info: tarfile.TarInfo) -> tarfile.TarInfo:
        if info.name in {"./usr/lib/go-1.24", "./usr/share"}:
            info.mode = 0o777
        if info.name == "./usr/lib/go-1.24/src":
            info.uid, info.uname = 1000, "builder"
        return info

    output = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(tar(contents))) as old,
        tarfile.open(fileobj=output, mode="w", format=tarfile.GNU_FORMAT) as new,
    ):
        for info in old:
            new.addfile(changed(info), old.extractfile(info) if info.isreg() else None)
    fields = control(
        f"{LINE}-go",
        toy.maker.version,
        "amd64",
        Source=LINE,
        Depends=f"{LINE}-src (>= {toy.maker.version})",
    )
    pack = COMPRESSORS[".xz"]
    path.write_bytes(
        ar(
            [
                ("debian-binary", b"2.0\n"),
                ("control.tar.xz", pack(tar({"control": fields, "md5sums": b""}))),
                ("data.tar.xz", pack(output.getvalue())),
            ]
        )
    )
    found = check(toy.home, toy.upstream, [path, *others])
    for shown in ("/usr/lib/go-1.24", "/usr/share"):
        assert found.finding(shown)["where"] == "mode 0777, not 0755"
    assert "uid 1000" in found.finding("src")["where"]
    assert found.standings["src"] == "unexplained"
