from __future__ import annotations

import pytest

from samego.errors import HostileArchiveError, InputError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.tree.goroot import goroot_view, merge
from samego.model.tree import Kind
from support.archives import memory_tree

ROOT = "usr/lib/go-1.24"


def test_goroot_is_seen_through_its_links() -> None:
    go = memory_tree(
        {f"{ROOT}/VERSION": b"go1.24.4", "usr/share/go-1.24/src/zz.go": b"generated"},
        links={f"{ROOT}/src": "../../share/go-1.24/src", f"{ROOT}/doc": "/usr/share/doc/go"},
        directories={"usr": 0o755, ROOT: 0o755},
        name="go",
    )
    src = memory_tree(
        {"usr/share/go-1.24/src/a.go": b"a", "usr/share/doc/go/x": b"x", "etc/evil": b"!"},
        directories={"usr": 0o755, "etc": 0o755},
        name="src",
    )
    view = goroot_view(merge([go, src], name="both"), ROOT)
    files = {path for path, entry in view.tree.items() if entry.kind is Kind.FILE}
    assert files == {"VERSION", "src/a.go", "src/zz.go", "doc/x"}
    assert view.tree.read("src/a.go") == b"a"
    assert {path: link.link for path, link in view.links.items()} == {
        "src": "../../share/go-1.24/src",
        "doc": "/usr/share/doc/go",
    }
    assert view.dangling == ()
    assert set(view.outside) == {"etc", "etc/evil"}


def test_a_link_to_a_package_that_was_not_given_dangles() -> None:
    tree = memory_tree({f"{ROOT}/VERSION": b""}, links={f"{ROOT}/src": "../../share/go-1.24/src"})
    view = goroot_view(tree, ROOT)
    assert view.dangling == ("src",)


def test_a_link_that_something_else_brings_is_followed_and_not_told() -> None:
    files = {"usr/share/go-1.24/src/a.go": b"a", "usr/share/other": b""}
    assumed = {"src": "../../share/go-1.24/src", "doc": "../../share/doc/go"}
    view = goroot_view(memory_tree(files), ROOT, assumed=assumed)
    assert view.tree.read("src/a.go") == b"a"
    assert view.links == {}
    assert view.dangling == ("doc",)
    assert set(view.outside) == {"usr/share/other"}


def test_what_the_payload_has_counts_before_what_is_assumed() -> None:
    files = {f"{ROOT}/src/a.go": b"own", "usr/share/go-1.24/src/a.go": b"other"}
    tree = memory_tree(files, links={f"{ROOT}/doc": "../../share/go-1.24"})
    assumed = {"src": "../../share/go-1.24/src", "doc": "../../share/doc/go"}
    view = goroot_view(tree, ROOT, assumed=assumed)
    assert view.tree.read("src/a.go") == b"own"
    assert {path: link.link for path, link in view.links.items()} == {"doc": "../../share/go-1.24"}


def test_a_link_to_a_file_keeps_the_link() -> None:
    tree = memory_tree(
        {f"{ROOT}/bin/go": b"1", f"{ROOT}/go.real": b"2"}, links={f"{ROOT}/x": "go.real"}
    )
    view = goroot_view(tree, ROOT)
    assert view.tree["x"].link == "go.real"
    assert view.tree.read("x") == b"2"


@pytest.mark.parametrize(
    "links",
    [
        pytest.param({f"{ROOT}/a": "b", f"{ROOT}/b": "a"}, id="two links in a circle"),
        pytest.param({f"{ROOT}/self": "self"}, id="a link to itself"),
        pytest.param({f"{ROOT}/up": "."}, id="a directory inside itself"),
        pytest.param({f"{ROOT}/up": ".."}, id="a directory inside its child"),
        pytest.param({f"{ROOT}/out": "../../../../etc"}, id="out of the payload"),
    ],
)
def test_links_that_loop_or_leave_are_refused(links: dict[str, str]) -> None:
    tree = memory_tree({f"{ROOT}/VERSION": b""}, links=links)
    with pytest.raises(HostileArchiveError, match="link"):
        goroot_view(tree, ROOT)


def test_links_cannot_multiply_a_directory_without_end() -> None:
    files = {f"big/{number}": b"" for number in range(50)} | {f"{ROOT}/VERSION": b""}
    links = {f"{ROOT}/l{number}": "/big" for number in range(50)}
    tree = memory_tree(files, links=links)
    with pytest.raises(HostileArchiveError, match="by links"):
        goroot_view(tree, ROOT, ArchiveLimits(entries=500))


def test_a_payload_without_goroot_is_an_input_error() -> None:
    with pytest.raises(InputError, match="no directory"):
        goroot_view(memory_tree({"usr/bin/x": b""}), ROOT)


def test_two_packages_with_one_file_do_not_belong_together() -> None:
    with pytest.raises(InputError, match="is in both one and two"):
        merge(
            [memory_tree({"a": b"1"}, name="one"), memory_tree({"a": b"1"}, name="two")], name="x"
        )
