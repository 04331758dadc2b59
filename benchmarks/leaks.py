"""How well the leak finder does: builds with settings drawn by chance, and what it says of them.

Each case builds one program of a real release, with the release's posted toolchain and one to
three settings that upstream's build does not have (benchmarks/leak_settings.py), and holds it
against the posted program. Then what the finder names is tried, as ``check --rebuild`` does: a
claim of proof counts only where the bytes are the same, and one changed byte must break it.
What came of a case is kept in the directory: a run that was ended goes on where it was.

usage: PYTHONPATH=tests python benchmarks/leaks.py [--seed N] [--cases 40] [--directory DIR]
       [--only N] [--record FILE] [--no-proof] [--seconds S] [--whole N]

--whole builds so many whole toolchains (all posted executables of go1.27.3, minutes of CPU each)
in place of programs, and asks the finder of each executable.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from leak_settings import WHOLE, Planted, Program, combination, expected, whole_combination
from samego.errors import BuildError, SandboxError
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.leaks.executable import read_shown
from samego.leaks.find import find_candidates, name_candidates
from samego.leaks.functions import function_traces
from samego.leaks.signature import asked_packages
from samego.leaks.traces import traces
from samego.model.candidate import Candidate, Setting, SettingKind, Trace
from samego.model.release import Release, Target
from samego.model.tree import Tree
from samego.rebuild.cmd_dist import read_cmd_dist
from samego.rebuild.extra_settings import goroot_final
from samego.rebuild.go_install import BuildPlace, go_install
from samego.rebuild.workspace import build_goroot, unpack
from samego.reference.guesses import combinations
from samego.rules.elf_stripped import prove_stripped
from samego.upstream.channels.interface import Posted
from samego.upstream.open_tree import Opener
from support.inputs import Inputs, cache_directory

_TARGET = Target("linux", "amd64")
_USUAL = {"-trimpath": "true", "-gcflags": "cmd/...=-dwarf=false"}
_FIRST = 3


@dataclass(slots=True)
class Case:
    """One build, what was planted in it, and what was said of it."""

    number: int
    program: Program
    planted: tuple[Planted, ...]
    candidates: tuple[Candidate, ...] = ()
    error: str = ""
    proof: str = ""
    wrong_proof: bool = False
    recorded: dict[str, object] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """What was named, the likeliest first."""
        return [each.name for each in self.candidates]

    @property
    def allowed(self) -> set[str]:
        """What may be named."""
        return {name for names, also in expected(self.planted) for name in names | also}

    def found(self, among: int) -> int:
        """How many of the settings are among so many names."""
        said = set(self.names[:among])
        return sum(bool(names & said) for names, _also in expected(self.planted))

    @property
    def known(self) -> int:
        """How many of the settings the finder can know."""
        return sum(bool(names) for names, _also in expected(self.planted))

    @property
    def false(self) -> list[str]:
        """Names of what was not planted."""
        return [name for name in self.names if name not in self.allowed]

    def keep(self, directory: Path) -> None:
        """Keep what came of it: a run that was ended goes on where it was."""
        row: dict[str, object] = {"planted": [p.what for p in self.planted], "error": self.error}
        row |= {"proof": self.proof, "wrong_proof": self.wrong_proof, "recorded": self.recorded}
        (directory / f"{self.number}.json").write_text(json.dumps(row), "utf-8")

    def take(self, directory: Path) -> bool:
        """Take what came of it before, if it was kept; the finder is asked anew."""
        place = directory / f"{self.number}.json"
        row = json.loads(place.read_text("utf-8")) if place.is_file() else {}
        if row.get("planted") != [each.what for each in self.planted]:
            return False
        self.error, self.proof, self.wrong_proof = row["error"], row["proof"], row["wrong_proof"]
        self.recorded = row["recorded"]
        if self.recorded:
            keys = ("traces", "functions")
            found, more = (tuple(Trace(*each) for each in row["recorded"][key]) for key in keys)
            release = Release.parse(self.program.release)
            self.candidates = name_candidates(
                self.program.posted, found, lambda: more, release, _TARGET
            )
        return True


class Toolchain:
    """A release's posted toolchain, unpacked."""

    def __init__(self, release: str, directory: Path, opener: Opener) -> None:
        self.release = Release.parse(release)
        path = Inputs(cache_directory()).module_zip(release, str(_TARGET))
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        posted = Posted("benchmark", "module", self.release, _TARGET, release, path, sha256, ())
        self.tree: Tree = opener.open(posted)
        self.goroot = unpack(self.tree, directory / "toolchains" / release)
        self.cache = directory / "gocache"
        self.go_mod = read_cmd_dist(self.tree).go_mod

    def build(self, case: Case, scratch: Path, commands: Sequence[str] = ()) -> Path:
        """Build a case's program by the go command alone, or commands into a directory.

        Raises CalledProcessError.
        """
        goroot, flags = self.goroot, dict[str, str | None](_USUAL)
        environment = {"CGO_ENABLED": "0", "GOOS": "linux", "GOARCH": "amd64"}
        linker = [] if any(each.without_w for each in case.planted) else ["-w"]
        for each in case.planted:
            flags |= each.flags
            environment |= each.environment
            linker += each.linker
            if each.elsewhere:
                goroot = self._copied(scratch / f"lib{case.number}" / "go", case)
        flags["-ldflags"] = " ".join(linker) or None
        overlay = self._overlay(case, goroot, scratch)
        work = scratch / "work"
        work.mkdir()
        (work / "go.mod").write_text(self.go_mod, "utf-8")
        if any(each.in_std for each in case.planted):
            work = goroot / "src"
        words = [
            name if value == "true" else f"{name}={value}" for name, value in flags.items() if value
        ]
        out = scratch / "program"
        if commands:
            out.mkdir()
        command: list[str | Path] = [
            goroot / "bin/go",
            "build",
            *words,
            *overlay,
            "-o",
            out,
            *(commands or [case.program.package]),
        ]
        usual = {"PATH": "/usr/bin:/bin", "HOME": str(scratch), "GOROOT": str(goroot)}
        settings = {"GOCACHE": str(self.cache), "GOTOOLCHAIN": "local", "GOPROXY": "off"}
        off = {"GOENV": "off", "GOWORK": "off"}
        subprocess.run(
            command,
            check=True,
            cwd=work,
            env={**usual, **settings, **off, **environment},
            capture_output=True,
        )
        for each in case.planted:
            if each.strip:
                files = [*out.iterdir()] if commands else [out]
                subprocess.run([*each.strip, *files], check=True, capture_output=True)
        return out

    def _copied(self, place: Path, _case: Case) -> Path:
        place.parent.mkdir(parents=True)
        shutil.copytree(self.goroot, place, copy_function=os.link)
        return place

    def _overlay(self, case: Case, goroot: Path, scratch: Path) -> list[str]:
        """The flag that puts changed sources in place of a GOROOT's, without touching that."""
        replaced = {}
        for number, each in enumerate(case.planted):
            path, old, new = each.edit
            if path:
                text = (goroot / path).read_text("utf-8")
                place = scratch / f"edited{number}.go"
                place.write_text(text.replace(old, new) if old else text + new, "utf-8")
                replaced[str(goroot / path)] = str(place)
        if not replaced:
            return []
        overlay = scratch / "overlay.json"
        overlay.write_text(json.dumps({"Replace": replaced}), "utf-8")
        return [f"-overlay={overlay}"]

    def prove(self, case: Case, built: bytes, scratch: Path) -> None:
        """Try what was named of a case, as a check with --rebuild does."""
        for extra in combinations(case.candidates):
            goroot = next((s.value or "" for s in extra if s.kind is SettingKind.GOROOT), "")
            final = goroot_final(self.release, goroot)
            if final:
                extra = (  # noqa: PLW2901 - the same setting by its other name
                    *(s for s in extra if s.kind is not SettingKind.GOROOT),
                    *(Setting(SettingKind.ENVIRONMENT, *item) for item in final.items()),
                )
            with build_goroot(self.goroot, {}, scratch / "prove") as place:
                where = BuildPlace(place, self.cache, scratch, scratch / "log")
                try:
                    go_install(
                        self.tree, [case.program.package], where, _TARGET, _TARGET, {}, extra
                    )
                except (BuildError, SandboxError) as error:
                    case.proof = f"not built: {error.message}"[:200]
                    continue
                ours = (place / case.program.posted).read_bytes()
            name = Path(case.program.posted).name
            if _same(built, ours, name):
                case.proof = "proven"
                case.wrong_proof = not _really_same(case, built, ours, scratch) or _same(
                    _flipped(built), ours, name
                )
                return
            case.proof = "none gives it"


def _same(distro: bytes, ours: bytes, name: str) -> bool:
    """Whether samego says that a build gave an executable."""
    return distro == ours or prove_stripped(distro, ours, name) is not None


def _really_same(case: Case, built: bytes, ours: bytes, scratch: Path) -> bool:
    """The same question without samego: the bytes, once binutils has stripped both."""
    place = scratch / "other"
    place.write_bytes(ours)
    for each in case.planted:
        if each.strip:
            subprocess.run([*each.strip, place], check=True, capture_output=True)
    return place.read_bytes() == built


def _flipped(data: bytes) -> bytes:
    """One byte of the code changed."""
    shown = read_shown(data)
    text = shown.elf.section(".text") if shown else None
    at = text.offset + text.size // 2 if text else len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def run(case: Case, toolchain: Toolchain, directory: Path, *, proof: bool) -> None:
    """Build a case, ask the finder, and try what it names."""
    posted = toolchain.tree
    posted.load([case.program.posted])
    upstream = posted.read(case.program.posted)
    with tempfile.TemporaryDirectory(dir=directory, prefix="case-") as name:
        scratch = Path(name)
        try:
            built = toolchain.build(case, scratch).read_bytes()
        except subprocess.CalledProcessError as error:
            case.error = error.stderr.decode("utf-8", "replace")[-300:]
            return
        if built == upstream:
            case.error = "the same as upstream's"
            return
        case.candidates = find_candidates(
            case.program.posted, built, upstream, toolchain.release, _TARGET
        )
        case.recorded = _recorded(case, built, upstream)
        if proof:
            toolchain.prove(case, built, scratch)


def whole(number: int, chance: random.Random, directory: Path) -> int:
    """Build whole toolchains, and print what is said of their executables."""
    table = Table("toolchain", "planted", "of each of its executables", "executables")
    with closing(Spool(directory)) as spool:
        opener = Opener(IndexCache(directory / "index"), spool)
        toolchain = Toolchain(WHOLE[0].release, directory, opener)
        for count in range(number):
            case = Case(count, *whole_combination(chance))
            said = Counter(_whole(case, toolchain, directory))
            what = "\n".join(each.what for each in case.planted)
            for names, executables in said.most_common():
                table.add_row(str(count), what, ", ".join(names) or "nothing", str(executables))
                sys.stderr.write(
                    f"{count} {[p.what for p in case.planted]}: {names} {executables}\n"
                )
    Console(width=160).print(table)
    return 0


def _whole(case: Case, toolchain: Toolchain, directory: Path) -> Iterator[tuple[str, ...]]:
    """The names that are said of each executable; what was not planted in brackets."""
    below = ("bin/", f"{_TARGET.tool_directory}/")
    posted = [path for path in toolchain.tree if path.startswith(below)]
    toolchain.tree.load(posted)
    with tempfile.TemporaryDirectory(dir=directory, prefix="whole-") as name:
        commands = [f"cmd/{Path(path).name}" for path in posted]
        built = toolchain.build(case, Path(name), commands)
        for path in posted:
            data, upstream = (built / Path(path).name).read_bytes(), toolchain.tree.read(path)
            found = find_candidates(path, data, upstream, toolchain.release, _TARGET)
            yield tuple(
                each.name if each.name in case.allowed else f"({each.name})" for each in found
            )


def _recorded(case: Case, built: bytes, upstream: bytes) -> dict[str, object]:
    """The case's traces, for tests that build nothing."""
    ours, theirs = read_shown(built), read_shown(upstream)
    assert ours is not None  # noqa: S101 - it was just built
    assert theirs is not None  # noqa: S101 - upstream's
    rows = (traces(ours, theirs, asked_packages()), function_traces(ours, theirs))
    found, more = ([[t.name, t.distro, t.upstream] for t in each] for each in rows)
    return {
        "release": case.program.release,
        "path": case.program.posted,
        "planted": [each.what for each in case.planted],
        "expected": [sorted(names) for names, _also in expected(case.planted)],
        "allowed": sorted(case.allowed),
        "traces": found,
        "functions": more,
    }


def show(cases: Sequence[Case], console: Console) -> None:
    """Print every case, and the sums."""
    table = Table("case", "program", "planted", "named", "proof")
    for case in cases:
        names = ", ".join(f"({n})" if n in case.false else n for n in case.names)
        table.add_row(
            str(case.number),
            f"{case.program.release} {case.program.package}",
            "\n".join(each.what for each in case.planted),
            case.error or names or "does not know",
            case.proof,
        )
    console.print(table)
    ran = [case for case in cases if not case.error]
    known = [case for case in ran if case.known]
    settings = sum(case.known for case in ran)
    one = [case for case in known if len(case.planted) == 1]
    rows = {
        "cases": len(ran),
        "with settings that the finder knows": len(known),
        "a planted setting is first": sum(
            c.names[:1] != [] and c.names[0] in c.allowed for c in known
        ),
        "every planted one is among the first three": sum(
            c.found(_FIRST) == c.known for c in known
        ),
        "every planted one is named": sum(c.found(99) == c.known for c in known),
        "settings planted": settings,
        "settings among the first three": sum(case.found(_FIRST) for case in ran),
        "settings named": sum(case.found(99) for case in ran),
        "one setting alone": len(one),
        "of these it is first": sum(case.found(1) == 1 for case in one),
        "says that it does not know": sum(not case.names for case in ran),
        "names something that was not planted": sum(bool(case.false) for case in ran),
        "proven by a build": sum(case.proof == "proven" for case in ran),
        "wrong claims of proof": sum(case.wrong_proof for case in ran),
    }
    for name, number in rows.items():
        console.print(f"{name:45} {number}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 1 where a claim of proof was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--only", type=int)
    parser.add_argument(
        "--directory", type=Path, default=Path(tempfile.gettempdir()) / "samego-leaks"
    )
    parser.add_argument("--record", type=Path)
    parser.add_argument("--no-proof", action="store_true")
    parser.add_argument("--whole", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no case later")
    options = parser.parse_args(arguments)
    directory = options.directory
    directory.mkdir(parents=True, exist_ok=True)
    chance = random.Random(options.seed)  # noqa: S311 - no secret
    if options.whole:
        return whole(options.whole, chance, directory)
    cases = [Case(number, *combination(chance)) for number in range(options.cases)]
    if options.only is not None:
        cases = [cases[options.only]]
    kept = directory / f"seed-{options.seed}"
    kept.mkdir(exist_ok=True)
    known: dict[str, Toolchain] = {}
    began = time.monotonic()
    with closing(Spool(directory)) as spool:
        opener = Opener(IndexCache(directory / "index"), spool)
        for case in cases:
            release = case.program.release
            if case.take(kept):
                continue
            if time.monotonic() - began > options.seconds:
                case.error = "not begun"
                continue
            if release not in known:
                known[release] = Toolchain(release, directory, opener)
            run(case, known[release], directory, proof=not options.no_proof)
            case.keep(kept)
            sys.stderr.write(
                f"{case.number} {release} {case.program.package} {[p.what for p in case.planted]}:"
                f" {case.error or case.names} {case.proof}\n"
            )
    show(cases, Console(width=160))
    if options.record:
        rows = [case.recorded for case in cases if case.recorded]
        options.record.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    return int(any(case.wrong_proof for case in cases))


if __name__ == "__main__":
    raise SystemExit(main())
