"""Paths that only one side has, and the payload outside GOROOT."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from samego.compare.kind import kind_of
from samego.compare.ledger import Ledger
from samego.compare.permissions import Attributes, judge_alone, judge_permissions
from samego.distro.interface import Packaging
from samego.model.causes.differences import (
    EmptyOutside,
    LackedByPackage,
    NotOfSource,
    OnlyInPackage,
    OutsideGoroot,
    Unaccounted,
)
from samego.model.finding import (
    Finding,
    Side,
    Uncompared,
    Why,
    combined,
    proven,
    unexplained,
)
from samego.model.inputs import Context
from samego.model.places.entries import LeadsTo
from samego.model.policy import Policy, glob_pattern
from samego.model.tree import Entry, Kind
from samego.rules.added_tool import judge_added
from samego.rules.interface import Blob
from samego.rules.layout import (
    judge_added_file,
    judge_left_out,
    judge_packaging,
    judge_packaging_link,
)
from samego.rules.patched_source import prove_added, prove_removed


def judge_distro_only(
    path: str, leaves_out: tuple[str, ...], context: Context, ledger: Ledger
) -> None:
    """A file that only the package has."""
    problems = tuple(judge_alone(context.distro[path]))
    if not path.startswith(leaves_out):
        ledger.judged(_added(path, problems, context))
    elif problems:
        # Nothing to hold its bytes against; its permissions need no counterpart.
        ledger.judged(unexplained(path, Side.DISTRO, "file", *problems))
    else:
        ledger.left(Uncompared(path))


def _added(path: str, problems: tuple[Attributes, ...], context: Context) -> Finding:
    blob = Blob(path, context.distro)
    kind = kind_of(blob.read())
    rule = context.policy.find("added", path)
    proof = judge_added_file(context.distro[path], context.policy)
    if proof is None and rule and rule.built_from:
        proof = judge_added(blob, rule.built_from, context)
    proof = proof or prove_added(blob, context)
    if proof is None:
        return unexplained(path, Side.DISTRO, kind, OnlyInPackage(), where=problems)
    finding = proven(path, Side.DISTRO, kind, proof)
    if not problems:
        return finding
    return combined(finding, unexplained(path, Side.DISTRO, kind, Unaccounted(), where=problems))


@dataclass(frozen=True, slots=True)
class Absent:
    """What was not given: paths of upstream's that lie in a package that is not there.

    ``dangling`` are links below GOROOT that lead out of the given packages; ``given`` the names
    of these packages, empty where it is not packages that were given. ``withheld`` are paths
    of upstream's that the package manager is configured not to unpack.
    """

    dangling: frozenset[str]
    given: frozenset[str]
    policy: Policy
    withheld: frozenset[str] = frozenset()

    def has(self, path: str) -> bool:
        """Whether a path of upstream's was not given."""
        if path in self.withheld:
            return True
        if self.dangling and not self.dangling.isdisjoint(_above(path)):
            return True
        package = self.package(path) if self.given else ""
        return bool(package) and package not in self.given

    def package(self, path: str) -> str:
        """The package that has a path, as far as the distro's policy says; else empty."""
        return self.policy.part_of(path)


def _above(path: str) -> Iterator[str]:
    """The directories above a path, nearest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def judge_upstream_only(path: str, absent: Absent, context: Context, ledger: Ledger) -> None:
    """A file that only upstream has: the package lacks it, or another that was not given has it."""
    if path in absent.withheld:
        ledger.left(Uncompared(path, Why.NOT_UNPACKED))
    elif absent.has(path):
        ledger.left(Uncompared(path, Why.PACKAGE_NOT_GIVEN, absent.package(path)))
    else:
        ledger.judged(_lacking(path, context))


def _lacking(path: str, context: Context) -> Finding:
    blob = Blob(path, context.upstream)
    kind = kind_of(blob.read())
    proof = judge_left_out(path, context.policy) or prove_removed(path, blob, context)
    if proof is not None:
        return proven(path, Side.UPSTREAM, kind, proof)
    return unexplained(path, Side.UPSTREAM, kind, LackedByPackage())


def judge_outside(
    outside: Mapping[str, Entry],
    moved: Collection[str],
    packaging: Packaging | None,
    context: Context,
    ledger: Ledger,
) -> None:
    """The payload outside GOROOT: the distro's packaging, or something undeclared."""
    leading = {
        str(parent)
        for path, entry in outside.items()
        if entry.kind is not Kind.DIRECTORY
        for parent in PurePosixPath(path).parents
    }
    for path, entry in sorted(outside.items()):
        name = f"/{path}"
        if entry.kind is Kind.DIRECTORY:
            # Its permissions are judged with every other one's (judge_places).
            if path not in leading and not _is_declared_directory(path, context.policy):
                ledger.judged(unexplained(name, Side.DISTRO, "directory", EmptyOutside()))
            continue
        if (proof := judge_packaging_link(path, entry, context.policy)) is not None:
            ledger.judged(proven(name, Side.DISTRO, "link", proof))
        elif packaging is not None and _declared(path, entry, packaging, context.policy):
            proof = judge_packaging(path, entry, entry.sha256, packaging.origin, context.policy)
            ledger.judged(proven(name, Side.DISTRO, "packaging", proof))
        elif path not in moved:
            _judge_packaging(path, entry, packaging, context, ledger)


def _judge_packaging(
    path: str, entry: Entry, packaging: Packaging | None, context: Context, ledger: Ledger
) -> None:
    finding = _packaging_finding(path, entry, packaging, context)
    if finding is None:
        ledger.left(Uncompared(f"/{path}"))
    else:
        ledger.judged(finding)


def _packaging_finding(
    path: str, entry: Entry, packaging: Packaging | None, context: Context
) -> Finding | None:
    """The finding for a file outside GOROOT.

    None where nothing declares its content, and for metadata, which is judged by its fields.
    """
    name = f"/{path}"
    kind = "link" if entry.kind is Kind.LINK else "packaging"
    rule = context.policy.find("packaging", path)
    judged_by_fields = context.policy.find("metadata", path) is not None
    if entry.kind is not Kind.FILE or not (rule or judged_by_fields) or (rule and rule.to):
        where = (LeadsTo(entry.link),) if entry.kind is Kind.LINK else ()
        cause = OutsideGoroot(posixpath.dirname(name))
        return unexplained(name, Side.DISTRO, kind, cause, where=where)
    regular = Entry(path, Kind.FILE, 0o644)
    differing = judge_permissions(path, entry, regular, context.policy)
    problems = [problem for problem, proof in differing if proof is None]
    if problems:
        return unexplained(name, Side.DISTRO, kind, *problems)
    return None if judged_by_fields else _judge_content(path, entry, packaging, context)


def _judge_content(
    path: str, entry: Entry, packaging: Packaging | None, context: Context
) -> Finding | None:
    """A file of the distro's packaging, compared with its source package.

    None where the package's own source package is missing or does not declare it: what
    was not given is no difference.
    """
    name, kind = f"/{path}", "packaging"
    if packaging is None:
        return None
    expected = packaging.expected.get(path)
    if expected == entry.sha256:
        proof = judge_packaging(path, entry, entry.sha256, packaging.origin, context.policy)
        return proven(name, Side.DISTRO, kind, proof)
    if not packaging.exact or (expected is None and path in packaging.undecided):
        return None
    cause = NotOfSource(packaging.origin, absent=expected is None)
    return unexplained(name, Side.DISTRO, kind, cause)


def _declared(path: str, entry: Entry, packaging: Packaging, policy: Policy) -> bool:
    """Whether the very source package gives this file, of which the policy says nothing."""
    return (
        packaging.exact
        and policy.find("packaging", path) is None
        and entry.kind is Kind.FILE
        and packaging.expected.get(path) == entry.sha256
        and not any(judge_alone(entry))
    )


def _is_declared_directory(path: str, policy: Policy) -> bool:
    """Whether a directory is declared, or a declared file or directory may lie below it.

    Either may be missing: dpkg can be configured to leave documentation out.
    """
    declared = [rule.path for rule in policy.layout_rules("packaging")]
    declared += [rule.to for rule in policy.layout_rules("moved")]
    declared += [rule.path for rule in policy.layout_rules("directory")]
    return policy.find("directory", path) is not None or any(
        glob_pattern(str(parent)).fullmatch(path)
        for place in declared
        for parent in PurePosixPath(place).parents
    )
