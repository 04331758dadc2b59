"""Small worlds: some files of real packages against the same files of upstream's toolchain.

Debian's packages are unpacked, cut down and packed again by dpkg-deb, Arch's is packed by
makepkg from upstream's own files, its executables stripped as the recipe does. A check of
one takes a fraction of a second, so that thousands can be made.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from forge.packed import Deb, Pkg
from forge.upstream import cut_module, files_of, serve_below
from support.inputs import Inputs, cache_directory
from support.makepkg import (
    FIXTURES,
    STRIPPED,
    arch_package,
    builders_directory,
    give_to_builder,
    host_makepkg,
)
from support.reference_cache import reference_cache
from support.tamper import finding_path, kind_of

Package = Deb | Pkg

#: Executables that pass in Debian's package without a rebuild: they embed no setting.
_DEBIAN_EXECUTABLES = (
    "bin/gofmt",
    "pkg/tool/linux_amd64/buildid",
    "pkg/tool/linux_amd64/test2json",
)
_ARCH_EXECUTABLES = ("bin/go", "bin/gofmt", "pkg/tool/linux_amd64/pack", "pkg/tool/linux_amd64/asm")
#: What Debian leaves out or moves, and what its rules explain (policy.toml).
_TOP = ("VERSION", "go.env", "LICENSE", "PATENTS", "README.md", "CONTRIBUTING.md", "SECURITY.md")
_WANTED = (
    "codereview.cfg",
    "lib/fips140/",
    "lib/time/",
    "src/all.",
    "src/make.",
    "src/run.",
    "src/clean.",
    "src/fmt/",
    "src/net/smtp/",
    "src/internal/buildcfg/",
    "src/cmd/cgo/zdefaultcc.go",
    "src/cmd/go/internal/cfg/zdefaultcc.go",
    "src/cmd/dist/build.go",
    "src/cmd/go/go_test.go",
    "src/runtime/crash_unix_test.go",
    "src/syscall/mk",
    "src/crypto/internal/fips140/aes/_asm/standard/",
    "src/crypto/internal/fips140/check/",
    "src/archive/zip/testdata/",
    "src/compress/gzip/testdata/",
    "src/html/template/testdata/",
    "src/debug/elf/testdata/",
    "pkg/include/",
    "misc/chrome/gophertool/",
)
#: Files of other kinds, so many of each.
_OF_A_KIND = 4
_LARGEST = 400_000


@dataclass(frozen=True, slots=True)
class World:
    """Packages that pass, and the environment and arguments of a check of them.

    ``goroot`` is where GOROOT lies in them. ``cache`` is samego's, where one is to be kept:
    it holds what a check of them builds.
    """

    name: str
    goroot: str
    packages: Sequence[Package]
    environment: Mapping[str, str]
    arguments: Sequence[str]
    cache: Path | None = None

    def finding_path(self, path: str) -> str:
        """The path that a finding on a package's path must carry."""
        if self.name == "debian":
            return finding_path(path)
        if path == "usr/share/licenses/go/LICENSE":
            return "LICENSE"
        if path.startswith("usr/share/doc/go/"):
            return f"doc/{path.removeprefix('usr/share/doc/go/')}"
        inside = path.removeprefix(f"{self.goroot}/")
        return f"/{path}" if inside == path else inside


def debian_world(
    inputs: Inputs, directory: Path, executables: Iterable[str] = _DEBIAN_EXECUTABLES
) -> World:
    """Debian's golang-1.24 1.24.4-1, cut down."""
    version = "v0.0.1-go1.24.4.linux-amd64"
    module = inputs.module_zip("go1.24.4", "linux-amd64")
    kept = _chosen(files_of(module, version), executables)
    packages = [
        Deb.read(path) for path in cut_debs(inputs.debs("trixie/1.24/amd64"), kept, directory)
    ]
    environment = serve_below(directory / "proxy", version, cut_module(module, version, kept))
    (dsc,) = inputs.source("1.24.4-1").glob("*.dsc")
    source = _without_orig(dsc, directory / "source")
    return World("debian", "usr/lib/go-1.24", packages, environment, ("--source", str(source)))


def cut_debs(debs: Iterable[Path], kept: Collection[str], directory: Path) -> Iterator[Path]:
    """Packages cut down to the files of GOROOT that are kept, packed by dpkg-deb.

    What was cut once is kept beside the inputs, under a digest of all that decides it.
    """
    debs = list(debs)
    digest = hashlib.sha256(Path(__file__).read_bytes())
    # The packages are pinned by their names.
    digest.update("\n".join([*(deb.name for deb in debs), *sorted(kept)]).encode())
    place = cache_directory() / "cut" / digest.hexdigest()[:24]
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.is_dir():
            with tempfile.TemporaryDirectory(dir=place.parent) as name:
                made = Path(name) / "made"
                made.mkdir()
                _cut_debs(debs, kept, made)
                made.rename(place)
    for deb in debs:
        yield Path(shutil.copyfile(place / deb.name, directory / deb.name))


def _cut_debs(debs: Iterable[Path], kept: Collection[str], directory: Path) -> None:
    for deb in debs:
        tree = directory / deb.stem
        subprocess.run(["dpkg-deb", "-R", str(deb), str(tree)], check=True)
        _cut(tree, kept)
        _sum_up(tree)
        target = directory / deb.name
        command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "-b", str(tree), str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(tree)


def arch_world(inputs: Inputs, directory: Path) -> World:
    """What Arch's recipe makes of go1.24.9, cut down, packed by makepkg."""
    version = "v0.0.1-go1.24.9.linux-amd64"
    module = inputs.module_zip("go1.24.9", "linux-amd64")
    files = files_of(module, version)
    kept = _chosen(files, _ARCH_EXECUTABLES)
    with builders_directory() as work:
        tree = work / "tree"
        _lay_out_arch({path: files[path] for path in kept}, tree)
        place = work / "build"
        place.mkdir()
        shutil.copyfile(FIXTURES / "go-tree" / "PKGBUILD", place / "PKGBUILD")
        give_to_builder(work)
        settings = {"GO_TREE": str(tree)}
        run = host_makepkg().run(place, environment=settings)
        assert run.status == 0, run.output
        (made,) = place.glob("*.pkg.tar.zst")
        shutil.copyfile(made, directory / made.name)
    environment = serve_below(directory / "proxy", version, cut_module(module, version, kept))
    package = Pkg.read(directory / made.name)
    return World("arch", "usr/lib/go", [package], environment, ())


def whole_debian_world(inputs: Inputs, directory: Path) -> World:
    """All of golang-1.24 1.24.4-1: its executables pass by a rebuild, which is made once."""
    version = "v0.0.1-go1.24.4.linux-amd64"
    module = inputs.module_zip("go1.24.4", "linux-amd64").read_bytes()
    packages = [Deb.read(path) for path in inputs.debs("trixie/1.24/amd64")]
    (dsc,) = inputs.source("1.24.4-1").glob("*.dsc")
    environment = serve_below(directory / "proxy", version, module)
    arguments = ("--source", str(dsc), "--rebuild")
    cache = reference_cache(inputs.directory)
    return World("debian", "usr/lib/go-1.24", packages, environment, arguments, cache)


def whole_arch_world(inputs: Inputs, directory: Path) -> World:
    """All of what makepkg builds of go1.24.9, but for two helpers that only a rebuild proves."""
    version = "v0.0.1-go1.24.9.linux-amd64"
    module = inputs.module_zip("go1.24.9", "linux-amd64").read_bytes()
    helpers = [f"usr/lib/go/pkg/tool/linux_amd64/{name}" for name in ("dist", "distpack")]
    package = Pkg.read(arch_package(inputs, STRIPPED)).without(*helpers)
    recipe = directory / "recipe"
    recipe.mkdir()
    shutil.copy(STRIPPED.pkgbuild, recipe)
    source = inputs.pool(f"golang-{STRIPPED.line}", STRIPPED.orig)
    (recipe / f"{STRIPPED.release}.src.tar.gz").symlink_to(source)
    environment = serve_below(directory / "proxy", version, module)
    arguments = ("--source", str(recipe / "PKGBUILD"))
    return World("arch", "usr/lib/go", [package], environment, arguments)


def _chosen(files: Mapping[str, bytes], executables: Iterable[str]) -> set[str]:
    """The files of the small world: all that rules are about, and some of every kind."""
    kept = {*executables, *(path for path in _TOP if path in files)}
    kept |= {path for path in files if path.startswith(_WANTED) and len(files[path]) < 1 << 20}
    by_kind: dict[str, list[str]] = {}
    for path, data in files.items():
        if path.startswith(("src/", "lib/", "misc/")) and len(data) < _LARGEST:
            kind = kind_of(f"usr/share/go-1.24/{path}", data)
            by_kind.setdefault(kind, []).append(path)
    choice = Random(1)  # noqa: S311 - repeatable choices, no secrets
    for paths in by_kind.values():
        kept.update(choice.sample(sorted(paths), min(_OF_A_KIND, len(paths))))
    return kept


def _cut(tree: Path, kept: Collection[str]) -> None:
    """Take out of an unpacked package what is below GOROOT and not kept, and empty folders."""
    for folder, _, names in os.walk(tree, topdown=False):
        for name in names:
            file = Path(folder, name)
            path = finding_path(str(file.relative_to(tree)))
            if not path.startswith("/") and path not in kept and not file.is_symlink():
                file.unlink()
        if not any(Path(folder).iterdir()):
            Path(folder).rmdir()


def _sum_up(tree: Path) -> None:
    """Write md5sums as dh_md5sums does."""
    lines = []
    for file in sorted(tree.rglob("*")):
        path = file.relative_to(tree)
        if file.is_file() and not file.is_symlink() and path.parts[0] != "DEBIAN":
            digest = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
            lines.append(f"{digest}  {path}\n")
    (tree / "DEBIAN/md5sums").write_text("".join(lines))


def _without_orig(dsc: Path, directory: Path) -> Path:
    """The source package without upstream's archive: that one would ask for all its files."""
    directory.mkdir()
    for file in (dsc, *dsc.parent.glob("*.debian.tar.*")):
        shutil.copyfile(file, directory / file.name)
    return directory / dsc.name


def _lay_out_arch(files: Mapping[str, bytes], tree: Path) -> None:
    """Files below GOROOT as the recipe's package() lays them out."""
    root = tree / "usr/lib/go"
    for path, data in files.items():
        if "/" not in path and path not in {"VERSION", "go.env"}:
            continue
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        executable = path.startswith(("bin/", "pkg/tool/")) or path.endswith(
            (".bash", ".sh", ".pl", ".rc")
        )
        file.chmod(0o755 if executable else 0o644)
    for file in (*root.glob("bin/*"), *root.glob("pkg/tool/*/*")):
        subprocess.run(["strip", "--strip-all", str(file)], check=True)
    for empty in ("usr/lib/go/pkg/linux_amd64_dynlink", "usr/lib/go/pkg/linux_amd64_race"):
        (tree / empty).mkdir(parents=True)
    for folder in ("usr/bin", "usr/share/doc/go", "usr/share/licenses/go"):
        (tree / folder).mkdir(parents=True)
    (root / "doc").symlink_to("/usr/share/doc/go")
    for name in ("go", "gofmt"):
        (tree / "usr/bin" / name).symlink_to(f"/usr/lib/go/bin/{name}")
    (tree / "usr/share/licenses/go/LICENSE").write_bytes(files["LICENSE"])
