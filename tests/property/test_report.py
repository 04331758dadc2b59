"""A report survives its JSON, and its verdict is what the definition says, for any report."""

from __future__ import annotations

import json
import shlex

from hypothesis import given
from hypothesis import strategies as st

from samego.compare.verdict import effective
from samego.errors import ReportError
from samego.model.failures import FipsBuild, ToldFailure
from samego.model.finding import Consequence, Effect, Finding, Side
from samego.model.proof import Proof, Standing, Tool
from samego.model.release import Release, Target
from samego.model.report import NotCompared, Report, Upstream
from samego.model.subject import Package, Subject
from samego.model.value import Told
from samego.model.verification import Verification
from samego.report import json as report_json
from samego.report import markdown, text
from samego.report.load import loads
from samego.report.summary import Summary
from support.reports import trixie
from support.words import told

# Any text that a file name or a message can be, undecodable bytes (U+DC80 to U+DCFF) included.
_TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"]),
    ),
    max_size=12,
)
_PATHS = st.sampled_from(["a", "b", "c", "d", "e", "f/g", "/usr/x", "\x1b\n`|"])
_SHA = st.sampled_from(["", "0" * 64, "f" * 64])
_INTEGERS = st.integers(-(1 << 63) + 1, (1 << 63) - 1)
_JSON = st.recursive(
    st.none() | st.booleans() | _INTEGERS | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)
_TOOLS = st.lists(st.builds(Tool, _TEXT, _TEXT), max_size=2).map(tuple)
_STANDINGS = st.sampled_from(Standing)
_PROOFS = st.builds(
    Proof,
    rule=_TEXT,
    standing=_STANDINGS,
    causes=st.builds(Told, _TEXT).map(lambda one: (one,)),
    digest=_SHA,
    tools=_TOOLS,
    details=st.dictionaries(
        _TEXT, _TEXT | _INTEGERS | st.booleans() | st.lists(_TEXT).map(tuple), max_size=3
    ),
    rests_on=st.lists(_PATHS, max_size=2).map(tuple),
    rebuild=st.booleans(),
)
_CONSEQUENCES = st.builds(
    Consequence,
    effect=st.sampled_from(Effect),
    path=_PATHS,
    side=st.sampled_from(Side),
    pinned_in=_TEXT,
    pinned=_TEXT,
    actual=_TEXT,
    failure=st.builds(ToldFailure, _TEXT, _TEXT) | st.builds(FipsBuild, _TEXT, _TEXT),
    pinned_by=st.sampled_from(Side),
    waived=st.booleans(),
)
#: What a check writes, of files with any name.
_COMMANDS = st.just("") | st.lists(_TEXT, max_size=2).map(
    lambda names: shlex.join(["samego", "check", *(f"file {name}" for name in names)])
)
_FINDINGS = st.builds(
    Finding,
    path=_PATHS,
    standing=_STANDINGS,
    side=st.sampled_from(Side),
    kind=_TEXT,
    rule=_TEXT,
    causes=st.builds(Told, _TEXT).map(lambda one: (one,)),
    proof=st.none() | _PROOFS,
    rests_on=st.lists(_PATHS, max_size=3).map(tuple),
    where=_TEXT.map(told),
    command=_COMMANDS,
    consequences=st.lists(_CONSEQUENCES, max_size=2).map(tuple),
)
_VERIFIED = st.lists(st.builds(Verification, _TEXT, _TEXT), max_size=2).map(tuple)
_LOG_PROOFS = st.just("") | _TEXT.map("c2sp.org/tlog-proof@v1\n".__add__)
_ARCHIVES = st.builds(Upstream, _TEXT, _TEXT, _SHA, _VERIFIED, st.none())
_SUBJECTS = st.builds(
    Subject,
    distro=_TEXT,
    packages=st.lists(st.builds(Package, _TEXT, _TEXT, _TEXT, _SHA), max_size=3).map(tuple),
    release=st.sampled_from(["go1.24.4", "go1.20", "go1.27rc1"]).map(Release.parse),
    target=st.sampled_from(["linux-amd64", "linux-arm", "windows-arm64"]).map(Target.parse),
    goroot=_TEXT,
)
_REPORTS = st.builds(
    Report,
    subject=_SUBJECTS,
    upstream=st.builds(
        Upstream,
        _TEXT,
        _TEXT,
        _SHA,
        _VERIFIED,
        st.none() | _ARCHIVES,
        log_proof=_LOG_PROOFS,
    ),
    findings=st.lists(_FINDINGS, max_size=8, unique_by=lambda finding: finding.path).map(
        lambda findings: tuple(sorted(findings, key=lambda finding: finding.path))
    ),
    identical=st.integers(0, 20000),
    not_compared=st.lists(
        st.builds(NotCompared, _TEXT, st.integers(1, 5000)), max_size=3, unique=True
    ).map(lambda groups: tuple(sorted(groups))),
    required=st.sampled_from([Standing.IDENTICAL, Standing.EQUIVALENT, Standing.EXPLAINED]),
    inputs=st.dictionaries(_TEXT, _JSON, max_size=3),
    notes=st.lists(_TEXT, max_size=2).map(tuple),
    tools=_TOOLS,
    timings=st.dictionaries(_TEXT, st.integers(0, 10**9).map(lambda ms: ms / 1000), max_size=3),
    version=_TEXT,
)


@given(_REPORTS)
def test_a_report_survives_its_json(report: Report) -> None:
    written = report_json.render(Summary(report))
    again = loads(written.encode(), name="report")
    assert again == report
    assert report_json.render(Summary(again)) == written


@given(report=_REPORTS, verbose=st.booleans())
def test_every_report_can_be_shown_safely(report: Report, *, verbose: bool) -> None:
    for shown in (text.render(Summary(report), verbose=verbose), markdown.render(Summary(report))):
        assert all(line.replace("\t", "").isprintable() for line in shown.split("\n"))
        assert shown.endswith("\n")
        shown.encode("utf-8")


@given(_REPORTS)
def test_effective_standings_are_the_definition(report: Report) -> None:
    standings = {finding.path: finding.standing for finding in report.findings}
    # The definition, repeated until nothing changes.
    changed = True
    while changed:
        changed = False
        for finding in report.findings:
            below = [standings[path] for path in finding.rests_on if path in standings]
            worst = max([standings[finding.path], *below], key=lambda standing: standing.rank)
            changed |= worst is not standings[finding.path]
            standings[finding.path] = worst
    assert effective(report.findings) == standings


@given(st.sampled_from(list(report_json.to_object(Summary(trixie())))), _JSON)
def test_no_value_of_a_key_is_a_traceback(key: str, value: object) -> None:
    data = report_json.to_object(Summary(trixie()))
    data[key] = value
    try:
        report = loads(json.dumps(data).encode(), name="report")
    except ReportError:
        return
    assert report_json.to_object(Summary(report))[key] == value
