"""Reports as real runs would give them, for the tests of whatever reads a report.

The numbers and names are those of Debian's packages: golang-1.24 1.24.4-1 and golang-1.27
1.27.3-1 on amd64.
"""

from __future__ import annotations

import hashlib
import posixpath
from dataclasses import replace

from samego.compare.verdict import waive
from samego.model.failures import FipsBuild, UncheckedSum
from samego.model.finding import Consequence, Effect, Finding, Side, proven, unexplained
from samego.model.proof import Proof, Standing, Tool
from samego.model.release import Release, Target
from samego.model.report import NotCompared, Report, Upstream
from samego.model.subject import Package, Subject
from samego.model.value import Told
from samego.model.verification import Verification
from support.words import told

TOOLS = "pkg/tool/linux_amd64"
SETTINGS = "src/internal/buildcfg/zbootstrap.go"
FIPS_ZIP = "lib/fips140/v1.0.0.zip"
PERL = Tool("File::StripNondeterminism", "1.15.1")
REBUILD = "samego check --rebuild golang-1.24-go_1.24.4-1_amd64.deb"
_EMBEDDING = (
    "addr2line",
    "asm",
    "cgo",
    "compile",
    "cover",
    "doc",
    "link",
    "nm",
    "objdump",
    "pack",
    "pprof",
    "trace",
    "vet",
)
_STRIPPED = ("buildid", "covdata", "fix", "test2json", "preprofile")
_SCRIPTS = ("net/mksyscall", "syscall/mksyscall", "syscall/mksysctl", "syscall/mksysnum")


def digest(text: str) -> str:
    """Some sha256."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def package(part: str, version: str = "1.24.4-1") -> Package:
    """One package of the set."""
    line = version[:4]
    architecture = "amd64" if part == "go" else "all"
    name = f"golang-{line}-{part}"
    return Package(name, version, architecture, digest(name))


def stripped(path: str) -> Finding:
    """An executable that only lost its symbol table."""
    proof = Proof(
        rule="elf_stripped",
        standing=Standing.EQUIVALENT,
        causes=told("stripped of its symbol table"),
        digest=digest(path),
        details={"sections_compared": 19, "debuglink": True},
    )
    return proven(path, Side.BOTH, "elf", proof)


def embedding(path: str) -> Finding:
    """An executable that embeds a setting, and that nobody rebuilt."""
    proof = Proof(
        rule="embeds_settings",
        standing=Standing.UNPROVEN,
        causes=told("embeds build settings that differ from upstream's (GO386=softfloat)"),
        rests_on=(SETTINGS,),
        rebuild=True,
    )
    where = told("section .text, first in internal/buildcfg.init")
    return replace(proven(path, Side.BOTH, "elf", proof, where=where), command=REBUILD)


def replayed(path: str, kind: str) -> Finding:
    """A file that strip-nondeterminism rewrote."""
    proof = Proof(
        rule="nondeterminism_stripped",
        standing=Standing.EQUIVALENT,
        causes=told("rewritten by strip-nondeterminism"),
        digest=digest(path),
        tools=(PERL,),
        details={"timestamp": 1749686400},
    )
    return proven(path, Side.BOTH, kind, proof)


def explained(path: str, rule: str, cause: str, side: Side = Side.BOTH) -> Finding:
    """A text that a declared input of the build accounts for."""
    proof = Proof(rule=rule, standing=Standing.EXPLAINED, causes=told(cause), digest=digest(path))
    return proven(path, side, "text", proof)


def broken_pin(path: str, effect: Effect) -> Consequence:
    """A zip whose sum is pinned in the same tree."""
    name = posixpath.basename(path)
    return Consequence(
        effect=effect,
        path=path,
        side=Side.DISTRO,
        pinned_in="lib/fips140/fips140.sum",
        pinned=digest("pinned"),
        actual=digest("actual"),
        failure=FipsBuild(name.removesuffix(".zip"), name)
        if effect is Effect.BREAKS
        else UncheckedSum(name, "cmd/go/internal/fips140"),
        pinned_by=Side.DISTRO,
    )


def fips_zip(effect: Effect, path: str = FIPS_ZIP) -> Finding:
    """The rewritten zip with its broken pin: explained at best."""
    return replace(
        replayed(path, "zip"),
        standing=Standing.EXPLAINED,
        consequences=(broken_pin(path, effect),),
    )


def trixie() -> Report:
    """golang-1.24 1.24.4-1 of Debian trixie on amd64, with nothing rebuilt."""
    findings = [
        *(embedding(path) for path in ("bin/go", *(f"{TOOLS}/{name}" for name in _EMBEDDING))),
        *(stripped(path) for path in ("bin/gofmt", *(f"{TOOLS}/{name}" for name in _STRIPPED))),
        *(
            explained(f"src/{name}.pl", "shebang", "first line rewritten from #!/usr/bin/env perl")
            for name in _SCRIPTS
        ),
        *(
            explained(name, "layout", "not shipped by the distro's layout rule", side=Side.UPSTREAM)
            for name in (
                *("CONTRIBUTING.md", "LICENSE", "PATENTS", "README.md", "SECURITY.md"),
                *("codereview.cfg", "src/all.rc", "src/clean.rc", "src/make.rc", "src/run.rc"),
            )
        ),
        explained(SETTINGS, "generated_settings", "regenerated from the declared settings"),
        explained(
            "src/runtime/crash_unix_test.go",
            "patched_source",
            "0001-skip-flaky-TestCrashDumpsAllThreads.patch applied",
        ),
        *(replayed(path, "png") for path in ("src/image/png/testdata/gopher.png",)),
        fips_zip(Effect.LATENT),
        *(
            replace(embedding(f"{TOOLS}/{name}"), side=Side.DISTRO, where=told(""))
            for name in ("dist", "distpack")
        ),
    ]
    sumdb = Verification("h1 in the signed checksum database", "sum.golang.org, record 38532769")
    return Report(
        subject=Subject(
            distro="debian",
            packages=(package("go"), package("src"), package("doc")),
            release=Release.parse("go1.24.4"),
            target=Target.parse("linux-amd64"),
            goroot="usr/lib/go-1.24",
        ),
        upstream=Upstream(
            channel="module",
            url="https://go.dev/dl/mod/golang.org/toolchain/@v/v0.0.1-go1.24.4.linux-amd64.zip",
            sha256="a44b3b07ab40a14e785eb421dc6b09cf6a136eb46c9c8a334f8b752184875866",
            verified=(sumdb,),
        ),
        findings=tuple(sorted(findings, key=lambda finding: finding.path)),
        identical=10702,
        not_compared=(
            NotCompared("/usr/share/doc/golang-1.24-go/", 3),
            NotCompared("api/", 29),
            NotCompared("doc/", 12),
            NotCompared("misc/", 9),
            NotCompared("test/", 3374),
        ),
        required=Standing.EXPLAINED,
        inputs={"timestamp": 1749686400, "settings": {"GO386": "softfloat"}},
        notes=("go.dev/dl does not answer: upstream's file comes from the module form",),
        tools=(PERL,),
        timings={"read": 3.214, "compare": 1.482},
        version="0.1.0",
    )


def sid() -> Report:
    """golang-1.27 1.27.3-1 of Debian sid: its fips140 zips break, and one file is odd."""
    base = trixie()
    zips = ("inprocess.zip", "v1.0.0-c2097c7c.zip", "v1.26.0.zip")
    odd = unexplained(
        "src/net/http/server.go",
        Side.BOTH,
        "text",
        Told("nothing accounts for this difference"),
        where=told("line 2041:\n-\tif !h2 {\n+\tif h2 {\n line 2044 and 3 more"),
    )
    findings = [
        *(finding for finding in base.findings if finding.path != FIPS_ZIP),
        *(fips_zip(Effect.BREAKS, f"lib/fips140/{name}") for name in zips),
        *(replayed(f"src/archive/zip/testdata/test-{n}.zip", "zip") for n in range(28)),
        odd,
    ]
    return replace(
        base,
        subject=replace(
            base.subject,
            packages=tuple(package(part, "1.27.3-1") for part in ("go", "src", "doc")),
            release=Release.parse("go1.27.3"),
            goroot="usr/lib/go-1.27",
        ),
        findings=tuple(sorted(findings, key=lambda finding: finding.path)),
        identical=11995,
    )


def clean() -> Report:
    """The trixie report as it would be with every executable proven and nothing missing."""
    base = trixie()
    findings = tuple(
        stripped(finding.path) if finding.standing is Standing.UNPROVEN else finding
        for finding in base.findings
    )
    return replace(base, findings=findings, not_compared=(), notes=())


def spotless() -> Report:
    """The same without anything latent."""
    report = clean()
    return replace(report, findings=tuple(replace(f, consequences=()) for f in report.findings))


def unverified(report: Report) -> Report:
    """The report as it is with an upstream file that nobody vouches for."""
    return replace(report, upstream=replace(report.upstream, verified=()))


def waived(report: Report) -> Report:
    """The report with all that breaks accepted by name."""
    paths = [item.path for item in report.consequences]
    return replace(report, findings=waive(report.findings, paths)[0])


def broken_only() -> Report:
    """A report in which nothing is wrong but what breaks."""
    zips = [finding for finding in sid().findings if finding.path.startswith("lib/fips140")]
    return replace(clean(), findings=tuple(zips))
