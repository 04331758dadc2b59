"""Trackers' files in the hands of a real reader: Debian's debian-repro-status."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from samego.model.report import Report
from samego.report import json as as_json
from samego.report.summary import Summary
from support.builds import FAILED, debian, rebuilt
from support.chroot import Base, Chroot, cannot_run
from support.cli import Samego
from support.inputs import cache_directory

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(bool(cannot_run()), reason=cannot_run() or "-"),
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroot]:
    """A Debian system with debian-repro-status."""
    directory = tmp_path_factory.mktemp("reader")
    system = Chroot((Base(cache_directory()).directory(),), directory / "layer")
    system.check("apt-get", "update", "-q", network=True)
    system.check("apt-get", "install", "-q", "-y", "debian-repro-status", network=True)
    yield system
    shutil.rmtree(directory, ignore_errors=True)


def written(directory: Path, *reports: Report) -> list[Path]:
    files = []
    for number, report in enumerate(reports):
        file = directory / f"{number}.json"
        file.write_text(as_json.render(Summary(report)), "utf-8")
        files.append(file)
    return files


def test_debian_repro_status_reads_our_list(samego: Samego, reader: Chroot, tmp_path: Path) -> None:
    reports = written(
        tmp_path,
        rebuilt(debian("1.24.4-1")),
        rebuilt(debian("1.26.10-1"), "golang-1.26-go"),
        replace(debian("1.27.3-1"), reproduction=FAILED),
        debian("1.25.1-1"),
    )
    pkgs = tmp_path / "list.json"
    done = samego("report", *reports, "--to", "rebuilderd-v0", "--suite", "main", "-o", pkgs)
    assert done.status == 0, done.stderr
    installed = tmp_path / "dpkg"
    versions = {"1.24": "1.24.4-1", "1.25": "1.25.1-1", "1.26": "1.26.10-1", "1.27": "1.27.3-1"}
    lines = [
        f"installed golang-{line}-{part} {'amd64' if part == 'go' else 'all'} {version}\n"
        for line, version in versions.items()
        for part in ("go", "src", "doc")
    ]
    installed.write_text("".join(lines), "utf-8")
    states: dict[str, str] = {}
    for state in ("GOOD", "BAD", "UNKWN"):
        out = reader.run(
            *("debian-repro-status", "--architecture", "amd64", "--filter", state),
            *("--dpkg-query-output", "/dpkg", "--rebuilderd-query-output", "/list.json"),
            binds={installed: "/dpkg", pkgs: "/list.json"},
        )
        names = re.findall(r"golang-1\.\d+-(?:go|src|doc)", out.stdout)
        assert names, out.stdout
        states.update(dict.fromkeys(names, state))
    assert states == {
        **dict.fromkeys(("golang-1.24-go", "golang-1.24-src", "golang-1.24-doc"), "GOOD"),
        "golang-1.26-go": "BAD",
        "golang-1.26-src": "GOOD",
        "golang-1.26-doc": "GOOD",
        **dict.fromkeys(("golang-1.25-go", "golang-1.25-src", "golang-1.25-doc"), "UNKWN"),
        **dict.fromkeys(("golang-1.27-go", "golang-1.27-src", "golang-1.27-doc"), "UNKWN"),
    }
