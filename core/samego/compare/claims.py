"""What a package says of its own files, held against its contents.

A package can carry a list of its files with their digests (Arch's .MTREE). Upstream says
nothing of it, and installing goes on without it; but a list that does not fit says that the
package was changed after it was made, or that whatever made it lies.
"""

from __future__ import annotations

from collections.abc import Iterator

from samego.distro.interface import Claims
from samego.model.finding import Finding, Side, unexplained
from samego.model.tree import Entry, Kind, Tree

KIND = "claim"


def judge_claims(payload: Tree, claims: Claims) -> Iterator[Finding]:
    """A finding, by absolute path, for everything that is not as the package says."""
    for path in sorted(payload.keys() | claims.entries.keys()):
        mine, claimed = payload.get(path), claims.entries.get(path)
        if mine is None:
            problem = f"{claims.origin} lists it, and the package lacks it"
        elif claimed is None:
            problem = f"{claims.origin} does not list it"
        else:
            problem = _difference(mine, claimed, claims.origin)
        if problem:
            cause = f"the package contradicts its own {claims.origin}"
            yield unexplained(f"/{path}", Side.DISTRO, KIND, cause, where=problem)


def _difference(mine: Entry, claimed: Entry, origin: str) -> str:
    """In which fields an entry is not what is claimed; empty when in none."""
    if mine.kind is not claimed.kind:
        return f"a {mine.kind.value}, {origin} says a {claimed.kind.value}"
    pairs = []
    if mine.kind is Kind.FILE:
        pairs.append(("size", str(mine.size), str(claimed.size)))
        pairs.append(("sha256", mine.sha256, claimed.sha256))
    if mine.kind is Kind.LINK:
        pairs.append(("leads to", mine.link, claimed.link))
    if mine.mode is not None and claimed.mode is not None:
        pairs.append(("mode", f"{mine.mode:04o}", f"{claimed.mode:04o}"))
    if mine.owner is not None and claimed.owner is not None:
        pairs.append(("owner", _owner(mine.owner), _owner(claimed.owner)))
    return "; ".join(
        f"{name} {actual}, {origin} says {said}" for name, actual, said in pairs if actual != said
    )


def _owner(owner: tuple[int, int]) -> str:
    return f"{owner[0]}:{owner[1]}"
