from __future__ import annotations

from itertools import pairwise

import pytest

from samego.errors import NotPostedError
from samego.model.release import Release
from samego.rebuild.plan import can_build, plan

R = Release.parse
NAMES = (
    *("go1.4", "go1.17.13", "go1.19.13", "go1.20.14", "go1.21.13", "go1.22.12", "go1.23.5"),
    *("go1.23.12", "go1.24.9", "go1.25.3", "go1.26rc1", "go1.26.9", "go1.26.10"),
)
KNOWN = [R(name) for name in NAMES]


def told(steps: object) -> str:
    assert isinstance(steps, tuple)
    return "; ".join(map(str, steps))


@pytest.mark.parametrize(
    ("version", "release", "expected"),
    [
        ("go1.22.6", "go1.24.4", True),
        ("go1.22.5", "go1.24.4", False),
        ("go1.18", "go1.21.13", True),
        ("go1.20", "go1.23.12", True),
        ("go1.24.6", "go1.27.0", True),
        ("go1.24.5", "go1.26.0", False),
        ("go1.4", "go1.19.13", True),
        ("go1.26.0", "go1.4", False),
    ],
)
def test_what_a_go_can_build(version: str, release: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert can_build(R(version), R(release)) is expected


def test_a_bootstrap_that_is_new_enough_builds_the_release_at_once() -> None:
    assert told(plan(R("go1.24.9"), R("go1.23.5"), "debian", KNOWN)) == "debian builds go1.24.9"


def test_gccgo_reaches_the_newest_release_by_the_fewest_steps() -> None:
    assert told(plan(R("go1.26.10"), R("go1.18"), "gccgo-12", KNOWN)) == (
        "gccgo-12 builds go1.21.13; go1.21.13 builds go1.23.12; go1.23.12 builds go1.25.3; "
        "go1.25.3 builds go1.26.10"
    )


def test_a_c_compiler_starts_with_the_last_go_written_in_c() -> None:
    assert told(plan(R("go1.21.13"), None, "c", KNOWN)) == (
        "c builds go1.4; go1.4 builds go1.19.13; go1.19.13 builds go1.21.13"
    )


def test_every_step_can_be_built_by_the_one_before() -> None:
    for release in KNOWN[3:]:
        steps = plan(release, None, "c", KNOWN)
        versions = [step.release for step in steps]
        assert len(versions) > 1
        assert all(can_build(one, other) for one, other in pairwise(versions))
        assert versions[-1] == release
        assert not any(version.pre for version in versions[:-1])


def test_without_the_last_go_in_c_it_is_named() -> None:
    with pytest.raises(NotPostedError, match=r"the source of go1\.4, which c builds first"):
        plan(R("go1.21.13"), None, "c", KNOWN[1:])


@pytest.mark.parametrize(
    ("release", "version", "missing", "named"),
    [
        ("go1.24.9", "go1.18", {20, 21, 22, 23}, r"go1\.19\.13 cannot build .*\(go1\.20 or"),
        ("go1.26.10", "go1.18", {22, 23, 24, 25}, r"go1\.21\.13 cannot build .*\(go1\.22\.6 or"),
    ],
)
def test_a_source_that_is_missing_on_the_way_is_named(
    release: str, version: str, missing: set[int], named: str
) -> None:
    available = [each for each in KNOWN if each.minor not in missing]
    with pytest.raises(NotPostedError, match=named):
        plan(R(release), R(version), version, available)
