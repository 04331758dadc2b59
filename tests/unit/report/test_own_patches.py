"""The distro's own patches: named first, with who vouches for them; and the bar without them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samego.attest.statement import read, state
from samego.check.compose_report import declared
from samego.compare.own_patches import patched_and_running
from samego.compare.verdict import BARS, bar_of, bar_word, passes
from samego.errors import ReportError
from samego.model.finding import Finding, Side
from samego.model.inputs import DeclaredSource, Inputs, Patch, Signature
from samego.model.proof import Standing
from samego.model.report import Report
from samego.report import html, markdown
from samego.report import json as as_json
from samego.report.headline import headline
from samego.report.load import loads
from samego.report.own_patches import OwnPatch, source_of, verified_by
from samego.report.summary import Summary
from samego.report.text import render
from samego.report.trackers import junit
from samego.report.trackers.issues import Checked
from support.reports import clean, digest, explained, stripped

NET = "src/net/smtp/smtp.go"
TEST = "src/net/smtp/smtp_test.go"
DSC = DeclaredSource("go.dsc", digest("dsc"), Signature.UNCHECKED, "8A2044F84F716A85")


def patched(path: str, names: str, side: Side = Side.BOTH) -> Finding:
    finding = explained(path, "patched_source", f"patched by {names}", side)
    assert finding.proof is not None
    return replace(
        finding, proof=replace(finding.proof, details={"patches": tuple(names.split(", "))})
    )


def report(*findings: Finding, source: DeclaredSource | None = DSC) -> Report:
    others = [f for f in clean().findings if f.rule != "patched_source"]
    patches = tuple(Patch(name, b"", "go.dsc", exact=True) for name in ("a.patch", "b.patch"))
    return replace(
        clean(),
        findings=tuple(sorted([*others, *findings], key=lambda finding: finding.path)),
        inputs=declared(Inputs(patches=patches, source=source)),
    )


def test_patches_are_named_with_their_paths_in_the_order_of_the_series() -> None:
    found = report(patched(NET, "a.patch, b.patch"), patched(TEST, "b.patch"))
    assert Summary(found).patches == (
        OwnPatch("a.patch", (NET,), runs=True),
        OwnPatch("b.patch", (NET, TEST), runs=True),
    )
    first, second, _more, third, fourth = render(Summary(found)).splitlines()[:5]
    assert first.endswith("passes (41 differences, each proven), with 2 own patches: read them")
    assert second.startswith(
        "Patches:  2 own patches of go.dsc, which is signed with an unknown key"
    )
    assert (third, fourth) == (f"  a.patch: {NET}", f"  b.patch: {NET}, {TEST}")


def test_a_path_whose_patch_nobody_names_is_not_left_out() -> None:
    found = report(patched(NET, "hidden.patch"), patched(TEST, "a.patch"))
    assert Summary(found).patches == (
        OwnPatch("a.patch", (TEST,), runs=False),
        OwnPatch("", (NET,), runs=True),
    )
    assert "a.patch: src/net/smtp/smtp_test.go (nothing that runs)" in render(Summary(found))


def test_without_patches_nothing_is_said_of_them() -> None:
    found = report()
    assert as_json.to_object(Summary(found))["patches"] == []
    assert "own patch" not in headline(Summary(found)) + markdown.render(
        Summary(found)
    ) + html.render(Summary(found))


def test_every_format_has_them() -> None:
    found = report(patched(NET, "a.patch"))
    assert as_json.to_object(Summary(found))["patches"] == [
        {"name": "a.patch", "paths": [NET], "runs": True}
    ]
    for text in (markdown.render(Summary(found)), html.render(Summary(found))):
        assert "with 1 own patch: read it" in text
        assert "a.patch" in text
        assert NET in text
        assert "its origin is not verified" in text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            replace(DSC, signature=Signature.GOOD, key="F" * 40, signer="A Developer <a@debian>"),
            f"signed by A Developer <a@debian> (key {'F' * 40})",
        ),
        (
            DSC,
            ("signed with an unknown key (8A2044F84F716A85); its origin is not verified"),
        ),
        (
            DeclaredSource("go.dsc", "", Signature.UNSEEN, listed_in="the signed lists"),
            "found in the signed lists",
        ),
        (DeclaredSource("debian"), "not signed; its origin is not verified"),
        (
            DeclaredSource("PKGBUILD", digest("p"), listed_in="the package's .BUILDINFO"),
            "not signed; its sha256 is in the package's .BUILDINFO",
        ),
    ],
)
def test_who_vouches_for_the_source_package(source: DeclaredSource, words: str) -> None:
    assert verified_by(source) == words
    found = report(patched(NET, "a.patch"), source=source)
    again = loads(as_json.render(Summary(found)).encode(), name="r.json")
    assert source_of(again) == source


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (NET, True),
        (TEST, False),
        ("src/cmd/go/testdata/script/a.txt", False),
        ("src/testdata.go", True),
        ("test/fixedbugs/a.go", False),
        ("doc/go_spec.html", False),
        ("README.md", False),
        ("src/cmd/dist/test.go", True),
        ("src/runtime/asm_amd64.s", True),
        ("lib/time/zoneinfo.zip", True),
        ("src/a_test.go/b.go", True),
        ("src/test/a.go", True),
    ],
)
def test_what_an_earlier_report_says_runs(path: str, *, expected: bool) -> None:
    assert bool(patched_and_running([patched(path, "a.patch")])) is expected


def test_what_an_executable_rests_on_runs_by_any_name() -> None:
    data = "src/time/testdata/zone.txt"
    found = [patched(data, "a.patch"), replace(stripped("bin/go"), rests_on=(data,))]
    assert patched_and_running(found) == (data,)


def test_unpatched_passes_what_settings_and_layout_explain_and_patches_of_tests() -> None:
    kind = replace(report(patched(TEST, "a.patch")), unpatched=True)
    assert passes(kind)
    for side in Side:
        worse = replace(report(patched(NET, "a.patch", side)), unpatched=True)
        assert not passes(worse)
        assert "does not pass (own patches change 1 file that runs)" in headline(Summary(worse))
        assert passes(replace(worse, unpatched=False))
        stated = read(state(worse, as_json.render(Summary(worse)).encode()))
        assert stated.failed == (NET,)
        assert 'failures="1"' in junit.render([Checked(Summary(worse))])


def test_the_bar_survives_json_and_a_forged_answer_is_refused() -> None:
    worse = replace(report(patched(NET, "a.patch")), unpatched=True)
    text = as_json.render(Summary(worse))
    assert '"required": "unpatched"' in text
    assert loads(text.encode(), name="r") == worse
    with pytest.raises(ReportError, match="contradicts itself: passes"):
        loads(text.replace('"passes": false', '"passes": true').encode(), name="r")
    with pytest.raises(ReportError, match="contradicts itself: patches"):
        loads(text.replace('"runs": true', '"runs": false').encode(), name="r")


@pytest.mark.parametrize("word", BARS)
def test_the_words_of_a_bar(word: str) -> None:
    required, unpatched = bar_of(word)
    assert bar_word(replace(clean(), required=required, unpatched=unpatched)) == word
    assert required is (Standing.EXPLAINED if unpatched else Standing(word))
