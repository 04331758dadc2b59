from __future__ import annotations

from collections.abc import Callable

import pytest

from samego.errors import InputError
from samego.source.result import NotChecked, RestsOn, Unmet, VendorDirectory, What
from samego.source.vendoring import check_vendored
from samego.system.progress import Silent
from support.archives import memory_tree
from support.made_source import MODULES, NET, TEXT, MadeZips, source_files

VENDOR = "src/vendor/golang.org/x"


def check(files: dict[str, bytes], zips: MadeZips | None = None) -> VendorDirectory:
    std, _cmd = check_vendored(memory_tree(files), zips or MadeZips(), Silent())
    return std


def test_the_release_as_it_is_agrees_with_its_modules() -> None:
    std, cmd = check_vendored(memory_tree(source_files()), MadeZips(), Silent())
    net, text = std.modules
    assert (net.path, net.identical, net.files, net.differences) == (NET, 3, 3, ())
    assert (text.path, text.identical, text.files) == (TEXT, 4, 4)
    assert (net.rests_on, net.record) == (RestsOn.LOG, 7)
    assert std.contradictions == cmd.contradictions == ()
    assert cmd.modules[0].identical == 4


def _changed(files: dict[str, bytes]) -> None:
    files[f"{VENDOR}/net/idna/idna.go"] += b"\n"


def _missing(files: dict[str, bytes]) -> None:
    del files[f"{VENDOR}/text/bidi/asm_amd64.s"]


def _not_in_the_module(files: dict[str, bytes]) -> None:
    files[f"{VENDOR}/net/idna/evil.go"] = b"package idna\n"


def _not_vendored(files: dict[str, bytes]) -> None:
    files[f"{VENDOR}/net/idna/data/other.bin"] = MODULES[NET]["idna/data/other.bin"]


@pytest.mark.parametrize(
    ("change", "path", "what"),
    [
        (_changed, "net/idna/idna.go", What.CONTENT),
        (_missing, "text/bidi/asm_amd64.s", What.MISSING),
        (_not_in_the_module, "net/idna/evil.go", What.EXTRA),
        (_not_vendored, "net/idna/data/other.bin", What.EXTRA),
    ],
)
def test_each_way_in_which_a_vendored_file_can_differ_is_named(
    change: Callable[[dict[str, bytes]], None], path: str, what: What
) -> None:
    files = source_files()
    change(files)
    found = [each for module in check(files).modules for each in module.differences]
    assert [(each.path, each.what) for each in found] == [(f"{VENDOR}/{path}", what)]


def test_a_link_is_no_vendored_file() -> None:
    files = source_files()
    del files[f"{VENDOR}/net/idna/idna.go"]
    links = {f"{VENDOR}/net/idna/{name}.go": "../../../../fmt/print.go" for name in ("idna", "z")}
    std, _cmd = check_vendored(memory_tree(files, links=links), MadeZips(), Silent())
    found = [(each.path, each.what) for module in std.modules for each in module.differences]
    assert found == [
        (f"{VENDOR}/net/idna/idna.go", What.CONTENT),
        (f"{VENDOR}/net/idna/z.go", What.EXTRA),
    ]


def _replaced(path: str, old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        assert old.encode() in files[path]
        files[path] = files[path].replace(old.encode(), new.encode(), 1)

    return change


@pytest.mark.parametrize(
    ("change", "kind", "about"),
    [
        (_replaced("src/go.mod", "net v0.32.0", "net v0.33.0"), Unmet.VERSION, NET),
        (_replaced("src/go.mod", f"require {NET} v0.32.0\n", ""), Unmet.NOT_REQUIRED, NET),
        (_replaced("src/vendor/modules.txt", "explicit; ", ""), Unmet.NOT_REQUIRED, NET),
        (
            _replaced("src/go.mod", "require (", "require (\n\tgolang.org/x/new v0.1.0"),
            Unmet.NOT_LISTED,
            "golang.org/x/new",
        ),
        (_replaced("src/vendor/modules.txt", "go 1.18", "go 1.17"), Unmet.GO_VERSION, NET),
        (_replaced("src/go.sum", f"{NET} v0.32.0 h1:", f"{NET} v0.32.0 h1:x"), Unmet.GO_SUM, NET),
        (
            _replaced("src/vendor/modules.txt", f"{NET}/idna", f"{NET}/idna\n{NET}/html"),
            Unmet.NO_PACKAGE,
            f"{NET}/html",
        ),
    ],
)
def test_statements_that_do_not_agree_are_named(
    change: Callable[[dict[str, bytes]], None], kind: Unmet, about: str
) -> None:
    files = source_files()
    change(files)
    found = [(each.kind, each.about) for each in check(files).contradictions]
    assert (kind, about) in found


def test_a_file_of_no_module_and_a_package_that_is_not_listed_are_named() -> None:
    files = source_files()
    files["src/vendor/example.org/evil/evil.go"] = b"package evil\n"
    files[f"{VENDOR}/net/trie/trie.go"] = MODULES[NET]["trie/trie.go"]
    found = check(files)
    assert [(each.kind, each.about) for each in found.contradictions] == [
        (Unmet.NO_MODULE, "src/vendor/example.org/evil/evil.go"),
        (Unmet.UNLISTED_PACKAGE, f"{NET}/trie"),
    ]
    assert [each.path for each in found.modules[0].differences] == [f"{VENDOR}/net/trie/trie.go"]


def test_what_the_log_does_not_know_rests_on_go_sum_and_says_so() -> None:
    net, text = check(source_files(), MadeZips(unlogged=frozenset({NET}))).modules
    assert (net.rests_on, net.record, net.identical) == (RestsOn.GO_SUM, None, 3)
    assert text.rests_on is RestsOn.LOG


@pytest.mark.parametrize(
    ("zips", "why"),
    [
        (MadeZips(refused=frozenset({NET})), NotChecked.NOT_SERVED),
        (MadeZips(silent=frozenset({NET})), NotChecked.UNREACHED),
        (
            MadeZips(
                unlogged=frozenset({NET}),
                served={**MODULES, NET: {**MODULES[NET], "idna/idna.go": b"package idna\n"}},
            ),
            NotChecked.OTHER_ZIP,
        ),
    ],
)
def test_what_could_not_be_asked_is_neither_a_pass_nor_a_difference(
    zips: MadeZips, why: NotChecked
) -> None:
    net, text = check(source_files(), zips).modules
    assert (net.checked, net.unchecked, net.identical, net.differences) == (False, why, 0, ())
    assert net.files == 3
    assert text.checked


def test_the_log_contradicts_go_sum_even_where_no_proxy_serves_the_module() -> None:
    files = source_files()
    _replaced("src/go.sum", f"{NET} v0.32.0 h1:", f"{NET} v0.32.0 h1:x")(files)
    found = check(files, MadeZips(refused=frozenset({NET})))
    assert [each.kind for each in found.contradictions] == [Unmet.GO_SUM]


def test_without_any_hash_nothing_is_said() -> None:
    files = source_files()
    files["src/go.sum"] = b""
    found = check(files, MadeZips(unlogged=frozenset({NET}), refused=frozenset({NET})))
    assert found.modules[0].unchecked is NotChecked.NO_HASH


def test_a_source_without_a_vendor_directory_is_refused() -> None:
    files = source_files()
    del files["src/cmd/vendor/modules.txt"]
    with pytest.raises(InputError, match=r"no src/cmd/vendor/modules\.txt"):
        check(files)
