"""Witnesses, built by a toy go command that "compiles" by picking a finished executable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from samego.compare.finding import Finding, Side
from samego.errors import BuildError, CacheError
from samego.progress import Silent
from samego.rebuild.settings import settings_to_try
from samego.rebuild.witness import Witness, get_witness, read_witness
from samego.rebuild.witness_job import Host, WitnessKind
from samego.release import Target
from samego.rules.base import Context, Standing
from samego.upstream.channel import Posted
from samego.witnessing import Builder, needs_witness, prove_by_witness
from support.archives import memory_tree
from support.rule_context import context, policy
from support.toy_go import BUILD_GO

ELF = Path(__file__).resolve().parents[3] / "fixtures" / "elf"
SETTINGS = "src/internal/buildcfg/zbootstrap.go"
COMPILER = "src/cmd/compile/main.go"
TARGET = Target.parse("linux-amd64")
#: Gives the fixture where the package's settings are in place, and notes each call.
GO = """#!/bin/sh
echo "$*" >> "$GOROOT/calls"
case "$*" in *compile*) exit 0 ;; esac
grep -q softfloat "$GOROOT/src/internal/buildcfg/zbootstrap.go" || { echo no settings; exit 3; }
cp "$GOROOT/src/linked" "$GOROOT/bin/new" && mv "$GOROOT/bin/new" "$GOROOT/bin/go"
cp "$GOROOT/calls" "$GOROOT/pkg/tool/linux_amd64/calls"
"""
UPSTREAM = {
    "VERSION": b"go1.24.4\n",
    "bin/go": GO.encode(),
    "pkg/tool/linux_amd64/asm": b"",
    "src/cmd/dist/build.go": BUILD_GO.encode(),
    "src/linked": (ELF / "tiny").read_bytes(),
    COMPILER: b"package main\n",
    SETTINGS: b"const DefaultGO386 = `sse2`\n",
}
PACKAGE = {
    SETTINGS: b"const DefaultGO386 = `softfloat`\n",
    "bin/go": (ELF / "tiny.stripped").read_bytes(),
}
OPEN = Finding(
    "bin/go",
    Standing.UNPROVEN,
    Side.BOTH,
    "elf",
    "embedded_settings",
    "embeds",
    rests_on=(SETTINGS,),
)


def frame(package: Mapping[str, bytes]) -> Context:
    return context({**UPSTREAM, **package}, UPSTREAM, policy(), release="go1.24.4")


@pytest.fixture
def host() -> Host:
    modes = {"bin/go": 0o755}
    posted = Posted("module", "module", frame({}).release, TARGET, "u", Path("z"), "a" * 64, ())
    return Host(posted, memory_tree(UPSTREAM, modes=modes), TARGET)


def built(
    where: Context, host: Host, directory: Path, kind: WitnessKind = WitnessKind.QUICK
) -> Witness:
    (settings,) = settings_to_try(where)
    return get_witness(where, host, settings, kind, directory, Silent())


def builder(host: Host, directory: Path, kind: WitnessKind = WitnessKind.QUICK) -> Builder:
    return Builder(kind, host, directory, Silent())


def decide(package: Mapping[str, bytes], host: Host, directory: Path) -> Finding:
    assert needs_witness([OPEN])
    (finding,) = prove_by_witness([OPEN], frame(package), builder(host, directory))
    return finding


def test_an_executable_that_follows_from_the_sources_is_explained(
    host: Host, tmp_path: Path
) -> None:
    finding = decide(PACKAGE, host, tmp_path)
    assert (finding.standing, finding.rule) == (Standing.EXPLAINED, "witness_build")
    assert finding.rests_on == (SETTINGS,)
    assert finding.proof is not None
    assert "GOOS=linux" in str(finding.proof.details["environment"])
    assert not list(tmp_path.glob(".build-*"))


def test_one_that_does_not_is_the_alarm(host: Host, tmp_path: Path) -> None:
    tampered = bytearray(PACKAGE["bin/go"])
    tampered[0x1000] ^= 1
    finding = decide({**PACKAGE, "bin/go": bytes(tampered)}, host, tmp_path)
    assert finding.standing is Standing.UNEXPLAINED
    assert "does not follow from the package's own sources" in finding.cause
    assert finding.proof is None
    assert finding.where


def test_a_witness_is_built_once(host: Host, tmp_path: Path) -> None:
    first = built(frame(PACKAGE), host, tmp_path)
    (first.directory / "files" / "marker").write_bytes(b"")
    again = built(frame(PACKAGE), host, tmp_path)
    assert again.key == first.key
    assert (again.directory / "files" / "marker").exists()
    assert first.stages == 1
    assert first.executable("bin/go") == (ELF / "tiny").read_bytes()
    assert first.executable("bin/none") is None


def test_a_changed_compiler_is_built_first_and_rested_on(host: Host, tmp_path: Path) -> None:
    package = {**PACKAGE, COMPILER: b"package main // changed\n"}
    witness = built(frame(package), host, tmp_path)
    calls = witness.executable("pkg/tool/linux_amd64/calls")
    assert calls == b"install cmd/compile cmd/asm cmd/link\ninstall cmd\n"
    assert witness.stages == 2
    assert COMPILER in decide(package, host, tmp_path).rests_on


def test_what_the_rebuild_does_not_give_stays_unproven(host: Host, tmp_path: Path) -> None:
    missing = replace(OPEN, path="pkg/tool/linux_amd64/nm")
    files = {**PACKAGE, missing.path: PACKAGE["bin/go"]}
    (finding,) = prove_by_witness([missing], frame(files), builder(host, tmp_path))
    assert finding.standing is Standing.UNPROVEN
    assert "gives no nm" in finding.cause


def test_a_build_that_fails_says_why_and_leaves_nothing(host: Host, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"status 3 .*no settings"):
        built(frame({}), host, tmp_path)
    assert not list(tmp_path.glob(".build-*"))
    assert not list((tmp_path / "built").glob("*"))


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "witness.json").write_text("{}", "utf-8")
    with pytest.raises(CacheError, match="the witness key cannot be read"):
        read_witness(tmp_path / "key")
