"""What a further target and a reference build cost, beside make.bash and beside gorebuild.

All build go1.24.4 from the same source with the same bootstrap, upstream's go1.22.12:

* ``make.bash -distpack`` for each target, as anybody would;
* ``samego rebuild``: one host build, then each target from it;
* gorebuild, upstream's own checker, against a local server. It is built for 386, because on
  linux-amd64 it insists on bootstrapping from go1.4, whose source is not to be had
  everywhere; what it starts is the same amd64 toolchain;
* a reference build for Debian's golang-1.24 (``samego check --rebuild``), beside the
  host build, which is the whole ``make.bash`` that it saves.

Every file that two of them make must be the same, or the run fails.

usage: PYTHONPATH=tests python benchmarks/rebuild_targets.py
           [--target T]... [--without-gorebuild] [--without-reference]
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from measure import Usage, measure
from posted_server import serve_posted
from support.inputs import Inputs, cache_directory

_SAMEGO = Path(sys.executable).with_name("samego")
_RELEASE, _BOOTSTRAP, _GO = "go1.24.4", "go1.22.12", "go1.27.3"
_HOST, _TARGETS = "linux-amd64", ("linux-arm64", "windows-amd64")
_ARCHIVES = {
    "linux-amd64": f"{_RELEASE}.linux-amd64.tar.gz",
    "linux-arm64": f"{_RELEASE}.linux-arm64.tar.gz",
    "windows-amd64": f"{_RELEASE}.windows-amd64.zip",
}
_GOREBUILD = "golang.org/x/build/cmd/gorebuild@v0.0.0-20260918145456-c0ee0fbd16a3"
_HOST_BUILD = "samego rebuild, the host build (a whole make.bash)"
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Setting:
    """The real inputs, unpacked: Debian's orig tarball of go1.24.4, and two of upstream's Gos."""

    work: Path
    targets: tuple[str, ...]
    orig: Path
    bootstrap: Path
    go: Path
    debs: tuple[Path, ...]
    module: Path
    proxy: str


@dataclass(frozen=True, slots=True)
class Row:
    """One measured build; ``base`` is the row that it is compared with."""

    name: str
    usage: Usage
    base: str = ""


def main() -> None:
    """Measure, compare the files, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--target", action="append", choices=_TARGETS, help="a further target (all of them)"
    )
    parser.add_argument("--without-gorebuild", action="store_true")
    parser.add_argument("--without-reference", action="store_true")
    arguments = parser.parse_args()
    targets = tuple(arguments.target or _TARGETS)
    with tempfile.TemporaryDirectory(prefix="samego-bench-") as name:
        setting = _prepare(Path(name), targets)
        rows: list[Row] = []
        made: dict[str, dict[str, str]] = {}
        for target in targets:
            usage, sums = _make_bash(setting, target)
            rows.append(Row(f"make.bash -distpack, {target}", usage))
            _same(made, "make.bash", sums)
            _say(rows[-1])
        rows += _samego_rebuild(setting, made)
        if not arguments.without_gorebuild:
            rows.append(_gorebuild(setting))
            _say(rows[-1])
        if not arguments.without_reference:
            rows += _reference(setting)
        _print(rows)
        total = len({file for sums in made.values() for file in sums})
        print(f"{total} files came out the same wherever two of them made one")


def _say(row: Row) -> None:
    print(f"{row.name}: {row.usage.cpu:.0f} s of CPU, {row.usage.wall:.0f} s", file=sys.stderr)


def _prepare(work: Path, targets: tuple[str, ...]) -> Setting:
    inputs = Inputs(cache_directory())
    source = inputs.source("1.24.4-1")
    return Setting(
        work,
        targets,
        next(source.glob("*.orig.tar.gz")),
        _unpack(inputs.module_zip(_BOOTSTRAP, _HOST), work / "bootstrap"),
        _unpack(inputs.module_zip(_GO, _HOST), work / "go"),
        tuple(inputs.debs("trixie/1.24/amd64")),
        inputs.module_zip(_RELEASE, _HOST),
        inputs.proxy(),
    )


def _unpack(module: Path, place: Path) -> Path:
    """A toolchain from its module form, ready to run."""
    subprocess.run(["unzip", "-q", module, "-d", place], check=True)
    goroot = next((place / "golang.org").iterdir())
    for path in goroot.rglob("_go.mod"):
        path.rename(path.with_name("go.mod"))
    for file in (*goroot.glob("bin/*"), *goroot.glob("pkg/tool/*/*")):
        file.chmod(0o755)
    return goroot


def _make_bash(setting: Setting, target: str) -> tuple[Usage, dict[str, str]]:
    """A whole make.bash for one target; what it took, and the sums of what it packed."""
    place = setting.work / "make.bash"
    subprocess.run(["mkdir", place], check=True)
    subprocess.run(["tar", "-xzf", setting.orig, "-C", place], check=True)
    goos, goarch = target.split("-")
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(place),
        "GOTOOLCHAIN": "local",
        "GOROOT_BOOTSTRAP": str(setting.bootstrap),
        "GOOS": goos,
        "GOARCH": goarch,
    }
    command = ["sh", "-c", f"cd {place}/go/src && ./make.bash -distpack"]
    try:
        usage = measure(command, environment=environment)
        return usage, _sums(place / "go/pkg/distpack")
    finally:
        shutil.rmtree(place)


def _samego_rebuild(setting: Setting, made: dict[str, dict[str, str]]) -> list[Row]:
    report = setting.work / "rebuild.json"
    output = setting.work / "rebuilt"
    targets = " ".join(f"--target {target}" for target in (_HOST, *setting.targets))
    command = (
        f"{_SAMEGO} rebuild {_RELEASE} {targets} --source {setting.orig}"
        f" --bootstrap {setting.bootstrap} --cache {setting.work}/cache --format json"
        f" -o {output} > {report}"
    )
    whole = measure(["sh", "-c", command])
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    if found["verdict"] != "reproduced":
        raise RuntimeError(f"samego rebuild says {found['verdict']}")
    _same(made, "samego", _sums(output))
    (bootstrap,) = found["bootstraps"]
    (step,) = bootstrap["steps"]
    rows = [Row(_HOST_BUILD, Usage(step["wall"], step["cpu"], 0))]
    for target in bootstrap["targets"]:
        usage = Usage(target["wall"], target["cpu"], 0)
        base = "" if target["target"] == _HOST else f"make.bash -distpack, {target['target']}"
        rows.append(Row(f"samego rebuild, {target['target']} from it", usage, base))
    rows.append(Row("samego rebuild, all of that and comparing", whole))
    for row in rows:
        _say(row)
    return rows


def _gorebuild(setting: Setting) -> Row:
    """The targets by gorebuild; the row is its cost for one of them."""
    environment = {
        "PATH": f"{setting.go}/bin:/usr/bin:/bin",
        "HOME": str(setting.work),
        "GOPATH": str(setting.work / "gopath"),
        "GOARCH": "386",
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOPROXY": setting.proxy,
        "GOFLAGS": "-modcacherw",
        **{key: value for key, value in os.environ.items() if key.startswith("SSL_CERT")},
    }
    subprocess.run([setting.go / "bin/go", "install", _GOREBUILD], env=environment, check=True)
    program = setting.work / "gopath/bin/linux_386/gorebuild"
    place = setting.work / "gorebuild"
    place.mkdir()
    with serve_posted(_posted(setting), setting.work) as posted:
        variables = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(place),
            "TMPDIR": str(place),
            **posted.environment,
        }
        arguments = " ".join(f"{target}@{_RELEASE}" for target in setting.targets)
        usage = measure(
            ["sh", "-c", f"cd {place} && {program} -p 1 {arguments}"], environment=variables
        )
    _check_gorebuild(json.loads((place / "gorebuild.json").read_text("utf-8")), setting.targets)
    number = len(setting.targets)
    each = Usage(usage.wall / number, usage.cpu / number, usage.memory)
    name = " and ".join(setting.targets)
    base = f"make.bash -distpack, {setting.targets[0]}"
    return Row(f"gorebuild, {name}{', each' if number > 1 else ''}", each, base)


def _check_gorebuild(report: Mapping[str, Any], targets: tuple[str, ...]) -> None:
    """Raise RuntimeError, with what gorebuild says, unless it found the archives reproduced."""
    (release,) = report["Releases"]
    logs = {file["Name"]: file["Log"] for file in release["Files"]}
    for name in [_ARCHIVES[target] for target in targets]:
        if name not in logs or logs[name]["Status"] != "PASS":
            said = [message["Text"] for message in logs.get(name, release["Log"])["Messages"]]
            raise RuntimeError("gorebuild says: " + "\n".join(text[-2000:] for text in said[-9:]))


def _posted(setting: Setting) -> dict[str, bytes | Path]:
    """What gorebuild asks for: the index, a bootstrap, the source, and the posted files."""
    built = setting.work / "rebuilt"
    rows = [
        {
            "filename": _ARCHIVES[target],
            "os": target.split("-")[0],
            "arch": target.split("-")[1],
            "version": _RELEASE,
            "sha256": hashlib.sha256((built / _ARCHIVES[target]).read_bytes()).hexdigest(),
            "size": (built / _ARCHIVES[target]).stat().st_size,
            "kind": "archive",
        }
        for target in setting.targets
    ]
    index = [
        {"version": _RELEASE, "stable": True, "files": rows},
        {"version": _BOOTSTRAP, "stable": True, "files": []},
    ]
    files: dict[str, bytes | Path] = {
        "go.dev/dl/?mode=json&include=all": json.dumps(index, indent=1).encode(),
        f"go.dev/dl/{_BOOTSTRAP}.linux-386.tar.gz": _archive(setting.bootstrap),
        f"go.googlesource.com/go/+archive/refs/tags/{_RELEASE}.tar.gz": _without_top(setting.orig),
    }
    for path in built.iterdir():
        folder = "mod/golang.org/toolchain/@v/" if path.name.startswith("v") else ""
        files[f"go.dev/dl/{folder}{path.name}"] = path
    return files


def _archive(goroot: Path) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
        archive.add(goroot, arcname="go")
    return raw.getvalue()


def _without_top(orig: Path) -> bytes:
    """The source as Gerrit gives it: no directory ``go`` around it."""
    raw = io.BytesIO()
    with tarfile.open(orig) as source, tarfile.open(fileobj=raw, mode="w") as target:
        for member in source:
            if member.isfile():
                content = source.extractfile(member)
                member.name = member.name.removeprefix("go/")
                member.pax_headers = {}  # a long name stands there as well, and would win
                target.addfile(member, content)
    return gzip.compress(raw.getvalue(), compresslevel=1)


def _reference(setting: Setting) -> list[Row]:
    base = _HOST_BUILD
    command: list[str | Path] = [
        _SAMEGO,
        "check",
        "--rebuild",
        *setting.debs,
        "--upstream",
        setting.module,
        "--cache",
        setting.work / "reference",
    ]
    rows = [
        Row("samego check --rebuild, first", measure(command), base),
        Row("samego check --rebuild, again", measure(command), base),
    ]
    for row in rows:
        _say(row)
    return rows


def _sums(directory: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.iterdir()
        if path.is_file()
    }


def _same(made: dict[str, dict[str, str]], who: str, sums: Mapping[str, str]) -> None:
    """Note what was made. Raises RuntimeError when another made other bytes."""
    for other, theirs in made.items():
        for name in sorted(sums.keys() & theirs.keys()):
            if sums[name] != theirs[name]:
                raise RuntimeError(f"{name} by {who} is not what {other} made")
    made.setdefault(who, {}).update(sums)


def _print(rows: list[Row]) -> None:
    table = Table(title=f"{_RELEASE}, bootstrap {_BOOTSTRAP}")
    table.add_column("what")
    for column in ("wall s", "CPU s", "peak MiB", "CPU beside make.bash"):
        table.add_column(column, justify="right")
    cpu = {row.name: row.usage.cpu for row in rows}
    for row in rows:
        usage = row.usage
        table.add_row(
            row.name,
            f"{usage.wall:.0f}",
            f"{usage.cpu:.0f}",
            f"{usage.memory / _MIB:.0f}" if usage.memory else "",
            f"{usage.cpu / cpu[row.base]:.2f}" if row.base else "",
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
