"""Debian's go1.24.4 with something planted in it: executables built for real, and repacked.

Nothing of samego takes part in building them: upstream's own toolchain does, as a distro's
build would, with the settings in the environment. What was built stays in the tests' cache
under a name that stands for all that went into it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.deb_repack import Deb, Member
from support.inputs import Inputs, sha256_of

RELEASE, TARGET = "go1.24.4", "linux-amd64"
SETTINGS = "src/internal/buildcfg/zbootstrap.go"
TOOLS = "pkg/tool/linux_amd64"
#: How cmd/dist builds the tools of go1.24 (src/cmd/dist/build.go, func toolenv).
_FLAGS = "-trimpath -ldflags=-w -gcflags=cmd/...=-dwarf=false"
_COMPILERS = ("cmd/compile", "cmd/asm", "cmd/link")
#: What dh_strip runs on an executable (debhelper, dh_strip).
_STRIP = ("strip", "--remove-section=.comment", "--remove-section=.note")
_SECONDS = 2 * 3600


@dataclass(frozen=True, slots=True)
class Plant:
    """What is planted: sources by path below GOROOT, and settings of the build.

    ``compiler`` says that the sources are the compiler's, which is built first then;
    ``whole`` that a whole make.bash is run.
    """

    sources: Mapping[str, bytes] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    compiler: bool = False
    whole: bool = False


class Planter:
    """Builds plants with upstream's toolchain, and packs Debian's packages around them."""

    def __init__(self, inputs: Inputs, cache: Path) -> None:
        self._module = inputs.module_zip(RELEASE, TARGET)
        (self._orig,) = inputs.source("1.24.4-1").glob("*.orig.tar.gz")
        self.debs = inputs.debs("trixie/1.24/amd64")
        self._cache = cache
        self._packages = [Deb(path) for path in self.debs]

    def shipped(self, path: str) -> bytes:
        """A file of Debian's package, by its path below GOROOT."""
        deb, place = self._find(path)
        return deb[place].data

    def build(self, plant: Plant) -> Path:
        """The stripped executables of a build, in a directory by their paths below GOROOT."""
        inputs = [self._orig if plant.whole else self._module, self._module]
        sources = {path: hashlib.sha256(data).hexdigest() for path, data in plant.sources.items()}
        how = [plant.compiler, plant.whole, _FLAGS, *_STRIP]
        parts = [[sha256_of(path) for path in inputs], sources, dict(plant.settings), how]
        key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
        place = self._cache / "planted" / key
        if not place.is_dir():
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=place.parent, prefix=".new-") as work:
                made = _make_bash if plant.whole else _install
                goroot = made(plant, self._toolchain(), self._orig, Path(work))
                result = Path(work) / "result"
                shutil.copytree(goroot / "bin", result / "bin")
                shutil.copytree(goroot / TOOLS, result / TOOLS)
                for file in (*result.glob("bin/*"), *result.glob("pkg/tool/*/*")):
                    subprocess.run([*_STRIP, file], check=True)
                result.rename(place)
        return place

    def pack(
        self,
        directory: Path,
        executables: Path | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> list[Path]:
        """Debian's packages with these executables, and files by their paths below GOROOT."""
        changed = dict(files or {})
        if executables is not None:
            for file in (*executables.glob("bin/*"), *executables.glob("pkg/tool/*/*")):
                changed[str(file.relative_to(executables))] = file.read_bytes()
        members: dict[str, dict[str, Member | None]] = {deb.name: {} for deb in self._packages}
        for path, data in changed.items():
            deb, place = self._find(path)
            members[deb.name][place] = deb[place].with_data(data)
        return [
            deb.repack(directory, members[deb.name]) if members[deb.name] else path
            for deb, path in zip(self._packages, self.debs, strict=True)
        ]

    def _find(self, path: str) -> tuple[Deb, str]:
        for deb in self._packages:
            for root in ("usr/lib/go-1.24", "usr/share/go-1.24"):
                if f"{root}/{path}" in deb:
                    return deb, f"{root}/{path}"
        raise LookupError(f"no package has {path}")

    def _toolchain(self) -> Path:
        """Upstream's toolchain, unpacked: its module form with the names of a GOROOT."""
        place = self._cache / "planted" / f"toolchain-{RELEASE}"
        if not place.is_dir():
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=place.parent, prefix=".new-") as work:
                goroot = Path(work) / "goroot"
                with zipfile.ZipFile(self._module) as archive:
                    for name in archive.namelist():
                        path = name.split("/", 2)[2].replace("_go.mod", "go.mod")
                        file = goroot / path
                        file.parent.mkdir(parents=True, exist_ok=True)
                        file.write_bytes(archive.read(name))
                        file.chmod(0o755 if path.startswith(("bin/", "pkg/tool/")) else 0o644)
                goroot.rename(place)
        return place


def set_in(settings: bytes, name: str, value: str) -> bytes:
    """A zbootstrap.go that states another value of one setting."""
    lines = settings.decode().splitlines(keepends=True)
    (number,) = (
        n
        for n, line in enumerate(lines)
        if line.lower().startswith(f"const default{name.lower()} ")
    )
    lines[number] = f"{lines[number].partition('=')[0]}= `{value}`\n"
    return "".join(lines).encode()


def _install(plant: Plant, toolchain: Path, _orig: Path, work: Path) -> Path:
    """One ``go install cmd``, after the compiler where that is another."""
    goroot = work / "goroot"
    shutil.copytree(toolchain, goroot)
    _put(goroot, plant.sources)
    steps = [(_COMPILERS, "first")] if plant.compiler else []
    for packages, cache in (*steps, (("cmd",), "last")):
        environment = {
            **plant.settings,
            "GOROOT": str(goroot),
            "GOCACHE": str(work / cache),
            "GOFLAGS": _FLAGS,
            "CGO_ENABLED": "0",
        }
        _run([str(goroot / "bin/go"), "install", *packages], goroot, work, environment)
    return goroot


def _make_bash(plant: Plant, toolchain: Path, orig: Path, work: Path) -> Path:
    """A whole make.bash of upstream's source archive."""
    # Not by tarfile: to be safe it wants a filter, which Python 3.11.3 does not know.
    subprocess.run(["tar", "-xzf", orig, "-C", work], check=True)
    goroot = work / "go"
    _put(goroot, plant.sources)
    environment = {**plant.settings, "GOROOT_BOOTSTRAP": str(toolchain)}
    _run(["bash", "make.bash"], goroot, work, environment)
    return goroot


def _put(goroot: Path, sources: Mapping[str, bytes]) -> None:
    for path, data in sources.items():
        (goroot / path).write_bytes(data)


def _run(command: list[str], goroot: Path, work: Path, environment: Mapping[str, str]) -> None:
    home = work / "home"
    home.mkdir(exist_ok=True)
    usual = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(work),
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "GOENV": "off",
    }
    subprocess.run(
        command,
        cwd=goroot / "src",
        env={**usual, **environment},
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_SECONDS,
    )
