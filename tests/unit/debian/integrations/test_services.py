"""What rebuilderd and debaudit say of a package, and what is not known."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from samego.model.subject import Package
from samego.upstream.transport import http
from samego_debian.integrations.services import (
    Answer,
    Answered,
    Uploaded,
    ask_debaudit,
    ask_rebuilderd,
)
from support.verdict_servers import binary, debaudit, rebuilderd_v0, rebuilderd_v1, source
from support.web import Answer as Reply
from support.web import body, redirect, serve

SOURCE, VERSION = "golang-1.27", "1.27.3-1"
GO = Package("golang-1.27-go", VERSION, "amd64", "0" * 64)
SRC = Package("golang-1.27-src", VERSION, "all", "1" * 64)
ABOUT = Uploaded(SOURCE, VERSION, (GO, SRC), "d" * 64)


def rows(go: str | None, src: str | None = "GOOD", **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    return [
        binary(1, GO.name, VERSION, "amd64", status=go, build_id=7, **more),
        binary(2, SRC.name, VERSION, "all", status=src, build_id=8),
        binary(3, "bash", "5.2-1", "amd64", status="BAD", build_id=9, source_name="bash"),
    ]


def rebuilderd(reply: Reply, about: Uploaded = ABOUT) -> Answer:
    with serve() as web:
        web.fallback = reply
        return ask_rebuilderd(about, f"{web.url}/{{architecture}}", offline=False)


def audit(data: bytes, about: Uploaded = ABOUT, status: int = 200) -> Answer:
    with serve({"/results.json": body(data, status=status)}) as web:
        return ask_debaudit(about, f"{web.url}/results.json", offline=False)


@pytest.mark.parametrize(
    ("reply", "outcome", "words"),
    [
        pytest.param(rebuilderd_v1(rows("GOOD")), Answered.PASSES, "GOOD: ", id="good"),
        pytest.param(
            rebuilderd_v1(rows("BAD")),
            Answered.BLOCKS,
            "BAD: a rebuild gives other bytes, or no file, for golang-1.27-go",
            id="differs",
        ),
        pytest.param(
            rebuilderd_v1(rows(None), [source(1, SOURCE, VERSION, status="FAIL", build_id=7)]),
            Answered.NOT_KNOWN,
            "FAIL: it could not build golang-1.27-go",
            id="could not build",
        ),
        pytest.param(
            rebuilderd_v1(
                rows("GOOD", "BAD"), [source(1, SOURCE, VERSION, status="FAIL", build_id=7)]
            ),
            Answered.BLOCKS,
            "BAD: a rebuild gives other bytes, or no file, for golang-1.27-src",
            id="both",
        ),
        pytest.param(
            rebuilderd_v1(rows("UNKWN")), Answered.NOT_KNOWN, "it has no result for", id="unknown"
        ),
        pytest.param(rebuilderd_v1(rows(None)), Answered.NOT_KNOWN, "no result", id="null"),
        pytest.param(rebuilderd_v1([]), Answered.NOT_KNOWN, "no result", id="nothing"),
        pytest.param(
            rebuilderd_v1([binary(1, GO.name, "1.27.2-1", "amd64", status="BAD", build_id=1)]),
            Answered.NOT_KNOWN,
            f"it has no result for golang-1.27-go, golang-1.27-src {VERSION}; it knows 1.27.2-1",
            id="another version",
        ),
        pytest.param(
            rebuilderd_v1(
                [*rows("GOOD"), binary(9, GO.name, VERSION, "amd64", status="BAD", build_id=1)]
            ),
            Answered.BLOCKS,
            "BAD: ",
            id="of two suites the worse",
        ),
        pytest.param(
            rebuilderd_v1(rows("GOOD", distribution="kali")),
            Answered.NOT_KNOWN,
            "it has no result for golang-1.27-go 1.27.3-1",
            id="another distribution",
        ),
        pytest.param(rebuilderd_v0(rows("GOOD")), Answered.PASSES, "GOOD: ", id="v0 good"),
        pytest.param(rebuilderd_v0(rows("BAD")), Answered.BLOCKS, "BAD: ", id="v0 differs"),
        pytest.param(rebuilderd_v0(rows(None)), Answered.NOT_KNOWN, "FAIL: ", id="v0 failed"),
        pytest.param(body(b"<html>"), Answered.NOT_KNOWN, "does not answer", id="a page"),
        pytest.param(body(b"[]"), Answered.NOT_KNOWN, "does not answer", id="a list"),
        pytest.param(body(b"", status=404), Answered.NOT_KNOWN, "does not answer", id="no daemon"),
        pytest.param(body(b"", status=403), Answered.NOT_KNOWN, "cannot reach", id="forbidden"),
        pytest.param(redirect("file:///etc/passwd"), Answered.NOT_KNOWN, "", id="a redirect"),
    ],
)
def test_rebuilderds_verdict_counts_for_these_very_packages(
    reply: Reply, outcome: Answered, words: str
) -> None:
    answer = rebuilderd(reply)
    assert (answer.who, answer.outcome) == ("rebuilderd", outcome)
    assert words in answer.text
    assert answer.url.startswith("http://127.0.0.1:")


def test_each_architecture_has_a_daemon_of_its_own() -> None:
    with serve() as web:
        web.fallback = rebuilderd_v1(rows("GOOD"))
        ask_rebuilderd(ABOUT, f"{web.url}/{{architecture}}", offline=False)
    assert {path.split("/")[1] for path in web.asked} == {"all", "amd64"}
    assert any("source_name=golang-1.27" in path for path in web.asked)


@pytest.mark.parametrize(
    ("data", "outcome", "words"),
    [
        pytest.param(
            debaudit((SOURCE, VERSION, True, "800 - identical after tarball normalization")),
            Answered.PASSES,
            "orig-check: 800 - identical after tarball normalization",
            id="passes",
        ),
        pytest.param(
            debaudit((SOURCE, VERSION, False, "300 - other content")),
            Answered.BLOCKS,
            "orig-check: 300 - other content",
            id="blocks",
        ),
        pytest.param(
            debaudit((SOURCE, "1.27.2-1", False, "300 - other")),
            Answered.NOT_KNOWN,
            "it has checked 1.27.2-1, and not 1.27.3-1",
            id="another version",
        ),
        pytest.param(
            debaudit((SOURCE, VERSION, True, "800 - fine"), dsc_sha256="e" * 64),
            Answered.NOT_KNOWN,
            "it has checked another .dsc",
            id="another source package",
        ),
        pytest.param(debaudit(), Answered.NOT_KNOWN, "it does not know", id="unknown"),
        pytest.param(b"<html>", Answered.NOT_KNOWN, "does not answer as debaudit", id="a page"),
        pytest.param(b"[]", Answered.NOT_KNOWN, "does not answer as debaudit", id="a list"),
        pytest.param(
            b'{"golang-1.27": {}}',
            Answered.NOT_KNOWN,
            "not answer as debaudit",
            id="other keys",
        ),
        pytest.param(
            b'{"golang-1.27": {"migration_status": {"orig-check": {"can_migrate": "no", "sid":'
            b' {"version": "1.27.3-1", "diagnostic": "x"}}}}}',
            Answered.NOT_KNOWN,
            "does not answer as debaudit",
            id="another type",
        ),
        pytest.param(
            b"[" * 100_000, Answered.NOT_KNOWN, "does not answer as debaudit", id="nested"
        ),
    ],
)
def test_debaudits_word_counts_for_this_very_version(
    data: bytes, outcome: Answered, words: str
) -> None:
    answer = audit(data)
    assert (answer.who, answer.outcome) == ("debaudit", outcome)
    assert words in answer.text
    assert answer.url


def test_what_does_not_answer_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "RETRIES", 0)
    assert audit(b"", status=404).outcome is Answered.NOT_KNOWN
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for answer in (
        ask_rebuilderd(ABOUT, url, offline=False),
        ask_debaudit(ABOUT, url, offline=False),
        ask_rebuilderd(ABOUT, url, offline=True),
        ask_debaudit(ABOUT, url, offline=True),
    ):
        assert answer.outcome is Answered.NOT_KNOWN
        assert answer.url == url


def test_no_password_is_shown() -> None:
    for answer in (
        ask_rebuilderd(ABOUT, "http://me:secret@127.0.0.1:9", offline=True),
        ask_debaudit(ABOUT, "http://me:secret@127.0.0.1:9/r", offline=True),
    ):
        assert "secret" not in f"{answer.text} {answer.url}"
