from __future__ import annotations

import pytest

from samego.errors import InputError
from samego.source.go_files import parse_go_mod, parse_go_sum, parse_modules_txt

GO_MOD = b"""module std

go 1.24 // a comment

require (
\tgolang.org/x/crypto v0.30.0
\tgolang.org/x/net v0.32.1 // indirect
)

require golang.org/x/sys v0.28.0
"""


def test_required_modules_are_read_from_lines_and_blocks() -> None:
    found = parse_go_mod(GO_MOD, name="go.mod")
    assert found.go == "1.24"
    assert found.required == {
        "golang.org/x/crypto": "v0.30.0",
        "golang.org/x/net": "v0.32.1",
        "golang.org/x/sys": "v0.28.0",
    }
    assert not found.replacing


@pytest.mark.parametrize(
    "line", ["replace golang.org/x/net => ../net", "exclude golang.org/x/net v1.0.0"]
)
def test_what_exchanges_modules_is_seen(line: str) -> None:
    assert parse_go_mod(GO_MOD + line.encode(), name="go.mod").replacing


@pytest.mark.parametrize(
    "line",
    ["unheard of", "require golang.org/x/sys v0.29.0", "require golang.org/x/new", "\xff"],
    ids=["directive", "twice", "no version", "no text"],
)
def test_a_go_mod_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(InputError, match=r"go\.mod"):
        parse_go_mod(GO_MOD + line.encode("latin-1"), name="go.mod")


def test_sums_are_by_module_and_version() -> None:
    sums = parse_go_sum(b"m v1.0.0 h1:a\nm v1.0.0/go.mod h1:b\n", name="go.sum")
    assert sums == {("m", "v1.0.0"): "h1:a", ("m", "v1.0.0/go.mod"): "h1:b"}


@pytest.mark.parametrize("data", [b"m v1.0.0\n", b"m v1 h1:a\nm v1 h1:b\n"])
def test_a_go_sum_that_says_nothing_or_two_things_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"go\.sum"):
        parse_go_sum(data, name="go.sum")


def test_listed_modules_have_their_packages() -> None:
    text = b"# a.b/c v1.0.0\n## explicit; go 1.18\na.b/c\na.b/c/d\n# e.f/g v2.0.0\ne.f/g/h\n"
    first, second = parse_modules_txt(text, name="modules.txt")
    assert (first.path, first.version, first.explicit, first.go) == (
        "a.b/c",
        "v1.0.0",
        True,
        "1.18",
    )
    assert first.packages == ("a.b/c", "a.b/c/d")
    assert (second.path, second.explicit, second.go, second.packages) == (
        "e.f/g",
        False,
        "",
        ("e.f/g/h",),
    )
    assert not first.replaced


def test_a_replacement_is_seen() -> None:
    (only,) = parse_modules_txt(b"# a.b/c v1.0.0 => d.e/f v1.0.1\n", name="modules.txt")
    assert only.replaced


@pytest.mark.parametrize(
    "text",
    [
        b"a.b/c\n",
        b"# a.b/c\n",
        b"# a.b/c v1\n# a.b/c v2\n",
        b"# a.b/c v1\nx.y/z\n",
        b"# a.b/c v1\na.b/cd\n",
        b"# a.b/c v1\n\n",
    ],
)
def test_a_listing_that_the_go_command_would_not_write_is_refused(text: bytes) -> None:
    with pytest.raises(InputError, match=r"modules\.txt"):
        parse_modules_txt(text, name="modules.txt")
