"""What a difference touches: whether a file that the distro patched takes part in what runs.

Reach is no standing: a patch that was replayed is ``explained`` wherever it reaches. But a patch
is the distro's own change, and whoever does not want one in what runs can say so
(``--require unpatched``).
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from samego.model.finding import Finding
from samego.rules import patched_source

#: Directories at the top of GOROOT of which nothing is built or read by a program.
_INERT = frozenset({"api", "doc", "misc", "test"})
#: What the go command leaves out of every build (go help packages).
_TESTDATA = "testdata"
_TEST = "_test.go"
#: Text for people at the top of GOROOT and in sources; no package embeds one.
_DOCUMENT = ".md"


def runs(path: str) -> bool:
    """Whether a file of GOROOT can be a part of what runs: not tests, their data, documents."""
    parts = path.split("/")
    if parts[0] in _INERT or _TESTDATA in parts[:-1]:
        return False
    name = posixpath.basename(path)
    return not name.endswith((_TEST, _DOCUMENT))


def is_patched(finding: Finding) -> bool:
    """Whether the distro's own patch is what accounts for a finding."""
    return finding.rule == patched_source.NAME


def patched_and_running(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The paths that own patches changed and that take part in what runs, sorted.

    A file takes part by its name, or because an executable rests on it.
    """
    built_from = {
        path for finding in findings if finding.kind == "elf" for path in finding.rests_on
    }
    return tuple(
        sorted(
            finding.path
            for finding in findings
            if is_patched(finding) and (runs(finding.path) or finding.path in built_from)
        )
    )
