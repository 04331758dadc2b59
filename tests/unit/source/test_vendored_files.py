from __future__ import annotations

import pytest

from samego.source.vendored_files import vendored_files
from support.archives import memory_tree
from support.made_source import MODULES, NET


def test_a_package_brings_its_sources_what_they_embed_and_the_legal_files_above() -> None:
    found = vendored_files(NET, [f"{NET}/idna"], memory_tree(MODULES[NET]))
    assert found == {"LICENSE", "idna/idna.go", "idna/data/table.txt"}


@pytest.mark.parametrize(
    ("head", "copied"),
    [
        (b"", True),
        (b"//go:build linux\n\n", True),
        (b"//go:build ignore\n\n", False),
        (b"//go:build !ignore\n\n", True),
        (b"//go:build ignore && linux\n\n", False),
        (b"//go:build ignore || linux\n\n", True),
        (b"//go:build ignore\n\n/*\na comment\n*/\n\n", False),
        (b"/*\n//go:build ignore\n*/\n\n", True),
        (b"//go:build ignore\n\n// +godefs map x /* in_addr */\n\n", False),
    ],
)
def test_a_source_that_no_tag_can_turn_on_is_left_out(head: bytes, copied: bool) -> None:  # noqa: FBT001 - a case
    tree = memory_tree({"p.go": head + b"package p\n"})
    assert (vendored_files("m", ["m"], tree) == {"p.go"}) is copied


def test_tests_and_the_modules_own_go_mod_are_left_out() -> None:
    tree = memory_tree({"go.mod": b"", "go.sum": b"", "p_test.go": b"package p\n", "x.h": b""})
    assert vendored_files("m", ["m"], tree) == {"x.h"}
