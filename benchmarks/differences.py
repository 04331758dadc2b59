"""How the time and memory of a check grow with the number of files that are not identical.

Both sides are made up as in scaling.py: upstream's archive has FILES small sources, and the
package lacks the last N of them, or has others in their place, or has N that upstream lacks.
Upstream's index is cached, as it is in every run but the first: what is read of the archive
is then read again.

usage: PYTHONPATH=tests python benchmarks/differences.py [--files N] [--steps N,N,...]
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from measure import Usage, measure
from scaling import _CONTROL
from support.deb_repack import new_file, write_deb

_SAMEGO = Path(sys.executable).with_name("samego")
_MIB = 1 << 20
_KINDS = ("missing", "differing", "added")
_VERSION = b"go1.24.999\ntime 2025-05-29T19:37:36Z\n"
_LINES = 40


def main() -> None:
    """Measure every step, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000, help="files of upstream's archive")
    parser.add_argument("--steps", default="0,100,1000,10000", help="numbers of differences")
    arguments = parser.parse_args()
    table = Table(title=f"samego check, {arguments.files:,} files, upstream's index cached")
    for column in ("kind", "N", "wall s", "CPU s", "peak MiB", "ms CPU / N"):
        table.add_column(column, justify="right")
    for kind in _KINDS:
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
            (new_file(f"usr/lib/go-1.24/{p}", d) for p, d in _package(kind, number, count)),
        )
        archive = work / "go1.24.999.linux-amd64.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=1, format=tarfile.GNU_FORMAT) as output:
            for path, data in _files(count):
                info = tarfile.TarInfo(f"go/{path}")
                info.size = len(data)
                output.addfile(info, io.BytesIO(data))
        home = work / "home"
        home.mkdir()
        environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home)}
        command: list[str | Path] = [_SAMEGO, "check", "-q", deb, "--allow-unverified"]
        command += ["--upstream", archive]
        measure(command, environment=environment, statuses=(0, 1))
        return measure(command, environment=environment, statuses=(0, 1))


def _files(count: int) -> Iterator[tuple[str, bytes]]:
    yield "VERSION", _VERSION
    for number in range(count):
        yield f"src/p{number // 100:04}/f{number:06}.go", _text(number)


def _text(number: int) -> bytes:
    return b"".join(b"// %d of %d\n" % (line, number) for line in range(_LINES))


def _package(kind: str, number: int, count: int) -> Iterator[tuple[str, bytes]]:
    """The files of the package: upstream's but for the last ``number`` of them."""
    for index, (path, data) in enumerate(_files(count)):
        if index <= count - number or kind == "added":
            yield path, data
        elif kind == "differing":
            yield path, data.replace(b"// 7 of", b"// 7 off")
    if kind == "added":
        for index in range(number):
            yield f"src/q{index // 100:04}/f{index:06}.go", _text(index)


if __name__ == "__main__":
    main()
