"""What others put into the spool: shown with their name, counted nowhere, no harm to the rest."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from samego.errors import InputError
from samego.model.proof import Standing
from samego.monitor.history import importing
from samego.monitor.history.importing import Imported, import_reports, user_numbers
from samego.monitor.history.offers import current_offers
from samego.monitor.history.rows import RunFilter, moment
from samego.monitor.history.store import History
from samego.report.json import render, to_object
from samego.report.summary import Summary
from support import rebuild_results, reports

NOW = 1_795_000_000.0
STRANGER = 54_321
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    directory = tmp_path / "spool"
    directory.mkdir(mode=0o777)
    directory.chmod(0o1777)
    return directory


def put(spool: Path, name: str, text: str | bytes, owner: int | None = None) -> Path:
    path = spool / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    os.utime(path, (1_790_000_000, 1_790_000_000))
    if owner is not None:
        os.chown(path, owner, owner)
    return path


def take(history: History, *paths: Path, owners: tuple[int, ...] = ()) -> Imported:
    return import_reports(history, paths, owners=owners, now=NOW)


def test_no_report_is_of_a_time_after_it_came(history: History, spool: Path) -> None:
    put(spool, "20990101T000000Z_debian.json", render(Summary(reports.trixie())))
    late = put(spool, "plain.json", render(Summary(reports.sid())))
    os.utime(late, (4_000_000_000, 4_000_000_000))
    put(spool, "99991231T235959Z_go.json", json.dumps(rebuild_results.result()))
    assert take(history, spool).new == 3
    assert {run.when for run in history.runs()} == {moment(NOW)}
    assert [each.when for each in history.rebuilds()] == [moment(NOW)]


@root_only
def test_what_a_stranger_hands_in_is_shown_and_counts_for_nothing(
    history: History, spool: Path
) -> None:
    good = replace(reports.clean(), notes=("forged",))
    put(spool, "20261101T000000Z_a.json", render(Summary(reports.trixie())))
    put(spool, "20990101T000000Z_b.json", render(Summary(good)), STRANGER)
    put(spool, "c.json", json.dumps(rebuild_results.result()), STRANGER)
    found = import_reports(history, [spool], "trixie", now=NOW)
    assert (found.new, found.others) == (3, {f"user {STRANGER}": 2})
    (run,) = history.runs()
    assert (run.verdict, run.owner) == (Standing.UNPROVEN, "")
    assert history.rebuilds() == []
    shown = {run.owner: run.verdict for run in history.runs(RunFilter(others=True))}
    assert shown == {"": Standing.UNPROVEN, f"user {STRANGER}": Standing.EXPLAINED}
    assert [each.owner for each in history.rebuilds(RunFilter(others=True))] == [f"user {STRANGER}"]
    # Nor does a suite hold what only a stranger says.
    assert [offer.version for offer in current_offers(history)] == ["1.24.4-1"]


@root_only
def test_a_configured_owners_reports_count(history: History, spool: Path) -> None:
    put(spool, "a.json", render(Summary(reports.trixie())), STRANGER)
    assert take(history, spool, owners=(STRANGER,)).others == {}
    assert [run.owner for run in history.runs()] == [""]


@root_only
def test_what_a_stranger_copied_beforehand_is_ours_when_ours_comes(
    history: History, spool: Path
) -> None:
    text = render(Summary(reports.trixie()))
    stranger = put(spool, "a.json", text, STRANGER)
    take(history, stranger)
    assert list(history.runs()) == []
    found = take(history, put(spool, "20261101T000000Z_b.json", text), stranger)
    assert (found.new, found.known) == (0, 2)
    (run,) = history.runs()
    assert run.when.isoformat() == "2026-11-01T00:00:00+00:00"


@root_only
def test_an_owner_is_that_of_the_file_that_was_opened(
    history: History, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(spool, "a.json", render(Summary(reports.trixie())))
    real = importing._listed

    def swapped(*args: Any) -> Any:  # noqa: ANN401 - passed on unchanged
        listed = real(*args)
        os.chown(path, STRANGER, STRANGER)  # as if another file were put under its name
        return listed

    monkeypatch.setattr(importing, "_listed", swapped)
    found = take(history, spool)
    assert found.new == 0
    assert f"belongs to the user with uid {STRANGER}" in found.refused[0]


@root_only
def test_a_stranger_cannot_fill_the_history(
    history: History, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_REPORTS", 2)
    for number in range(5):
        text = render(Summary(replace(reports.trixie(), identical=number)))
        put(spool, f"{number}.json", text, STRANGER)
    put(spool, "z.json", render(Summary(reports.sid())))
    found = take(history, spool)
    assert (found.new, found.others) == (3, {f"user {STRANGER}": 2})
    assert f"3 more files of user {STRANGER}" in found.refused[0]
    # The rest comes with the next imports.
    assert take(history, spool).new == 2
    assert take(history, spool).new == 1


@root_only
def test_what_a_stranger_hands_in_that_is_no_report_is_bounded_too(
    history: History, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_REPORTS", 2)
    monkeypatch.setattr(importing, "MOST_BYTES", 1000)
    for number in range(5):
        put(spool, f"{number}.json", "{", STRANGER)
    put(spool, "large.json", b" " * 1001, STRANGER)
    put(spool, "z.json", render(Summary(reports.sid())))
    found = take(history, spool)
    assert found.new == 1
    assert [line.rpartition("/")[2].partition(" ")[0] for line in found.refused[:2]] == [
        "0.json",
        "1.json",
    ]
    assert found.refused[2].startswith(f"4 more files of user {STRANGER}")


def hostile() -> dict[str, bytes]:
    """Files that ended an import once, or could."""
    base = to_object(Summary(reports.trixie()))

    def forged(**changes: Any) -> bytes:  # noqa: ANN401 - any JSON
        return json.dumps({**base, **changes}).encode()

    subject: Any = base["subject"]
    package = subject["packages"][0]
    lone = {**subject, "packages": [{**package, "name": "\ud800", "version": "\udfff"}]}
    result = rebuild_results.result()
    return {
        "lone surrogate": forged(subject=lone),
        "lone surrogate in a rebuild": json.dumps({**result, "release": "\ud800"}).encode(),
        "a key twice": b'{"schema": "samego.report/1", "schema": "samego.report/1"}',
        "NaN": b'{"schema": "samego.report/1", "timings": NaN}',
        "deep": b'{"a":' * 100_000,
        "deep inputs": forged(inputs={"a": json.loads("[" * 60 + "]" * 60)}),
        "huge number": forged(inputs={"timestamp": 1 << 80}),
        "not text": b"\xff\xfe",
        "another schema": b'{"schema": "samego.report/99"}',
        "empty": b"",
        "no object": b"3",
        "rebuild of nothing": b'{"schema": "samego.rebuild/1"}',
    }


@pytest.mark.parametrize("name", hostile())
def test_one_hostile_file_ends_with_itself(name: str, history: History, spool: Path) -> None:
    put(spool, "0-hostile.json", hostile()[name])
    put(spool, "z.json", render(Summary(reports.trixie())))
    found = take(history, spool)
    assert (found.new, len(found.refused)) == (1, 1)
    assert "0-hostile.json" in found.refused[0]
    assert found.refused[0].isprintable()


def test_undecodable_names_are_kept_as_what_can_be_shown(history: History, spool: Path) -> None:
    subject = reports.trixie().subject
    package = replace(subject.packages[0], name="\udcff", version="\udc80", architecture="\x1b")
    report = replace(reports.trixie(), subject=replace(subject, packages=(package,)))
    put(spool, "a.json", render(Summary(report)))
    assert take(history, spool) == Imported(1, 0, (), {})
    (run,) = history.runs()
    assert f"{run.package}{run.version}{run.architecture}".isprintable()


@pytest.mark.parametrize("kind", ["pipe", "link", "link out", "directory", "dangling", "socket"])
def test_nothing_but_a_regular_file_is_read(kind: str, history: History, spool: Path) -> None:
    path, outside = spool / "0.json", spool.parent / "outside.json"
    outside.write_text(render(Summary(reports.sid())))
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    elif kind == "socket":
        os.mknod(path, 0o140600)
    else:
        target = {"link": "z.json", "link out": str(outside), "dangling": "nowhere"}[kind]
        path.symlink_to(target)
    put(spool, "z.json", render(Summary(reports.trixie())))
    found = take(history, spool)
    assert (found.new, len(found.refused)) == (1, 1)
    assert [run.package for run in history.runs()] == ["golang-1.24"]


def test_a_file_without_end_is_not_read(history: History, spool: Path) -> None:
    with (spool / "0.json").open("wb") as file:
        file.truncate(1 << 40)
    put(spool, "z.json", render(Summary(reports.trixie())))
    found = take(history, spool)
    assert (found.new, len(found.refused)) == (1, 1)
    assert f"has {1 << 40} bytes" in found.refused[0]


def test_a_fault_that_one_report_shows_keeps_no_other_out(
    history: History, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = History.add_report

    def faulty(self: History, data: bytes, *args: Any, **options: Any) -> bool:  # noqa: ANN401 - as they come
        if data == b"{}":
            raise ZeroDivisionError
        return real(self, data, *args, **options)

    monkeypatch.setattr(History, "add_report", faulty)
    put(spool, "0.json", "{}")
    put(spool, "z.json", render(Summary(reports.trixie())))
    found = take(history, spool)
    assert (found.new, found.refused) == (
        1,
        (f"{spool}/0.json cannot be imported (ZeroDivisionError)",),
    )


def test_a_link_that_is_named_is_not_followed(history: History, spool: Path) -> None:
    path = put(spool, "a.json", render(Summary(reports.trixie())))
    (spool / "link.json").symlink_to(path)
    with pytest.raises(InputError, match="is a link"):
        take(history, spool / "link.json")


def test_owners_are_users_that_there_are() -> None:
    assert list(user_numbers(["root", "1234"])) == [0, 1234]
    with pytest.raises(InputError, match="there is no user 'nobody-such'"):
        list(user_numbers(["nobody-such"]))
