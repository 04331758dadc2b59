from __future__ import annotations

import pytest

from samego.model.release import Release, Target
from samego.rules.build_tags import may_be_compiled

LINUX, ANDROID = Target("linux", "amd64"), Target("android", "arm64")
RELEASE = Release.parse("go1.24.4")


def compiled(constraint: str, target: Target = LINUX) -> bool:
    source = f"// Copyright\n\n//go:build {constraint}\n\npackage net\n"
    return may_be_compiled(source.encode(), target, RELEASE)


@pytest.mark.parametrize(
    "constraint",
    [
        "linux",
        "amd64 && !windows",
        "unix",
        "js || (linux && !cgo)",
        "!(windows || plan9)",
        "gc && go1.24",
        "goexperiment.swissmap",
        "!goexperiment.swissmap",
        "boringcrypto && linux && amd64",
        "amd64.v2",
        "!purego",
        "!race&&!msan",
    ],
)
def test_what_may_hold_is_compiled(constraint: str) -> None:
    assert compiled(constraint)


@pytest.mark.parametrize(
    "constraint",
    [
        "windows",
        "arm64",
        "cgo",
        "ignore",
        "linux && !unix",
        "go1.25",
        "race",
        "goexperiment.swissmap && windows",
        "!linux || !amd64",
        "gccgo",
    ],
)
def test_what_cannot_hold_is_not(constraint: str) -> None:
    assert not compiled(constraint)


@pytest.mark.parametrize("constraint", ["linux &&", "(linux", "linux )", "!", "a | b", "ü", "&& x"])
def test_what_is_no_constraint_excludes_nothing(constraint: str) -> None:
    assert compiled(constraint)


def test_android_takes_linuxs_files_too() -> None:
    assert compiled("linux", ANDROID)
    assert not compiled("amd64", ANDROID)


@pytest.mark.parametrize(
    "text",
    [
        "package net\n",
        "package net\n\n//go:build windows\n",
        "/*\n//go:build windows\n*/\npackage net\n",
        "//go:build windows\n//go:build linux\n\npackage net\n",
        "// x //go:build windows\n\npackage net\n",
        "",
    ],
)
def test_where_go_reads_no_constraint_there_is_none(text: str) -> None:
    assert may_be_compiled(text.encode(), LINUX, RELEASE)


def test_an_assembly_source_has_one_too() -> None:
    assert not may_be_compiled(b'//go:build arm\n\n#include "textflag.h"\n', LINUX, RELEASE)
