"""How the time and memory of a check grow with the number of files and with their bytes.

Both sides are made up: a package golang-1.24-go that holds N files of S bytes, and a
go.dev archive with the same files. Nobody vouches for such an archive, so the release is
one that never was and the runs allow an unverified file: that changes the verdict, not the
work.

usage: PYTHONPATH=tests python benchmarks/scaling.py [--repeats N]
"""

from __future__ import annotations

import argparse
import io
import os
import random
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from measure import Usage, measure, median
from support.deb_repack import new_file, write_deb

_SAMEGO = Path(sys.executable).with_name("samego")
_KIB, _MIB = 1 << 10, 1 << 20
_CONTROL = """\
Package: golang-1.24-go
Source: golang-1.24
Version: 1.24.999-1
Architecture: amd64
Maintainer: Nobody <nobody@example.org>
Description: as many files as a benchmark wants
"""
#: Numbers of files and bytes of each: first the files grow, then the bytes.
_STEPS = (
    (1_000, 4 * _KIB),
    (10_000, 4 * _KIB),
    (50_000, 4 * _KIB),
    (100, 256 * _KIB),
    (100, 2 * _MIB),
    (100, 8 * _MIB),
    (1, 256 * _MIB),
)


def main() -> None:
    """Measure every step, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="runs of each row (median)")
    arguments = parser.parse_args()
    table = Table(title="samego check of made-up toolchains, no index cached")
    for column in (
        "files",
        "KiB each",
        "MiB",
        "wall s",
        "CPU s",
        "peak MiB",
        "µs / file",
        "ms / MiB",
    ):
        table.add_column(column, justify="right")
    start = _step(0, 0, arguments.repeats)
    table.add_row("0", "", "", *_cells(start), "", "")
    for count, size in _STEPS:
        usage = _step(count, size, arguments.repeats)
        more = usage.cpu - start.cpu
        total = count * size / _MIB
        table.add_row(
            f"{count:,}",
            f"{size // _KIB}",
            f"{total:.0f}",
            *_cells(usage),
            f"{more / count * 1e6:.0f}",
            f"{more / total * 1e3:.1f}",
        )
    Console(width=100).print(table)


def _cells(usage: Usage) -> tuple[str, str, str]:
    return f"{usage.wall:.2f}", f"{usage.cpu:.2f}", f"{usage.memory / _MIB:.0f}"


def _step(count: int, size: int, repeats: int) -> Usage:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        deb = write_deb(
            work / "golang-1.24-go_1.24.999-1_amd64.deb",
            _CONTROL,
            (new_file(f"usr/lib/go-1.24/{path}", data) for path, data in _files(count, size)),
        )
        archive = work / "go1.24.999.linux-amd64.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=1, format=tarfile.GNU_FORMAT) as output:
            for path, data in _files(count, size):
                info = tarfile.TarInfo(f"go/{path}")
                info.size = len(data)
                output.addfile(info, io.BytesIO(data))
        command: list[str | Path] = [_SAMEGO, "check", "-q", deb, "--allow-unverified"]
        command += ["--upstream", archive]
        usages = []
        for run in range(repeats):
            home = work / f"home{run}"
            home.mkdir()
            environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home)}
            usages.append(measure(command, environment=environment, statuses=(0, 1)))
        return median(usages)


def _files(count: int, size: int) -> Iterator[tuple[str, bytes]]:
    """Paths and contents, the same at every call; half as compressible as they are long."""
    yield "VERSION", b"go1.24.999\ntime 2025-05-29T19:37:36Z\n"
    source = random.Random(count)  # noqa: S311 - repeatable contents, no secrets
    for number in range(count):
        half = source.randbytes(size // 2)
        yield f"src/p{number // 100:04}/f{number:06}.dat", half.ljust(size, b"x")


if __name__ == "__main__":
    main()
