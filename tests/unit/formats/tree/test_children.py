"""The names in each directory, from paths alone."""

from __future__ import annotations

from samego.formats.tree.children import Children


def test_a_directory_above_a_path_is_there() -> None:
    children = Children(["usr/lib/go/VERSION", "usr/lib/go/bin/go"])
    assert set(children.of("usr/lib/go")) == {"VERSION", "bin"}
    assert set(children.of("")) == {"usr"}
    assert "usr/lib/go/bin" in children


def test_a_file_is_no_directory() -> None:
    children = Children(["VERSION"])
    assert "VERSION" not in children
    assert list(children.of("VERSION")) == []


def test_an_empty_directory_is_one() -> None:
    children = Children()
    children.add("pkg/tool", directory=True)
    assert "pkg/tool" in children
    assert list(children.of("pkg/tool")) == []


def test_the_root_is_there_without_a_path() -> None:
    assert "" in Children()


def test_what_is_removed_goes_with_all_below_it() -> None:
    children = Children(["src/a/b.go", "src/c.go"])
    children.remove("src/a")
    assert "src/a" not in children
    assert set(children.of("src")) == {"c.go"}
    children.add("src/a/b.go")
    assert set(children.of("src/a")) == {"b.go"}


def test_what_is_not_there_can_be_removed() -> None:
    children = Children(["VERSION"])
    children.remove("src/a")
    assert set(children.of("")) == {"VERSION"}


def test_all_below_a_path_is_listed_with_it() -> None:
    children = Children(["src/a/b.go", "src/c.go", "VERSION"])
    assert sorted(children.below("src")) == ["src", "src/a", "src/a/b.go", "src/c.go"]
