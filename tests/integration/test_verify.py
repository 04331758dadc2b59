"""A second person's check of reports on real packages: they hold, and forged ones do not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from samego.model.finding import Finding, Side
from samego.model.proof import Proof, Standing
from samego.model.report import Report
from samego.report import json as as_json
from samego.report.load import load
from samego.report.summary import Summary
from support.cli import Result, Samego
from support.deb_repack import Deb
from support.inputs import cache_directory
from support.reference_cache import reference_cache
from support.words import cause_of, told

pytestmark = [pytest.mark.network, pytest.mark.timeout(2 * 3600)]

PATCHED = "src/runtime/crash_unix_test.go"

Verify = Callable[..., Result]
Change = Callable[[Report], Report]


@pytest.fixture(scope="module")
def dsc(go124_source: Path) -> Path:
    (found,) = go124_source.glob("*.dsc")
    return found


@pytest.fixture(scope="module")
def kept() -> Path:
    """The cache with the tests' reference builds."""
    return reference_cache(cache_directory())


@pytest.fixture(scope="module")
def trixie(trixie_rebuilt_report: Path) -> Path:
    """The report on trixie's packages with every executable proven by a kept reference build."""
    return trixie_rebuilt_report


@pytest.fixture(scope="module")
def sid(sid_report: Path) -> Path:
    """The report on sid's packages: things that break, and paths that nothing accounts for."""
    return sid_report


@pytest.fixture(scope="module")
def verify(
    samego: Samego, trixie_go124_debs: list[Path], go1244_module_zip: Path, dsc: Path
) -> Verify:
    """Verify a report on trixie's packages, with everything at hand but a reference build."""

    def run(report: Path, *options: str | Path, debs: list[Path] | None = None) -> Result:
        files = [*(debs or trixie_go124_debs), go1244_module_zip]
        return samego("verify", report, *files, "--source", dsc, *options)

    return run


def changed(report: Path, tmp_path: Path, change: Change) -> Path:
    """A report that somebody changed by hand, and made to agree with itself again."""
    file = tmp_path / "forged.json"
    file.write_text(as_json.render(Summary(change(load(report)))), "utf-8")
    return file


def one(path: str, change: Callable[[Finding], Finding]) -> Change:
    def whole(report: Report) -> Report:
        assert path in {finding.path for finding in report.findings}
        findings = [change(f) if f.path == path else f for f in report.findings]
        return replace(report, findings=tuple(findings))

    return whole


def silent(path: str) -> Change:
    return lambda report: replace(
        report, findings=tuple(f for f in report.findings if f.path != path)
    )


def test_a_report_holds_with_the_reference_that_it_names(
    verify: Verify, trixie: Path, kept: Path
) -> None:
    done = verify(trixie, "--cache", kept)
    assert done.status == 0, done.stdout + done.stderr
    assert done.stdout.startswith("what the report says of these files holds: ")
    assert "\nnot repeated: " not in done.stdout


def test_a_reference_may_be_given(verify: Verify, trixie: Path, kept: Path) -> None:
    keys = {
        str(finding.proof.details["witness"])
        for finding in load(trixie).findings
        if finding.rule == "witness_build" and finding.proof
    }
    (key,) = keys
    done = verify(trixie, "--reference", kept / "reference/built" / key, "--format", "json")
    assert (done.status, json.loads(done.stdout)["holds"]) == (0, True), done.stderr


def test_without_a_reference_it_is_told_and_does_not_pass(verify: Verify, trixie: Path) -> None:
    done = verify(trixie, "--format", "json")
    assert done.status == 2
    answer = json.loads(done.stdout)
    assert (answer["holds"], answer["broken"]) == (None, [])
    (untold,) = answer["not_repeated"]
    assert len(untold["paths"]) == 16
    assert untold["decides"]
    assert "--rebuild builds one here" in untold["needs"]


def test_without_the_source_package_patches_are_told(
    samego: Samego,
    trixie: Path,
    trixie_go124_debs: list[Path],
    go1244_module_zip: Path,
    dsc: Path,
    kept: Path,
) -> None:
    (orig,) = dsc.parent.glob("*.orig.tar.gz")
    done = samego(
        *("verify", trixie, "--format", "json"),
        *trixie_go124_debs,
        *(go1244_module_zip, orig),
        *("--cache", kept),
    )
    assert done.status == 2, done.stderr
    answer = json.loads(done.stdout)
    assert answer["broken"] == []
    assert PATCHED in {path for item in answer["not_repeated"] for path in item["paths"]}


def test_a_bad_result_holds_too(
    samego: Samego, sid: Path, sid_go127_debs: list[Path], go1273_module_zip: Path
) -> None:
    done = samego("verify", sid, *sid_go127_debs, go1273_module_zip)
    assert done.status == 0, done.stdout
    assert "does not pass" in done.stdout


def test_a_consequence_that_is_left_out_does_not_hold(
    samego: Samego,
    sid: Path,
    sid_go127_debs: list[Path],
    go1273_module_zip: Path,
    tmp_path: Path,
) -> None:
    path = load(sid).consequences[0].path
    forged = changed(sid, tmp_path, one(path, lambda f: replace(f, consequences=())))
    done = samego("verify", forged, *sid_go127_debs, go1273_module_zip)
    assert done.status == 1
    told = " ".join(done.stdout.split())
    assert f"{path}: the report tells 0 consequences of it; there are 1" in told


UNPROVEN_PROOF = Proof("shebang", Standing.EQUIVALENT, told("only its first line"), digest="0" * 64)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        # One standing raised by hand: the rule that is named does not give it.
        (
            one(PATCHED, lambda f: replace(f, standing=Standing.EQUIVALENT)),
            f"{PATCHED}: claimed equivalent, but the replay gives explained",
        ),
        # One digest changed, in a proof.
        (
            one(
                PATCHED,
                lambda f: replace(f, proof=f.proof and replace(f.proof, digest="0" * 64)),
            ),
            f"{PATCHED}: the proof by patched_source is not what its replay gives",
        ),
        # One finding removed: the path differs, and the report is silent.
        (silent(PATCHED), f"{PATCHED}: it differs"),
        (silent("bin/gofmt"), "bin/gofmt: it differs"),
        (silent("CONTRIBUTING.md"), "CONTRIBUTING.md: it differs"),
        # A number changed.
        (
            lambda r: replace(r, identical=r.identical + 1),
            "paths are identical on both sides; the report says",
        ),
        # Another rule than the one that proves it.
        (
            one(
                PATCHED,
                lambda f: replace(
                    f,
                    rule="shebang",
                    standing=Standing.EQUIVALENT,
                    causes=told(cause_of(UNPROVEN_PROOF)),
                    proof=UNPROVEN_PROOF,
                ),
            ),
            f"{PATCHED}: claimed equivalent, but the replay gives unexplained",
        ),
        # A cause in kinder words.
        (
            one(PATCHED, lambda f: replace(f, causes=told("harmless"))),
            "the report gives the cause 'harmless'",
        ),
    ],
)
@pytest.mark.long
def test_what_was_changed_in_a_report_does_not_hold(
    change: Change, told: str, verify: Verify, trixie: Path, kept: Path, tmp_path: Path
) -> None:
    forged = changed(trixie, tmp_path, change)
    done = verify(forged, "--cache", kept)
    assert done.status == 1, done.stdout + done.stderr
    assert done.stdout.startswith("the report does not hold: ")
    assert told in " ".join(done.stdout.split())


def broken(done: Result) -> str:
    """What does not hold, by a replay that wrote JSON: a line each."""
    assert done.status == 1, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["holds"] is False
    return "\n".join(f"{item['path']}: {item['why']}" for item in answer["broken"])


def test_each_of_several_changes_in_a_report_is_told(
    verify: Verify, trixie: Path, kept: Path, tmp_path: Path
) -> None:
    """One replay tells four of the changes above, which are replayed one by one in the long run."""

    def change(report: Report) -> Report:
        raised = one(PATCHED, lambda f: replace(f, standing=Standing.EQUIVALENT))
        report = silent("CONTRIBUTING.md")(silent("bin/gofmt")(raised(report)))
        return replace(report, identical=report.identical + 1)

    said = broken(verify(changed(trixie, tmp_path, change), "--cache", kept, "--format", "json"))
    assert f"{PATCHED}: claimed equivalent, but the replay gives explained" in said
    assert "bin/gofmt: it differs" in said
    assert "CONTRIBUTING.md: it differs" in said
    assert "paths are identical on both sides; the report says" in said


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda r: replace(
                r,
                subject=replace(
                    r.subject,
                    packages=(
                        replace(r.subject.packages[0], sha256="0" * 64),
                        *r.subject.packages[1:],
                    ),
                ),
            ),
            "amd64.deb is no file of this report",
        ),
        (
            lambda r: replace(r, upstream=replace(r.upstream, sha256="0" * 64)),
            "is no file of this report",
        ),
    ],
    ids=["a package", "upstream's file"],
)
def test_a_report_on_other_files_does_not_hold(
    change: Change, told: str, verify: Verify, trixie: Path, kept: Path, tmp_path: Path
) -> None:
    done = verify(changed(trixie, tmp_path, change), "--cache", kept)
    assert done.status == 1, done.stdout + done.stderr
    assert done.stdout.startswith("the report does not hold: ")
    assert told in " ".join(done.stdout.split())


def accusing(path: str, rule: str) -> Change:
    """The report with a claim that an executable was not built from the package's sources."""

    def whole(report: Report) -> Report:
        accusation = Finding(
            path, Standing.UNEXPLAINED, Side.BOTH, "elf", rule=rule, causes=told("a backdoor")
        )
        others = [f for f in report.findings if f.path != path]
        findings = sorted([*others, accusation], key=lambda f: f.path)
        return replace(report, findings=tuple(findings))

    return whole


def test_false_accusations_are_refuted_together(
    verify: Verify, trixie: Path, tmp_path: Path
) -> None:
    """One replay for two of those below, which have one each in the long run."""

    def whole(report: Report) -> Report:
        return accusing("bin/gofmt", "")(accusing("src/fmt/print.go", "witness_build")(report))

    said = broken(verify(changed(trixie, tmp_path, whole), "--format", "json"))
    assert "src/fmt/print.go: the report says that it differs, and it does not" in said
    assert "bin/gofmt: claimed unexplained, but the replay gives equivalent" in said


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "rule", "told"),
    [
        # Identical on both sides; stripped, which is proven.
        ("src/fmt/print.go", "witness_build", "the report says that it differs, and it does not"),
        ("src/fmt/print.go", "patched_source", "the report says that it differs, and it does not"),
        ("bin/gofmt", "witness_build", "claimed unexplained, but the replay gives equivalent"),
        ("bin/gofmt", "", "claimed unexplained, but the replay gives equivalent"),
    ],
)
def test_a_false_accusation_is_refuted_without_a_reference_too(
    path: str, rule: str, told: str, verify: Verify, trixie: Path, tmp_path: Path
) -> None:
    done = verify(changed(trixie, tmp_path, accusing(path, rule)))
    assert done.status == 1, done.stdout + done.stderr
    assert f"{path}: {told}" in " ".join(done.stdout.split())


def test_what_is_only_the_reports_word_is_listed(
    verify: Verify, trixie: Path, kept: Path, tmp_path: Path
) -> None:
    forged = changed(
        trixie,
        tmp_path,
        lambda r: replace(
            r,
            notes=("audited by the distro",),
            upstream=replace(r.upstream, url="https://go.example/go.zip"),
            inputs={**r.inputs, "audited": "yes"},
        ),
    )
    done = verify(forged, "--cache", kept, "--format", "json")
    assert done.status == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    taken = {item["key"] for item in answer["taken_from_report"]}
    assert {"notes", "upstream.url", "inputs", "samego", "timings"} <= taken
    assert not taken & set(answer["repeated"])
    assert {"subject.packages[].sha256", "findings[].proof.digest"} <= {*answer["repeated"]}


def test_a_package_that_was_changed_does_not_hold(
    verify: Verify, trixie: Path, trixie_go124_debs: list[Path], tmp_path: Path
) -> None:
    deb = Deb(trixie_go124_debs[1])
    path = "usr/share/go-1.24/src/fmt/print.go"
    data = deb[path].data.replace(b"Println", b"Printlm", 1)
    other = deb.repack(tmp_path, {path: deb[path].with_data(data)})
    debs = [trixie_go124_debs[0], other, trixie_go124_debs[2]]
    # As it is, its digest is not the report's. With that changed too, its contents are not.
    assert verify(trixie, debs=debs).status == 1
    digest = hashlib.sha256(other.read_bytes()).hexdigest()

    def swap(report: Report) -> Report:
        old = report.subject.packages
        packages = [replace(p, sha256=digest) if p.name.endswith("-src") else p for p in old]
        return replace(report, subject=replace(report.subject, packages=tuple(packages)))

    done = verify(changed(trixie, tmp_path, swap), debs=debs)
    assert done.status == 1
    assert "src/fmt/print.go: it differs" in done.stdout
