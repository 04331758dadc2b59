from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from samego.check.options import CheckOptions
from samego.compare.verdict import bar_of
from samego.config import Config
from samego.errors import ConfigError, InputError, NetworkError, NoToolchainError
from samego.integrations.hooks import run as module
from samego.integrations.hooks.run import HookOutcome, enforced, run
from samego.model.report import Report
from samego.reference.job import ReferenceKind
from samego.report.load import load
from samego.system.progress import Progress, Silent
from support.reports import clean, trixie

Answer = Callable[[Callable[[CheckOptions], Report]], None]
CHANGES = "golang-1.24_1.24.4-1_amd64.changes"


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Gives what a check of packages would find: reading real ones takes seconds."""

    def give(body: Callable[[CheckOptions], Report]) -> None:
        def checked(options: CheckOptions, _progress: Progress) -> Report:
            return body(options)

        monkeypatch.setattr(module, "check", checked)

    return give


def call(environ: dict[str, str], config: Config | None = None) -> HookOutcome:
    options = CheckOptions((CHANGES,), config=config or Config())
    return run("dpkg-buildpackage", options, environ, Silent(), program="/opt/samego")


@pytest.mark.parametrize("level", ["identical", "equivalent", "unpatched", "explained"])
def test_a_level_is_what_must_be_reached(level: str, answer: Answer, tmp_path: Path) -> None:
    assert enforced({"SAMEGO_ENFORCE": level}) == level
    seen: list[CheckOptions] = []

    def body(options: CheckOptions) -> Report:
        seen.append(options)
        return clean()

    answer(body)
    call({"SAMEGO_ENFORCE": level, "SAMEGO_SPOOL": str(tmp_path)})
    required, unpatched = bar_of(level)
    assert (seen[0].required, seen[0].unpatched) == (required, unpatched)
    assert seen[0].distro == "debian"
    assert seen[0].what == (CHANGES,)


@pytest.mark.parametrize(
    ("value", "rebuild"),
    [
        ("", None),
        ("0", None),
        ("1", ReferenceKind.QUICK),
        ("quick", ReferenceKind.QUICK),
        ("full", ReferenceKind.FULL),
    ],
)
def test_a_rebuild_is_made_where_it_is_asked_for(
    value: str, rebuild: ReferenceKind | None, answer: Answer, tmp_path: Path
) -> None:
    seen: list[CheckOptions] = []

    def body(options: CheckOptions) -> Report:
        seen.append(options)
        return clean()

    answer(body)
    call({"SAMEGO_REBUILD": value, "SAMEGO_SPOOL": str(tmp_path)})
    assert seen[0].rebuild is rebuild
    with pytest.raises(ConfigError, match="SAMEGO_REBUILD is 'no'"):
        call({"SAMEGO_REBUILD": "no", "SAMEGO_SPOOL": str(tmp_path)})


@pytest.mark.parametrize("value", ["unproven", "unexplained", "1", "Explained", " explained"])
def test_a_misspelled_level_is_an_error(value: str) -> None:
    with pytest.raises(ConfigError, match="SAMEGO_ENFORCE is"):
        enforced({"SAMEGO_ENFORCE": value})


@pytest.mark.parametrize("environ", [{}, {"SAMEGO_ENFORCE": ""}])
def test_without_a_level_nothing_is_enforced(environ: dict[str, str]) -> None:
    assert enforced(environ) is None


def test_the_report_is_kept_and_named(answer: Answer, tmp_path: Path) -> None:
    answer(lambda _options: trixie())
    spool = tmp_path / "a b/reports"
    outcome = call({"SAMEGO_SPOOL": str(spool)})
    (kept,) = spool.iterdir()
    assert outcome.passes is False
    headline, where = outcome.lines
    assert headline.startswith("golang-1.24 1.24.4-1 amd64 is not yet proven to be go1.24.4")
    assert where == f"the report: /opt/samego explain '{kept}'"
    assert load(kept) == trixie()


def test_a_spool_that_cannot_be_written_is_one_line(answer: Answer, tmp_path: Path) -> None:
    answer(lambda _options: clean())
    file = tmp_path / "file"
    file.write_bytes(b"")
    outcome = call({"SAMEGO_SPOOL": str(file)})
    assert outcome.passes is True
    assert outcome.lines[1] == (
        f"warning: the report cannot be kept in {file} (File exists): set SAMEGO_SPOOL to a"
        " directory that can be written"
    )


def test_another_package_is_passed_over(answer: Answer, tmp_path: Path) -> None:
    def body(_options: CheckOptions) -> Report:
        raise NoToolchainError("hello.changes lists no package of a Go toolchain", hint="x")

    answer(body)
    outcome = call({"SAMEGO_SPOOL": str(tmp_path / "reports")})
    assert outcome == HookOutcome(
        ("hello.changes lists no package of a Go toolchain: skipped",), None
    )
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("error", [InputError("a", hint="b"), NetworkError("a", hint="b")])
def test_what_could_not_be_decided_is_the_callers_to_judge(
    error: Exception, answer: Answer
) -> None:
    def body(_options: CheckOptions) -> Report:
        raise error

    answer(body)
    with pytest.raises(type(error)):
        call({})


def test_a_hook_that_no_plugin_has() -> None:
    with pytest.raises(InputError, match=r"no plugin has a hook 'rpmbuild'.*sbuild"):
        run("rpmbuild", CheckOptions((CHANGES,), config=Config()), {}, Silent())


@pytest.fixture
def used(answer: Answer, tmp_path: Path) -> Callable[[Config], Path]:
    """Tells which directory a run takes as its cache."""
    seen: list[Path] = []

    def body(options: CheckOptions) -> Report:
        assert options.config.cache_directory.is_dir()
        seen.append(options.config.cache_directory)
        return clean()

    answer(body)

    def give(config: Config) -> Path:
        call({"SAMEGO_SPOOL": str(tmp_path / "reports")}, config)
        return seen[-1]

    return give


def user(monkeypatch: pytest.MonkeyPatch, number: int, home: Path, system: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: number)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(module, "SYSTEM_CACHE", system)


def test_a_chosen_cache_is_used(used: Callable[[Config], Path], tmp_path: Path) -> None:
    assert used(replace(Config(), cache_directory=tmp_path)) == tmp_path


def test_root_has_a_cache_of_the_systems(
    used: Callable[[Config], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user(monkeypatch, 0, tmp_path / "root", tmp_path / "var/cache/samego")
    assert used(Config()) == tmp_path / "var/cache/samego"
    assert not (tmp_path / "root").exists()


def test_a_user_has_one_at_home(
    used: Callable[[Config], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    user(monkeypatch, 1000, tmp_path / "home", tmp_path / "system")
    assert used(Config()) == tmp_path / "home/.cache/samego"
    assert not (tmp_path / "system").exists()


def test_the_root_of_fakeroot_has_one_at_home(
    used: Callable[[Config], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "file").write_bytes(b"")
    user(monkeypatch, 0, tmp_path / "home", tmp_path / "file/samego")
    assert used(Config()) == tmp_path / "home/.cache/samego"


def test_without_a_home_a_cache_ends_with_the_run(
    used: Callable[[Config], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user(monkeypatch, 1000, tmp_path / "missing/home", tmp_path)
    taken = used(Config())
    assert "samego-cache-" in taken.name
    assert not taken.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"reports"}


def test_the_waivers_of_the_source_tree_count_where_the_hook_runs_in_one(
    answer: Answer, tmp_path: Path
) -> None:
    seen: list[CheckOptions] = []

    def body(options: CheckOptions) -> Report:
        seen.append(options)
        return clean()

    answer(body)
    own = tmp_path / "own"
    own.write_text("path src/a.go: mine\n")
    (tmp_path / "debian").mkdir()
    tree = tmp_path / "debian/samego.waivers"
    options = CheckOptions((CHANGES,), tree=tmp_path, config=Config(waivers=own))
    environ = {"SAMEGO_SPOOL": str(tmp_path / "spool")}

    def lines(name: str) -> list[str]:
        run(name, options, environ, Silent())
        return [waiver.reason for waiver in seen.pop().waivers]

    assert lines("dpkg-buildpackage") == ["mine"]
    tree.write_text("path src/b.go: the tree's\n")
    assert lines("dpkg-buildpackage") == ["mine", "the tree's"]
    # These run in no tree of the user's: what lies there could be the package's own.
    assert lines("sbuild") == lines("pbuilder") == lines("makepkg") == ["mine"]
    tree.write_text("path *: all\n")
    with pytest.raises(InputError, match="line 1: '\\*' takes every path"):
        lines("dpkg-buildpackage")
    tree.unlink()
    tree.symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="is not a regular file"):
        lines("dpkg-buildpackage")
