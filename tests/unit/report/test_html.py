"""The page of a report: whole, self-contained, and safe with whatever a report holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest

from samego.compare.verdict import waive
from samego.model.finding import Effect, Side, proven, unexplained
from samego.model.proof import Proof, Standing
from samego.model.report import Report
from samego.model.subject import Package
from samego.model.value import Told
from samego.report.html import render
from samego.report.summary import Summary
from samego.words.failures import command, sentence
from support.builds import debian, rebuilt
from support.reports import clean, digest, sid, spotless, trixie
from support.words import told

VOID = {"meta", "br", "link", "img", "input", "hr"}


@dataclass
class Page(HTMLParser):
    """What a browser would see: tags with attributes, and the text."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def page(report: Report) -> Page:
    found = Page()
    found.feed(render(Summary(report)))
    found.close()
    assert found.open == []
    return found


def words(found: Page) -> str:
    return " ".join(found.text.split())


@pytest.mark.parametrize("report", [trixie(), sid(), clean(), replace(clean(), findings=())])
def test_it_is_one_file_that_fetches_nothing_and_runs_nothing(report: Report) -> None:
    found = page(report)
    names = {tag for tag, _attributes in found.tags}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "base", "form"})
    for _tag, attributes in found.tags:
        assert not {name for name in attributes if name.startswith("on")}
        assert attributes.get("href", "#").startswith("#")  # type: ignore[union-attr] # a str
        assert "src" not in attributes
    style = re.search(r"<style>(.*?)</style>", render(Summary(report)), re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert (
        "meta",
        {
            "http-equiv": "Content-Security-Policy",
            "content": "default-src 'none'; style-src 'unsafe-inline'",
        },
    ) in found.tags


def test_it_holds_what_somebody_needs_to_check_it() -> None:
    report = sid()
    text = words(page(report))
    for package in report.subject.packages:
        assert package.sha256 in text
    assert report.upstream.url in text
    assert report.upstream.sha256 in text
    for finding in report.findings:
        assert finding.path in text
        if finding.proof and finding.proof.digest:
            assert finding.proof.digest in text
    for consequence in report.consequences[:1]:
        assert sentence(consequence) in text
        assert command(consequence, report.subject.place) in text
    assert "samego verify report.json golang-1.27-go* golang-1.27-src* golang-1.27-doc*" in text


def test_consequences_stand_first_and_the_worst_standing_before_the_others() -> None:
    text = words(page(sid()))
    order = [
        text.index("What breaks"),
        text.index("Own patches"),
        text.index("paths compared"),
        text.index("Differences, by cause"),
        text.index("What was compared"),
    ]
    assert order == sorted(order)
    sections = re.findall(r'<h3><span class="chip (\w+)">', render(Summary(sid())))
    ranks = [Standing(name).rank for name in sections if name not in {"breaks", "latent"}]
    assert ranks == sorted(ranks, reverse=True)


def test_the_picture_is_of_the_numbers() -> None:
    html = render(Summary(trixie()))
    shown = dict(re.findall(r'<span class="(\w+)" style="flex-grow:(\d+)">', html))
    assert int(shown["identical"]) == trixie().identical
    assert int(shown["rest"]) == sum(
        int(number) for name, number in shown.items() if name not in {"identical", "rest"}
    )


def test_a_command_repeats_what_one_tool_did() -> None:
    proof = Proof(
        rule="nondeterminism_stripped",
        standing=Standing.EQUIVALENT,
        causes=told("rewritten by strip-nondeterminism"),
        digest=digest("a"),
        details={"handler": "zip", "canonical_time": 1750073658},
    )
    finding = proven("src/a b/x;y.zip", Side.BOTH, "zip", proof)
    text = words(page(replace(clean(), findings=(finding,))))
    assert (
        "cp 'go/src/a b/x;y.zip' . && strip-nondeterminism --type zip --timestamp 1750073658"
        f" 'x;y.zip' && sha256sum 'x;y.zip' # {digest('a')}"
    ) in text


def test_a_rebuild_is_told_apart_from_the_verdict() -> None:
    assert "Does a rebuild give these packages?" not in words(page(clean()))
    reproduction = rebuilt(debian(), "golang-1.24-go").reproduction
    found = page(replace(clean(), reproduction=reproduction))
    assert "Does a rebuild give these packages?" in words(found)
    assert "another question than whether they are upstream's Go" in words(found)
    assert "passes" in words(found)


NASTY = (
    "</code></pre></style><script>alert(1)</script><img src=x onerror=a>'\"{{7*7}}&lt;\x1b\u202e"
)


def test_hostile_text_stays_text() -> None:
    base = clean()
    proof = Proof(NASTY, Standing.EXPLAINED, told(NASTY), NASTY, details={NASTY: NASTY})
    report = replace(
        base,
        subject=replace(base.subject, packages=(Package(NASTY, NASTY, NASTY, digest("x")),)),
        upstream=replace(base.upstream, url=NASTY, channel=NASTY),
        findings=(
            replace(proven(NASTY, Side.BOTH, NASTY, proof), command=NASTY),
            unexplained(
                f"2{NASTY}", Side.BOTH, "text", Told(NASTY), where=told(f"{NASTY}\n\t{NASTY}")
            ),
        ),
        notes=(NASTY,),
        version=NASTY,
    )
    found = page(report)
    names = {tag for tag, _attributes in found.tags}
    assert names.isdisjoint({"script", "img"})
    assert "<script>alert(1)</script>" in found.text
    assert "{{7*7}}" in found.text
    assert "\x1b" not in found.text
    assert "\u202e" not in found.text
    assert "&lt;" in found.text


def test_a_huge_group_is_cut_and_says_so() -> None:
    many = tuple(unexplained(f"src/{n}.go", Side.BOTH, "text", Told("cause")) for n in range(500))
    html = render(Summary(replace(trixie(), findings=many)))
    assert "And 100 paths more: see the JSON report." in html
    assert html.count("<code>src/") == 400
    assert len(html) < 1 << 20


def test_the_heading_says_no_more_than_the_worst_consequence() -> None:
    for report, expected in ((sid(), ["breaks"]), (trixie(), ["latent"]), (spotless(), [])):
        found = re.findall(r'<h2 id="(breaks|latent)">(.*?)</h2>', render(Summary(report)))
        assert found == [(each, Effect(each).heading) for each in expected]


def test_what_scrolls_can_be_reached_and_is_named() -> None:
    for tag, attributes in page(sid()).tags:
        if tag == "pre":
            assert attributes["tabindex"] == "0"
            assert attributes["role"] == "group"
            assert attributes["aria-label"]


def test_what_passes_by_waivers_is_neither_green_nor_red() -> None:
    broken = {item.path for item in sid().consequences}
    proven_else = tuple(f for f in sid().findings if f.standing.passes)
    findings, _unused = waive(proven_else, broken)
    for report, look in (
        (spotless(), "pass"),
        (replace(sid(), findings=findings), "waived"),
        (trixie(), "unproven"),
        (sid(), "unexplained"),
    ):
        assert f'<p class="verdict {look}">' in render(Summary(report))
