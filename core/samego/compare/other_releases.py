"""Whether files that nothing accounts for are those of another release, to the byte.

Who unpacks one release over another has a directory of two: its own files are right, and the
other's lie among them. That is still no release that anybody posted, so it explains nothing; but
it says at once what happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from samego.model.causes.differences import BytesOf, OnlyInPackage, Unaccounted
from samego.model.causes.packages import BuiltAsOther
from samego.model.finding import Finding, Side
from samego.model.proof import Standing
from samego.model.release import Release, Target
from samego.model.tree import Kind, Tree
from samego.model.value import Cause

#: What a build for one target has, and no other.
_OF_TARGET = ("bin/", "pkg/")


@dataclass(frozen=True, slots=True)
class PostedRelease:
    """The files that upstream posted of a release and target: sha256 by path."""

    release: Release
    target: Target
    digests: Mapping[str, str]

    def has(self, path: str, sha256: str, target: Target) -> bool:
        """Whether a file is one of these, for a toolchain that is for ``target``."""
        if path.startswith(_OF_TARGET) and self.target != target:
            return False
        return self.digests.get(path) == sha256


def unaccounted(findings: Iterable[Finding], distro: Tree) -> Mapping[str, str]:
    """The sha256 of each file whose bytes nothing accounts for, by its path."""
    found = {}
    for finding in findings:
        entry = distro.get(finding.path)
        bytes_differ = finding.side is Side.DISTRO or finding.kind != "mode"
        if finding.standing is not Standing.UNEXPLAINED or finding.rule or not bytes_differ:
            continue
        if entry is not None and entry.kind is Kind.FILE:
            found[finding.path] = entry.sha256
    return found


def built_as(findings: Iterable[Finding]) -> frozenset[str]:
    """The releases that executables say they are of, where VERSION says another."""
    causes = (cause for finding in findings for cause in finding.causes)
    return frozenset(cause.built for cause in causes if isinstance(cause, BuiltAsOther))


def named_after(
    files: Mapping[str, str], known: Iterable[PostedRelease], target: Target
) -> Mapping[str, Release]:
    """The release that each file is of, by path: of as few releases as can be.

    ``files`` are those of :func:`unaccounted`. Of releases that have as many of them, it is the
    newest.
    """
    left = dict(files)
    waiting = list(known)
    found: dict[str, Release] = {}
    while left and waiting:
        had = {
            id(each): [path for path, sha256 in left.items() if each.has(path, sha256, target)]
            for each in waiting
        }
        best = max(
            waiting, key=lambda each: (len(had[id(each)]), each.target == target, each.release)
        )
        if not had[id(best)]:
            break
        waiting.remove(best)
        for path in had[id(best)]:
            found[path] = best.release
            del left[path]
    return found


def with_names(findings: Iterable[Finding], names: Mapping[str, Release]) -> tuple[Finding, ...]:
    """The findings, each file of another release with that as a cause. No standing changes."""
    return tuple(
        replace(finding, causes=_named(finding.causes, names[finding.path]))
        if finding.path in names
        else finding
        for finding in findings
    )


def _named(causes: Iterable[Cause], release: Release) -> tuple[Cause, ...]:
    """The causes, with the release in place of that nothing is known."""
    others = (cause for cause in causes if not isinstance(cause, (Unaccounted, OnlyInPackage)))
    return (BytesOf(str(release)), *others)
