"""Publishers killed at each of their steps in turn."""

from __future__ import annotations

from pathlib import Path

from support.cli import Samego
from support.publish_servers import Server, nginx
from support.publishing import (
    DIRECTORY_STEPS,
    DIRECTORY_WORDS,
    Pages,
    killed_at,
    over_http,
    published,
    stable_files,
    stable_of,
    through_link,
    write_pages,
)


def test_killed_at_any_step_a_directory_shows_the_old_or_the_new(
    tmp_path: Path, samego: Samego
) -> None:
    few = {"index.html": b"1", "a/b.json": b"1", "same.css": b"p{}", "gone.html": b""}
    then = {"index.html": b"2", "a/b.json": b"2", "same.css": b"p{}", "a/c/new.html": b"n"}
    sources = write_pages(tmp_path / "p1", few), write_pages(tmp_path / "p2", then)
    for step in range(1, 100, 2):
        target = tmp_path / f"srv{step}" / "go"
        target.parent.mkdir()
        assert samego("publish", sources[0], target).status == 0
        arguments = ("publish", sources[1], target)
        if not killed_at(step, DIRECTORY_STEPS, DIRECTORY_WORDS, arguments, samego, {}):
            break
        assert through_link(target) in (few, then)
        killed_at(step + 1, DIRECTORY_STEPS, DIRECTORY_WORDS, arguments, samego, {})
        assert through_link(target) in (few, then)
        assert samego("publish", sources[1], target).status == 0
        assert through_link(target) == then
        assert not {path.name for path in target.parent.iterdir()} - {"go", ".go.releases"}
    # The lock, five directories and a time, three copies, one link, a link renamed.
    assert 10 <= step < 99
    assert through_link(target) == then


def test_killed_at_any_request_http_shows_the_old_or_the_new(
    tmp_path: Path, samego: Samego
) -> None:
    few = {"index.html": b"1", "a/list": b"1", "same.css": b"p{}", "gone.json": b"1"}
    then = {"index.html": b"2", "a/list": b"2", "same.css": b"p{}", "new.json": b"2"}
    sources = write_pages(tmp_path / "p1", few), write_pages(tmp_path / "p2", then)
    events = ("http.client.send",)
    with nginx(tmp_path / "server") as server:
        published(samego, sources[0], server)
        for step in range(1, 99, 6):
            was, will = (few, then) if step % 12 == 1 else (then, few)
            source = sources[1] if will is then else sources[0]
            arguments = ("publish", source, server.destination)
            killed = False
            for at in (step, step + 3):
                killed |= killed_at(at, events, "", arguments, samego, server.environment)
                assert over_http(server, few, then) in (was, will)
                _assert_stable_files_are_whole(server, few, then)
            published(samego, source, server)
            assert over_http(server, few, then) == will
            assert stable_files(server) == stable_of(will)
            if not killed:
                break
    # At least the files, the records and the front page.
    assert 20 < step < 97


def _assert_stable_files_are_whole(server: Server, *allowed: Pages) -> None:
    for path, data in stable_files(server).items():
        assert data in [held[path] for held in allowed if path in held]


def _unsettled(server: Server) -> bool:
    record = (server.root / "go" / "published" / "current.json").read_text("utf-8")
    return '"unsettled": []' not in record


def test_what_an_interrupted_switch_changed_is_settled_by_another_release(
    tmp_path: Path, samego: Samego
) -> None:
    first, second = {"index.html": b"1", "list": b"1"}, {"index.html": b"2", "list": b"2"}
    # The data is again what it was before the switch that was interrupted.
    third = {"index.html": b"3", "list": b"1"}
    sources = [
        write_pages(tmp_path / f"p{n}", held) for n, held in enumerate((first, second, third))
    ]
    with nginx(tmp_path / "server") as server:
        published(samego, sources[0], server)
        for step in range(1, 60):
            arguments = ("publish", sources[1], server.destination)
            assert killed_at(step, ("http.client.send",), "", arguments, samego, server.environment)
            if stable_files(server) == {"list": b"2"}:
                break
        assert _unsettled(server)
        published(samego, sources[2], server)
        assert over_http(server, first, second, third) == third
        assert stable_files(server) == {"list": b"1"}
