"""How the time and memory of a check grow with the number of differences, of whatever kind.

Both sides are made up as in scaling.py: upstream's archive has FILES small sources. The package
lacks the last N of them, has others in their place, or has N more; or it has N more links, hard
links or directories, N other modes, N zips that are packed otherwise, one zip with N such members,
or N waivers are given. Upstream's index is cached, as it is in every run but the first: what is
read of the archive is then read again.

usage: PYTHONPATH=tests python benchmarks/differences.py [--files N] [--steps N,N,...] [--kinds K,K]
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from measure import Usage, measure
from scaling import _CONTROL
from support.deb_repack import Member, new_file, new_link, write_deb

_SAMEGO = Path(sys.executable).with_name("samego")
_MIB = 1 << 20
_KINDS = (
    *("missing", "differing", "added", "modes", "links", "hard links", "directories"),
    *("zips", "members", "waivers"),
)
_TOP = "usr/lib/go-1.24"
_VERSION = b"go1.24.999\ntime 2025-05-29T19:37:36Z\n"
_LINES = 40


def main() -> None:
    """Measure every step, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000, help="files of upstream's archive")
    parser.add_argument("--steps", default="0,100,1000,10000", help="numbers of differences")
    parser.add_argument("--kinds", default=",".join(_KINDS), help="kinds of differences")
    arguments = parser.parse_args()
    table = Table(title=f"samego check, {arguments.files:,} files, upstream's index cached")
    for column in ("kind", "N", "wall s", "CPU s", "peak MiB", "ms CPU / N"):
        table.add_column(column, justify="right")
    for kind in arguments.kinds.split(","):
        start = 0.0
        for number in map(int, arguments.steps.split(",")):
            usage = _step(kind, number, arguments.files)
            start = start if number else usage.cpu
            each = f"{(usage.cpu - start) / number * 1e3:.2f}" if number else ""
            cells = (f"{usage.wall:.1f}", f"{usage.cpu:.1f}", f"{usage.memory / _MIB:.0f}")
            table.add_row(kind, f"{number:,}", *cells, each)
    Console(width=100).print(table)


def _step(kind: str, number: int, count: int) -> Usage:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        deb = write_deb(
            work / "golang-1.24-go_1.24.999-1_amd64.deb",
            _CONTROL,
            _package(kind, number, count),
        )
        archive = work / "go1.24.999.linux-amd64.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=1, format=tarfile.GNU_FORMAT) as output:
            for path, data in (*_files(count), *_zips(kind, number, zipfile.ZIP_STORED)):
                info = tarfile.TarInfo(f"go/{path}")
                info.size = len(data)
                output.addfile(info, io.BytesIO(data))
        home = work / "home"
        home.mkdir()
        environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home)}
        command: list[str | Path] = [_SAMEGO, "check", "-q", deb, "--allow-unverified"]
        command += ["--upstream", archive]
        if kind == "waivers":
            command += [word for path, _ in _last(number, count) for word in ("--waive", path)]
        measure(command, environment=environment, statuses=(0, 1))
        return measure(command, environment=environment, statuses=(0, 1))


def _files(count: int) -> Iterator[tuple[str, bytes]]:
    yield "VERSION", _VERSION
    for number in range(count):
        yield f"src/p{number // 100:04}/f{number:06}.go", _text(number)


def _text(number: int) -> bytes:
    return b"".join(b"// %d of %d\n" % (line, number) for line in range(_LINES))


def _last(number: int, count: int) -> list[tuple[str, bytes]]:
    """The last ``number`` of upstream's files."""
    return list(_files(count))[count + 1 - number :]


def _package(kind: str, number: int, count: int) -> Iterator[Member]:
    """What the package holds: upstream's files but for the last ``number``, and more."""
    for index, (path, data) in enumerate(_files(count)):
        member = new_file(f"{_TOP}/{path}", data)
        if index <= count - number or kind not in ("missing", "differing", "modes", "waivers"):
            yield member
        elif kind in ("differing", "waivers"):
            yield member.with_data(data.replace(b"// 7 of", b"// 7 off"))
        elif kind == "modes":
            yield member.with_mode(0o755)
    for path, data in _zips(kind, number, zipfile.ZIP_DEFLATED):
        yield new_file(f"{_TOP}/{path}", data)
    for index in range(number):
        yield from _more(kind, index)


def _more(kind: str, index: int) -> Iterator[Member]:
    """What the package has and upstream lacks."""
    path = f"{_TOP}/src/q{index // 100:04}/f{index:06}.go"
    if kind == "added":
        yield new_file(path, _text(index))
    elif kind == "links":
        yield new_link(path, "../p0000/f000000.go")
    elif kind == "hard links":
        yield _typed(path, tarfile.LNKTYPE, f"./{_TOP}/src/p0000/f000000.go")
    elif kind == "directories":
        yield _typed(path.removesuffix(".go"), tarfile.DIRTYPE)


def _typed(path: str, kind: bytes, target: str = "") -> Member:
    """An entry that is no plain file."""
    info = new_file(path, b"").info
    info.type, info.linkname, info.mode = kind, target, 0o755 if target == "" else 0o644
    return Member(info)


def _zips(kind: str, number: int, method: int) -> Iterator[tuple[str, bytes]]:
    """Zips that hold the same on both sides, and are packed otherwise."""
    if kind == "zips":
        for index in range(number):
            yield f"lib/z{index // 100:04}/{index:06}.zip", _zip(2, method)
    elif kind == "members":
        yield "lib/all.zip", _zip(number, method)


def _zip(number: int, method: int) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        for index in range(number):
            archive.writestr(zipfile.ZipInfo(f"p{index // 100:04}/{index:06}"), bytes(100), method)
    return raw.getvalue()


if __name__ == "__main__":
    main()
