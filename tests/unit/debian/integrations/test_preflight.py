"""The page of ``samego debian preflight``, with a toy package and upstream."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from samego.cli.main import main
from samego_debian.integrations import preflight
from samego_debian.integrations.services import Answer, Answered, Uploaded
from support.cli import the_error
from support.debian_packages import DebMaker
from support.reports import clean, trixie
from support.verdict_servers import binary, debaudit, rebuilderd_v1
from support.web import Web, body, serve

SOURCE, VERSION = "golang-1.24", "1.24.4-1"
GOOD = [
    binary(number, f"{SOURCE}-{part}", VERSION, architecture, status="GOOD", build_id=number)
    for number, (part, architecture) in enumerate(
        [("go", "amd64"), ("src", "all"), ("doc", "all")], start=1
    )
]
FINE = debaudit((SOURCE, VERSION, True, "800 - identical after tarball normalization"))
Told = Callable[..., dict[str, str]]


@pytest.fixture
def services() -> Iterator[Web]:
    with serve({"/results.json": body(FINE)}) as web:
        web.fallback = rebuilderd_v1(GOOD)
        yield web


@pytest.fixture
def words(
    services: Web, maker: DebMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """The command line for a package whose own check a test decides."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SAMEGO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SAMEGO_RECORD", "0")
    debs = [str(path) for path in maker.write_all()]
    urls = ("--rebuilderd", f"{services.url}/{{architecture}}", "--debaudit")
    return ["debian", "preflight", SOURCE, *debs, *urls, f"{services.url}/results.json"]


@pytest.fixture
def outcomes(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, str]]:
    def ask(status: int, report: Any = None, *more: str) -> dict[str, str]:  # noqa: ANN401 - a report or an error
        if report is not None:
            monkeypatch.setattr(preflight, "check", lambda *_: report)
        assert main([*words, *more, "--format", "json"]) == status
        page = json.loads(capsys.readouterr().out)
        assert page["schema"] == "samego.preflight/1"
        assert (page["package"], page["version"], page["architecture"]) == (
            SOURCE,
            VERSION,
            "amd64",
        )
        assert page["blocks"] is {0: False, 1: True, 2: None}[status]
        return {each["who"]: each["outcome"] for each in page["answers"]}

    return ask


def test_nothing_blocks_where_all_three_pass(outcomes: Told) -> None:
    passing = {"own check": "passes", "rebuilderd": "passes", "debaudit": "passes"}
    assert outcomes(0, clean()) == passing


def test_what_lacks_a_proof_is_not_known(outcomes: Told) -> None:
    assert outcomes(2, trixie())["own check"] == "not known"


def test_one_that_blocks_is_the_status(outcomes: Told, services: Web) -> None:
    services.fallback = rebuilderd_v1([{**GOOD[0], "status": "BAD"}, *GOOD[1:]])
    assert outcomes(1, trixie())["rebuilderd"] == "blocks"


def test_debaudit_may_block(outcomes: Told, services: Web) -> None:
    services.routes["/results.json"] = body(debaudit((SOURCE, VERSION, False, "300 - other")))
    assert outcomes(1, clean())["debaudit"] == "blocks"


def test_a_service_that_is_gone_is_not_known(outcomes: Told, services: Web) -> None:
    services.routes.clear()
    services.fallback = None
    found = outcomes(2, clean())
    assert (found["rebuilderd"], found["debaudit"]) == ("not known", "not known")


def test_the_packages_themselves_are_checked(
    outcomes: Told, maker: DebMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against a mirror that has the release with another file in it."""
    replace(maker, release="go1.99.0").write_all()
    mirror = tmp_path / "mirror"
    go = tmp_path / "upstream"
    files = {"VERSION": "go1.99.0\n", "src/main.go": "package other\n", "bin/go": "\x7fELF go"}
    for name, text in files.items():
        (go / name).parent.mkdir(parents=True, exist_ok=True)
        (go / name).write_text(text)
    mirror.mkdir()
    with tarfile.open(mirror / "go1.99.0.linux-amd64.tar.gz", "w:gz") as tar:
        tar.add(go, "go")
    monkeypatch.setenv("SAMEGO_MIRROR", str(mirror))
    assert outcomes(1, None, "--allow-unverified")["own check"] == "blocks"


def test_the_page_fits_a_screen(
    words: list[str],
    services: Web,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(preflight, "check", lambda *_: trixie())
    services.routes["/results.json"] = body(debaudit((SOURCE, VERSION, False, "300 - other")))
    assert main(words) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "golang-1.24 1.24.4-1 amd64: 1 answer blocks it, 1 of 3 is not known"
    assert lines[2].startswith(
        "not known  own check   golang-1.24 1.24.4-1 amd64 is not yet proven"
    )
    assert any(line.startswith("passes     rebuilderd  GOOD: ") for line in lines)
    assert any(line.startswith("blocks     debaudit    orig-check: 300") for line in lines)
    assert any("-> samego check --rebuild" in line for line in lines)
    assert len(lines) <= 24


@pytest.mark.parametrize(
    ("package", "message"),
    [
        ("golang", "'golang' is no source package of Go"),
        ("golang-1.27", "golang-1.24-go is not of golang-1.27"),
        ("golang-1.2", "golang-1.24-go is not of golang-1.2"),
    ],
)
def test_a_name_that_is_none_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str], package: str, message: str
) -> None:
    words[2] = package
    assert main([*words, "-q"]) == 2
    assert message in the_error(capsys.readouterr().err)


def test_the_worst_answer_is_the_status() -> None:
    def page(*outcomes: Answered) -> int:
        answers = tuple(Answer("x", outcome, "") for outcome in outcomes)
        return replace(preflight.ServicePage(ABOUT, ()), answers=answers).status

    passes, blocks, unknown = Answered
    assert page(passes, passes) == 0
    assert page(passes, unknown) == 2
    assert page(unknown, blocks) == 1


ABOUT = Uploaded(SOURCE, VERSION, ())
