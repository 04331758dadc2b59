"""Proofs that contradict each other: a source differs, and what is compiled from it does not.

Each file of a package is proven by itself: a source by its patch or its settings, an
executable by being upstream's. No build gives both where the source is compiled into the
executable, since every change of a package's code changes the Go build ID of all that is
linked from it (cmd/go/internal/work, buildid.go). Which packages an executable holds, its
function table says. Such a source is ``unproven``: nothing shows its purpose.

Limits: a change of comments or spacing alone counts as none, and neither does one in a file of
constants, unless cmd/dist writes it: such a file may be used by nothing. Executables that are
not ELF are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from samego.formats.executable.go_executable import GoExecutable, read_go_executable
from samego.model.causes.differences import AgainstExecutable
from samego.model.finding import Finding, Side
from samego.model.inputs import Context
from samego.model.proof import Standing
from samego.model.tree import Kind
from samego.rules import elf_stripped, layout
from samego.rules.generated.files import GENERATORS
from samego.rules.source_inputs import differing_sources

NAME = "contradiction"
#: What is compiled by itself; a header or a profile may be used by nothing.
_COMPILED = (".go", ".s")
_TOKEN = re.compile(
    r"""(?P<directive>//(?:go:|line\ |export\ |extern\ |sys)[^\n]*|/\*line\ .*?\*/)
    |(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\w+|[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)
_DOES_SOMETHING = frozenset({"func", "var", "import"})


def contradicted(findings: Iterable[Finding], context: Context) -> list[Finding]:
    """The findings, those unproven that an executable of upstream's contradicts."""
    findings = list(findings)
    by_path = {finding.path: finding for finding in findings}
    suspects = {
        package: [path for path in paths if _is_suspect(by_path.get(path), context)]
        for package, paths in differing_sources(context).items()
    }
    if not any(suspects.values()):
        return findings
    found = dict(_held_against(suspects, _unchanged(by_path, context)))
    return [_unproven(finding, found.get(finding.path, "")) for finding in findings]


def _held_against(
    suspects: Mapping[str, list[str]], executables: Iterable[tuple[str, GoExecutable]]
) -> Iterator[tuple[str, str]]:
    """Each suspect that is compiled into one of the executables, with that one's path."""
    left = {package: paths for package, paths in suspects.items() if paths}
    for path, executable in executables:
        for package in list(left):
            if package == executable.info.path or executable.functions.has_package(package):
                yield from ((source, path) for source in left.pop(package))
        if not left:
            return


def _is_suspect(finding: Finding | None, context: Context) -> bool:
    """Whether a finding of a source passes, and its code differs."""
    if finding is None or not finding.standing.passes or not finding.path.endswith(_COMPILED):
        return False
    if finding.rule == layout.NAME and finding.side is Side.UPSTREAM:
        return False  # not packed, by the policy: that says nothing of what was built
    path = finding.path
    sides: list[list[str]] = []
    for tree in (context.distro, context.upstream):
        entry = tree.get(path)
        if entry is None or entry.kind is not Kind.FILE:
            sides.append([])
        else:
            sides.append(_code(tree.read(path)))
    if sides[0] == sides[1]:
        return False
    return path in GENERATORS or path.endswith(".s") or any(map(_does_something, sides))


def _code(data: bytes) -> list[str]:
    """A source's tokens without its comments, but with those that mean something."""
    text = data.decode("utf-8", "surrogateescape")
    return [match[0] for match in _TOKEN.finditer(text) if match["comment"] is None]


def _does_something(tokens: list[str]) -> bool:
    """Whether a source has more than constants and types."""
    return not _DOES_SOMETHING.isdisjoint(tokens)


def _unchanged(
    by_path: Mapping[str, Finding], context: Context
) -> Iterator[tuple[str, GoExecutable]]:
    """The package's executables that load the same bytes as upstream's."""
    directories = ("bin/", f"{context.target.tool_directory}/")
    for path in sorted(context.upstream):
        if not path.startswith(directories) or path not in context.distro:
            continue
        finding = by_path.get(path)
        stripped = finding is not None and finding.rule == elf_stripped.NAME
        if stripped or context.distro[path].sha256 == context.upstream[path].sha256:
            # The stripped one is smaller, and already read.
            tree = context.distro if stripped else context.upstream
            executable = read_go_executable(tree.read(path))
            if executable is not None:
                yield path, executable


def _unproven(finding: Finding, executable: str) -> Finding:
    if not executable:
        return finding
    causes = (*finding.causes, AgainstExecutable(executable))
    return replace(
        finding, standing=Standing.UNPROVEN, rule=NAME, causes=causes, proof=None, rebuild=False
    )
