from __future__ import annotations

import os
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from samego.errors import ReportsDirectoryError
from samego.model.subject import Package
from samego.report import reports_directory
from samego.report.load import load
from samego.report.reports_directory import keep, report_name
from support.reports import clean, trixie

WHEN = 1795487415.9  # 2026-11-24 02:30:15 UTC


def test_a_name_tells_when_and_what() -> None:
    assert report_name(trixie(), WHEN) == "20261124T023015Z_debian_golang-1.24_1.24.4-1_amd64"


@pytest.mark.parametrize(
    ("name", "version", "written"),
    [
        ("go", "2:1.25.1-2", "go_2-1.25.1-2_amd64"),
        ("../../etc", "/x", "..-..-etc_-x_amd64"),
        ("a\nb\x00\u202e", "ü", "a-nb-x00-u202e_-_amd64"),
    ],
)
def test_a_name_is_safe_for_a_file(name: str, version: str, written: str) -> None:
    report = trixie()
    package = Package(name, version, "amd64", "")
    odd = replace(report, subject=replace(report.subject, packages=(package,)))
    assert report_name(odd, WHEN) == f"20261124T023015Z_debian_{written}"


def test_a_name_has_an_end() -> None:
    report = trixie()
    package = Package("a" * 5000, "1", "amd64", "")
    long = replace(report, subject=replace(report.subject, packages=(package,)))
    assert len(report_name(long, WHEN)) == 200


def test_reports_of_one_second_have_names_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: WHEN)
    stem = report_name(trixie(), WHEN)
    paths = [keep(report, tmp_path / "new") for report in (trixie(), clean(), trixie())]
    assert [path.name for path in paths] == [f"{stem}.json", f"{stem}.2.json", f"{stem}.3.json"]
    assert [load(path) for path in paths] == [trixie(), clean(), trixie()]
    assert sorted((tmp_path / "new").iterdir()) == sorted(paths)


def test_everybody_may_read_it(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        assert stat.S_IMODE(keep(clean(), tmp_path).stat().st_mode) == 0o644
    finally:
        os.umask(mask)


def test_a_file_that_is_there_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: WHEN)
    outside = tmp_path / "outside"
    outside.write_text("mine")
    spool = tmp_path / "spool"
    spool.mkdir()
    (spool / f"{report_name(clean(), WHEN)}.json").symlink_to(outside)
    (spool / f"{report_name(clean(), WHEN)}.2.json").write_text("somebody else's")
    assert keep(clean(), spool).name.endswith(".3.json")
    assert outside.read_text() == "mine"


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReportsDirectoryError, match="No space left on device"):
        keep(clean(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_names_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: WHEN)
    monkeypatch.setattr(reports_directory, "_ATTEMPTS", 2)
    keep(clean(), tmp_path)
    keep(clean(), tmp_path)
    with pytest.raises(ReportsDirectoryError, match="others take every name"):
        keep(clean(), tmp_path)


def test_names_that_others_have_taken_are_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: WHEN)
    stem = report_name(clean(), WHEN)
    for number in range(1, 200):
        (tmp_path / f".{stem}{f'.{number}' if number > 1 else ''}.json.part").touch()
    path = keep(clean(), tmp_path)
    assert load(path) == clean()
    assert path.name.startswith(stem)


def test_no_link_leads_away_from_a_directory_that_others_may_write_to(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (tmp_path / "elsewhere").mkdir()
    (shared / "reports").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReportsDirectoryError, match="is a link"):
        keep(clean(), shared / "reports")
    assert list((tmp_path / "elsewhere").iterdir()) == []
