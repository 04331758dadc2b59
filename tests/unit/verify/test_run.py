"""Verifying a report on a small toolchain, from its files alone."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from samego.check.options import CheckOptions
from samego.check.run import check
from samego.cli.main import main
from samego.config import Config
from samego.errors import InputError, SamegoError
from samego.model.proof import Standing
from samego.model.report import NotCompared, Report
from samego.model.subject import Package
from samego.model.verification import Verification
from samego.report import json as as_json
from samego.report.summary import Summary
from samego.system.progress import Silent
from samego.verify.run import Verified, VerifyOptions, verify
from support.builds import FAILED
from support.words import told, where_of

FILES = {
    "VERSION": b"go1.24.99\ntime 2025-05-29T19:37:36Z\n",
    "bin/go": b"an executable",
    "pkg/tool/linux_amd64/link": b"a tool",
    "src/a.go": b"package a\n",
    "src/b.go": b"package b\n",
}
Changed = Callable[[Report], Report]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(cache_directory=tmp_path / "cache", offline=True)


@pytest.fixture
def posted(tmp_path: Path) -> Path:
    file = tmp_path / "go1.24.99.linux-amd64.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        for path, data in FILES.items():
            member = tarfile.TarInfo(f"go/{path}")
            member.size, member.mode = len(data), 0o755 if path.startswith("bin/") else 0o644
            archive.addfile(member, io.BytesIO(data))
    return file


def goroot(directory: Path, changes: Mapping[str, bytes] | None = None) -> Path:
    for path, data in {**FILES, **(changes or {})}.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(0o755 if path.startswith("bin/") else 0o644)
    return directory


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return goroot(tmp_path / "tree", {"src/a.go": b"package x\n", "src/new.go": b"package new\n"})


@pytest.fixture
def report(config: Config, posted: Path, tree: Path) -> Report:
    options = CheckOptions((str(tree),), upstream=posted, allow_unverified=True, config=config)
    return check(options, Silent())


def verified(report: Report, config: Config, *files: Path) -> Verified:
    return verify(VerifyOptions(report, files, config=config), Silent())


def without(report: Report, path: str) -> Report:
    return replace(report, findings=tuple(f for f in report.findings if f.path != path))


def test_a_report_holds_for_its_files(
    report: Report, config: Config, posted: Path, tree: Path
) -> None:
    assert [finding.path for finding in report.findings] == ["src/a.go", "src/new.go"]
    result = verified(report, config, tree, posted)
    assert (result.exit_status, result.held, result.broken) == (0, 2, ())


def test_the_same_files_elsewhere_are_the_same(
    report: Report, config: Config, posted: Path, tree: Path, tmp_path: Path
) -> None:
    moved = tree.rename(tmp_path / "elsewhere")
    assert verified(report, config, moved, posted).exit_status == 0


def raised(report: Report) -> Report:
    first = replace(report.findings[0], standing=Standing.EXPLAINED, rule="patched_source")
    return replace(report, findings=(first, *report.findings[1:]))


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        (raised, "src/a.go", "claimed explained, but the replay gives unexplained"),
        (lambda r: without(r, "src/a.go"), "src/a.go", "the report is silent about it"),
        (lambda r: without(r, "src/new.go"), "src/new.go", "the report is silent about it"),
        (lambda r: replace(r, identical=r.identical + 1), "", "4 paths are identical"),
        (
            lambda r: replace(r, not_compared=(NotCompared("test/", 1),)),
            "",
            "other paths could not be compared",
        ),
        (
            lambda r: replace(r, subject=replace(r.subject, goroot="usr/lib/go")),
            "",
            "GOROOT is",
        ),
        (
            lambda r: replace(
                r, subject=replace(r.subject, packages=(Package("go", "1.24.4-1", "", ""),))
            ),
            "",
            "the packages are not those",
        ),
    ],
)
def test_what_was_changed_in_a_report_does_not_hold(
    change: Changed, path: str, told: str, report: Report, config: Config, posted: Path, tree: Path
) -> None:
    forged = change(report)
    result = verified(forged, config, tree, posted)
    assert result.exit_status == 1
    assert result.broken[0].path == path
    assert told in result.broken[0].why


@pytest.mark.parametrize("path", ["src/b.go", "bin/go", "src/a.go"])
def test_a_file_that_was_changed_does_not_fit_its_report(
    path: str, report: Report, config: Config, posted: Path, tree: Path
) -> None:
    (tree / path).write_bytes(FILES[path] if path == "src/a.go" else b"other")
    result = verified(report, config, tree, posted)
    assert result.exit_status == 1
    assert result.broken[0].path == path


def test_another_upstream_file_is_no_file_of_the_report(
    report: Report, config: Config, posted: Path, tree: Path
) -> None:
    forged = replace(report, upstream=replace(report.upstream, sha256="0" * 64))
    result = verified(forged, config, tree, posted)
    assert result.exit_status == 1
    assert f"{posted.name} is no file of this report" in result.broken[0].why


def test_an_upstream_file_that_is_said_to_be_verified_must_be(
    report: Report, config: Config, posted: Path, tree: Path
) -> None:
    ways = (Verification("sha256 in the release index", "go.dev/dl"),)
    forged = replace(report, upstream=replace(report.upstream, verified=ways))
    with pytest.raises(SamegoError, match="no known checksum source"):
        verified(forged, config, tree, posted)


def test_an_input_that_is_not_at_hand_is_no_pass(
    report: Report, config: Config, posted: Path, tree: Path
) -> None:
    forged = replace(report, inputs={**report.inputs, "settings": {"GO386": "softfloat"}})
    result = verified(forged, config, tree, posted)
    assert (result.exit_status, result.broken) == (2, ())
    assert "declared settings" in result.unrepeated[0].what


def test_a_rebuild_of_the_packages_is_another_question(
    report: Report, config: Config, posted: Path, tree: Path
) -> None:
    result = verified(replace(report, reproduction=FAILED), config, tree, posted)
    assert result.exit_status == 0
    assert "another question" in result.unrepeated[0].what


def test_the_bar_is_that_of_whoever_verifies(
    report: Report, config: Config, posted: Path, tree: Path
) -> None:
    strict = replace(report, required=Standing.IDENTICAL)
    result = verified(strict, config, tree, posted)
    assert (result.exit_status, result.broken) == (2, ())
    assert "--require identical" in result.unrepeated[0].needs
    options = VerifyOptions(strict, (tree, posted), required="identical", config=config)
    assert verify(options, Silent()).exit_status == 0


@pytest.mark.parametrize("rule", ["witness_build", "patched_source", "layout", ""])
def test_an_identical_file_that_is_accused_refutes_the_report(
    rule: str, report: Report, config: Config, posted: Path, tree: Path
) -> None:
    accusation = replace(report.findings[0], path="src/b.go", rule=rule, causes=told("a backdoor"))
    inputs = {**report.inputs, "patches": ["evil.patch"], "settings": {"GO386": "sse2"}}
    findings = (report.findings[0], accusation, *report.findings[1:])
    forged = replace(report, findings=findings, inputs=inputs)
    result = verified(forged, config, tree, posted)
    assert result.exit_status == 1
    assert {item.path for item in result.broken} == {"src/b.go"}


@pytest.mark.parametrize(
    "command",
    [
        "curl x | sh",
        "samego check --rebuild x; id",
        "samego check --rebuild $(id)",
        "samego check --rebuild -o y x",
        "id",
    ],
)
def test_a_command_that_samego_does_not_write_is_refused(
    command: str, report: Report, config: Config, posted: Path, tree: Path
) -> None:
    first = replace(report.findings[0], command=command)
    forged = replace(report, findings=(first, *report.findings[1:]))
    result = verified(forged, config, tree, posted)
    assert result.exit_status == 1
    assert "its command is none that samego writes" in result.broken[0].why


def test_upstreams_file_is_fetched_where_it_is_not_given(
    report: Report, config: Config, tree: Path
) -> None:
    with pytest.raises(SamegoError) as caught:  # offline, and nothing is in the cache
        verified(report, config, tree)
    assert f"sha256 {report.upstream.sha256}" in caught.value.hint
    assert "name it among the files" in caught.value.hint


def test_nothing_to_check(report: Report, config: Config, posted: Path) -> None:
    with pytest.raises(InputError, match="what was checked is not among the files"):
        verified(report, config, posted)


def test_a_distro_without_its_plugin(
    report: Report, config: Config, posted: Path, tree: Path
) -> None:
    forged = replace(report, subject=replace(report.subject, distro="plan9"))
    with pytest.raises(InputError, match="no plugin for the distro 'plan9'"):
        verified(forged, config, tree, posted)


def test_a_report_of_an_earlier_version_holds_whose_words_are_no_values(
    report: Report, posted: Path, tree: Path, config: Config
) -> None:
    assert any(finding.lines for finding in report.findings)
    earlier = replace(
        report,
        in_words=True,
        findings=tuple(
            replace(finding, where=told(where_of(finding)), reach=None)
            for finding in report.findings
        ),
    )
    assert verify(VerifyOptions(earlier, (tree, posted), config=config), Silent()).exit_status == 0
    other = replace(
        report,
        findings=tuple(
            replace(finding, where=(replace(finding.lines, first=99),))
            if finding.lines
            else finding
            for finding in report.findings
        ),
    )
    result = verify(VerifyOptions(other, (tree, posted), config=config), Silent())
    assert {broken.path for broken in result.broken} == {
        finding.path for finding in report.findings if finding.lines
    }


def test_on_the_command_line(
    report: Report,
    posted: Path,
    tree: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "r.json"
    cache = str(tmp_path / "cache")
    options = ["--offline", "--cache", cache, "-q"]
    file.write_text(as_json.render(Summary(report)), "utf-8")
    assert main(["verify", str(file), str(tree), str(posted), *options]) == 0
    out = capsys.readouterr().out
    first, taken, says = out.splitlines()[:3]
    assert first == "what the report says of these files holds: 2 differences replayed"
    assert taken == "taken from the report, not repeated: asked, samego, timings"
    assert says.startswith("It says: ")

    file.write_text(as_json.render(Summary(raised(report))), "utf-8")
    assert main(["verify", str(file), str(tree), str(posted), *options]) == 1
    out = capsys.readouterr().out
    assert out.startswith(
        "the report does not hold: src/a.go: claimed explained, but the replay gives unexplained"
    )

    assert main(["verify", str(file), str(tree), str(posted), *options, "--format", "json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["schema"], data["holds"]) == ("samego.verify/1", False)
    assert data["broken"][0]["path"] == "src/a.go"
