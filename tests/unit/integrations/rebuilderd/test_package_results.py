from __future__ import annotations

from collections.abc import Iterator

import pytest

from samego.errors import NetworkError
from samego.integrations.rebuilderd.client import RebuilderdClient, StrangeAnswerError
from samego.integrations.rebuilderd.package_results import PackageResult, of_list, read_package
from samego.integrations.rebuilderd.status import BuildState
from support.rebuilders import PACKAGE, daemon_v1, row_v0, row_v1, serve_json
from support.web import Web, serve

KEY = (PACKAGE.name, PACKAGE.version, PACKAGE.architecture)


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as running:
        yield running


def read(web: Web, distribution: str = "") -> tuple[PackageResult, ...]:
    with RebuilderdClient(web.url) as client:
        return read_package(client, *KEY, distribution)


def test_v1_tells_a_failed_build_by_the_build(web: Web) -> None:
    builds = {1: {"status": "FAIL", "built_at": "2026-11-23T17:00:00.5"}}
    daemon_v1(web, row_v1(None, attestation_log_id=7), builds=builds)
    [result] = read(web)
    assert (result.row.state, str(result.built)) == (
        BuildState.FAIL,
        "2026-11-23 17:00:00+00:00",
    )
    assert result.log == "/api/v1/builds/1/log"
    assert result.attestation == "/api/v1/builds/1/artifacts/1/attestation"
    assert any(f"name={PACKAGE.name}&version={PACKAGE.version}" in each for each in web.asked)


def test_a_build_that_is_gone_has_no_time(web: Web) -> None:
    daemon_v1(web, row_v1("GOOD"))
    [result] = read(web)
    assert (result.row.state, result.built) == (BuildState.GOOD, None)
    daemon_v1(web, row_v1("GOOD"), builds={1: {"built_at": "soon"}})
    [result] = read(web)
    assert result.built is None


def test_a_daemon_that_answers_with_all_it_has_is_read_all_the_same(web: Web) -> None:
    rows = [
        row_v0("BAD", 3, version="1.24.4-2"),
        row_v0("BAD", 4, architecture="arm64"),
        row_v0("BAD", 5, name="golang-1.24-src"),
        row_v0("BAD", 6, distro="ubuntu"),
        row_v0("GOOD", 7, has_attestation=True),
    ]
    serve_json(web, {"/api/v0/dashboard": {}, "/api/v0/pkgs/list": rows})
    [result] = read(web, "debian")
    assert (result.row.build, result.attestation) == (7, "/api/v0/builds/7/attestation")
    assert len(read(web)) == 2
    assert of_list(rows, *KEY, "debian") == (result,)


def test_rows_without_end_are_not_all_looked_at(web: Web) -> None:
    rows = [row_v0("GOOD", number) for number in range(1000)]
    serve_json(web, {"/api/v0/dashboard": {}, "/api/v0/pkgs/list": rows})
    assert len(read(web)) == 100


@pytest.mark.parametrize("build", [7, [], "x"])
def test_a_build_of_another_form(web: Web, build: object) -> None:
    daemon_v1(web, row_v1())
    answers = {
        "/api/v1/dashboard": {},
        "/api/v1/packages/binary": {"records": [{"id": 1, **row_v1()}]},
        "/api/v1/builds/1": build,
    }
    serve_json(web, answers)
    with pytest.raises(StrangeAnswerError) as caught:
        read(web)
    assert isinstance(caught.value, NetworkError)
