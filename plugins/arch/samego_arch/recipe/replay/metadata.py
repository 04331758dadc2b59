"""The .PKGINFO that makepkg writes for a PKGBUILD, package() run.

makepkg fills .PKGINFO from the PKGBUILD's arrays as they are after package(), which may set
them again. So makepkg runs it here, in the sandbox, on a stand-in for the tree that a build
leaves: a few files where Go has its own. What package() installs of them is thrown away.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from samego.model.fields import of_form
from samego.sandbox.collect import read_file, scratch
from samego_arch.package.field_table import rows
from samego_arch.package.metadata import parse_fields
from samego_arch.package.pkginfo import NAME
from samego_arch.recipe.replay.run import (
    GOROOT,
    ReplayedBuild,
    ReplayError,
    failed,
    makepkg,
    put_recipe,
)

_PACKAGE = "pkg/go"
_LARGEST = 1 << 20
_DIRECTORIES = ("api", "lib", "misc", "pkg/include", "pkg/obj/go-build", "pkg/bootstrap", "test")
_FILES = (
    "VERSION",
    "go.env",
    "LICENSE",
    "PATENTS",
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "codereview.cfg",
    "doc/go_spec.html",
    "src/make.bash",
    "src/runtime/proc.go",
)
#: What strip(1) takes for an executable stands where Go's stand.
_EXECUTABLES = ("bin/go", "bin/gofmt", "pkg/tool/linux_amd64/compile")
_EXECUTABLE = "/usr/bin/true"


def written_fields(build: ReplayedBuild, release: str) -> Mapping[str, tuple[str, ...]]:
    """The fields of the .PKGINFO of a recipe's package, as makepkg writes them here.

    Raises ReplayError where package() does not reach its end, InputError for a malformed .PKGINFO,
    ToolError without makepkg, SandboxError without a sandbox.
    """
    with scratch() as work:
        put_recipe(build, work)
        _put_stand_in(work / GOROOT, release)
        done = makepkg(["--repackage"], work)
        data = read_file(work / _PACKAGE, NAME, limit=_LARGEST)
    if done.ended is not None or done.status != 0 or data is None:
        if done.status == 0:
            raise ReplayError(f"package() left no {NAME}", hint="read the PKGBUILD")
        raise failed(done, "package()", "its end")
    return dict(parse_fields(data, name=f"the replay's {NAME}", known=of_form(rows(), NAME)))


def _put_stand_in(goroot: Path, release: str) -> None:
    for path in _DIRECTORIES:
        (goroot / path).mkdir(parents=True)
    for path in (*_FILES, *_EXECUTABLES):
        place = goroot / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if path in _EXECUTABLES:
            shutil.copy(_EXECUTABLE, place)
        else:
            place.write_text(f"{release}\n", "utf-8")
