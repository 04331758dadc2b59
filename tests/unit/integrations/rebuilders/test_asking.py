"""What cannot be asked, or answers what it should not, is said and decides nothing."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path

import pytest

from samego.integrations.rebuilders import asking
from samego.integrations.rebuilders.asking import ask_all
from samego.integrations.rebuilders.fetching import NetworkUse
from samego.integrations.rebuilders.given import SignedFile
from samego.quorum.policy import Rebuilder, RebuilderKind
from samego.quorum.voice import Heard, Voice
from samego.system import ending
from samego.system.watchdog import Watchdog
from samego.upstream.transport import http
from support.rebuilders import PACKAGE, RELEASE, one, serve_json
from support.web import Web, body, raw, redirect, serve

KINDS = (RebuilderKind.REBUILDERD, RebuilderKind.GO_DEV, RebuilderKind.SOURCE_SPOTTER)


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as running:
        yield running


def hear(rebuilder: Rebuilder, *, timeout: float = 5, offline: bool = False) -> Voice:
    question = PACKAGE if rebuilder.kind is RebuilderKind.REBUILDERD else RELEASE
    lines: list[str] = []
    [voice] = ask_all([rebuilder], [], question, NetworkUse(offline, timeout), lines.append)
    assert lines == ["asking 1 rebuilder"]
    return voice


def stalls(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    handler.wfile.flush()
    time.sleep(3)


def drips(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    while True:
        handler.wfile.write(b" " * 65536)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "answer",
    [
        body(b"<!DOCTYPE html><html><body>Welcome</body></html>", kind="text/html"),
        body(b""),
        body(b"\xff\xfe\x00"),
        body(b"7"),
        body(b"{}"),
        body(b"[" * 200_000),
        body(b'{"records": {}, "Releases": 7, "End": 7}'),
        body(b"no", status=403),
        body(b"no", status=500),
        raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
        redirect("/"),
        redirect("file:///etc/passwd"),
    ],
)
def test_a_hostile_answer_is_no_answer(
    web: Web,
    kind: RebuilderKind,
    answer: Callable[[BaseHTTPRequestHandler], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ending, "sleep", lambda _seconds: None)
    web.fallback = answer
    voice = hear(one("A", kind, url=web.url))
    assert voice.says in (Heard.UNREACHABLE, Heard.UNREADABLE)
    assert voice.reason
    assert "\n" not in voice.reason


@pytest.mark.parametrize("kind", KINDS)
def test_who_sends_without_end_or_not_at_all_is_not_waited_for(
    web: Web, kind: RebuilderKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samego.integrations.rebuilderd.client.LIMIT", 1 << 20)
    monkeypatch.setattr(
        "samego.integrations.rebuilders.fetching.fetch.__kwdefaults__", {"limit": 1 << 20}
    )
    web.fallback = endless
    assert hear(one("A", kind, url=web.url)).says is Heard.UNREACHABLE
    web.fallback = stalls
    monkeypatch.setattr(ending, "sleep", lambda _seconds: None)
    assert hear(one("A", kind, url=web.url), timeout=0.1).says is Heard.UNREACHABLE
    # Each byte is in time, and there is no end to them.
    monkeypatch.setattr(http, "Watchdog", lambda _grace, rate: Watchdog(0.3, rate))
    web.fallback = drips
    voice = hear(one("A", kind, url=web.url))
    assert (voice.says, "sends too slowly" in voice.reason) == (Heard.UNREACHABLE, True)


def test_a_daemon_with_page_after_page_is_not_waited_for(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count(1)

    def pages(handler: BaseHTTPRequestHandler) -> None:
        # Nothing of it is what was asked for.
        records = [{"id": next(numbers), "name": "x"} for _ in range(1000)]
        body(json.dumps({"records": records}).encode())(handler)

    monkeypatch.setattr(asking, "PATIENCE", 1.0)
    monkeypatch.setattr("samego.integrations.rebuilderd.package_results._MOST_ROWS", 1 << 62)
    web.fallback = pages
    voice = hear(one("A", url=web.url))
    assert (voice.says, voice.reason) == (
        Heard.UNREACHABLE,
        "it has not answered in full within 1 s",
    )
    assert len(web.asked) < 1000


def test_those_who_are_down_do_not_add_up(web: Web) -> None:
    serve_json(web, {})
    many = [one(f"O{number}", RebuilderKind.REBUILDERD, url=web.url) for number in range(20)]
    found = ask_all(many, [], PACKAGE, NetworkUse(), print)
    assert [voice.rebuilder for voice in found] == many
    assert {voice.says for voice in found} == {Heard.UNREADABLE}


def test_an_ended_run_waits_for_nobody(web: Web) -> None:
    web.fallback = stalls
    ending.end_all()
    try:
        with pytest.raises(ending.RunEndedError):
            hear(one("A", url=web.url))
    finally:
        ending.begin()


@pytest.mark.parametrize("kind", KINDS)
def test_who_does_not_know_it_is_silent_and_who_is_down_is_not(
    web: Web, kind: RebuilderKind
) -> None:
    down = hear(one("A", kind, url="http://127.0.0.1:9"))
    assert down.says is Heard.UNREACHABLE
    assert hear(one("A", kind, url=web.url), offline=True).says is Heard.UNREACHABLE
    assert web.asked == []


def test_a_saved_answer_that_is_not_there(tmp_path: Path) -> None:
    for kind in KINDS:
        voice = hear(one("A", kind, file=tmp_path / "none"))
        assert voice.says is Heard.UNREADABLE
        assert "none cannot be read" in voice.reason
    assert hear(one("A", file=tmp_path)).says is Heard.UNREADABLE


def test_a_rebuilder_whose_results_are_handed_around() -> None:
    alice = one("Alice", RebuilderKind.ENVELOPE)
    [voice] = ask_all([alice], [], PACKAGE, NetworkUse(), print)
    assert (voice.says, voice.reason) == (
        Heard.SILENT,
        "no result that was given is signed by it",
    )
    broken = SignedFile("broken.json", b"<html>")
    found = ask_all([alice], [broken], PACKAGE, NetworkUse(), print)
    assert [(each.rebuilder.operator, each.says) for each in found] == [
        ("", Heard.UNREADABLE),
        ("Alice", Heard.SILENT),
    ]


def test_without_its_library_a_signed_result_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_name: str) -> None:
        raise ImportError("No module named 'securesystemslib'")

    monkeypatch.setattr(importlib, "import_module", gone)
    file = SignedFile("a.json", b"{}")
    [voice] = ask_all([], [file], PACKAGE, NetworkUse(), print)
    assert voice.says is Heard.UNREADABLE
    assert voice.reason.startswith("a library for signed results cannot be imported")
