from __future__ import annotations

import pytest

from samego.model.proof import Standing
from samego.rules.shebang import Shebang
from support.rule_context import context, flipped, policy, prove
from support.words import cause_of

PATH = "src/weather/mkstations.pl"
SCRIPT = b"""# Writes the table of stations.
use strict;
while (<>) {
    next if /^#/;
    print "station $1\\n" if /^(\\w+)\\s/;
}
"""
FRAME = context({}, {}, policy("dh_perl"))


def test_what_dh_perl_writes_is_equivalent() -> None:
    ours, theirs = b"#! /usr/bin/perl\n" + SCRIPT, b"#!/usr/bin/env perl\n" + SCRIPT
    proof = prove(Shebang(), PATH, ours, theirs, FRAME)
    assert proof is not None
    assert proof.standing is Standing.EQUIVALENT
    assert cause_of(proof) == "line 1 rewritten to #! /usr/bin/perl by dh_perl"
    assert proof.details["declared_in"] == "debian/rules"


def test_any_changed_byte_is_refused() -> None:
    ours, theirs = b"#! /usr/bin/perl\n" + SCRIPT, b"#!/usr/bin/env perl\n" + SCRIPT
    for at in range(len(ours)):
        assert prove(Shebang(), PATH, flipped(ours, at), theirs, FRAME) is None
    assert prove(Shebang(), PATH, ours + b"\n", theirs, FRAME) is None


@pytest.mark.parametrize(
    ("upstream", "distro"),
    [
        (b"#!/usr/bin/env perl -w\nx\n", b"#! /usr/bin/perl -w\nx\n"),
        (b"#!/usr/bin/env perl -w\nx\n", b"#!/usr/bin/perl -w\nx\n"),
        (b"#! /usr/bin/env  perl\nx\n", b"#! /usr/bin/perl\nx\n"),
    ],
    ids=["arguments", "without a space", "spaces upstream"],
)
def test_what_is_accepted(upstream: bytes, distro: bytes) -> None:
    assert prove(Shebang(), "a.pl", distro, upstream, FRAME) is not None


@pytest.mark.parametrize(
    ("upstream", "distro"),
    [
        (b"#!/usr/bin/env perl -w\nx\n", b"#! /usr/bin/perl\nx\n"),
        (b"#!/usr/bin/env perl\nx\n", b"#! /usr/bin/perl -e\nx\n"),
        (b"#!/usr/bin/env perl\nx\n", b"#! /usr/local/bin/perl\nx\n"),
        (b"#!/usr/bin/env perl6\nx\n", b"#! /usr/bin/perl6\nx\n"),
        (b"#!/usr/bin/env python\nx\n", b"#! /usr/bin/python\nx\n"),
        (b"\n#!/usr/bin/env perl\nx\n", b"\n#! /usr/bin/perl\nx\n"),
        (b"", b"#! /usr/bin/perl\n"),
    ],
    ids=["argument lost", "argument added", "other path", "perl6", "python", "line 2", "empty"],
)
def test_what_is_refused(upstream: bytes, distro: bytes) -> None:
    assert prove(Shebang(), "a.pl", distro, upstream, FRAME) is None


def test_a_file_that_the_tool_leaves_alone_is_refused() -> None:
    ours, theirs = b"#! /usr/bin/perl\n", b"#!/usr/bin/env perl\n"
    assert prove(Shebang(), "x/left-alone.pl", ours, theirs, FRAME) is None
    assert prove(Shebang(), "a.pl", ours, theirs, context({}, {}, policy())) is None
