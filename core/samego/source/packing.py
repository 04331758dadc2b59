"""Whether a source file is the one that upstream posted, or the same files in another packing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from samego.errors import NetworkError, NotPostedError
from samego.model.release import Target
from samego.model.tree import Entry, Kind, Tree
from samego.source.archive_files import OTHER, is_generated, is_source_alone, lacks
from samego.source.opened import OpenedSource, open_release, posted_name
from samego.source.result import Difference, HeldAgainst, NotChecked, Packed, Packing, What
from samego.upstream.channels.interface import Posted
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles

#: The permissions that decide what may be run; the others are the packer's own.
_RUNS = 0o7111


def check_packing(
    source: OpenedSource, upstream: UpstreamFiles, opener: Opener, hosts: Sequence[Target]
) -> Packing:
    """Hold a source against what upstream posted.

    Raises VerificationError where upstream's own files do not add up.
    """
    if source.posted is not None:
        return Packing(Packed.POSTED, posted_name(source.posted), source.posted.verified)
    try:
        posted, theirs = _upstreams(source, upstream, opener, hosts)
    except NetworkError:
        return Packing(Packed.UNDECIDED, unchecked=NotChecked.UNREACHED)
    except NotPostedError:
        return Packing(Packed.UNDECIDED, unchecked=NotChecked.NOT_SERVED)
    mine = source.whole or source.tree
    left_out = {
        path
        for path in mine.keys() ^ theirs.keys()
        if lacks(source.form if path in theirs else posted.form, path)
        and not (path in mine and is_source_alone(source.form) and is_generated(path))
    }
    compared = sorted((mine.keys() | theirs.keys()) - left_out)
    differences = tuple(_differences(mine, theirs, compared, carries=source.form == OTHER))
    return Packing(
        Packed.DIFFERS if differences else Packed.SAME_FILES,
        upstream=HeldAgainst(
            posted_name(posted), posted.channel, posted.form, posted.sha256, posted.verified
        ),
        identical=len(compared) - len(differences),
        not_compared=len(left_out & mine.keys()),
        differences=differences,
    )


def _upstreams(
    source: OpenedSource, upstream: UpstreamFiles, opener: Opener, hosts: Sequence[Target]
) -> tuple[Posted, Tree]:
    """Upstream's own file that a source should be, and what of it is compared."""
    if source.target is not None:
        posted = upstream.fetch(source.release, source.target).posted
        return posted, opener.open(posted)
    theirs = open_release(source.release, upstream, opener, hosts)
    assert theirs.posted is not None  # noqa: S101 - a release's source is always posted
    return theirs.posted, theirs.tree


def _differences(
    source: Tree, theirs: Tree, compared: Iterable[str], *, carries: bool
) -> Iterator[Difference]:
    for path in compared:
        mine, other = source.get(path), theirs.get(path)
        if mine is None:
            yield Difference(path, What.MISSING)
        elif other is None:
            yield Difference(path, What.EXTRA)
        elif mine.kind is not other.kind:
            yield Difference(path, What.KIND)
        elif mine.sha256 != other.sha256:
            yield Difference(path, What.CONTENT)
        elif carries and _runs(mine) != _runs(other):
            yield Difference(path, What.MODE)


def _runs(entry: Entry) -> int:
    return (entry.mode or 0) & _RUNS if entry.kind is Kind.FILE else 0
