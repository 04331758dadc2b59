"""Debian's side: packages packed by dpkg-deb, changed, read by samego, unpacked by dpkg."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

from oracle.installed import differences, found, said
from oracle.mutation import mutated
from samego.errors import SamegoError
from samego.formats.archive.spool import Spool
from samego_debian.package.deb import Deb

NAME = "golang-1.24-doc"
_CONTROL = (
    f"Package: {NAME}\nVersion: 1.24.4-1\nArchitecture: all\nMaintainer: A <a@example.org>\n"
    "Source: golang-1.24\nDescription: made for a test\n"
)
#: What dpkg keeps and does not run when it unpacks; should it have to undo that, they do nothing.
_SCRIPTS = ("postinst", "prerm", "postrm", "config")
_SCRIPT = b"#!/bin/sh\nexit 0\n"
#: User and group: with a name in Debian's base system, or without one.
_OWNERS = ((1, 1), (65534, 65534), (4242, 4242), (0, 8))
_HEADER = 60
_AR = b"!<arch>\n"
_ADMIN = "var/lib/dpkg"


def original(directory: Path, chance: random.Random) -> bytes:
    """A package of files, links and directories with names and modes of many kinds."""
    tree = directory / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(_CONTROL)
    (tree / "DEBIAN/md5sums").write_text("")
    names = ["usr/share/a", "usr/share/d/" + "n" * 90 + "/file", "usr/share/é/ü", "usr/lib/x y"]
    names += [f"usr/share/{'d/' * chance.randint(1, 60)}{chance.randint(0, 9)}" for _ in range(3)]
    for name in names:
        place = tree / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.write_bytes(chance.randbytes(chance.choice((0, 3, 511, 512, 513))))
            place.chmod(chance.choice((0o644, 0o755, 0o600, 0o4755, 0o2755)))
    (tree / "usr/share/link").symlink_to("l" * chance.choice((1, 99, 100, 101, 180)))
    os.link(tree / "usr/share/a", tree / "usr/share/hard")
    for place in [tree, *tree.rglob("*")]:
        if place.is_dir() and not place.is_symlink():
            place.chmod(0o755)
    for owned in chance.sample(names, 2):
        mode = (tree / owned).stat().st_mode
        os.chown(tree / owned, *chance.choice(_OWNERS))
        (tree / owned).chmod(mode & 0o7777)  # chown takes setuid away
    for name in chance.sample(_SCRIPTS, chance.randint(0, 3)):
        (tree / "DEBIAN" / name).write_bytes(_SCRIPT + b"#" * chance.choice((0, 1, 500)))
        (tree / "DEBIAN" / name).chmod(0o755)
    deb = directory / "original.deb"
    subprocess.run(
        ["dpkg-deb", "-Znone", "-b", tree, deb],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    shutil.rmtree(tree)
    return deb.read_bytes()


def changed(deb: bytes, chance: random.Random) -> bytes:
    """The package with its control or data archive changed, or a byte of the container."""
    parts = _parts(deb)
    if chance.random() < 0.1:
        at = chance.choice([0, *[start for start, _head, _data in parts]]) + chance.randrange(
            _HEADER
        )
        return deb[:at] + bytes([chance.randrange(256)]) + deb[at + 1 :]
    which = chance.choice((1, 2, 2, 2))
    made = [_AR]
    for index, (_start, head, data) in enumerate(parts):
        body = mutated(data, chance) if index == which else data
        made += [head[:48] + b"%-10d`\n" % len(body), body, b"\n" * (len(body) % 2)]
    return b"".join(made)


def _parts(deb: bytes) -> list[tuple[int, bytes, bytes]]:
    found, at = [], len(_AR)
    while at < len(deb):
        head = deb[at : at + _HEADER]
        size = int(head[48:58])
        found.append((at, head, deb[at + _HEADER : at + _HEADER + size]))
        at += _HEADER + size + size % 2
    return found


def compared(deb: bytes, directory: Path) -> list[str] | None:
    """None where samego refuses it; else what samego and dpkg do not agree on.

    Raises whatever is no SamegoError: a reader must not.
    """
    path = directory / f"{NAME}_1.24.4-1_all.deb"
    path.write_bytes(deb)
    try:
        with closing(Deb(path)) as package, closing(Spool(directory)) as spool:
            tree = package.read_all(spool=spool)
            name = package.package
    except SamegoError:
        return None
    root = directory / "root"
    admin = root / _ADMIN
    for place in ("info", "updates", "triggers"):
        (admin / place).mkdir(parents=True)
    for file in ("status", "available"):
        (admin / file).touch()
    command = ["dpkg", "--root", str(root), "--force-all", "--no-triggers", "--unpack", str(path)]
    subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    mine = said(tree)
    control = {
        path.partition("/")[2]: facts for path, facts in mine.items() if path[:7] == "DEBIAN/"
    }
    payload = {path: facts for path, facts in mine.items() if path[:7] != "DEBIAN/"}
    status = (admin / "status").read_text("utf-8", "replace")
    if "unpacked" not in status:
        shutil.rmtree(root)
        return []  # dpkg refuses what samego reads: nothing is installed
    ours = set(payload)
    own = [part for part in (_ADMIN, "var/lib", "var") if part not in ours]
    theirs = {key: facts for key, facts in found(root, own).items() if key != "var"}
    odd = differences(payload, theirs)
    for member, facts in control.items():
        kept = admin / "info" / f"{name}.{member}"
        if member != "control":
            odd += [] if kept.is_file() else [f"{member}: dpkg has no such member"]
            if kept.is_file() and found(admin / "info", ())[kept.name][3] != facts[3]:
                odd.append(f"{member}: another content for dpkg")
    shutil.rmtree(root)
    return odd
