"""Two packages of one name, shipped and rebuilt, compared member by member.

Both were made from the same recipe, so what the distro declares (patches, settings, tools
that rewrite files) accounts for nothing here. A member is ``equivalent`` only where a
rule shows from the two files alone that they mean the same: executables that load the
same bytes, archives with the same contents. Everything else is ``unexplained``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from samego.compare.kind import kind_of
from samego.compare.where import locate
from samego.errors import InputError
from samego.model.causes.rebuilds import (
    NotInRebuild,
    OnlyInRebuild,
    OtherContents,
    OtherKind,
    OtherMode,
    OtherOwner,
    OtherPacking,
    OtherTarget,
    SameContents,
    SameProgram,
    SumsOfOthers,
)
from samego.model.paired_trees import pair_paths
from samego.model.proof import Standing, worst
from samego.model.reproduction import Artifact, Holder, MemberDifference
from samego.model.tree import Entry, Tree
from samego.model.value import Cause
from samego.rules.content.base import FormatError
from samego.rules.content.gzip_equal import check_gzip, read_gzip
from samego.rules.content.png_equal import check_png
from samego.rules.content.zip_equal import check_zip
from samego.rules.elf_stripped import prove_stripped
from samego.rules.strip_nondeterminism import handler_for


def _same_gzip(mine: bytes, other: bytes, _moment: int | None) -> int:
    # Each build may have put its own time into the header.
    return check_gzip(mine, other, read_gzip(mine).mtime)


_CHECKS: dict[str, Callable[[bytes, bytes, int | None], int]] = {
    "zip": check_zip,
    "jar": check_zip,
    "gzip": _same_gzip,
    "png": check_png,
}
#: The list of sums of a binary package (deb-md5sums(5)): it follows from the other members.
_SUMS = "DEBIAN/md5sums"
_SUM = re.compile(rb"[0-9a-f]{32}  (?P<path>[^\n]+)")


def compare_members(artifact: Artifact, shipped: Tree, rebuilt: Tree) -> Artifact:
    """The artifact with every member in which the two packages differ."""
    paths = pair_paths(shipped, rebuilt)
    differing = [path for path in paths.both if shipped[path] != rebuilt[path]]
    for tree in (shipped, rebuilt):
        tree.load(paths.differing)
    found = [_judge(path, shipped, rebuilt) for path in differing]
    found += [
        MemberDifference(path, holder, str(tree[path].kind.value), Standing.UNEXPLAINED, (cause,))
        for tree, alone, holder, cause in (
            (shipped, paths.first_only, Holder.SHIPPED, NotInRebuild()),
            (rebuilt, paths.second_only, Holder.REBUILT, OnlyInRebuild()),
        )
        for path in alone
    ]
    found = list(_with_sums(found, shipped, rebuilt)) or [_only_form()]
    return replace(
        artifact,
        compared=True,
        identical=len(paths.both) - len(differing),
        differences=tuple(sorted(found, key=lambda difference: difference.path)),
    )


def _judge(path: str, shipped: Tree, rebuilt: Tree) -> MemberDifference:
    """What differs in a member that both packages have."""
    mine, other = shipped[path], rebuilt[path]
    attributes = tuple(_attributes(mine, other))
    if mine.kind is not other.kind:
        kind = OtherKind(mine.kind.value, other.kind.value)
        return MemberDifference(path, Holder.BOTH, mine.kind.value, Standing.UNEXPLAINED, (kind,))
    if mine.link != other.link:
        target = OtherTarget(mine.link, other.link)
        return MemberDifference(path, Holder.BOTH, "link", Standing.UNEXPLAINED, (target,))
    if mine.sha256 == other.sha256:
        return MemberDifference(path, Holder.BOTH, "mode", Standing.UNEXPLAINED, attributes)
    difference = _judge_bytes(path, shipped.read(path), rebuilt.read(path))
    if not attributes:
        return difference
    causes = (*difference.causes, *attributes)
    return replace(difference, standing=Standing.UNEXPLAINED, causes=causes)


def _attributes(mine: Entry, other: Entry) -> Iterator[Cause]:
    if mine.mode != other.mode:
        yield OtherMode(mine.mode or 0, other.mode or 0)
    if mine.owner != other.owner:
        yield OtherOwner(str(mine.owner), str(other.owner))


def _judge_bytes(path: str, mine: bytes, other: bytes) -> MemberDifference:
    kind = kind_of(mine)
    cause = _equivalent(path, mine, other)
    if cause is not None:
        return MemberDifference(path, Holder.BOTH, kind, Standing.EQUIVALENT, (cause,))
    where = locate(mine, other)
    causes = (OtherContents(),)
    return MemberDifference(path, Holder.BOTH, kind, Standing.UNEXPLAINED, causes, where)


def _equivalent(path: str, mine: bytes, other: bytes) -> Cause | None:
    """Why two files mean the same, or None."""
    for one, two in ((mine, other), (other, mine)):
        if prove_stripped(one, two, posixpath.basename(path)) is not None:
            return SameProgram()
    handler = handler_for(path, mine)
    if handler and handler == handler_for(path, other):
        try:
            _CHECKS[handler](mine, other, None)
        except (FormatError, InputError):
            return None
        return SameContents()
    return None


def _with_sums(
    found: list[MemberDifference], shipped: Tree, rebuilt: Tree
) -> Iterator[MemberDifference]:
    """The same differences; a list of sums that differs only in theirs follows from them."""
    others = {difference.path: difference.standing for difference in found}
    others.pop(_SUMS, None)
    for difference in found:
        if difference.path == _SUMS and difference.holder is Holder.BOTH:
            lines = [set(tree.read(_SUMS).splitlines()) for tree in (shipped, rebuilt)]
            named = [_SUM.fullmatch(line) for line in lines[0] ^ lines[1]]
            paths = [match["path"].decode("utf-8", "surrogateescape") for match in named if match]
            if len(paths) == len(named) and all(path in others for path in paths):
                standing = worst([others[path] for path in paths])
                yield replace(difference, standing=standing, causes=(SumsOfOthers(),), where=())
                continue
        yield difference


def _only_form() -> MemberDifference:
    return MemberDifference(
        "",
        Holder.BOTH,
        "package",
        Standing.EQUIVALENT,
        (OtherPacking(),),
    )
