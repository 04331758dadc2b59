"""Files of another release among those of the one that is checked."""

from __future__ import annotations

import pytest

from samego.compare.other_releases import (
    PostedRelease,
    built_as,
    named_after,
    unaccounted,
    with_names,
)
from samego.model.causes.differences import BytesOf, OnlyInPackage, Unaccounted
from samego.model.causes.packages import BuiltAsOther
from samego.model.finding import Side, unexplained
from samego.model.proof import Standing
from samego.model.release import Release, Target
from support.archives import memory_tree

AMD64, ARM64 = Target("linux", "amd64"), Target("linux", "arm64")
TREE = memory_tree({"src/a.go": b"a\n", "src/b.go": b"b\n", "bin/go": b"\x7fELF"})
A, B, GO = (TREE[path].sha256 for path in ("src/a.go", "src/b.go", "bin/go"))


def release(name: str, target: Target = AMD64, **files: str) -> PostedRelease:
    paths = {"a": "src/a.go", "b": "src/b.go", "go": "bin/go"}
    return PostedRelease(
        Release.parse(name), target, {paths[key]: value for key, value in files.items()}
    )


def names(*known: PostedRelease) -> dict[str, str]:
    files = {"src/a.go": A, "src/b.go": B, "bin/go": GO}
    return {path: str(named) for path, named in named_after(files, known, AMD64).items()}


def test_what_is_looked_up_are_files_whose_bytes_nothing_accounts_for() -> None:
    findings = [
        unexplained("src/a.go", Side.DISTRO, "text", OnlyInPackage()),
        unexplained("src/b.go", Side.BOTH, "mode", Unaccounted()),
        unexplained("gone", Side.UPSTREAM, "text", Unaccounted()),
    ]
    assert unaccounted(findings, TREE) == {"src/a.go": A}


def test_as_few_releases_as_can_be_and_of_equals_the_newest() -> None:
    older = release("go1.24.3", a=A, b=B)
    newer = release("go1.24.9", a=A)
    assert names(newer, older) == {"src/a.go": "go1.24.3", "src/b.go": "go1.24.3"}
    assert names(release("go1.24.8", a=A), newer) == {"src/a.go": "go1.24.9"}
    assert names(older, release("go1.27.3", go=GO))["bin/go"] == "go1.27.3"


@pytest.mark.parametrize(("digest", "target"), [(A, AMD64), (GO, ARM64)])
def test_other_bytes_or_another_targets_executable_name_nothing(
    digest: str, target: Target
) -> None:
    assert names(release("go1.27.3", target, go=digest)) == {}


def test_another_targets_sources_are_the_releases() -> None:
    assert names(release("go1.27.3", ARM64, a=A)) == {"src/a.go": "go1.27.3"}


def test_a_name_is_the_cause_and_raises_no_standing() -> None:
    other = unexplained("src/b.go", Side.BOTH, "text", Unaccounted())
    findings = [unexplained("src/a.go", Side.DISTRO, "text", OnlyInPackage()), other]
    named, same = with_names(findings, {"src/a.go": Release.parse("go1.27.3")})
    assert (named.causes, named.standing) == ((BytesOf("go1.27.3"),), Standing.UNEXPLAINED)
    assert same is other


def test_what_else_is_known_of_a_file_stays() -> None:
    said = BuiltAsOther("go1.24.4", "bin/go", "go1.27.3")
    finding = unexplained("bin/go", Side.BOTH, "elf", Unaccounted(), said)
    (named,) = with_names([finding], {"bin/go": Release.parse("go1.27.3")})
    assert named.causes == (BytesOf("go1.27.3"), said)


def test_what_an_executable_says_that_it_is() -> None:
    said = BuiltAsOther("go1.24.4", "bin/go", "go1.27.3")
    assert built_as([unexplained("bin/go", Side.DISTRO, "identity", said)]) == {"go1.27.3"}
