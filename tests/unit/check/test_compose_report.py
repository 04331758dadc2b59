"""What a check says of how it was asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from samego.check.compose_report import as_asked, with_commands
from samego.check.options import CheckOptions
from samego.cli.main import build_parser
from samego.config import Config
from samego.model.release import Release, Target
from samego.model.waiver import Takes, Waiver
from support.reports import embedding


def test_the_command_that_proves_a_finding_names_all_that_was_given() -> None:
    options = CheckOptions(
        ("a b.deb", "c.deb"),
        release=Release.parse("go1.24.4"),
        target=Target.parse("linux-amd64"),
        upstream=Path("u.zip"),
        source=Path("s.dsc"),
        distro="debian",
        waive=("lib/a.zip", "lib/b.zip"),
        waivers=(Waiver(Takes.PATH, "why", "w 1", 1), Waiver(Takes.PATH, "why", "w 1", 2)),
        waivers_file=Path("debian/w 1"),
        unpatched=True,
        config=Config(),
    )
    words = ["check", "--rebuild", *as_asked(options)]
    parsed = build_parser(words).parse_args(words)
    assert parsed.rebuild == "quick"
    assert parsed.what == ["a b.deb", "c.deb"]
    assert (parsed.release, parsed.target) == ("go1.24.4", "linux-amd64")
    assert (str(parsed.upstream), str(parsed.source)) == ("u.zip", "s.dsc")
    assert parsed.distro == "debian"
    assert (parsed.waive, parsed.require) == (["lib/a.zip", "lib/b.zip"], "unpatched")
    assert str(parsed.waivers) == "debian/w 1"
    assert as_asked(CheckOptions((), installed=True, config=Config())) == ["--installed"]


def test_waivers_of_the_configuration_apply_by_themselves_again(tmp_path: Path) -> None:
    """Those of a file that was named do not, even where it has the configured one's name."""
    waivers = (Waiver(Takes.PATH, "why", "samego.waivers", 1),)
    config = Config(waivers=tmp_path / "samego.waivers")
    configured = CheckOptions(("a.deb",), waivers=waivers, config=config)
    assert as_asked(configured) == ["a.deb"]
    named = replace(configured, waivers_file=Path("other/samego.waivers"))
    assert as_asked(named) == ["a.deb", "--waivers", "other/samego.waivers"]


def test_a_rebuild_is_offered_only_where_it_builds() -> None:
    findings = [embedding("bin/go"), embedding("bin/gofmt")]
    findings[1] = replace(findings[1], rebuild=False)
    plain = [replace(each, command="") for each in findings]
    new = with_commands(plain, "a.deb", Release.parse("go1.24.4"))
    assert [each.command for each in new] == ["samego check --rebuild a.deb", ""]
    assert with_commands(plain, "a.deb", Release.parse("go1.19.8")) == plain
