"""makepkg runs a PKGBUILD's prepare() and build() on upstream's source, up to make.bash.

makepkg itself runs it, without network, as nobody, in the sandbox: the functions, variables
and options are those that a recipe gets in a real build. In place of make.bash a stand-in
records its directory, arguments and environment, and ends the run. The source at that point, and
what make.bash would be given, are what the recipe declares.
"""

from __future__ import annotations

import hashlib
import io
import re
import shlex
import shutil
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path

from samego.errors import SamegoError, ToolError
from samego.model.proof import Tool
from samego.model.tree import Kind, Tree
from samego.sandbox import Finished, SandboxLimits, run
from samego.sandbox.collect import files as files_below
from samego.sandbox.collect import read_file, scratch

HINT = "install makepkg and bubblewrap (packages pacman and bubblewrap on Arch)"
LIMITS = SandboxLimits(
    seconds=120, cpu=60, memory=2 << 30, processes=128, written=2 << 30, entries=200_000
)
_MAKE = "src/make.bash"
#: Where a recipe of Go has the source, below makepkg's directory.
GOROOT = "src/go"
_CALLED_IN = b"/build/src/go/src\n"
_LARGEST = 64 << 20
_ENTRIES = 100_000
_RECORD = 1 << 20
_ERROR = re.compile(rb"==> ERROR: ([^\n]{1,200})")
#: What makepkg calls each architecture's compiler target.
_CHOST = "{}-pc-linux-gnu"
#: makepkg needs one; a replay's package is for no one.
_PACKAGER = "samego <samego@localhost>"
_WORD = re.compile(r"!?[A-Za-z0-9_-]+", re.ASCII)


class ReplayError(SamegoError):
    """A PKGBUILD whose run did not reach make.bash."""


_STANDING_IN = ("VERSION", "src/make.bash", "src/all.bash", "src/run.bash")


@dataclass(frozen=True, slots=True)
class ReplayedBuild:
    """What makepkg is to run: a recipe's bytes, the local files of its source=(), and its build.

    ``archive`` is the name under which the recipe has upstream's source archive, ``signatures``
    are those of its sources that only sign another. ``architecture`` is CARCH; ``options`` and
    ``buildenv`` are makepkg's words.
    """

    pkgbuild: bytes
    sources: Mapping[str, bytes]
    archive: str
    architecture: str
    signatures: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    buildenv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """The result of a run.

    ``environment`` is what make.bash would have seen. ``files`` are the files of the source that
    then differ from upstream's, by path below GOROOT; None stands for one that is gone.
    """

    environment: Mapping[str, str]
    arguments: tuple[str, ...]
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    tool: Tool = field(default_factory=lambda: Tool("makepkg", ""))


def record(build: ReplayedBuild, release: str) -> Replay:
    """Run a recipe's build() alone, where nothing but make.bash stands; ``files`` is empty.

    Cheap, and enough for what make.bash is given. Raises as replay does.
    """
    tool = makepkg_tool()
    with scratch() as work:
        put_recipe(build, work)
        for path in _STANDING_IN:
            place = work / GOROOT / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(f"{release}\n" if path == "VERSION" else ". ./make.bash\n", "utf-8")
            place.chmod(0o755)
        _put_recorder(work)
        return _recorded(work, tool)


def replay(build: ReplayedBuild, source: Tree) -> Replay:
    """Run a recipe on a source tree (paths below GOROOT), and give what make.bash would get.

    Raises ReplayError where make.bash is not reached, HostileArchiveError beyond the limits,
    ToolError without makepkg, SandboxError without a sandbox.
    """
    tool = makepkg_tool()
    paths = [path for path, entry in source.items() if entry.kind is Kind.FILE]
    with scratch() as work:
        put_recipe(build, work)
        _pack(source, paths, work / build.archive)
        prepared = makepkg(["--nobuild"], work)
        if prepared.ended or prepared.status != 0:
            raise failed(prepared, "prepare()")
        make = read_file(work / GOROOT, _MAKE, limit=_LARGEST)
        _put_recorder(work)
        recorded = _recorded(work, tool)
        return replace(recorded, files=_changed(work / GOROOT, source, paths, make))


def makepkg_tool() -> Tool:
    """Makepkg with its version. Raises ToolError when it is not installed."""
    found = shutil.which("makepkg")
    if found is None or not found.startswith("/usr/"):
        raise ToolError("makepkg is not installed", hint=HINT)
    text = Path(found).read_text("utf-8", "replace")
    match = re.search(r"^(?:declare -r )?makepkg_version='([^'\n]{1,40})'", text, re.MULTILINE)
    return Tool("makepkg", match[1] if match else "")


def _recorded(work: Path, tool: Tool) -> Replay:
    """Run build() on what lies in src, and read what the stand-in wrote down."""
    built = makepkg(["--noextract", "--noprepare", "--noarchive"], work)
    place = work / "record"
    if read_file(place, "complete", limit=_RECORD) is None:
        raise failed(built, "build()")
    if read_file(place, "directory", limit=_RECORD) != _CALLED_IN:
        raise ReplayError("build() calls make.bash outside go/src", hint="read the PKGBUILD")
    environment = _environment(read_file(place, "environment", limit=_RECORD))
    return Replay(environment, _words(read_file(place, "arguments", limit=_RECORD)), tool=tool)


def put_recipe(build: ReplayedBuild, work: Path) -> None:
    """Write a recipe, its local sources and makepkg's configuration into a directory."""
    (work / "PKGBUILD").write_bytes(build.pkgbuild)
    for name, data in build.sources.items():
        (work / name).write_bytes(data)
    for name in build.signatures:
        (work / name).touch()
    (work / "makepkg.conf").write_text(_configuration(build), "utf-8")


def _pack(source: Tree, paths: Sequence[str], place: Path) -> None:
    """Write the source as the archive that the recipe unpacks (makepkg reads its magic)."""
    source.load(paths)
    with tarfile.open(place, "w") as archive:
        for path in paths:
            data = source.read(path)
            member = tarfile.TarInfo(f"go/{path}")
            member.size, member.mode = len(data), source[path].mode or 0o644
            archive.addfile(member, io.BytesIO(data))


def _configuration(build: ReplayedBuild) -> str:
    text = files("samego_arch.recipe.replay").joinpath("makepkg.conf").read_text("utf-8")
    lines = {
        "CARCH": shlex.quote(build.architecture),
        "CHOST": shlex.quote(_CHOST.format(build.architecture)),
        "BUILDENV": _array(build.buildenv),
        "OPTIONS": _array(build.options),
    }
    return text + "".join(f"{name}={value}\n" for name, value in lines.items())


def _array(words: Iterable[str]) -> str:
    known = [word for word in words if _WORD.fullmatch(word)]
    return f"({' '.join(word for word in known if word.lstrip('!') not in ('sign', 'distcc'))})"


def makepkg(options: Sequence[str], work: Path) -> Finished:
    """Run makepkg in the sandbox, where a recipe was put."""
    command = ["makepkg", "--config", "/build/makepkg.conf", "--nodeps", "--nocheck", "--nocolor"]
    skip = ["--skippgpcheck", "--skipchecksums", "--force"]
    environment = {
        "LC_ALL": "C.UTF-8",
        "PACKAGER": _PACKAGER,
        "SOURCE_DATE_EPOCH": "0",
    }
    return run([*command, *skip, *options], writable=work, environment=environment, limits=LIMITS)


def _put_recorder(work: Path) -> None:
    """Put the stand-in where make.bash stood. Raises ReplayError where nothing can be put."""
    recorder = files("samego_arch.recipe.replay").joinpath("make.bash").read_bytes()
    place = work / GOROOT / _MAKE
    if any(parent.is_symlink() for parent in (work / "src", work / GOROOT, place.parent)):
        raise ReplayError("prepare() put a link in place of the source", hint="read the PKGBUILD")
    try:
        place.unlink(missing_ok=True)
        place.write_bytes(recorder)
        place.chmod(0o755)
    except OSError as error:
        raise ReplayError(
            f"after prepare(), {_MAKE} cannot be replaced ({error.strerror})",
            hint="read the PKGBUILD",
        ) from error


def failed(done: Finished, function: str, place: str = "make.bash") -> ReplayError:
    """The error for a function of a recipe that ended before it came to a place."""
    if done.ended is not None:
        return ReplayError(f"{function} was ended: {done.ended.value}", hint="read the PKGBUILD")
    messages = _ERROR.findall(done.stdout + done.stderr)
    reason = messages[0].decode("utf-8", "replace") if messages else f"status {done.status}"
    if done.status == 0:
        reason = "make.bash was not called in go/src"
    return ReplayError(f"{function} did not reach {place}: {reason}", hint="read the PKGBUILD")


def _environment(data: bytes | None) -> dict[str, str]:
    pairs = [word.partition("=") for word in _words(data)]
    return {name: value for name, equals, value in pairs if equals}


def _words(data: bytes | None) -> tuple[str, ...]:
    text = (data or b"").decode("utf-8", "surrogateescape")
    return tuple(text.split("\0")[:-1])


def _changed(
    goroot: Path, source: Tree, paths: Sequence[str], make: bytes | None
) -> dict[str, bytes | None]:
    """What is not as in the source; make.bash is as it was after prepare()."""
    found: dict[str, bytes | None] = {}
    left = set(paths)
    for path in files_below(goroot, entries=_ENTRIES):
        data = make if path == _MAKE else read_file(goroot, path, limit=_LARGEST)
        if data is None:
            continue
        left.discard(path)
        entry = source.get(path)
        if entry is None or hashlib.sha256(data).hexdigest() != entry.sha256:
            found[path] = data
    return found | dict.fromkeys(left)
