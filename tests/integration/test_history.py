"""The history with real processes: at once, killed, read by others; and a real regression."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from samego.monitor.history.rows import moment
from samego.monitor.history.store import open_history
from samego.report.json import render
from samego.report.reports_directory import stem_for
from samego.report.summary import Summary
from support import reports
from support.cli import PROGRAM, Samego
from support.deb_repack import Deb
from support.inputs import Inputs, cache_directory
from support.makepkg import as_builder
from support.reference_cache import reference_cache

#: Enough that a process is killed in the middle of them.
_MANY = 400
_PROCESSES = 4


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of reports as hooks leave them: small ones, each another."""
    directory = tmp_path_factory.mktemp("spool")
    small = reports.clean()
    for number in range(_MANY):
        report = replace(small, identical=number, findings=small.findings[:3])
        stem = stem_for(("debian", "golang-1.24", str(number)), 1_790_000_000 + number)
        (directory / f"{stem}.json").write_text(render(Summary(report)))
    return directory


@pytest.fixture
def home(tmp_path: Path) -> Samego:
    return Samego(home=tmp_path)


def kept_in(directory: Path) -> int:
    """How many runs there are; each must have its report."""
    with open_history(directory) as history:
        assert history.connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        digests = [run.digest for run in history.runs()]
        for digest in digests:
            history.report(digest)
    assert len(set(digests)) == len(digests)
    return len(digests)


def test_processes_that_import_at_once_add_each_report_once(home: Samego, spool: Path) -> None:
    started = [home.start(["history", "import", spool]) for _ in range(_PROCESSES)]
    outputs = [process.communicate(timeout=300) for process in started]
    assert [process.returncode for process in started] == [0] * _PROCESSES, outputs
    new = sum(int(stdout.split()[0].replace(",", "")) for stdout, _stderr in outputs)
    assert new == _MANY
    assert kept_in(home.home / ".local/state/samego/history") == _MANY


def test_a_killed_import_loses_nothing_and_the_next_completes_it(home: Samego, spool: Path) -> None:
    directory = home.home / "kept"
    seen = [0]
    for _ in range(2):
        process = home.start(
            ["history", "import", spool], environment={"SAMEGO_HISTORY": str(directory)}
        )
        _wait_for(directory, seen[-1] + 20)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        seen.append(kept_in(directory))
    assert 0 < seen[1] < seen[2] < _MANY
    result = home("history", "import", spool, environment={"SAMEGO_HISTORY": str(directory)})
    assert result.stdout == f"{_MANY - seen[2]} reports imported, {seen[2]} known\n"
    assert kept_in(directory) == _MANY


def _wait_for(directory: Path, number: int) -> None:
    """Until there are so many reports."""
    end = time.monotonic() + 60
    while len(list(directory.glob("reports/*/*.zst"))) < number:
        assert time.monotonic() < end, "nothing is imported"
        time.sleep(0.005)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_somebody_who_may_not_write_can_read() -> None:
    with tempfile.TemporaryDirectory(prefix="samego-history-") as name:
        Path(name).chmod(0o755)
        directory = Path(name) / "history"
        with open_history(directory) as history:
            history.add_report(_TRIXIE, moment(1_790_000_000), name="r.json")
        environ = {
            "HOME": "/nonexistent",
            "PATH": "/usr/bin:/bin",
            "SAMEGO_HISTORY": str(directory),
        }
        read = as_builder([str(PROGRAM), "history"], Path(name), environ)
        assert (read.returncode, read.stdout.split()[:2]) == (0, ["golang-1.24", "1.24.4-1"])
        refused = as_builder([str(PROGRAM), "history", "import", "/dev/null"], Path(name), environ)
        assert refused.returncode == 2, refused.stdout
        assert "Traceback" not in refused.stdout


_TRIXIE = render(Summary(reports.trixie())).encode()


@dataclass(frozen=True, slots=True)
class Staged:
    """A version whose files are as upstream has them, and the one after it."""

    good: list[Path]
    bad: list[Path]


@pytest.fixture(scope="module")
def staged(
    sid_go127_debs: list[Path], go1273_module_zip: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Staged]:
    """Debian's 1.27.3-1, and a 1.27.3-0 before it whose fips140 zips nobody rewrote.

    What happened between 1.26.2-1 and 1.26.10-1 is the model: the older one is no longer served.
    """
    directory = tmp_path_factory.mktemp("staged")
    with zipfile.ZipFile(go1273_module_zip) as upstream:
        prefix = upstream.namelist()[0].partition("@")[0] + "@v0.0.1-go1.27.3.linux-amd64/"
        good = [_as_before(path, directory, upstream, prefix) for path in sid_go127_debs]
    yield Staged(good, sid_go127_debs)
    shutil.rmtree(directory)


def _as_before(path: Path, directory: Path, upstream: zipfile.ZipFile, prefix: str) -> Path:
    deb = Deb(path)
    changes = {}
    for name in deb.paths():
        goroot, _, below = name.partition("/lib/fips140/")
        if below.endswith(".zip") and goroot.startswith("usr/"):
            changes[name] = deb[name].with_data(upstream.read(f"{prefix}lib/fips140/{below}"))
        elif name.endswith("/changelog.Debian.gz"):
            text = gzip.decompress(deb[name].data).replace(b"(1.27.3-1)", b"(1.27.3-0)", 1)
            changes[name] = deb[name].with_data(gzip.compress(text, mtime=0))
    assert changes
    target = directory / path.name.replace("1.27.3-1", "1.27.3-0")
    return deb.repack(target, changes, version=("1.27.3-1", "1.27.3-0"))


@pytest.mark.network
def test_a_regression_is_named_with_its_first_bad_version(
    staged: Staged, samego: Samego, inputs: Inputs, tmp_path: Path
) -> None:
    environment = {"SAMEGO_HISTORY": str(tmp_path / "history")}
    # The patches are those of another version, whose source package is at hand.
    source = inputs.source("1.27.1-2") / "golang-1.27_1.27.1-2.dsc"
    for number, packages in enumerate((staged.good, staged.bad)):
        report = tmp_path / f"{number}.json"
        given = ("--source", source, "--format", "json", "-o", report)
        result = samego("check", "--quiet", *given, *packages, environment=environment)
        assert result.status == 1, result.stderr
    # Nobody said yet that a suite holds them.
    kept = samego("history", environment=environment).stdout
    assert kept == "2 runs do not count: see 'samego history --all'\n"
    for number in range(2):
        report = tmp_path / f"{number}.json"
        samego("history", "import", "--suite", "sid", report, environment=environment)
    changes = samego("history", "--changes", environment=environment).stdout
    assert changes.count("\n") == 1
    assert "  worse   golang-1.27 1.27.3-1 amd64: breaks lib/fips140/" in changes
    # The executables of both embed settings and were not rebuilt here.
    query = ("--first-bad", "golang-1.27", "--require", "unproven")
    fell = samego("history", *query, environment=environment)
    assert fell.status == 1
    first, before = fell.stdout.splitlines()
    assert first.startswith("golang-1.27 amd64 fell at 1.27.3-1: unproven, breaks lib/fips140/")
    assert before == "  before it: 1.27.3-0, unproven"


@pytest.mark.network
@pytest.mark.timeout(2 * 3600)
@pytest.mark.long  # five whole checks; how runs add up is shown on small reports too
def test_what_is_known_of_the_same_bytes_adds_up(
    trixie_go124_debs: list[Path],
    go1244_module_zip: Path,
    go124_source: Path,
    samego: Samego,
    tmp_path: Path,
) -> None:
    """One unchanged package, checked in every way that says less than the best one."""
    samego = replace(samego, patience=2 * 3600)  # where no reference build is kept yet
    environment = {"SAMEGO_HISTORY": str(tmp_path / "history")}
    (dsc,) = go124_source.glob("*.dsc")
    right = ("--upstream", go1244_module_zip)
    full, part = tuple(trixie_go124_debs), (trixie_go124_debs[0],)
    kept = ("--rebuild", "--cache", reference_cache(cache_directory()))
    best = tmp_path / "best.json"
    steps: list[tuple[str | Path, ...]] = [
        (*full, "--source", dsc, *right),
        (*full, "--source", dsc, *right, *kept, "--format", "json", "-o", best),
        (*full, "--source", dsc, *right),
        (*full, *right),
        (*part, *right),
    ]
    verdicts = []
    for step in steps:
        result = samego("check", "--quiet", *step, environment=environment)
        assert result.status in {0, 1}, result.stderr
        told = samego("history", "--all", "--format", "json", environment=environment)
        verdicts.append(json.loads(told.stdout)["runs"][0]["verdict"])
    worse = ["unproven", "unexplained", "unproven"]
    assert verdicts == ["unproven", "explained", *worse]
    known = samego("history", "import", "--suite", "trixie", best, environment=environment)
    assert known.stdout == "0 reports imported, 1 known\n"
    again = [f"{number} {name}" for number in range(4) for name in ("poor", "part", "best")]
    _again(tmp_path, environment, samego, again)
    changes = samego("history", "--changes", environment=environment).stdout.splitlines()
    assert len(changes) == 1
    assert changes[0].endswith("golang-1.24 1.24.4-1 amd64: explained, it was unproven")
    lines = samego("history", environment=environment).stdout.splitlines()
    assert [line.split()[4:6] for line in lines[:1]] == [["explained", "passes"]]
    assert not any(line.startswith("CONTRADICTED") for line in lines)
    site = tmp_path / "site"
    assert samego("site", site, "--quiet", environment=environment).status == 0
    front = (site / "index.html").read_text("utf-8")
    assert "<strong>1</strong> passes" in front
    assert "Nothing" not in (changed := (site / "changes.html").read_text("utf-8"))
    assert "</span> worse" not in changed


def _again(directory: Path, environment: dict[str, str], samego: Samego, names: list[str]) -> None:
    """The same reports as if they had been made again, each in another second."""
    with open_history(Path(environment["SAMEGO_HISTORY"])) as history:
        runs = list(history.runs())
        chosen = {"poor": runs[3], "part": runs[4], "best": runs[1]}
        spool = directory / "again"
        spool.mkdir()
        for number, name in enumerate(names):
            said = json.loads(history.report(chosen[name.split()[1]].digest))
            said["timings"]["comparing"] = float(number)
            stem = stem_for(("debian", "golang-1.24", str(number)), time.time() + number)
            (spool / f"{stem}.json").write_text(json.dumps(said))
    done = samego("history", "import", spool, environment=environment)
    assert done.stdout.startswith(f"{len(names)} reports imported")


def test_what_cannot_be_kept_is_a_warning_and_the_answer_stays(
    staged: Staged, samego: Samego, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    for settings, told in (
        ({"SAMEGO_HISTORY": str(tmp_path / "file/h")}, "not kept in the history: "),
        ({"SAMEGO_HISTORY": str(tmp_path / "h"), "SAMEGO_RECORD": "0"}, ""),
    ):
        command: list[str | Path] = ["check", "--quiet", "--format", "json", staged.bad[0]]
        result = samego(*command, environment=settings)
        assert result.status == 1
        assert json.loads(result.stdout)["subject"]["release"] == "go1.27.3"
        assert (told in result.stderr) if told else result.stderr == ""
    assert not (tmp_path / "h").exists()
