"""The rule ``content_equal``: the archive holds upstream's contents and nothing else.

For when strip-nondeterminism cannot be replayed here. Claim: both files hold the same
members (zip, jar), bytes (gzip) or chunks (PNG); every other byte of the distro's file
is a header that says the same as upstream's, or a time stamp that is the build's date.
This is weaker than a replay: that the declared tool would have written exactly these
bytes was not seen. It speaks only of files that the policy says a tool rewrites.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from samego.errors import ToolError
from samego.model.causes.proofs import EqualContents, NotReplayed, OtherReplay
from samego.model.inputs import Context
from samego.model.proof import Proof, Standing
from samego.rules.content.base import FormatError
from samego.rules.content.gzip_equal import check_gzip
from samego.rules.content.png_equal import check_png
from samego.rules.content.zip_equal import check_zip
from samego.rules.interface import Blob
from samego.rules.strip_nondeterminism import TOOL, StripNondeterminism, handler_for

NAME = "content_equal"

Check = Callable[[bytes, bytes, "int | None"], int]
_CHECKS: dict[str, tuple[Check, str]] = {
    "zip": (check_zip, "members"),
    "jar": (check_zip, "members"),
    "gzip": (check_gzip, "bytes"),
    "png": (check_png, "chunks"),
}


class ContentEqual:
    """The rule; ``replayer`` is asked only why it did not prove more."""

    name = NAME

    def __init__(self, replayer: StripNondeterminism) -> None:
        self._replayer = replayer

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        """Prove that two archives of one kind hold the same contents."""
        rewriter = context.policy.rewriter(TOOL, upstream.path)
        if rewriter is None:
            return None
        theirs, ours = upstream.read(), distro.read()
        handler = handler_for(upstream.path, theirs)
        if handler not in _CHECKS:
            return None
        check, unit = _CHECKS[handler]
        try:
            count = check(ours, theirs, context.inputs.timestamp)
        except FormatError:
            return None
        return Proof(
            NAME,
            Standing.EQUIVALENT,
            (EqualContents(), self._why_not_replayed(context)),
            digest=hashlib.sha256(ours).hexdigest(),
            details={
                "claim": "weaker than a replay: same contents, headers and time stamps checked",
                unit: count,
                "declared_in": rewriter.source,
            },
        )

    def _why_not_replayed(self, context: Context) -> NotReplayed | OtherReplay:
        try:
            tools = self._replayer.tools()
        except ToolError as error:
            return NotReplayed(error.message)
        if context.inputs.timestamp is None:
            return NotReplayed()
        return OtherReplay(TOOL, tools[0].version)
