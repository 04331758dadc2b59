"""A rebuilt toolchain and upstream's, compared member by member."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from samego.compare.where import locate
from samego.model.causes.rebuilt_files import EqualFiles, OtherArchive, OtherFiles
from samego.model.paired_trees import pair_paths
from samego.model.tree import Kind, Tree
from samego.model.value import Cause
from samego.rebuild.installers import Contents
from samego.rules.macho_signature import prove_unsigned
from samego.words import places

#: How many differing members a result names.
MOST_NAMED = 20
#: What a build makes; all else is copied from the source.
_BUILT = ("bin/", "pkg/")
#: Upstream's archives hold no directories.
_MEMBERS = (Kind.FILE, Kind.LINK)


class RebuildOutcome(enum.Enum):
    """How a rebuilt file compares, best first."""

    REPRODUCED = "reproduced"
    EQUIVALENT = "equivalent"
    NOT_POSTED = "not_posted"
    NOT_COMPARED = "not_compared"
    DIFFERS = "differs"

    @property
    def agrees(self) -> bool:
        """Whether the file is upstream's, or is once the signature is set aside."""
        return self in (RebuildOutcome.REPRODUCED, RebuildOutcome.EQUIVALENT)


@dataclass(frozen=True, slots=True)
class TreeDifference:
    """Two forms of a toolchain compared by member.

    ``only_built`` says that what differs was built, every member of it, and not copied.
    """

    outcome: RebuildOutcome
    cause: Cause
    where: tuple[str, ...]
    only_built: bool = False


def compare_trees(ours: Tree, posted: Tree) -> TreeDifference:
    """Compare two toolchains that are not the same file, member by member.

    Equivalent when every member is equal, or is once its code signature is set aside; the
    archive around signed members cannot be the same. Modes count where both carry them.
    """
    members = compare_members(ours, posted)
    if members.where:
        return _differs(members.where, members.equal, only_built=members.only_built)
    if members.unsigned:
        return TreeDifference(RebuildOutcome.EQUIVALENT, members.cause(), ())
    return TreeDifference(RebuildOutcome.DIFFERS, OtherArchive(members.equal), ())


def compare_installed(ours: Tree, contents: Contents) -> TreeDifference:
    """Compare a rebuilt toolchain with what an installer installs: the same files, or not."""
    members = compare_members(ours, contents.goroot)
    where = (*contents.strays, *members.where)
    if where:
        return _differs(where, members.equal, only_built=members.only_built and not contents.strays)
    return TreeDifference(RebuildOutcome.EQUIVALENT, members.cause(installed=True), ())


@dataclass(frozen=True, slots=True)
class MemberComparison:
    """Two trees by member: a line for each that differs, and how many do not.

    ``unsigned`` counts the executables that are equal once their signature is set aside.
    """

    where: tuple[str, ...]
    unsigned: int
    equal: int
    only_built: bool

    def cause(self, *, installed: bool = False) -> EqualFiles:
        """The counts, where nothing differs."""
        return EqualFiles(self.equal, self.unsigned, installed)


def compare_members(ours: Tree, posted: Tree) -> MemberComparison:
    """Compare the files and links of two trees, and their modes where both carry them."""
    paths = pair_paths(ours, posted, _MEMBERS)
    where = [f"{path}: only the rebuild has it" for path in paths.first_only]
    where += [f"{path}: only upstream has it" for path in paths.second_only]
    if ours.carries_modes and posted.carries_modes:
        where += [
            f"{path}: mode {ours[path].mode or 0:o}, upstream's {posted[path].mode or 0:o}"
            for path in paths.both
            if ours[path].mode != posted[path].mode
        ]
    ours.load(paths.differing)
    posted.load(paths.differing)
    unsigned = 0
    others = len(where)
    for path in paths.differing:
        if not ours[path].kind is posted[path].kind is Kind.FILE:
            where.append(f"{path}: a {ours[path].kind.value}, upstream's {posted[path].kind.value}")
            continue
        one, other = ours.read(path), posted.read(path)
        if prove_unsigned(one, other) is not None:
            unsigned += 1
        else:
            where.append(f"{path}: {places.phrase(locate(one, other))}")
            others += not path.startswith(_BUILT)
    equal = len(paths.both) - len(paths.differing)
    return MemberComparison(tuple(where), unsigned, equal, others == 0)


def _differs(where: tuple[str, ...], equal: int, *, only_built: bool) -> TreeDifference:
    more = len(where) - MOST_NAMED
    named = (*where[:MOST_NAMED], *([f"and {more} more"] if more > 0 else []))
    cause = OtherFiles(len(where), equal)
    return TreeDifference(RebuildOutcome.DIFFERS, cause, named, only_built)
