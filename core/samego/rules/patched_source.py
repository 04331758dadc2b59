"""The rule ``patched_source``: the distro's own patches make upstream's file the distro's.

Claim: dpkg-source, or patch(1) called as dpkg-source calls it, applies the distro's whole
series to upstream's files in the sandbox, and leaves exactly the distro's bytes at this path
(samego.rules.patch_replay). No patch is taken apart here: which sections count, and for which
file, the tool decides. Where the distro's recipe itself was run, that decides instead
(samego.rules.replayed_source).

Patches of the nearest served version are candidates: where the whole series does not give
the file, the choices among those that name it are tried, and the cause says where they come
from. Without a sandbox a patch that names the file is a hint, and the finding is unproven.
Limits: modes in git's headers are not read (a mode is judged by itself).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence

from samego.errors import SamegoError
from samego.model.causes.proofs import Change, NotPatched, Patched
from samego.model.inputs import Context, Patch
from samego.model.proof import Proof, Standing, Tool
from samego.rules.interface import Blob
from samego.rules.patch_replay import ReplayResult, replay, words
from samego.rules.replayed_source import prove_replayed

NAME = "patched_source"

#: Choices among candidate patches that are tried for one file: each runs the tool.
_CHOICES = 8
_LARGEST = 32 << 20
#: What the module form lacks of the source.
_LEFT_OUT = "test/"


class PatchedSource:
    """The rule."""

    name = NAME

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        """Apply the patches and compare what they leave with the distro's bytes."""
        if upstream.size > _LARGEST:
            return None
        return _prove(upstream.path, distro.sha256, context, Change.PATCHED)


def prove_added(distro: Blob, context: Context) -> Proof | None:
    """Prove a file that only the distro has: the patches create it, or rename upstream's."""
    return _prove(distro.path, distro.sha256, context, Change.ADDED)


def prove_removed(path: str, upstream: Blob, context: Context) -> Proof | None:
    """Prove a file that only upstream has: the patches leave nothing of it."""
    if upstream.size > _LARGEST:
        return None
    return _prove(path, None, context, Change.REMOVED)


def _prove(path: str, digest: str | None, context: Context, change: Change) -> Proof | None:
    """Prove that the patches leave a path with these bytes; ``digest`` is None for nothing."""
    inputs = context.inputs
    if inputs.replay is not None:
        return prove_replayed(path, digest, inputs.replayed) if inputs.replayed else None
    naming = [patch for patch in inputs.patches if path in _words(patch, context)]
    if not naming:
        return None
    for chosen in _choices(inputs.patches, naming):
        done = _replayed(chosen, context)
        if done.problem:
            continue
        if done.files.get(path) == digest:
            used = [patch for patch in chosen if patch in naming]
            return _proof(used, digest, done.tools, change)
    return _hint(naming, context, change)


def _words(patch: Patch, context: Context) -> frozenset[str]:
    """The words of a patch, each patch read once."""
    return context.memo.once(("words of a patch", patch), lambda: words(patch.data))


def _replayed(patches: Sequence[Patch], context: Context) -> ReplayResult:
    """What a series gives, each series applied once."""
    series = tuple(patches)

    def run() -> ReplayResult:
        try:
            return replay(series, context.upstream)
        except SamegoError as error:
            return ReplayResult({}, frozenset(), problem=error.message)

    return context.memo.once(("replayed patches", series), run)


def _choices(patches: Sequence[Patch], naming: Sequence[Patch]) -> Iterator[Sequence[Patch]]:
    """The whole series; and, among candidates of another version, choices in their order."""
    yield patches
    if all(patch.exact for patch in patches):
        return
    smaller = (
        choice
        for size in range(len(naming), 0, -1)
        for choice in itertools.combinations(naming, size)
    )
    yield from itertools.islice(smaller, _CHOICES)


def _hint(naming: Sequence[Patch], context: Context, change: Change) -> Proof | None:
    """That patches name the file is a hint, where they could not be tried.

    A series that the tool refuses made no package: it is no hint, unless files that it
    patches may be among those that upstream's module form leaves out.
    """
    done = _replayed(context.inputs.patches, context)
    problem = done.problem
    whole = any(path.startswith(_LEFT_OUT) for path in context.upstream)
    if not problem or (done.tools and whole):
        return None
    names = tuple(patch.name for patch in naming)
    return Proof(
        NAME,
        Standing.UNPROVEN,
        (NotPatched(change, names, problem),),
        details={"patches": names, "origin": _origins(naming), "exact": _exact(naming)},
    )


def _proof(
    patches: Sequence[Patch], digest: str | None, tools: tuple[Tool, ...], change: Change
) -> Proof:
    names = tuple(patch.name for patch in patches)
    origins = tuple(dict.fromkeys(patch.origin for patch in patches))
    exact = _exact(patches)
    return Proof(
        NAME,
        Standing.EXPLAINED,
        (Patched(change, names, origins, exact),),
        digest=digest or hashlib.sha256(b"").hexdigest(),
        tools=tools,
        details={"patches": names, "origin": _origins(patches), "exact": exact},
    )


def _origins(patches: Sequence[Patch]) -> str:
    return "; ".join(dict.fromkeys(patch.origin for patch in patches))


def _exact(patches: Sequence[Patch]) -> bool:
    return all(patch.exact for patch in patches)
