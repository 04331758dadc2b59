"""A package's own list of its files, compared with its contents.

A package can carry a list of its files with their digests (Arch's .MTREE). Upstream says
nothing of it, and installing goes on without it; but a list that does not fit says that the
package was changed after it was made, or that whatever made it lies.
"""

from __future__ import annotations

from collections.abc import Iterator

from samego.distro.interface import Claims
from samego.model.causes.packages import OwnListBroken
from samego.model.finding import Finding, Side, unexplained
from samego.model.places.entries import ListedAs, ListedField, ListedKind, ListedOnly, Unlisted
from samego.model.tree import Entry, Kind, Tree
from samego.model.value import Place

KIND = "claim"


def judge_claims(payload: Tree, claims: Claims) -> Iterator[Finding]:
    """A finding, by absolute path, for everything that is not as the package says."""
    for path in sorted(payload.keys() | claims.entries.keys()):
        mine, claimed = payload.get(path), claims.entries.get(path)
        if mine is None:
            problems: tuple[Place, ...] = (ListedOnly(claims.origin),)
        elif claimed is None:
            problems = (Unlisted(claims.origin),)
        else:
            problems = tuple(_differences(mine, claimed, claims.origin))
        if problems:
            cause = OwnListBroken(claims.origin)
            yield unexplained(f"/{path}", Side.DISTRO, KIND, cause, where=problems)


def _differences(mine: Entry, claimed: Entry, origin: str) -> Iterator[Place]:
    """In which fields an entry is not what is claimed."""
    if mine.kind is not claimed.kind:
        yield ListedKind(mine.kind.value, claimed.kind.value, origin)
        return
    pairs = []
    if mine.kind is Kind.FILE:
        pairs.append((ListedField.SIZE, str(mine.size), str(claimed.size)))
        pairs.append((ListedField.SHA256, mine.sha256, claimed.sha256))
    if mine.kind is Kind.LINK:
        pairs.append((ListedField.LINK, mine.link, claimed.link))
    if mine.mode is not None and claimed.mode is not None:
        pairs.append((ListedField.MODE, f"{mine.mode:04o}", f"{claimed.mode:04o}"))
    if mine.owner is not None and claimed.owner is not None:
        pairs.append((ListedField.OWNER, _owner(mine.owner), _owner(claimed.owner)))
    for field, actual, stated in pairs:
        if actual != stated:
            yield ListedAs(field, actual, stated, origin)


def _owner(owner: tuple[int, int]) -> str:
    return f"{owner[0]}:{owner[1]}"
