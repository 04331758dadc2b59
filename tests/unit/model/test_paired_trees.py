from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samego.model.paired_trees import pair_paths
from samego.model.tree import Entry, Kind

FILE = Entry("a", Kind.FILE, 0o644, 1, "00", owner=(0, 0))


def test_paths_are_sorted_by_who_has_them() -> None:
    first = {path: replace(FILE, path=path) for path in ("d", "b", "a")}
    second = {path: replace(FILE, path=path) for path in ("c", "b", "d")}
    second["d"] = replace(second["d"], sha256="11")
    paths = pair_paths(first, second)
    assert (paths.both, paths.first_only, paths.second_only) == (("b", "d"), ("a",), ("c",))
    assert paths.differing == ("d",)


def test_only_some_kinds_count() -> None:
    trees = {"a": FILE, "d": Entry("d", Kind.DIRECTORY, 0o755)}
    assert pair_paths(trees, {}).first_only == ("a", "d")
    assert pair_paths(trees, {}, (Kind.FILE, Kind.LINK)).first_only == ("a",)


@pytest.mark.parametrize(
    "other", [{"kind": Kind.LINK}, {"sha256": "11"}, {"link": "b"}], ids=["kind", "bytes", "target"]
)
def test_what_makes_a_path_differ(other: dict[str, Any]) -> None:
    assert pair_paths({"a": FILE}, {"a": replace(FILE, **other)}).differing == ("a",)
    assert pair_paths({"a": FILE}, {"a": replace(FILE, mode=0o600, owner=(1, 1))}).differing == ()
