"""The commands whose text is kept, and the place where each runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from samego.cli.main import COMMANDS

#: Actions of the commands that have some, and the plugins' commands.
_ACTIONS = {
    "upstream": ("list", "fetch", "verify", "prove", "checkpoint"),
    "hook": ("list", "show", "install", "remove", "run"),
    "history": ("forget", "import", "show"),
    "rebuilderd": ("sync", "status", "backend"),
    "cache": ("show", "verify", "clear", "path", "builds"),
    "arch": ("makepkg", "repro"),
    "debian": ("debrebuild", "preflight"),
}
_TRIXIE = ("golang-1.24-*.deb", "--source", "source/golang-1.24_1.24.4-1.dsc")
_PACKAGE = "golang-1.24-go=1.24.4-1:amd64"
_REBUILD = ("rebuild", "go1.24.99", "--source", "go.dev/dl", "--bootstrap", "bootstrap")


@dataclass(frozen=True, slots=True)
class Case:
    """A command line, where it runs, and the name of the file that keeps its text.

    Words with ``*`` stand for the files there, as in a shell. ``environment`` is added.
    """

    name: str
    arguments: tuple[str, ...]
    place: str = "."
    environment: tuple[tuple[str, str], ...] = ()


def _reports() -> Iterator[Case]:
    yield Case("check-passing", ("check", "-q", *_TRIXIE), "passing")
    yield Case("check-passing-markdown", ("check", "-q", "--format=markdown", *_TRIXIE), "passing")
    yield Case("check-unproven", ("check", "-q", *_TRIXIE), "unproven")
    yield Case("check-unexplained", ("check", "-q", *_TRIXIE), "unexplained")
    yield Case("check-breaking", ("check", "-q", "golang-1.27-*.deb"), "breaking")
    waived = ("--waivers", "samego.waivers")
    yield Case("check-waived", ("check", "-q", *_TRIXIE, *waived), "unexplained")
    yield Case("check-waived-in-part", ("check", "-q", "golang-1.27-*.deb", *waived), "breaking")
    yield Case(
        "check-breaking-markdown",
        ("check", "-q", "--format=markdown", "golang-1.27-*.deb"),
        "breaking",
    )
    yield Case("explain-unexplained", ("explain", "report.json", "src/fmt/print.go"), "unexplained")
    yield Case("explain-unproven", ("explain", "report.json", "bin/go"), "unproven")
    yield Case("verify-holds", ("verify", "-q", "report.json", *_TRIXIE), "passing")
    yield Case("verify-fails", ("verify", "-q", "report.json", *_TRIXIE), "forged")
    yield Case("rebuild-reproduced", ("-q", *_REBUILD), "rebuild")
    yield Case("rebuild-differs", ("-q", *_REBUILD), "rebuild-differs")
    yield Case("upstream-list", ("upstream", "list", "-q", "--channel=go.dev/dl"), "rebuild")
    yield Case("upstream-verify", ("upstream", "verify", "-q", "*.tar.gz"), "rebuild")
    yield Case("checkpoint", ("upstream", "checkpoint", "-q"), "log")
    yield Case("checkpoint-consistent", ("upstream", "checkpoint", "-q", "a-colleague.txt"), "log")
    yield Case(
        "checkpoint-fork",
        ("upstream", "checkpoint", "-q", "of-a-fork.txt", "-o", "fork.txt"),
        "log",
    )
    yield Case(
        "checkpoint-fork-json",
        ("upstream", "checkpoint", "-q", "--format=json", "of-a-fork.txt", "-o", "fork.txt"),
        "log",
    )
    for name in ("met", "unmet"):
        words = ("upstream", "checkpoint", "-q", "cosigned.txt", "--policy", f"{name}.txt")
        yield Case(f"checkpoint-policy-{name}", words, "log")
    yield Case("checkpoint-larger", ("upstream", "checkpoint", "-q", "larger.txt"), "log")
    yield Case(
        "quorum-contradicted", ("quorum", "-q", "--policy", "policy.toml", _PACKAGE), "quorum"
    )
    agreed = ("Alice=http://alice.example", "Carol=http://carol.example")
    yield Case("quorum-agreed", ("quorum", "-q", _PACKAGE, *agreed), "quorum")
    yield Case("quorum-undecided", ("quorum", "-q", _PACKAGE, *agreed[:1]), "quorum")
    yield Case("hook-list", ("hook", "list", "--root", "."), "root")
    yield Case("hook-run", ("hook", "run", "dpkg-buildpackage", "golang-1.24-*.deb"), "unproven")


def _errors() -> Iterator[Case]:
    no_network = (("http_proxy", "http://127.0.0.1:9"),)
    yield Case("error-no-file", ("check", "-q", "golang-1.25-go_1.25.1-1_amd64.deb"), "passing")
    yield Case("error-not-a-package", ("check", "-q", "source/golang-1.24_1.24.4-1.dsc"), "passing")
    yield Case("error-unknown-release", ("check", "-q", "--release=1.24.04", *_TRIXIE), "passing")
    yield Case("error-not-posted", ("check", "-q", "--release=go1.24.98", *_TRIXIE), "passing")
    yield Case(
        "error-no-channel",
        ("check", "-q", "--release=go1.24.98", *_TRIXIE),
        "passing",
        (("SAMEGO_CHANNEL", ""),),
    )
    yield Case(
        "error-no-network",
        ("check", "-q", "--cache", "empty", *_TRIXIE),
        "passing",
        no_network,
    )
    yield Case(
        "error-offline", ("check", "-q", "--offline", "--cache", "empty", *_TRIXIE), "passing"
    )
    yield Case("error-a-part", ("check", "-q", "golang-1.24-src*.deb"), "passing")
    yield Case("error-explain", ("explain", "report.json", "src/fmt/prinz.go"), "unexplained")
    yield Case("error-report", ("explain", "source/golang-1.24_1.24.4-1.dsc", "bin/go"), "passing")
    yield Case("error-fork", ("check", "-q", "--checkpoint=of-a-fork.txt", "go"), "log")
    yield Case("error-policy", ("quorum", _PACKAGE, "--policy", "none.toml"), "quorum")
    yield Case("error-whose", ("quorum", "-q", _PACKAGE, "http://alice.example"), "quorum")
    yield Case("error-option", ("check", "--require", "unproven", *_TRIXIE), "passing")
    yield Case("error-command", ("chekc",), "passing")
    yield Case("error-configuration", ("check", "--config", "none.toml", *_TRIXIE), "passing")


def _helps() -> Iterator[Case]:
    yield Case("help", ("--help",))
    for command in (*COMMANDS, "arch", "debian"):
        yield Case(f"help-{command}", (command, "--help"))
        for action in _ACTIONS.get(command, ()):
            yield Case(f"help-{command}-{action}", (command, action, "--help"))


CASES = (*_reports(), *_errors(), *_helps())
