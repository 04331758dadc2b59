"""What ``check --all`` costs on a root with seven toolchains, beside seven single checks of them.

All are upstream's go1.24.4 for linux-amd64, as its archive unpacks it; three of them are changed
in one file each. They are hard links to the same bytes, each of which is read for each toolchain.

usage: PYTHONPATH=tests python benchmarks/check_all.py [--toolchains N]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from measure import Usage, measure
from support.inputs import Inputs, cache_directory
from support.systems import flip, linked_copy, unpacked_archive

_SAMEGO = Path(sys.executable).with_name("samego")
_MIB = 1 << 20
_CHANGED = ("src/fmt/print.go", "go.env", "bin/gofmt")


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--toolchains", type=int, default=7, help="how many the root has")
    arguments = parser.parse_args()
    archive = Inputs(cache_directory()).module_zip("go1.24.4", "linux-amd64")
    with tempfile.TemporaryDirectory(prefix="samego-bench-") as name:
        top = Path(name)
        roots = _system(archive, top / "root", arguments.toolchains)
        common: list[str | Path] = ["-q", "--channel", "module", "--cache", top / "cache"]
        # The first run fetches upstream's file, indexes it, and asks the checksum database.
        _check(*common, roots[0])
        single = [_check(*common, root) for root in roots]
        alone = _check(*common, roots[0])
        together = _check(*common, "--all", "--root", top / "root")
    _print(alone, single, together)


def _check(*words: str | Path) -> Usage:
    environment = {**os.environ, "SAMEGO_RECORD": "0"}
    return measure([_SAMEGO, "check", *words], environment=environment, statuses=(0, 1))


def _system(archive: Path, root: Path, count: int) -> list[Path]:
    first = unpacked_archive(archive, root / "opt/go0")
    roots = [first, *(linked_copy(first, root / f"opt/go{n}") for n in range(1, count))]
    for changed, path in zip(roots[1:], _CHANGED, strict=False):
        flip(changed / path)
    return roots


def _print(alone: Usage, single: list[Usage], together: Usage) -> None:
    table = Table("", "CPU s", "wall s", "peak MiB", "CPU beside one", title="check --all")
    seven = Usage(
        sum(each.wall for each in single),
        sum(each.cpu for each in single),
        max(each.memory for each in single),
    )
    rows = {"one": alone, f"{len(single)} single checks": seven, "check --all": together}
    for name, usage in rows.items():
        table.add_row(
            name,
            f"{usage.cpu:.1f}",
            f"{usage.wall:.1f}",
            f"{usage.memory / _MIB:.0f}",
            f"{usage.cpu / alone.cpu:.2f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
