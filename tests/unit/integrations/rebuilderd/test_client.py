"""What a daemon answers that rebuilderd would not; the real one is in the integration tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from samego.cli.main import main
from samego.errors import InputError, NetworkError
from samego.integrations.rebuilderd import client as client_module
from samego.integrations.rebuilderd.client import RebuilderdClient
from samego.integrations.rebuilderd.status import BuildState, read_status
from support.web import Web, body, redirect, serve

QUERY = "?limit=1000&sort=id&direction=Ascending"
ROW = {
    "name": "go",
    "version": "2:1.26.5-1",
    "distro": "archlinux",
    "suite": "extra",
    "architecture": "x86_64",
    "artifact_url": "https://example.org/go",
}


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as running:
        yield running


def answers(web: Web, path: str, data: Any) -> None:  # noqa: ANN401 - any JSON
    web.routes[path] = body(json.dumps(data).encode(), kind="application/json")


def test_version_0_is_read_where_there_is_no_other(web: Web) -> None:
    answers(web, "/api/v0/dashboard", {"suites": {}})
    rows = [
        {**ROW, "status": "GOOD", "build_id": 1},
        {**ROW, "version": "2:1.26.4-1", "status": "UNKWN", "build_id": 2},
        {**ROW, "version": "2:1.26.3-1", "status": "UNKWN", "build_id": None},
        {**ROW, "distro": "debian", "status": "BAD", "build_id": 3},
        {**ROW, "version": 7, "status": [], "build_id": True},
    ]
    answers(web, "/api/v0/pkgs/list", rows)
    with RebuilderdClient(web.url) as client:
        status = read_status(client, "archlinux")
        assert [row.state for row in status.rows] == [
            BuildState.UNKWN,
            BuildState.UNKWN,
            BuildState.FAIL,
            BuildState.GOOD,
        ]
        assert read_status(client).counts[BuildState.BAD] == 1
    assert (status.api, status.waiting) == (0, None)


def test_a_failed_build_is_told_from_one_that_differs(web: Web) -> None:
    answers(web, "/api/v1/dashboard", {"jobs": {"running": 1, "available": 2, "pending": 3}})
    binary = {**ROW, "distribution": "go", "component": "linux", "seen_in_last_sync": True}
    records = [
        {**binary, "id": 1, "status": None, "build_id": 1},
        {**binary, "id": 2, "status": "BAD", "build_id": 2},
        {**binary, "id": 3, "status": None, "build_id": None},
        {**binary, "id": 4, "status": "GOOD", "build_id": 4, "seen_in_last_sync": False},
    ]
    answers(web, f"/api/v1/packages/binary{QUERY}", {"total": 4, "records": records})
    sources = [{"id": 1, "status": "FAIL", "build_id": 1}, {"id": 2, "status": "BAD"}]
    answers(web, f"/api/v1/packages/source{QUERY}", {"total": 2, "records": sources})
    with RebuilderdClient(web.url) as client:
        status = read_status(client)
    assert [row.state for row in status.rows] == [BuildState.FAIL, BuildState.BAD, BuildState.UNKWN]
    assert (status.running, status.waiting) == (1, 5)


def test_pages_are_read_to_the_last(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PAGE", 2)
    query = QUERY.replace("1000", "2")
    path = f"/api/v1/packages/source{query}"
    answers(web, path, {"records": [{"id": 1}, {"id": 2}]})
    answers(web, f"{path}&after=2", {"records": [{"id": 5}]})
    with RebuilderdClient(web.url) as client:
        assert [row["id"] for row in client.source_packages()] == [1, 2, 5]
        # A server that gives the same page for ever is found out.
        answers(web, f"{path}&after=2", {"records": [{"id": 1}, {"id": 2}]})
        with pytest.raises(NetworkError, match="does not answer as rebuilderd does"):
            list(client.source_packages())


@pytest.mark.parametrize("data", [b"<html>", b"7", b'{"records": 7}', b'{"records": [7]}'])
def test_what_is_no_answer_of_rebuilderds(web: Web, data: bytes) -> None:
    web.routes[f"/api/v1/packages/source{QUERY}"] = body(data)
    with (
        RebuilderdClient(web.url) as client,
        pytest.raises(NetworkError, match="does not answer as"),
    ):
        list(client.source_packages())


def test_neither_version(web: Web) -> None:
    with (
        RebuilderdClient(web.url) as client,
        pytest.raises(NetworkError, match="does not answer as"),
    ):
        client.has_v1()


def test_an_answer_without_end(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "LIMIT", 100)
    web.routes["/api/v0/pkgs/list"] = body(b"[" + b" " * 200)
    with (
        RebuilderdClient(web.url) as client,
        pytest.raises(NetworkError, match="more than 100 bytes"),
    ):
        client.pkgs_list()


def test_errors_and_redirects_are_told_with_their_status(web: Web) -> None:
    web.routes["/api/v1/dashboard"] = body(b"out of order\n", status=500)
    web.routes["/api/v0/pkgs/list"] = redirect("https://elsewhere.example.org/")
    with RebuilderdClient(web.url) as client:
        with pytest.raises(NetworkError, match=r"answers 500"):
            client.has_v1()
        with pytest.raises(NetworkError, match="elsewhere"):
            client.pkgs_list()


def test_nobody_answers() -> None:
    with (
        RebuilderdClient("http://127.0.0.1:1") as client,
        pytest.raises(NetworkError, match="cannot reach rebuilderd"),
    ):
        client.dashboard()


def test_offline_nobody_is_asked() -> None:
    with pytest.raises(NetworkError, match="samego is offline"):
        RebuilderdClient("http://127.0.0.1:1", offline=True)


def test_what_is_no_endpoint() -> None:
    with pytest.raises(InputError):
        RebuilderdClient("ftp://example.org")


def test_the_command_tells_and_counts(
    web: Web, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(web, "/api/v0/dashboard", {})
    answers(web, "/api/v0/pkgs/list", [{**ROW, "status": "GOOD", "build_id": 1}])
    monkeypatch.setenv("REBUILDERD_COOKIE_PATH", "/nonexistent")
    assert main(["rebuilderd", "status", "--endpoint", web.url]) == 0
    assert capsys.readouterr().out == (
        f"{web.url} (API v0): 1 GOOD\nGOOD   go 2:1.26.5-1  archlinux extra x86_64  build 1\n"
    )
