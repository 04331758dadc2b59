"""The rule ``nondeterminism_stripped``: strip-nondeterminism, replayed, gives the distro's file.

Claim: the tool that the policy says rewrites this file turns upstream's bytes into exactly
the distro's, with the build's date as canonical time. Where the archive then lists the
same members (zip, jar) it is ``equivalent``. The tool can also lose something (a member
of a malformed archive, a link's type): that is replayed too, but it is no longer the same
content, so such a file is ``explained`` and the cause says what was lost.
"""

from __future__ import annotations

import hashlib

from samego.errors import ToolError
from samego.model.causes.proofs import RewrittenBy
from samego.model.inputs import Context
from samego.model.proof import Proof, Standing
from samego.rules.content.listing import MemberChanges, changed_members
from samego.rules.interface import Blob
from samego.rules.strip_nondeterminism import TOOL, StripNondeterminism, handler_for

NAME = "nondeterminism_stripped"


class NondeterminismStripped:
    """The rule; ``replayer`` serves a whole run and is closed by who made it."""

    name = NAME

    def __init__(self, replayer: StripNondeterminism) -> None:
        self._replayer = replayer

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        """Replay the tool on upstream's bytes; prove only a result that is equal byte for byte."""
        rewriter = context.policy.rewriter(TOOL, upstream.path)
        timestamp = context.inputs.timestamp
        if rewriter is None or timestamp is None:
            return None
        data = upstream.read()
        handler = handler_for(upstream.path, data)
        if not handler:
            return None
        try:
            result = self._replayer.replay(data, handler, timestamp)
            tools = self._replayer.tools()
        except ToolError:
            return None
        digest = hashlib.sha256(result).hexdigest()
        if digest != distro.sha256:
            return None
        lost = changed_members(result, data) if handler in ("zip", "jar") else MemberChanges()
        cause = RewrittenBy(TOOL, lost.gone, lost.new, lost.changed, lost.more, lost.unlisted)
        return Proof(
            NAME,
            Standing.EXPLAINED if lost else Standing.EQUIVALENT,
            (cause,),
            digest=digest,
            tools=tools,
            details={
                "handler": handler,
                "canonical_time": timestamp,
                "canonical_time_from": context.inputs.origins.get("timestamp", ""),
                "declared_in": rewriter.source,
            },
        )
