"""The comparison: every path of both sides gets a finding, or is identical, or not compared."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

from samego.compare import settings
from samego.compare.claims import judge_claims
from samego.compare.consequences import find_consequences, paths_to_load
from samego.compare.contradictions import contradicted
from samego.compare.empty_directories import judge_empty_directories
from samego.compare.identity import judge_self_description
from samego.compare.kind import kind_of
from samego.compare.ledger import Ledger
from samego.compare.one_sided import (
    Absent,
    judge_distro_only,
    judge_outside,
    judge_upstream_only,
)
from samego.compare.pairing import Pairing, pair
from samego.compare.permissions import judge_permissions, judge_places
from samego.compare.where import locate
from samego.distro.interface import Claims, Packaging, SelfDescription
from samego.formats.tree.goroot import GorootView
from samego.leaks.find import find_candidates
from samego.model.causes.differences import Unaccounted, UndeclaredLink, UpstreamsPinBroken
from samego.model.finding import (
    Consequence,
    Finding,
    Side,
    Uncompared,
    added,
    combined,
    proven,
    unexplained,
)
from samego.model.inputs import Context
from samego.model.places.entries import IsLink, LeadsTo
from samego.model.proof import Proof, Standing
from samego.model.tree import Tree
from samego.model.value import Place
from samego.rules.interface import Blob, Rule
from samego.rules.layout import judge_link, judge_moved
from samego.rules.source_inputs import differing_settings

_log = logging.getLogger(__name__)

#: Both cores of a small machine; decompression and hashing run outside the interpreter lock.
_WORKERS = 2
#: A pair of this many bytes is judged alone: two at once would double the peak of memory.
_LARGE = 8 << 20
_one_large_pair = threading.Lock()


@dataclass(frozen=True, slots=True)
class Sides:
    """Everything a comparison looks at.

    ``leaves_out`` are path prefixes that this form of upstream's does not carry. ``claims`` are the
    package's own list of its files, ``self_description`` its statements about itself.
    ``given`` are the names of the packages, empty where it is not packages. ``withheld`` are
    payload paths that the package manager is configured not to unpack, and that are missing.
    """

    payload: Tree
    view: GorootView
    upstream: Tree
    leaves_out: tuple[str, ...]
    packaging: Packaging | None
    claims: Claims | None = None
    self_description: SelfDescription = field(default_factory=SelfDescription)
    given: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome: findings by path, how many are identical, what was not compared."""

    findings: tuple[Finding, ...]
    identical: int
    not_compared: tuple[Uncompared, ...]


def compare(sides: Sides, context: Context, rules: Sequence[Rule]) -> Comparison:
    """Compare a distro's GOROOT with upstream's, path by path.

    ``context`` gives the rules what the distro declared; its trees are set here.
    ``rules`` are tried in order; the first proof counts.
    """
    pairing = pair(sides.view, sides.payload, sides.upstream, context.policy)
    context = replace(context, distro=pairing.distro, upstream=pairing.upstream)
    differing = [
        path
        for path in pairing.both
        if pairing.distro[path].sha256 != pairing.upstream[path].sha256
    ]
    # What is not compared is not read either: it may need another pass over an archive.
    withheld = frozenset(map(context.policy.upstream_path, sides.withheld))
    absent = Absent(frozenset(sides.view.dangling), sides.given, context.policy, withheld)
    lacking = [path for path in pairing.upstream_only if not absent.has(path)]
    pairing.upstream.load([*differing, *lacking, *paths_to_load(pairing.upstream)])
    alone = [path for path in pairing.distro_only if not path.startswith(sides.leaves_out)]
    pairing.distro.load([*differing, *alone])

    ledger = Ledger()
    with ThreadPoolExecutor(_WORKERS) as pool:
        contents = pool.map(lambda path: _judge_content(path, context, rules), differing)
        by_content = dict(zip(differing, contents, strict=True))
    for path in pairing.both:
        finding = _judge_pair(path, pairing, by_content.get(path), context)
        if finding is not None:
            ledger.judged(finding)
    identical = len(pairing.both) - len(ledger.findings)
    for path in pairing.distro_only:
        judge_distro_only(path, sides.leaves_out, context, ledger)
    for path in pairing.upstream_only:
        judge_upstream_only(path, absent, context, ledger)
    moved = pairing.moved.values()
    packaging = sides.packaging.settled(sides.payload) if sides.packaging else None
    judge_outside(sides.view.outside, moved, packaging, context, ledger)
    findings = [*ledger.findings, *_judge_links(sides.view, context)]
    findings = added(
        findings, judge_empty_directories(pairing, sides.view, context.policy, withheld)
    )
    findings = added(findings, judge_places(sides.payload, sides.view))
    if sides.claims is not None:
        findings = added(findings, judge_claims(sides.payload, sides.claims))
    findings = added(findings, judge_self_description(sides.self_description, pairing))
    not_compared = ledger.without_findings(findings)
    findings = contradicted(findings, context)
    with_consequences = _attach(findings, find_consequences(pairing.distro, pairing.upstream))
    return Comparison(
        tuple(sorted(with_consequences, key=lambda finding: finding.path)),
        identical,
        not_compared,
    )


def _judge_content(path: str, context: Context, rules: Sequence[Rule]) -> Finding:
    """The finding for a file whose bytes differ."""
    distro, upstream = Blob(path, context.distro), Blob(path, context.upstream)
    with _one_large_pair if distro.size + upstream.size > _LARGE else nullcontext():
        return _judge_blobs(distro, upstream, context, rules)


def _judge_blobs(distro: Blob, upstream: Blob, context: Context, rules: Sequence[Rule]) -> Finding:
    path, mine, theirs = distro.path, distro.read(), upstream.read()
    kind = kind_of(theirs)
    for rule in rules:
        proof = rule.prove(distro, upstream, context)
        standing = proof.standing.value if proof is not None else "no proof"
        _log.debug("%s: rule %s: %s", path, rule.name, standing)
        if proof is None:
            continue
        if proof.standing.passes:
            return proven(path, Side.BOTH, kind, proof)
        finding = proven(path, Side.BOTH, kind, proof, where=locate(mine, theirs))
        return _with_candidates(finding, mine, theirs, context)
    causes = settings.causes_of(path, mine, theirs) or (Unaccounted(),)
    finding = unexplained(path, Side.BOTH, kind, *causes, where=locate(mine, theirs))
    return _with_candidates(finding, mine, theirs, context)


def _with_candidates(finding: Finding, mine: bytes, theirs: bytes, context: Context) -> Finding:
    """The finding of an executable with what may have made it another; its standing stays."""
    if finding.kind != "elf":
        return finding
    found = find_candidates(
        finding.path,
        mine,
        theirs,
        context.release,
        context.target,
        declared=differing_settings(context),
        accounted=bool(finding.rule),
    )
    return replace(finding, candidates=found)


def _judge_pair(
    path: str, pairing: Pairing, content: Finding | None, context: Context
) -> Finding | None:
    """The finding for a path that both have, or None when it is identical."""
    distro, upstream = pairing.distro[path], pairing.upstream[path]
    finding = content
    if finding is None and path in pairing.moved:
        proof = judge_moved(path, pairing.moved[path], context.policy)
        if proof is not None:
            proof = replace(proof, digest=distro.sha256)
            finding = proven(path, Side.BOTH, "text", proof)
    if distro.link and path not in pairing.moved:
        as_link = judge_link(distro, context.policy)
        finding = _combine(path, finding, as_link, IsLink(distro.link), kind="link")
    for problem, proof in judge_permissions(path, distro, upstream, context.policy):
        finding = _combine(path, finding, proof, problem, kind="mode")
    return finding


def _combine(
    path: str, finding: Finding | None, proof: Proof | None, problem: Place, *, kind: str
) -> Finding:
    """Add another difference of the same path: the worse of the two decides."""
    if proof is not None:
        other = proven(path, Side.BOTH, kind, proof)
    else:
        other = unexplained(path, Side.BOTH, kind, Unaccounted(), where=(problem,))
    return other if finding is None else combined(finding, other)


def _judge_links(view: GorootView, context: Context) -> Iterable[Finding]:
    """Links below GOROOT where upstream has directories."""
    for path, link in sorted(view.links.items()):
        proof = judge_link(link, context.policy)
        if proof is not None:
            yield proven(path, Side.DISTRO, "link", proof)
        else:
            where = (LeadsTo(link.link),)
            yield unexplained(path, Side.DISTRO, "link", UndeclaredLink(), where=where)


def _attach(
    findings: Sequence[Finding], consequences: dict[str, tuple[Consequence, ...]]
) -> Iterable[Finding]:
    """Give each finding its consequences; one whose own file breaks a pin is not equivalent."""
    left = dict(consequences)
    for finding in findings:
        own = left.pop(finding.path, ())
        broken = any(item.side is not Side.UPSTREAM for item in own)
        if broken and finding.standing is Standing.EQUIVALENT:
            yield replace(finding, standing=Standing.EXPLAINED, consequences=own)
        else:
            yield replace(finding, consequences=own)
    for path, own in left.items():
        # The file is the same on both sides, and misses its pin on both.
        yield Finding(
            path,
            Standing.IDENTICAL,
            Side.BOTH,
            "binary",
            rule="",
            causes=(UpstreamsPinBroken(),),
            consequences=own,
        )
