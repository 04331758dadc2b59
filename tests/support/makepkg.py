"""Real packages of Go for Arch: makepkg runs Arch's recipe over upstream's real source.

The recipes stand in fixtures/arch. A build takes ten minutes and more on two cores, so
that each is made once and kept beside the other inputs (support/inputs.py), under a
digest of all that went into it. makepkg runs as an unprivileged user: it refuses root.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.inputs import Inputs, Pinned, sha256_of
from support.other_user import becoming

FIXTURES = Path(__file__).parents[2] / "fixtures" / "arch"
CONFIG = FIXTURES / "makepkg.conf"
#: A fixed time for all that makepkg dates: 2025-10-09T08:53:20Z.
EPOCH = 1_760_000_000
PACKAGER = "A Packager <packager@example.org>"
#: The user that makepkg runs as where the tests run as root (Debian and Arch call it nobody).
_NOBODY = 65534
_BUILD_PATIENCE = 3 * 3600


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe of fixtures/arch and what it needs.

    ``orig`` is Debian's name of upstream's source archive, ``bootstrap`` a key of
    support.inputs.DEBS: Debian's packages of an older Go, which are unpacked.
    """

    release: str
    orig: Pinned
    bootstrap: str

    @property
    def version(self) -> str:
        """The release without ``go``."""
        return self.release.removeprefix("go")

    @property
    def line(self) -> str:
        """The minor release line, such as 1.24."""
        return self.version.rpartition(".")[0]

    @property
    def pkgbuild(self) -> Path:
        """The PKGBUILD."""
        return FIXTURES / f"go-{self.version}" / "PKGBUILD"

    @property
    def package(self) -> str:
        """The name of the package's file."""
        return f"go-2:{self.version}-1-x86_64.pkg.tar.zst"


#: Upstream's executables, stripped: the recipe until 1.24.
STRIPPED = Recipe(
    "go1.24.9",
    Pinned(
        "golang-1.24_1.24.9.orig.tar.gz",
        "c72f81ba54fe00efe7f3e7499d400979246881b13b775e9a9bb85541c11be695",
    ),
    "bookworm-backports/1.23/amd64",
)
#: Built with GOEXPERIMENT=nodwarf5: the recipe from 1.25.1 on.
NODWARF5 = Recipe(
    "go1.27.1",
    Pinned(
        "golang-1.27_1.27.1.orig.tar.gz",
        "4e408abae126d916b6164627193f2c54f0e3ca1312d693b86db45f862ab238b1",
    ),
    "sid/1.27/amd64",
)


#: Debian's packages of other versions of makepkg, which are unpacked; "" is what is installed.
VERSIONS = {
    "": None,
    "7.0.0": Pinned(
        "makepkg_7.0.0-1+b1_amd64.deb",
        "826115292d4d4c65a748c03a13784eeaef0fb7f30f2deb73043da33357032f78",
    ),
    "7.1.0": Pinned(
        "makepkg_7.1.0-3_amd64.deb",
        "3f997cd1de0692152f259df8dc773c20e31dfdaa10bfbf21b9804c5853bb2cdc",
    ),
}


@dataclass(frozen=True, slots=True)
class Run:
    """A run of makepkg that has ended; ``output`` is its stdout and stderr together."""

    status: int
    output: str


@dataclass(frozen=True, slots=True)
class Makepkg:
    """One version of makepkg: its program and the function library it reads."""

    program: Path
    library: Path = Path("/usr/share/makepkg")

    @property
    def version(self) -> str:
        """What --version says first, such as ``makepkg (pacman) 6.0.2``."""
        shown = subprocess.run(
            [self.program, "--version"],
            env=self.environment(),
            check=True,
            capture_output=True,
            text=True,
        )
        return shown.stdout.splitlines()[0]

    def environment(self) -> dict[str, str]:
        """What makepkg runs under: nothing of the developer's own."""
        return {
            "PATH": f"{self.program.parent}:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "PACKAGER": PACKAGER,
            "SOURCE_DATE_EPOCH": str(EPOCH),
            # Up to 6.0.2 and since 6.1 (NEWS of pacman).
            "LIBRARY": str(self.library),
            "MAKEPKG_LIBRARY": str(self.library),
        }

    def run(
        self,
        directory: Path,
        *options: str,
        environment: Mapping[str, str] | None = None,
        command: Sequence[str] = (),
    ) -> Run:
        """Run it where a PKGBUILD lies, unprivileged; ``command`` starts it another way."""
        environ = self.environment() | {"HOME": str(directory), **(environment or {})}
        given = ["--config", str(CONFIG), "--nodeps", *options]
        done = as_builder(
            [*(command or [str(self.program)]), *given],
            directory,
            environ,
        )
        return Run(done.returncode, done.stdout)


def host_makepkg() -> Makepkg:
    """The makepkg that is installed here."""
    found = shutil.which("makepkg")
    assert found is not None, "makepkg is missing: tools/setup.sh test installs it"
    return Makepkg(Path(found))


def makepkg_below(root: Path, version: str, inputs: Inputs) -> Makepkg:
    """A makepkg whose function library lies below ``root``, where hooks can be installed."""
    pinned = VERSIONS[version]
    library = root / "usr/share/makepkg"
    if pinned is None:
        shutil.copytree("/usr/share/makepkg", library)
        return Makepkg(host_makepkg().program, library)
    deb = inputs.pool("pacman-package-manager", pinned)
    subprocess.run(["dpkg-deb", "-x", str(deb), str(root)], check=True)
    return Makepkg(root / "usr/bin/makepkg", library)


def unpack(package: Path, directory: Path) -> Path:
    """Unpack a package's files as the builder's, without its own records."""
    directory.mkdir()
    with package.open("rb") as file:
        subprocess.run(["bsdtar", "-xpf", "-", "-C", str(directory)], stdin=file, check=True)
    for record in directory.glob(".[A-Z]*"):
        record.unlink()
    give_to_builder(directory)
    return directory


def give_to_builder(directory: Path) -> None:
    """Make everything there belong to the user that makepkg runs as."""
    if os.geteuid() == 0:
        owner = f"{_NOBODY}:{_NOBODY}"
        subprocess.run(["chown", "-hR", owner, str(directory)], check=True)


def as_builder(
    command: Sequence[str], directory: Path, environ: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command as the unprivileged user, stdout and stderr as one text."""
    return subprocess.run(
        [*(becoming(_NOBODY) if os.geteuid() == 0 else []), *command],
        cwd=directory,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="backslashreplace",
        timeout=_BUILD_PATIENCE,
        check=False,
    )


@contextmanager
def builders_directory(below: Path | None = None) -> Iterator[Path]:
    """A new directory that belongs to the user makepkg runs as."""
    with tempfile.TemporaryDirectory(prefix="samego-makepkg-", dir=below) as name:
        directory = Path(name)
        give_to_builder(directory)
        # A build may leave directories that nobody else may write.
        try:
            yield directory
        finally:
            subprocess.run(["chmod", "-R", "u+w", name], check=True)


def arch_package(inputs: Inputs, recipe: Recipe) -> Path:
    """The package of a recipe, built when it is not at hand. Workers wait for each other."""
    source = inputs.pool(f"golang-{recipe.line}", recipe.orig)
    bootstrap = inputs.debs(recipe.bootstrap)[:2]
    makepkg = host_makepkg()
    kept = inputs.directory / "arch" / _key(recipe, makepkg, [source, *bootstrap])
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        package = kept / recipe.package
        # Written last: without it, the build was broken off.
        digest = kept / "sha256"
        if not digest.is_file() or digest.read_text() != sha256_of(package):
            shutil.rmtree(kept, ignore_errors=True)
            with builders_directory() as work:
                built = _build(recipe, makepkg, work, source, bootstrap)
                kept.mkdir()
                shutil.copyfile(built, package)
            digest.write_text(sha256_of(package))
        return package


def _key(recipe: Recipe, makepkg: Makepkg, files: Sequence[Path]) -> str:
    """A digest of all that decides what comes out, strip's version included."""
    strip = subprocess.run(["strip", "--version"], check=True, capture_output=True, text=True)
    parts = [makepkg.version, strip.stdout.splitlines()[0], str(EPOCH)]
    parts += [sha256_of(path) for path in (recipe.pkgbuild, CONFIG, *files)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _build(
    recipe: Recipe, makepkg: Makepkg, work: Path, source: Path, bootstrap: Sequence[Path]
) -> Path:
    shutil.copyfile(recipe.pkgbuild, work / "PKGBUILD")
    shutil.copyfile(source, work / f"{recipe.release}.src.tar.gz")
    older = work / "bootstrap"
    for deb in bootstrap:
        subprocess.run(["dpkg-deb", "-x", str(deb), str(older)], check=True)
    (goroot,) = older.glob("usr/lib/go-*")
    environment = {"GOROOT_BOOTSTRAP": str(goroot), "GOTOOLCHAIN": "local"}
    run = makepkg.run(work, "--force", "--nocheck", environment=environment)
    assert run.status == 0, f"makepkg exits with {run.status}\n{run.output[-4000:]}"
    return work / recipe.package
