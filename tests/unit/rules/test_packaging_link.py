"""Links outside GOROOT that the distro's packaging makes."""

from __future__ import annotations

import pytest

from samego.model.policy import LayoutRule, Policy
from samego.model.proof import Standing
from samego.model.tree import Entry, Kind
from samego.rules.layout import judge_packaging_link
from support.words import cause_of

POLICY = Policy(
    "d",
    "g",
    (
        LayoutRule("packaging", "usr/bin/go", "/usr/lib/go/bin/go", "a command", "here"),
        LayoutRule("packaging", "usr/share/x", "", "a file", "here"),
    ),
)


def test_a_link_to_exactly_the_declared_target() -> None:
    link = Entry("usr/bin/go", Kind.LINK, None, link="/usr/lib/go/bin/go")
    proof = judge_packaging_link("usr/bin/go", link, POLICY)
    assert proof is not None
    assert (proof.standing, cause_of(proof)) == (Standing.EXPLAINED, "a command")


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("usr/bin/go", Entry("usr/bin/go", Kind.LINK, None, link="/usr/lib/go/bin/gp")),
        ("usr/bin/go", Entry("usr/bin/go", Kind.LINK, None, link="../lib/go/bin/go")),
        ("usr/bin/go", Entry("usr/bin/go", Kind.FILE, 0o755)),
        ("usr/bin/gofmt", Entry("usr/bin/gofmt", Kind.LINK, None, link="/usr/lib/go/bin/go")),
        ("usr/share/x", Entry("usr/share/x", Kind.LINK, None, link="")),
        ("usr/share/x", Entry("usr/share/x", Kind.LINK, None, link="/etc/shadow")),
    ],
)
def test_anything_else(path: str, entry: Entry) -> None:
    assert judge_packaging_link(path, entry, POLICY) is None
