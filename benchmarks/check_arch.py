"""What a check of Arch's package costs, beside the check of Debian's and the floor of each.

Both are of Go 1.24 for linux-amd64, of the same size. The Arch package is the one that
makepkg makes for the tests (tests/support/makepkg.py), and is built where it is not at hand.
The floor is what it takes to read and hash the same bytes with the systems' own tools.

usage: PYTHONPATH=tests python benchmarks/check_arch.py [--repeats N]
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from measure import Usage, measure, median
from support.inputs import Inputs, cache_directory
from support.makepkg import STRIPPED, arch_package

_SAMEGO = Path(sys.executable).with_name("samego")
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Case:
    """Packages, the commands that write out what is in them, and upstream's module zip."""

    name: str
    packages: Sequence[Path]
    unpack: str
    upstream: Path

    @property
    def floor(self) -> list[str]:
        """Read and hash everything, with other tools."""
        zip_file = shlex.quote(str(self.upstream))
        lines = [f"{self.unpack} {shlex.quote(str(path))} | sha256sum" for path in self.packages]
        lines += [f"unzip -p {zip_file} | sha256sum", f"sha256sum {zip_file}"]
        return ["sh", "-c", "\n".join(["set -e", *lines])]

    @property
    def check(self) -> list[str | Path]:
        """The check, without the distro's source."""
        return [_SAMEGO, "check", "-q", *self.packages, "--upstream", self.upstream]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="runs of each row (median)")
    arguments = parser.parse_args()
    inputs = Inputs(cache_directory())
    cases = (
        Case(
            "Debian golang-1.24 1.24.4-1",
            inputs.debs("trixie/1.24/amd64"),
            "dpkg-deb --fsys-tarfile",
            inputs.module_zip("go1.24.4", "linux-amd64"),
        ),
        Case(
            "Arch go 2:1.24.9-1",
            [arch_package(inputs, STRIPPED)],
            "zstd -dcq",
            inputs.module_zip("go1.24.9", "linux-amd64"),
        ),
    )
    with tempfile.TemporaryDirectory() as home:
        _print(_rows(cases, Path(home), arguments.repeats))


def _rows(
    cases: Sequence[Case], home: Path, repeats: int
) -> Mapping[tuple[str, str], tuple[Usage, Usage]]:
    """What each row took, and the floor of its case, by case and row."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment = {**kept, "HOME": str(home)}

    def check(case: Case, *, cold: bool) -> Usage:
        if cold:
            for index in home.rglob("*.index"):
                index.unlink()
        return measure(case.check, environment=environment, statuses=(0, 1))

    taken: dict[tuple[str, str], list[Usage]] = {}
    for case in cases:
        check(case, cold=False)  # what a first run fetches is not what is measured
    # Round after round, so that what else the machine does falls on all rows alike.
    for _ in range(repeats):
        for case in cases:
            for row, usage in (
                ("floor", measure(case.floor)),
                ("samego check, cold", check(case, cold=True)),
                ("samego check, index cached", check(case, cold=False)),
            ):
                taken.setdefault((case.name, row), []).append(usage)
    medians = {key: median(usages) for key, usages in taken.items()}
    return {key: (usage, medians[key[0], "floor"]) for key, usage in medians.items()}


def _print(rows: Mapping[tuple[str, str], tuple[Usage, Usage]]) -> None:
    table = Table(title="Go 1.24 for linux-amd64 against upstream's")
    table.add_column("package")
    table.add_column("what")
    for column in ("wall s", "CPU s", "peak MiB", "CPU / floor"):
        table.add_column(column, justify="right")
    for (package, row), (usage, floor) in rows.items():
        figures = (usage.wall, usage.cpu, usage.memory / _MIB, usage.cpu / floor.cpu)
        formats = ("{:.2f}", "{:.2f}", "{:.0f}", "{:.2f}")
        texts = (form.format(figure) for form, figure in zip(formats, figures, strict=True))
        table.add_row(package, row, *texts)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
