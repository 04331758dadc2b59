"""The rule ``shebang``: only the interpreter's path on line 1 was rewritten.

Claim: line 1 is upstream's ``#!/usr/bin/env perl`` with the path of the distro's Perl in
its place, arguments kept, and every other byte is upstream's. ``dh_perl`` writes
``#! /usr/bin/perl`` (debhelper, dh_perl: rewrite_shebang); packages that did it by a patch
wrote ``#!/usr/bin/perl``. Whether the file may be executed is judged with its mode.
"""

from __future__ import annotations

import hashlib
import re

from samego.model.causes.proofs import FirstLineRewritten
from samego.model.inputs import Context
from samego.model.proof import Proof, Standing
from samego.rules.interface import Blob

NAME = "shebang"
TOOL = "dh_perl"

#: dh_perl's own condition, the white space after the name included.
_ENV_PERL = re.compile(rb"#!\s*/usr/bin/env[ \t]+perl(?=\s)")
_REWRITTEN = (b"#! /usr/bin/perl", b"#!/usr/bin/perl")


class Shebang:
    """The rule."""

    name = NAME

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        """Rewrite upstream's line 1 and compare with the distro's file."""
        rewriter = context.policy.rewriter(TOOL, upstream.path)
        if rewriter is None:
            return None
        data = upstream.read()
        match = _ENV_PERL.match(data)
        if match is None or b"\n" in match[0]:
            return None
        for shebang in _REWRITTEN:
            digest = hashlib.sha256(shebang + data[match.end() :]).hexdigest()
            if digest == distro.sha256:
                return Proof(
                    NAME,
                    Standing.EQUIVALENT,
                    (FirstLineRewritten(shebang.decode(), TOOL),),
                    digest=digest,
                    details={
                        "from": match[0].decode(),
                        "to": shebang.decode(),
                        "declared_in": rewriter.source,
                    },
                )
        return None
