"""Layout rules: where a distro's declared layout accounts for a path.

What they prove is small on purpose: that a path is absent, moved, or a link exactly as
the policy declares it. Contents are never excused here; an added file whose content
nothing accounts for stays unexplained.
"""

from __future__ import annotations

from dataclasses import replace

from samego.model.causes.proofs import Declared, PackagingFile
from samego.model.policy import LayoutRule, Policy
from samego.model.proof import Proof, Standing
from samego.model.tree import Entry, Kind

NAME = "layout"


def judge_left_out(path: str, policy: Policy) -> Proof | None:
    """Upstream has ``path``, the package does not."""
    rule = policy.find("left_out", path)
    return _proof(rule) if rule else None


def judge_added_file(entry: Entry, policy: Policy) -> Proof | None:
    """Only the package has this file, and the policy declares its very bytes."""
    for rule in policy.layout_rules("added"):
        if entry.sha256 in rule.digests and rule.matches(entry.path):
            return replace(_proof(rule), digest=entry.sha256)
    return None


def judge_link(link: Entry, policy: Policy) -> Proof | None:
    """``link`` stands below GOROOT where upstream has a directory: its target must be exact."""
    rule = policy.find("link", link.path)
    if rule is None or rule.to != link.link:
        return None
    return _proof(rule, target=link.link)


def judge_moved(path: str, real: str, policy: Policy) -> Proof | None:
    """Upstream's ``path`` lies, unchanged, at ``real`` in the payload."""
    rule = policy.find("moved", path)
    if rule is None or rule.to != real:
        return None
    return _proof(rule, moved_to=f"/{real}")


def judge_mode(path: str, distro: int, upstream: int, policy: Policy) -> Proof | None:
    """The permission bits differ and the policy declares the distro's."""
    for rule in policy.layout_rules("mode"):
        if rule.matches(path) and distro == int(rule.to, 8):
            return _proof(rule, mode=f"{distro:04o}", upstream=f"{upstream:04o}")
    return None


def judge_packaging_link(path: str, entry: Entry, policy: Policy) -> Proof | None:
    """A link outside GOROOT that the distro's packaging makes: its target must be exact."""
    rule = policy.find("packaging", path)
    if rule is None or entry.kind is not Kind.LINK or not rule.to or rule.to != entry.link:
        return None
    return _proof(rule, target=entry.link)


def judge_packaging(path: str, entry: Entry, expected: str, origin: str, policy: Policy) -> Proof:
    """A file of the distro's own packaging has the bytes that its source package gives.

    ``expected`` is the sha256 that was derived from the source package; the caller has
    found it equal to ``entry``'s.
    """
    rule = policy.find("packaging", path)
    return Proof(
        NAME,
        Standing.EXPLAINED,
        (Declared(rule.reason, origin) if rule else PackagingFile(origin),),
        digest=expected,
        details={"origin": origin, "size": entry.size},
    )


def _proof(rule: LayoutRule, **details: str) -> Proof:
    return Proof(
        NAME,
        Standing.EXPLAINED,
        (Declared(rule.reason),),
        details={"policy": f"{rule.action} {rule.path}", "declared_in": rule.source, **details},
    )
