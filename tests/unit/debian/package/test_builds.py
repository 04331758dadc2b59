"""Which packages, records and source packages are of one build."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from samego_debian.package.builds import builds
from support.debian_packages import DebMaker, ar


def other(maker: DebMaker, version: str, source: str = "golang-1.24") -> DebMaker:
    directory = maker.directory.parent / version
    directory.mkdir()
    return replace(maker, directory=directory, version=version, source=source)


def names(groups: Sequence[tuple[str, ...]]) -> list[list[str]]:
    return [[Path(word).name for word in group] for group in groups]


def record(directory: Path, debs: Sequence[Path], *, version: str = "1.24.4-1") -> Path:
    rows = "".join(
        f" {hashlib.sha256(deb.read_bytes()).hexdigest()} {deb.stat().st_size} {deb.name}\n"
        for deb in debs
    )
    path = directory / f"golang-1.24_{version}_amd64.changes"
    path.write_text(
        f"Format: 1.8\nSource: golang-1.24\nVersion: {version}\nArchitecture: amd64 all\n"
        f"Checksums-Sha256:\n{rows}"
    )
    return path


def test_packages_of_one_build_are_one_toolchain(maker: DebMaker) -> None:
    paths = [str(path) for path in maker.write_all()]
    assert builds(paths) == [tuple(paths)]
    assert builds([*paths, paths[0]]) == [tuple(paths)]


def test_one_that_cannot_be_read_is_of_the_only_build(maker: DebMaker) -> None:
    paths = [str(path) for path in maker.write_all()]
    Path(paths[1]).write_bytes(b"no package")
    assert builds(paths) == [(paths[0], paths[2], paths[1])]
    newer = str(other(maker, version="1.24.5-1").write("go"))
    assert builds([*paths, newer]) == [(paths[0], paths[2]), (newer,), (paths[1],)]
    assert builds([paths[0], "debian:sid/golang-1.27"])[1:] == [("debian:sid/golang-1.27",)]


def test_other_versions_and_sources_are_others(maker: DebMaker) -> None:
    newer = other(maker, version="1.24.5-1")
    paths = [maker.write("go"), newer.write("go"), maker.write("src"), newer.write("src")]
    first, second, third, fourth = map(str, paths)
    assert builds([first, second, third, fourth]) == [(first, third), (second, fourth)]


def test_packages_for_all_architectures_go_to_each(maker: DebMaker) -> None:
    arm = replace(maker, architecture="arm64")
    go, source = maker.write("go"), maker.write("src")
    assert builds([str(path) for path in (go, source, arm.write("go"))]) == [
        (str(go), str(source)),
        (str(source), str(maker.directory / "golang-1.24-go_1.24.4-1_arm64.deb")),
    ]


def test_a_binary_rebuild_is_of_its_source(maker: DebMaker) -> None:
    rebuilt = other(maker, version="1.24.4-1+b1", source="golang-1.24 (1.24.4-1)")
    words = (str(rebuilt.write("go")), str(maker.write("src")))
    assert builds(words) == [words]


def test_a_record_and_a_source_package_go_with_the_packages(maker: DebMaker) -> None:
    debs = maker.write_all()
    source = maker.directory / "golang-1.24_1.24.4-1.dsc"
    source.write_text(
        "Format: 3.0 (quilt)\nSource: golang-1.24\nVersion: 1.24.4-1\n"
        f"Checksums-Sha256:\n {'0' * 64} 1 golang-1.24_1.24.4-1.debian.tar.xz\n"
    )
    words = [str(record(maker.directory, debs[:1])), str(debs[1]), str(source)]
    assert builds(words) == [tuple(words)]
    newer = other(maker, version="1.24.5-1")
    assert builds([str(newer.write("go")), *words])[1] == tuple(words)


def test_a_directory_of_one_build_stays_and_one_of_several_is_taken_apart(maker: DebMaker) -> None:
    maker.write_all()
    where = str(maker.directory)
    assert builds([where]) == [(where,)]
    replace(maker, version="1.24.5-1").write_all()
    # What is of no toolchain is passed over.
    (maker.directory / "golang-1.24-junk.deb").write_bytes(ar([("debian-binary", b"2.0\n")]))
    found = names(builds([where]))
    assert [len(group) for group in found] == [3, 3]
    assert all("1.24.4-1" in name for name in found[0])


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("debian:sid/golang-1.27", id="name"),
        pytest.param("golang-1.24", id="bare"),
        pytest.param("missing.deb", id="missing"),
        pytest.param("missing.changes", id="missing record"),
        pytest.param("BROKEN", id="broken"),
        pytest.param("ROOT", id="installation"),
        pytest.param("EMPTY", id="empty directory"),
    ],
)
def test_what_cannot_be_read_as_packages_stands_alone(
    maker: DebMaker, tmp_path: Path, word: str
) -> None:
    (tmp_path / "BROKEN").write_bytes(b"!<arch>\ndebian-binary")
    (tmp_path / "ROOT/usr/lib/go-1.24").mkdir(parents=True)
    (tmp_path / "ROOT/usr/lib/go-1.24/VERSION").write_text("go1.24.4\n")
    (tmp_path / "EMPTY").mkdir()
    named = str(tmp_path / word) if word.isupper() else word
    package = str(maker.write("go"))
    assert builds([named, package]) == [(package,), (named,)]
    assert builds([named]) == [(named,)]
