from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from samego.integrations.rebuilders import go_dev
from samego.integrations.rebuilders.fetching import NetworkUse, UnreadableError
from samego.quorum.policy import RebuilderKind
from samego.quorum.voice import Heard, Voice
from samego.report.trackers import gorebuild
from support.rebuild_results import file as rebuilt
from support.rebuild_results import result, target
from support.rebuilders import ARCHIVE, MINE, NOW, OTHER, RELEASE, ZIP, one


def file(name: str, status: str, *texts: str, goos: str = "linux") -> dict[str, Any]:
    messages = [{"Time": "2026-07-23T07:59:19.5-07:00", "Text": text} for text in texts]
    log = {"Name": name, "Messages": messages or None, "Status": status}
    return {"Name": name, "GOOS": goos, "GOARCH": "amd64", "SHA256": "", "Log": log}


def report(*files: dict[str, Any]) -> dict[str, Any]:
    log = {"Name": "", "Messages": None, "Status": "FAIL"}
    return {
        "Version": "golang.org/x/build@v0.0.0",
        "End": "2026-07-23T07:59:19.123456789-07:00",
        "Bootstraps": [{"Version": "go1.22.6", "Dir": "", "Err": {}, "Log": log}],
        "Releases": [{"Version": "go1.24.4", "Log": log, "Files": list(files)}],
        "Log": log,
    }


@pytest.fixture
def asked(tmp_path: Path) -> Callable[[object], list[Voice]]:
    def ask(data: object) -> list[Voice]:
        path = tmp_path / "gorebuild.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
        rebuilder = one("Google", RebuilderKind.GO_DEV, file=path)
        return list(go_dev.ask(rebuilder, RELEASE, NetworkUse()))

    return ask


def test_what_was_built_otherwise_is_told_from_what_was_not_built(
    asked: Callable[[object], list[Voice]],
) -> None:
    differs = f"FAIL: rebuilt SHA256 {OTHER} does not match public download SHA256 {MINE}"
    archive, module = asked(
        report(
            file(ARCHIVE, "FAIL", "start", differs),
            file(ZIP, "FAIL", "FAIL: exit status 1"),
            file("go1.24.4.linux-arm64.tar.gz", "PASS"),
        )
    )
    assert (archive.says, archive.rebuilt, archive.sha256) == (Heard.DIFFERS, OTHER, MINE)
    assert (module.says, module.about, module.reason) == (Heard.FAILED, ZIP, "FAIL: exit status 1")
    assert archive.when is not None
    assert archive.when.isoformat() == "2026-07-23T14:59:19+00:00"


def test_what_only_looks_like_a_difference_is_none(
    asked: Callable[[object], list[Voice]],
) -> None:
    texts = (
        f"FAIL: rebuilt SHA256 {OTHER[1:]} does not match public download SHA256 {MINE}",
        f"FAIL: go.dev/dl-listed SHA256 {OTHER} does not match public download SHA256 {MINE}",
    )
    for text in texts:
        [voice] = asked(report(file(ARCHIVE, "FAIL", text)))
        assert voice.says is Heard.FAILED


def test_pass_and_skip(asked: Callable[[object], list[Voice]]) -> None:
    passed, skipped = asked(report(file(ARCHIVE, "PASS"), file(ZIP, "SKIP")))
    assert (passed.says, passed.sha256, passed.reason) == (Heard.AGREES, "", "")
    assert skipped.says is Heard.SILENT
    [macos] = asked(report(file(ARCHIVE, "PASS", goos="darwin")))
    assert macos.reason == "macOS signatures are left out of account"
    assert asked(report()) == []
    assert asked({**report(), "Releases": None}) == []


def test_what_samego_writes_in_this_format_is_read(
    asked: Callable[[object], list[Voice]],
) -> None:
    def voices(outcome: str, name: str = ARCHIVE, system: str = "linux-amd64") -> list[Voice]:
        data = result(target(system, rebuilt(name, outcome)))
        return asked(gorebuild.render([gorebuild.DatedRebuild(data, NOW)]))

    [good] = voices("reproduced")
    assert (good.says, good.sha256, good.when) == (Heard.AGREES, MINE, NOW)
    [bad] = voices("differs")
    assert (bad.says, bad.rebuilt, bad.sha256) == (Heard.DIFFERS, MINE, "")
    # These are compared by what is inside: their own bytes may be others.
    for given in (voices("reproduced", ZIP), voices("equivalent", system="darwin-arm64")):
        assert [(each.says, each.sha256) for each in given] == [(Heard.AGREES, "")]
    failed = result(target("linux-amd64", error="no disk space is left"))
    assert asked(gorebuild.render([gorebuild.DatedRebuild(failed, NOW)])) == []


@pytest.mark.parametrize(
    "data",
    [
        "<html>",
        "[]",
        "{}",
        '{"End": 1, "Releases": 7}',
        '{"End": "", "Releases": [7]}',
        json.dumps(report(file(ARCHIVE, "pass"))),
        json.dumps(report({**file(ARCHIVE, "PASS"), "SHA256": 7})),
        json.dumps(report({"Name": ARCHIVE})),
        "[" * 100_000,
    ],
)
def test_what_is_no_report_of_gorebuilds(asked: Callable[[object], list[Voice]], data: str) -> None:
    with pytest.raises(UnreadableError, match=r"gorebuild\.json does not answer as gorebuild does"):
        asked(data)
