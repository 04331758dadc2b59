"""A difference of source files, compared with the result of the distro's own tools on upstream's.

Claim: the distro's recipe, run here in the sandbox on upstream's verified source, leaves
exactly the distro's bytes at this path (or nothing, where the distro has nothing). Limits:
what the recipe does is the distro's own: read it.
"""

from __future__ import annotations

import hashlib

from samego.model.causes.proofs import Change, Replayed
from samego.model.inputs import Context, ReplayedSource
from samego.model.proof import Proof, Standing

#: The rule's name in reports is that of the patches which such a recipe applies.
NAME = "patched_source"


def replay_source(context: Context) -> tuple[Context, tuple[str, ...]]:
    """Run what the distro's inputs leave to be run once both trees are known.

    Gives the context with what it added, and notes. Never raises for what a recipe does.
    """
    if context.inputs.replay is None:
        return context, ()
    return context.inputs.replay(context)


def prove_replayed(path: str, digest: str | None, replayed: ReplayedSource) -> Proof | None:
    """Prove that a path is what the replay left there; ``digest`` is None where it is gone."""
    if path not in replayed.files or replayed.files[path] != digest:
        return None
    change = Change.REMOVED if digest is None else Change.CHANGED
    return Proof(
        NAME,
        Standing.EXPLAINED,
        (Replayed(change, replayed.by, tuple(replayed.patches)),),
        digest=digest or hashlib.sha256(b"").hexdigest(),
        tools=(replayed.tool,),
        details={
            "patches": tuple(replayed.patches),
            "origin": replayed.by,
            "exact": True,
        },
    )
