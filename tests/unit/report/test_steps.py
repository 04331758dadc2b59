from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest

from samego.errors import ReportError
from samego.model.asked import Asked, From
from samego.model.finding import Side, unexplained
from samego.model.report import Report
from samego.model.value import Told
from samego.model.waiver import Takes, Waiver
from samego.report import load
from samego.report.json import to_object
from samego.report.steps import next_steps
from samego.report.summary import Summary
from support.reports import broken_only, clean, sid, trixie, unverified, waived

SUITE = Asked(From.SUITE, (), "samego check debian:sid/golang-1.27")


def steps(report: Report) -> list[tuple[str, str]]:
    return list(next_steps(Summary(replace(report, asked=SUITE))))


def test_what_breaks_is_reported_or_accepted_before_anything_is_proven() -> None:
    report, accept, *_others, prove = steps(sid())
    assert report[1] == f"{SUITE.command} --format debian-bug"
    assert accept[1].startswith(f"{SUITE.command} --waive lib/fips140/inprocess.zip --waive ")
    assert prove[0].startswith("prove the ")


def test_every_step_has_a_command_of_words_alone() -> None:
    odd = unexplained("src/it's odd.go", Side.BOTH, "text", Told("nothing"))
    for base in (sid(), broken_only(), replace(clean(), findings=(odd,)), unverified(clean())):
        found = steps(base)
        assert found
        for _purpose, command in found:
            for part in command.split("; "):
                assert shlex.split(part)[0] in {"samego", "apt-get"}
    assert any(
        "'src/it'\"'\"'s odd.go'" in command
        for _, command in steps(replace(clean(), findings=(odd,)))
    )


def test_nothing_is_asked_of_what_is_waived() -> None:
    odd = [unexplained(f"src/{name}.go", Side.BOTH, "text", Told("nothing")) for name in "ab"]
    line = Waiver(Takes.PATH, "it is ours", "samego.waivers", 1, pattern="src/a.go")
    report = replace(clean(), findings=tuple(odd), waivers=(line,))
    commands = [command for _what, command in steps(report)]
    assert any("src/b.go" in command for command in commands)
    assert not any("src/a.go" in command for command in commands)
    assert not steps(replace(report, waivers=(replace(line, pattern="src/*"),)))


def test_a_path_that_begins_as_an_option_stays_a_path() -> None:
    odd = unexplained("-o/etc/x", Side.BOTH, "text", Told("nothing"))
    *_others, (_what, command) = steps(replace(clean(), findings=(odd,)))
    assert command.endswith("; samego explain report.json -- -o/etc/x")


def test_a_report_that_passes_asks_for_nothing() -> None:
    assert not steps(clean())
    assert not steps(waived(broken_only()))


def test_the_source_package_is_asked_for_where_none_was_given_and_only_then() -> None:
    odd = unexplained("src/a.go", Side.BOTH, "text", Told("nothing"))
    report = replace(clean(), findings=(odd,))
    fetch, again, find = steps(report)
    assert fetch[1] == "apt-get source --download-only golang-1.24=1.24.4-1"
    assert again[1] == f"{SUITE.command} --source golang-1.24_1.24.4-1.dsc"
    command = f"{SUITE.command} --format json -o report.json; samego explain report.json src/a.go"
    assert find == ("find the cause of the difference in src/a.go", command)
    source = {"name": "golang-1.24_1.24.4-1.dsc", "sha256": "0", "signature": "none"}
    assert steps(replace(report, inputs={"source": source})) == [find]


def test_an_upstream_that_nobody_verified_is_asked_for_again() -> None:
    assert steps(unverified(clean()))[-1][1] == SUITE.command


@pytest.mark.parametrize("report", [sid(), trixie()])
def test_what_was_asked_is_not_made_up(report: Report) -> None:
    own = {finding.command for finding in report.findings}
    commands = {command for _, command in next_steps(Summary(report))} - own
    assert all("samego check" not in command for command in commands)


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf .",
        "samego check a; rm -rf .",
        "samego check $(rm -rf .)",
        "samego check a.deb >b",
        "samego check a.deb -o b",
        "samego check --output=b a.deb",
        "samego check a.deb --config b",
        "samego  check a.deb",
        "samego check 'a",
    ],
)
def test_a_report_cannot_bring_a_command_of_its_own(command: str) -> None:
    found = to_object(Summary(replace(clean(), asked=SUITE)))
    load.loads(json.dumps(found).encode(), name="r")
    found["asked"] = {"from": "suite", "instead": [], "command": command}
    with pytest.raises(ReportError, match=r"asked\.command is none"):
        load.loads(json.dumps(found).encode(), name="r")
