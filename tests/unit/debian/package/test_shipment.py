from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from samego.distro.given import view_given
from samego.distro.interface import Packaging, Request, Shipment
from samego.errors import InputError, SamegoError
from samego.formats.tree.goroot import goroot_view
from samego.model.release import Release, Target
from samego.model.tree import Kind
from samego.system.host import host_target
from samego_debian import DISTRO
from samego_debian.architectures import architectures
from samego_debian.source import changelog
from support.debian_packages import CHANGELOG, DebMaker

Requests = Callable[..., Request]


def opened(request: Request) -> Shipment:
    with DISTRO.open(request) as shipment:
        return shipment


def settled(request: Request) -> Packaging:
    """What the source package gives, once the payload was read."""
    with DISTRO.open(request) as shipment:
        assert shipment.packaging is not None
        return shipment.packaging.settled(shipment.read(frozenset()))


def test_three_packages_are_one_toolchain(maker: DebMaker, request_for: Requests) -> None:
    with DISTRO.open(request_for(*maker.write_all())) as shipment:
        tree = shipment.read(frozenset())
        view = goroot_view(tree, shipment.subject.goroot)
        assert view.tree.read("src/main.go") == b"package main\n"
    assert shipment.subject.release == Release(24, 4)
    assert shipment.subject.target == Target("linux", "amd64")
    assert [package.name for package in shipment.subject.packages] == [
        "golang-1.24-go",
        "golang-1.24-src",
        "golang-1.24-doc",
    ]
    assert set(view.tree) >= {"VERSION", "src/main.go", "src/zgenerated.go", "doc/go_spec.html"}
    assert view.dangling == ()
    outside = {path for path, entry in view.outside.items() if entry.kind is Kind.FILE}
    assert len(outside) == 6
    assert all(shipment.policy.find("packaging", path) for path in outside)


def test_the_executables_alone_are_allowed_and_named_so(
    maker: DebMaker, request_for: Requests
) -> None:
    shipment = opened(request_for(maker.write("go")))
    assert any("golang-1.24-src was not given" in note for note in shipment.notes)
    assert any("golang-1.24-doc was not given" in note for note in shipment.notes)
    assert shipment.inputs.timestamp is None


def test_version_file_wins_over_the_package_version(maker: DebMaker, request_for: Requests) -> None:
    maker.release = "go1.24.5"
    shipment = opened(request_for(*maker.write_all()))
    assert shipment.subject.release == Release(24, 5)
    said = {
        item.text for item in shipment.self_description.statements if item.release == Release(24, 4)
    }
    assert said == {"1.24.4-1"}


def test_a_binary_rebuild_belongs_to_its_source(maker: DebMaker, request_for: Requests) -> None:
    paths = [maker.write("src"), maker.write("doc")]
    maker.version, maker.source = "1.24.4-1+b1", "golang-1.24 (1.24.4-1)"
    shipment = opened(request_for(maker.write("go"), *paths))
    assert shipment.inputs.timestamp == 1750073658


def test_the_packages_own_changelog_gives_the_date(maker: DebMaker, request_for: Requests) -> None:
    shipment = opened(request_for(*maker.write_all()))
    assert shipment.inputs.timestamp == 1750073658
    assert shipment.inputs.origins["timestamp"] == "the changelog in golang-1.24-doc"
    assert any("no source package is given" in note for note in shipment.notes)


def test_a_source_directory_declares_inputs(maker: DebMaker, request_for: Requests) -> None:
    source = maker.write_source()
    shipment = opened(request_for(*maker.write_all(), source=source))
    assert [(patch.name, patch.exact) for patch in shipment.inputs.patches] == [
        ("0001-a.patch", True),
        ("0002-b.patch", True),
    ]
    assert dict(shipment.inputs.settings) == {"GO386": "softfloat"}
    packaging = settled(request_for(*maker.write_all(), source=source))
    assert packaging.exact
    expected = packaging.expected
    assert (
        expected["usr/share/doc/golang-1.24-src/copyright"]
        == hashlib.sha256(b"Copyright: somebody\n").hexdigest()
    )
    packed = changelog.compress(CHANGELOG)
    assert packed is not None
    assert (
        expected["usr/share/doc/golang-1.24-go/changelog.Debian.gz"]
        == hashlib.sha256(packed).hexdigest()
    )


def test_another_versions_patches_are_candidates(maker: DebMaker, request_for: Requests) -> None:
    older = CHANGELOG[CHANGELOG.index(b"golang-1.24 (1.24.2-2)") :]
    source = maker.write_source(changelog=older)
    shipment = opened(request_for(*maker.write_all(), source=source))
    assert not any(patch.exact for patch in shipment.inputs.patches)
    assert shipment.inputs.timestamp == 1750073658
    assert shipment.packaging is not None
    assert not shipment.packaging.exact
    assert any("those of golang-1.24 1.24.2-2" in note for note in shipment.notes)


def test_another_lines_settings_are_not_taken(maker: DebMaker, request_for: Requests) -> None:
    other = CHANGELOG.replace(b"golang-1.24 (1.24.4", b"golang-1.25 (1.25.4")
    source = maker.write_source(changelog=other)
    shipment = opened(request_for(*maker.write_all(), source=source))
    assert dict(shipment.inputs.settings) == {}
    assert len(shipment.inputs.patches) == 2


def _changelog(part: str) -> str:
    return f"usr/share/doc/golang-1.24-{part}/changelog.Debian.gz"


def test_a_changelog_that_was_changed_decides_nothing_of_the_others(
    maker: DebMaker, request_for: Requests
) -> None:
    source = maker.write_source()
    whole = settled(request_for(*maker.write_all(), source=source)).expected
    debs = [maker.write("go"), maker.write("src")]
    maker.changelog = CHANGELOG.replace(b"Older", b"Newer")
    assert settled(request_for(*debs, maker.write("doc"), source=source)).expected == whole


def test_a_newer_source_package_still_has_an_older_ones_changelog(
    maker: DebMaker, request_for: Requests
) -> None:
    newer = CHANGELOG.replace(b"1.24.4-1", b"1.24.4-2") + CHANGELOG
    packaging = settled(request_for(*maker.write_all(), source=maker.write_source(changelog=newer)))
    assert not packaging.exact
    packed = changelog.compress(CHANGELOG)
    assert packed is not None
    assert packaging.expected[_changelog("go")] == hashlib.sha256(packed).hexdigest()


def test_an_older_one_says_nothing_of_what_came_later(
    maker: DebMaker, request_for: Requests
) -> None:
    older = CHANGELOG[CHANGELOG.index(b"golang-1.24 (1.24.2-2)") :]
    source = maker.write_source(changelog=older)
    packaging = settled(request_for(*maker.write_all(), source=source))
    assert _changelog("go") not in packaging.expected


def test_without_gzip_the_changelogs_cannot_be_told(
    maker: DebMaker, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, debs = maker.write_source(), maker.write_all()
    monkeypatch.setattr(changelog, "compress", lambda _text: None)
    packaging = settled(request_for(*debs, source=source))
    assert _changelog("go") in packaging.undecided
    assert _changelog("go") not in packaging.expected


def _tiny(maker: DebMaker, **attributes: str) -> None:
    for name, value in attributes.items():
        setattr(maker, name, value)


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ({"version": "1.24.5-1"}, ["1.24.4-1", "1.24.5-1"]),
        ({"source": "golang-1.25"}, ["golang-1.24 1.24.4-1", "golang-1.25"]),
    ],
    ids=["version", "source"],
)
def test_packages_of_two_builds_are_refused(
    maker: DebMaker, request_for: Requests, second: dict[str, str], words: list[str]
) -> None:
    first = maker.write("go")
    _tiny(maker, **second)
    with pytest.raises(InputError) as caught:
        opened(request_for(first, maker.write("src")))
    assert all(word in caught.value.message for word in words)


def test_what_no_architecture_decides_needs_no_executables(
    maker: DebMaker, request_for: Requests
) -> None:
    request = replace(
        request_for(maker.write("src"), maker.write("doc")), target=Target("linux", "arm64")
    )
    with DISTRO.open(request) as shipment:
        tree = view_given(shipment, shipment.read(frozenset())).tree
    assert set(tree) >= {"src/main.go", "doc/go_spec.html"}
    assert (shipment.subject.release, shipment.subject.target) == (Release(24, 4), request.target)
    assert shipment.self_description.release == Release(24, 4)
    notes = "\n".join(shipment.notes)
    assert "golang-1.24-go was not given" in notes
    assert "compared with upstream's files for linux-arm64" in notes


def test_without_a_target_it_is_the_machines_own(maker: DebMaker, request_for: Requests) -> None:
    own = host_target()
    expected = own if own in {each.target for each in architectures().values()} else "linux-amd64"
    assert str(opened(request_for(maker.write("src"))).subject.target) == str(expected)


def test_a_version_that_names_no_release_needs_the_executables(
    maker: DebMaker, request_for: Requests
) -> None:
    _tiny(maker, version="1.24~git20250101-1")
    with pytest.raises(InputError, match="does not state its Go release") as caught:
        opened(request_for(maker.write("src")))
    assert "golang-1.24-go" in caught.value.hint


def test_the_same_part_twice_is_refused(maker: DebMaker, request_for: Requests) -> None:
    path = maker.write("go")
    other = path.with_name("other.deb")
    other.write_bytes(path.read_bytes())
    with pytest.raises(InputError, match="both a go package"):
        opened(request_for(path, other))


def test_the_same_file_twice_is_one(maker: DebMaker, request_for: Requests) -> None:
    path = maker.write("go")
    assert len(opened(request_for(path, path)).subject.packages) == 1


def test_a_directory_of_packages(maker: DebMaker, request_for: Requests, tmp_path: Path) -> None:
    paths = maker.write_all()
    (maker.directory / "notes.txt").write_text("no package")
    request = request_for(maker.directory)
    assert DISTRO.recognises(request)
    assert len(opened(request).subject.packages) == len(paths)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert not DISTRO.recognises(replace(request, what=(str(empty),)))


@pytest.mark.parametrize(
    ("what", "message", "hint"),
    [
        ("golang-1.24", "does not say which one is meant", "--installed golang-1.24 "),
        ("golang-1.24-go", "does not say which one is meant", "debian:SUITE/golang-1.24 "),
        ("golang-1.24_1.24.4-1.dsc", "is a source package", "give the packages"),
    ],
)
def test_what_is_no_toolchain_by_itself_says_what_to_write(
    request_for: Requests,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    message: str,
    hint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "golang-1.24_1.24.4-1.dsc").write_text("Format: 3.0 (quilt)\n")
    request = request_for(what)
    assert DISTRO.recognises(request)
    with pytest.raises(InputError, match=message) as caught:
        opened(request)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"release": "devel go1.25-abcdef"}, "names no release of Go"),
        ({"release": ""}, "names no release of Go"),
        ({"release": "go1.24.4rc1"}, "names no release of Go"),
        ({"architecture": "hurd-i386"}, "not a Debian architecture"),
        ({"changelog": "nonsense"}, "not a Debian changelog"),
    ],
    ids=["devel", "empty", "misspelled", "architecture", "changelog"],
)
def test_what_is_no_released_go_is_refused(
    maker: DebMaker, request_for: Requests, attributes: dict[str, str], words: str
) -> None:
    if "changelog" in attributes:
        maker.changelog = attributes.pop("changelog").encode()
    _tiny(maker, **attributes)
    with pytest.raises(InputError, match=words):
        opened(request_for(*maker.write_all()))


def test_a_package_without_version_file_is_no_toolchain(
    maker: DebMaker, request_for: Requests
) -> None:
    path = maker.write("go", {"usr": None, "usr/bin/go": b"x"})
    with pytest.raises(InputError, match="not a Go toolchain"):
        opened(request_for(path))


def test_another_package_is_no_toolchain(maker: DebMaker, request_for: Requests) -> None:
    named, other = b"Package: golang-1.24-go", b"Package: golang-1.24-xy"
    maker.suffix = ""
    path = maker.write("go")
    path.write_bytes(path.read_bytes().replace(named, other))
    with pytest.raises(InputError, match="not a package of a Go toolchain"):
        opened(request_for(path))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("patches__series", b"0009-missing.patch\n", "lacks the patch"),
        ("patches__series", b"../../../etc/passwd\n", "lacks the patch"),
        ("patches__series", b"0001-a.patch -p0\n", "applies 0001-a.patch with -p0"),
        ("changelog", b"", "not a Debian changelog"),
        ("changelog", CHANGELOG.replace(b"Mon, 16 Jun 2025", b"someday"), "not a Debian changelog"),
        ("changelog", CHANGELOG.replace(b"(1.24.4-1)", b"(_)"), "not a Debian"),
    ],
    ids=["missing patch", "climbing patch", "strip level", "empty", "no date", "no version"],
)
def test_a_source_package_that_lies_is_refused(
    maker: DebMaker, request_for: Requests, name: str, content: bytes, words: str
) -> None:
    source = maker.write_source(**{name: content})
    with pytest.raises(SamegoError, match=words):
        opened(request_for(*maker.write_all(), source=source))


@pytest.mark.parametrize("name", ["x.dsc", "x.tar.gz", "directory/"])
def test_what_is_no_source_package_is_refused(
    maker: DebMaker, request_for: Requests, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    if name.endswith("/"):
        path.mkdir()
    else:
        path.write_bytes(b"nothing\n")
    with pytest.raises(InputError, match=path.name):
        opened(request_for(*maker.write_all(), source=path))


def test_a_missing_source_package_is_refused(maker: DebMaker, request_for: Requests) -> None:
    with pytest.raises(InputError, match="there is no source package"):
        opened(request_for(*maker.write_all(), source=maker.directory / "nowhere.dsc"))


@pytest.mark.parametrize(
    ("version", "name", "declared"),
    [
        ("1.24.4-1", "changelog.Debian.amd64.gz", False),
        ("1.24.4-1", "changelog.Debian.evil.gz", False),
        ("1.24.4-1+b1", "changelog.Debian.amd64.gz", True),
        ("1.24.4-1+b1", "changelog.Debian.arm64.gz", False),
    ],
)
def test_a_second_changelog_belongs_to_a_binary_rebuild(
    maker: DebMaker, request_for: Requests, version: str, name: str, *, declared: bool
) -> None:
    maker.version, maker.source = version, "golang-1.24 (1.24.4-1)"
    shipment = opened(request_for(maker.write("go")))
    rule = shipment.policy.find("packaging", f"usr/share/doc/golang-1.24-go/{name}")
    assert (rule is not None) is declared
