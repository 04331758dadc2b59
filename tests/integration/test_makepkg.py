"""The makepkg of three pacmans with samego's drop-in, and ``samego arch makepkg``.

All runs are real and unprivileged. The package carries the Go that Arch's recipe has built
(support/makepkg.py), so that only the packing takes time. It is read inside fakeroot, before
there is an archive.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.cli import PROGRAM, Samego
from support.inputs import Inputs
from support.makepkg import (
    FIXTURES,
    STRIPPED,
    VERSIONS,
    Makepkg,
    Run,
    arch_package,
    builders_directory,
    give_to_builder,
    host_makepkg,
    makepkg_below,
    unpack,
)
from support.shared import roomy_memory

# The first of all tests that asks for it builds Go.
pytestmark = [pytest.mark.network, pytest.mark.timeout(2 * 3600)]

PACKAGE = STRIPPED.package
CHANGED = "usr/lib/go/src/fmt/print.go"
OWNED = "usr/lib/go/src/fmt/scan.go"
#: Upstream ships no such programs: without a rebuild they are unproven, and nothing passes.
HELPERS = " ".join(f"usr/lib/go/pkg/tool/linux_amd64/{name}" for name in ("dist", "distpack"))
#: A mode of makepkg's own: a function of lint_package failed (PKGBUILD(5), makepkg(8)).
PACKAGE_FAILED = 5


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the builder may use: a built tree, upstream's file, and room for all the rest."""

    directory: Path
    tree: Path
    mirror: Path

    def build(
        self,
        makepkg: Makepkg,
        *options: str,
        command: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Build:
        """Pack the tree in a new directory."""
        place = Path(self.directory / f"build{len(list(self.directory.glob('build*')))}")
        place.mkdir()
        shutil.copyfile(FIXTURES / "go-tree" / "PKGBUILD", place / "PKGBUILD")
        give_to_builder(place)
        settings = {
            "GO_TREE": str(self.tree),
            "GO_LEFT_OUT": HELPERS,
            "SAMEGO_SPOOL": str(place / "reports"),
            "SAMEGO_CACHE": str(self.directory / "cache"),
            "SAMEGO_MIRROR": str(self.mirror),
        }
        run = makepkg.run(
            place, *options, environment=settings | dict(environment or {}), command=command
        )
        return Build(place, run)


@dataclass(frozen=True, slots=True)
class Build:
    """A run of makepkg and the directory where it ran."""

    place: Path
    run: Run

    @property
    def packed(self) -> bool:
        """Whether there is a package."""
        return (self.place / PACKAGE).is_file()

    @property
    def told(self) -> list[str]:
        """The lines with what samego says, with makepkg's own beginning."""
        return [line for line in self.run.output.splitlines() if "samego: " in line]

    @property
    def report(self) -> Mapping[str, Any]:
        """The one report that the hook has kept."""
        (path,) = (self.place / "reports").iterdir()
        report: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return report


@pytest.fixture(scope="module")
def workshop(inputs: Inputs) -> Iterator[Workshop]:
    package = arch_package(inputs, STRIPPED)
    upstream = inputs.module_zip(STRIPPED.release, "linux-amd64")
    # Each build has 14,000 files, which test after test removes.
    with builders_directory(roomy_memory(3 << 30)) as directory:
        mirror = directory / "mirror"
        mirror.mkdir()
        shutil.copyfile(upstream, mirror / upstream.name)
        (directory / "cache").mkdir()
        give_to_builder(directory / "cache")
        yield Workshop(directory, unpack(package, directory / "tree"), mirror)


@pytest.fixture(autouse=True)
def swept(workshop: Workshop) -> Iterator[None]:
    """What a test has built is removed after it: together they would take gigabytes."""
    yield
    for place in workshop.directory.glob("build*"):
        subprocess.run(["chmod", "-R", "u+w", place], check=True)
        shutil.rmtree(place)


@pytest.fixture(scope="module")
def samego_(tmp_path_factory: pytest.TempPathFactory) -> Samego:
    return Samego(home=tmp_path_factory.mktemp("installer"))


@pytest.fixture(scope="module")
def installed(workshop: Workshop, samego_: Samego, inputs: Inputs) -> Makepkg:
    """The makepkg of this machine with the drop-in."""
    return with_hook("", workshop, samego_, inputs)


@pytest.fixture
def little(workshop: Workshop) -> dict[str, str]:
    """A Go of two files, and no way to learn what upstream posted."""
    tree = workshop.directory / "little"
    tools = tree / "usr/lib/go/pkg/tool/linux_amd64"
    tools.mkdir(parents=True, exist_ok=True)
    (tools / "compile").write_bytes(b"\x7fELF compile")
    (tree / "usr/lib/go/VERSION").write_text("go1.24.9\n")
    nowhere = {"SAMEGO_OFFLINE": "1", "SAMEGO_CACHE": str(tree / "cache"), "SAMEGO_MIRROR": ""}
    give_to_builder(tree)
    return {"GO_TREE": str(tree), **nowhere}


def with_hook(version: str, workshop: Workshop, samego: Samego, inputs: Inputs) -> Makepkg:
    root = workshop.directory / f"system-{version}"
    if root.exists():
        return Makepkg(
            root / "usr/bin/makepkg" if version else host_makepkg().program,
            root / "usr/share/makepkg",
        )
    root.mkdir()
    makepkg = makepkg_below(root, version, inputs)
    result = samego("hook", "install", "makepkg", "--root", root)
    assert result.status == 0, result.stderr
    assert (makepkg.library / "lint_package/samego.sh").is_file()
    return makepkg


def versions(*ordinary: str) -> list[object]:
    """All versions of makepkg. Of those that are not named, only the long run packs this tree:

    another test of the ordinary run shows that the drop-in is called there.
    """
    return [
        pytest.param(
            version,
            id=version or "installed",
            marks=() if version in ordinary else pytest.mark.long,
        )
        for version in VERSIONS
    ]


@pytest.mark.parametrize("version", versions(""))
def test_a_good_tree_is_packed_and_reported(
    workshop: Workshop, samego_: Samego, inputs: Inputs, version: str
) -> None:
    hooked = with_hook(version, workshop, samego_, inputs)
    build = workshop.build(hooked, environment={"SAMEGO_ENFORCE": "explained"})
    assert build.run.status == 0, build.run.output
    assert build.packed
    first, second = build.told
    assert first.startswith("  -> samego: arch /usr/lib/go is go1.24.9 linux-amd64: "), first
    assert "explained, passes" in first
    assert second.startswith("  -> samego: "), second
    assert str(build.place / "reports") in second
    report = build.report
    assert (report["verdict"], report["passes"]) == ("explained", True)
    assert report["subject"]["release"] == "go1.24.9"
    before, after = (
        build.run.output.index(line) for line in ("Checking for packaging", "Creating package")
    )
    assert before < build.run.output.index(first) < after


@pytest.mark.parametrize("version", versions("7.0.0"))
def test_a_changed_tree_is_not_packed_where_that_is_asked(
    workshop: Workshop, samego_: Samego, inputs: Inputs, version: str
) -> None:
    hooked = with_hook(version, workshop, samego_, inputs)
    build = workshop.build(
        hooked, environment={"SAMEGO_ENFORCE": "explained", "GO_CHANGED": CHANGED}
    )
    assert build.run.status == PACKAGE_FAILED, build.run.output
    assert not build.packed
    assert all(line.startswith("==> ERROR: samego: ") for line in build.told)
    assert "does not pass" in build.told[0]
    assert unexplained(build.report) == {"src/fmt/print.go"}


def test_a_changed_tree_is_packed_with_a_warning(workshop: Workshop, installed: Makepkg) -> None:
    """Owners are those that the package will have, not the builder."""
    build = workshop.build(installed, environment={"GO_CHANGED": CHANGED, "GO_OWNED": OWNED})
    assert build.run.status == 0, build.run.output
    assert build.packed
    assert len(build.told) == 2
    assert all(line.startswith("==> WARNING: samego: ") for line in build.told)
    assert "does not pass" in build.told[0]
    assert unexplained(build.report) == {"src/fmt/print.go", "src/fmt/scan.go"}
    assert "owned by uid 1000, gid 1000" in json.dumps(build.report["findings"])


@pytest.mark.long  # a warning for what differs is above; the hook does the same here
def test_what_is_unproven_is_packed_with_a_warning(workshop: Workshop, installed: Makepkg) -> None:
    """Arch's package as it is, with the two programs that only a rebuild explains."""
    build = workshop.build(installed, "--noarchive", environment={"GO_LEFT_OUT": ""})
    assert build.run.status == 0, build.run.output
    assert build.told[0].startswith("==> WARNING: samego: arch /usr/lib/go ")
    assert "unproven, does not pass" in build.told[0]
    assert build.report["counts"]["unexplained"] == 0


def test_other_packages_are_left_alone(
    workshop: Workshop, installed: Makepkg, little: dict[str, str]
) -> None:
    build = workshop.build(installed, "--noarchive", environment={**little, "GO_NAME": "go-other"})
    assert build.run.status == 0, build.run.output
    assert build.told == []
    assert not (build.place / "reports").exists()


def test_what_cannot_be_decided_stops_nothing_unasked(
    workshop: Workshop, installed: Makepkg, little: dict[str, str]
) -> None:
    build = workshop.build(installed, "--noarchive", environment=little)
    assert build.run.status == 0, build.run.output
    error, *rest = build.told
    assert error.startswith("==> WARNING: samego: error: ")
    assert all(line.startswith("==> WARNING: samego: ") for line in rest)
    assert not any("passes" in line for line in build.told)


@pytest.mark.parametrize(
    ("version", "enforce"),
    [("7.1.0", "explained"), ("", "explain")],
    ids=["undecided", "misspelled"],
)
def test_where_it_is_asked_an_error_is_no_pass(
    workshop: Workshop,
    samego_: Samego,
    inputs: Inputs,
    little: dict[str, str],
    version: str,
    enforce: str,
) -> None:
    build = workshop.build(
        with_hook(version, workshop, samego_, inputs),
        "--noarchive",
        environment={**little, "SAMEGO_ENFORCE": enforce},
    )
    assert build.run.status == PACKAGE_FAILED, build.run.output
    error, *rest = build.told
    assert error.startswith("==> ERROR: samego: error: ")
    assert all(line.startswith("==> ERROR: samego: ") for line in rest)


def test_makepkg_and_the_check_in_one_command(workshop: Workshop) -> None:
    command = (str(PROGRAM), "arch", "makepkg", "-o", "report.json", "--format", "json", "--")
    build = workshop.build(host_makepkg(), command=command)
    assert build.run.status == 0, build.run.output
    assert build.packed
    report = json.loads((build.place / "report.json").read_text(encoding="utf-8"))
    assert (report["verdict"], report["passes"]) == ("explained", True)
    (package,) = report["subject"]["packages"]
    assert (package["name"], package["version"]) == ("go", "2:1.24.9-1")


def test_a_changed_package_differs(workshop: Workshop) -> None:
    command = (str(PROGRAM), "arch", "makepkg", "-q", "--")
    build = workshop.build(host_makepkg(), command=command, environment={"GO_CHANGED": CHANGED})
    assert build.run.status == 1, build.run.output
    assert build.packed
    assert "src/fmt/print.go" in build.run.output


@pytest.mark.parametrize(
    ("options", "changed", "status", "words"),
    [
        (["--nosuchoption"], {}, 3, "makepkg ended with 3: nothing was checked"),
        (["--noarchive"], {}, 2, "makepkg has made no package named go"),
        ([], {"GO_TREE": "/nonexistent"}, 4, "makepkg ended with 4: nothing was checked"),
        ([], {"PACMAN": "/nonexistent/pacman"}, 2, "makepkg asks /nonexistent/pacman"),
    ],
    ids=["makepkg's usage", "no archive", "package() fails", "no pacman"],
)
def test_without_a_package_nothing_is_checked(
    workshop: Workshop,
    little: dict[str, str],
    options: list[str],
    changed: dict[str, str],
    status: int,
    words: str,
) -> None:
    command = (str(PROGRAM), "arch", "makepkg", "--")
    build = workshop.build(host_makepkg(), *options, command=command, environment=little | changed)
    assert build.run.status == status, build.run.output
    assert words in build.run.output
    assert "Traceback" not in build.run.output


def unexplained(report: Mapping[str, Any]) -> set[str]:
    assert (report["verdict"], report["passes"]) == ("unexplained", False)
    return {row["path"] for row in report["findings"] if row["standing"] == "unexplained"}
