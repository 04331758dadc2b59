"""Arch's side: packages packed by libarchive, changed, read by samego, installed by pacman."""

from __future__ import annotations

import random
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import zstandard

from oracle.installed import differences, found, said
from oracle.mutation import mutated
from samego.errors import SamegoError
from samego.formats.archive.spool import Spool
from samego_arch.package.package_file import ArchPackage
from support.arch_packages import ArchMaker, contents

_RECORDS = (".PKGINFO", ".BUILDINFO", ".MTREE", ".INSTALL")
#: Numbers and their names on Debian and Arch alike, and one without a name.
OWNERS = ((1, "daemon"), (65534, "nobody"), (4242, ""))
_ATTRIBUTES = {
    "security.capability": b"\1\0\0\2\0\x20\0\0" + bytes(12),
    "user.a": b"1",
    "user.long-name.b": bytes(range(256)),
    "user.empty": b"",
}
_HALF = 0.5
_CONFIG = "[options]\nArchitecture = auto\nSigLevel = Never\nLocalFileSigLevel = Never\n"


def original(directory: Path, chance: random.Random) -> bytes:
    """The tar of a package with names of many lengths and alphabets."""
    files = dict(contents())
    long = "d/" * chance.randint(1, 120) + "f"
    deep = f"usr/lib/go/src/{long}"
    parts = deep.split("/")
    for count in range(1, len(parts)):
        files.setdefault("/".join(parts[:count]), None)
    files[deep] = chance.randbytes(chance.choice((0, 1, 512, 700)))
    files["usr/lib/go/src/Þfoo.go"] = b"package foo\n"
    files["usr/lib/go/src/link"] = "l" * chance.choice((1, 99, 100, 101, 160))
    paths = sorted(files)
    some = chance.sample(paths, 4)
    made = ArchMaker(
        directory,
        contents={path: files[path] for path in paths},
        owners={path: chance.choice(OWNERS) for path in some},
        attributes={
            path: {name: value for name, value in _ATTRIBUTES.items() if chance.random() < _HALF}
            for path in chance.sample(paths, 3)
            if not isinstance(files[path], str)
        },
    ).write()
    data = zstandard.ZstdDecompressor().stream_reader(made.read_bytes()).read()
    made.unlink()
    return data


def changed(tar: bytes, chance: random.Random) -> bytes:
    """The tar with one to three changes."""
    return mutated(tar, chance)


def compared(tar: bytes, directory: Path) -> list[str] | None:
    """None where samego refuses it; else what samego and pacman do not agree on."""
    path = directory / "go-2:1.24.9-1-x86_64.pkg.tar.zst"
    path.write_bytes(zstandard.ZstdCompressor(level=1).compress(tar))
    work = directory / "work"
    work.mkdir(exist_ok=True)
    try:
        with closing(Spool(directory)) as spool:
            package = ArchPackage(path, work)
            tree = package.read(spool=spool, known=frozenset())
    except SamegoError:
        return None
    if tree.keys() - {".INSTALL"} != package.listed.keys():
        return None  # a check says so: the package contradicts its own .MTREE
    root, database = directory / "root", directory / "database"
    for place in (root, database):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    config = directory / "pacman.conf"
    config.write_text(_CONFIG)
    where = {"root": root, "dbpath": database, "cachedir": directory, "config": config}
    where |= {"hookdir": work, "logfile": Path("/dev/null")}
    options = [word for name, place in where.items() for word in (f"--{name}", str(place))]
    done = subprocess.run(
        ["pacman", "-U", *options, "--noconfirm", "-dd", "--noscriptlet", str(path)],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        return []  # pacman refuses what samego reads: nothing is installed
    mine = {key: facts for key, facts in said(tree).items() if key not in _RECORDS}
    return differences(mine, found(root, ()))
