"""What a check of Debian's golang-1.24 costs, beside the floor and beside diffoscope.

The floor is what it takes to read and hash the same bytes with the systems' own tools:
dpkg-deb of each package, unzip of upstream's module zip, sha256sum of all of it and of
the zip itself; with the source package, gzip of its orig tarball too.

usage: PYTHONPATH=tests python benchmarks/check_golang.py [--repeats N] [--diffoscope]
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from measure import Usage, measure, median
from support.inputs import Inputs, cache_directory

_SAMEGO = Path(sys.executable).with_name("samego")
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Setting:
    """The real files, and the home directory that samego's runs share."""

    debs: Sequence[Path]
    module: Path
    source: Path
    home: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of samego's runs: nothing but HOME says where its files are."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        return {**kept, "HOME": str(self.home)}

    def command(self, *more: str | Path) -> list[str | Path]:
        """A check of the packages against upstream's zip."""
        return [_SAMEGO, "check", *self.debs, "--upstream", self.module, *more]

    def with_source(self) -> list[str | Path]:
        """The same with Debian's source package, whose orig tarball is upstream's own."""
        return self.command("--source", next(self.source.glob("*.dsc")))


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="runs of each row (median)")
    parser.add_argument("--diffoscope", action="store_true", help="also the peer: 10 minutes")
    arguments = parser.parse_args()
    inputs = Inputs(cache_directory())
    with tempfile.TemporaryDirectory() as home:
        setting = Setting(
            inputs.debs("trixie/1.24/amd64"),
            inputs.module_zip("go1.24.4", "linux-amd64"),
            inputs.source("1.24.4-1"),
            Path(home),
        )
        rows = _rows(setting, arguments.repeats)
        if arguments.diffoscope:
            rows["diffoscope, unpacked trees"] = _diffoscope(setting)
        _print(rows)
        _print_stages(setting)


def _rows(setting: Setting, repeats: int) -> dict[str, Usage]:
    def floor(*, orig: bool) -> Usage:
        return measure(["sh", "-c", _floor_script(setting, orig=orig)])

    def check(command: Sequence[str | Path], *, cold: bool) -> Usage:
        if cold:
            for index in setting.home.rglob("*.index"):
                index.unlink()
        return measure(command, environment=setting.environment, statuses=(0, 1))

    rows: dict[str, Callable[[], Usage]] = {
        "floor: packages and zip": lambda: floor(orig=False),
        "samego check, cold": lambda: check(setting.command(), cold=True),
        "samego check, index cached": lambda: check(setting.command(), cold=False),
        "floor: packages, zip, orig": lambda: floor(orig=True),
        "samego check --source, cold": lambda: check(setting.with_source(), cold=True),
        "samego check --source, index cached": lambda: check(setting.with_source(), cold=False),
    }
    # What a first run fetches (the checksum database's statement) is not what is measured.
    for command in (setting.command(), setting.with_source()):
        measure(command, environment=setting.environment, statuses=(0, 1))
    # Round after round, so that what else the machine does falls on all rows alike.
    taken: dict[str, list[Usage]] = {name: [] for name in rows}
    for _ in range(repeats):
        for name, run in rows.items():
            taken[name].append(run())
    return {name: median(usages) for name, usages in taken.items()}


def _floor_script(setting: Setting, *, orig: bool) -> str:
    lines = [f"dpkg-deb --fsys-tarfile {shlex.quote(str(deb))} | sha256sum" for deb in setting.debs]
    module = shlex.quote(str(setting.module))
    lines += [f"unzip -p {module} | sha256sum", f"sha256sum {module}"]
    if orig:
        archive = next(setting.source.glob("*.orig.tar.gz"))
        lines.append(f"gzip -dc {shlex.quote(str(archive))} | sha256sum")
    return "\n".join(["set -e", *lines])


def _diffoscope(setting: Setting) -> Usage:
    program = _diffoscope_program()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for deb in setting.debs:
            subprocess.run(["dpkg-deb", "-x", deb, work / "payload"], check=True)
        # diffoscope compares links as links: give it the tree as a program sees it.
        distro = work / "distro"
        shutil.copytree(work / "payload/usr/lib/go-1.24", distro)
        with zipfile.ZipFile(setting.module) as archive:
            archive.extractall(work / "zip")
        upstream = next((work / "zip/golang.org").iterdir())
        for path in upstream.rglob("_go.mod"):
            path.rename(path.with_name("go.mod"))
        output = work / "report.txt"
        limits = ["--no-default-limits"]
        return measure([program, *limits, "--text", output, distro, upstream], statuses=(0, 1))


def _diffoscope_program() -> Path:
    """Diffoscope in a virtual environment of its own, kept beside the inputs."""
    place = cache_directory() / "diffoscope"
    program = place / "bin/diffoscope"
    if not program.exists():
        venv.create(place, with_pip=True)
        subprocess.run([place / "bin/pip", "install", "--quiet", "diffoscope"], check=True)
    return program


def _print(rows: Mapping[str, Usage]) -> None:
    base = next(iter(rows.values()))
    with_orig = rows["floor: packages, zip, orig"]
    table = Table(title="golang-1.24 1.24.4-1 amd64 against go1.24.4 linux-amd64")
    table.add_column("what")
    for column in ("wall s", "CPU s", "peak MiB", "CPU / floor", "CPU / floor with orig"):
        table.add_column(column, justify="right")
    for name, usage in rows.items():
        table.add_row(
            name,
            f"{usage.wall:.2f}",
            f"{usage.cpu:.2f}",
            f"{usage.memory / _MIB:.0f}",
            f"{usage.cpu / base.cpu:.2f}",
            f"{usage.cpu / with_orig.cpu:.2f}",
        )
    Console(width=120).print(table)


def _print_stages(setting: Setting) -> None:
    """Say where the time of one more run goes, by the report's own account."""
    output = subprocess.run(
        [*setting.with_source(), "--format", "json"],
        env=dict(setting.environment),
        capture_output=True,
        check=False,
    ).stdout
    table = Table(title="samego check --source, index cached: wall seconds by stage")
    table.add_column("stage")
    table.add_column("s", justify="right")
    for stage, seconds in json.loads(output)["timings"].items():
        table.add_row(stage, f"{seconds:.2f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
