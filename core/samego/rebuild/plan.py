"""Which builds lead from a bootstrap to a release, each step one that the Go before can build."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from samego.errors import NotPostedError
from samego.model.release import Release

#: The last Go that a C compiler builds (src/make.bash of go1.4 asks for no Go).
BUILT_BY_C = Release.parse("go1.4")


@dataclass(frozen=True, slots=True)
class Step:
    """One build of the plan: a release, and what builds it."""

    release: Release
    by: str

    def __str__(self) -> str:
        return f"{self.by} builds {self.release}"


def can_build(version: Release, release: Release) -> bool:
    """Whether a Go of this version builds a release's source (its make.bash decides)."""
    return release.minor > BUILT_BY_C.minor and version >= release.minimum_bootstrap


def plan(
    release: Release, version: Release | None, name: str, available: Iterable[Release]
) -> tuple[Step, ...]:
    """The fewest builds from a bootstrap to ``release``, which is the last of them.

    ``version`` is the bootstrap's Go, None for a C compiler; ``name`` what it is called.
    ``available`` are the releases whose source can be had; pre-releases are not used.
    Raises NotPostedError, naming the source that is missing, when there is no way.
    """
    steps: list[Step] = []
    usable = sorted(each for each in set(available) if not each.pre and each < release)
    if version is None:
        if BUILT_BY_C not in usable:
            raise NotPostedError(
                f"the source of {BUILT_BY_C}, which {name} builds first, is not available",
                hint="name a directory that has it with --source",
            )
        steps.append(Step(BUILT_BY_C, name))
        version, name = BUILT_BY_C, str(BUILT_BY_C)
    while not can_build(version, release):
        # A newer Go builds whatever an older one does, so the newest leads on the furthest.
        following = [each for each in usable if each > version and can_build(version, each)]
        if not following:
            raise _no_way(release, version, name)
        steps.append(Step(following[-1], name))
        version, name = following[-1], str(following[-1])
    return (*steps, Step(release, name))


def _no_way(release: Release, version: Release, name: str) -> NotPostedError:
    needed = release.minimum_bootstrap
    while needed.minor > BUILT_BY_C.minor and not can_build(version, needed):
        needed = needed.minimum_bootstrap
    return NotPostedError(
        f"{name} cannot build {release}, which needs {release.minimum_bootstrap} or newer, "
        f"and no source between them is available ({needed} or a later one of its line)",
        hint="name a directory that has it with --source, or another --bootstrap",
    )
