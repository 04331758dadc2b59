"""What a PKGBUILD lists, as bash reads it: its version, its sources, their checksums."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from samego.errors import InputError
from samego.sandbox import SandboxLimits, run
from samego.sandbox.collect import scratch

_LIMITS = SandboxLimits(
    seconds=10, cpu=5, memory=1 << 30, processes=32, written=16 << 20, output=1 << 20
)
_SUMS = {
    "b2sums": "blake2b",
    "sha512sums": "sha512",
    "sha384sums": "sha384",
    "sha256sums": "sha256",
}
#: The arrays of PKGBUILD(5) that pacman acts on, and their names in .PKGINFO.
_RELATIONS = {
    "depends": "depend",
    "optdepends": "optdepend",
    "provides": "provides",
    "conflicts": "conflict",
    "replaces": "replaces",
    "groups": "group",
    "backup": "backup",
}
_DIGEST = re.compile(r"[0-9A-Fa-f]{64,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One element of source=(): its local name, where it comes from, its checksums.

    ``sums`` maps hashlib's name of an algorithm to a hexadecimal digest; SKIP leaves one out.
    """

    name: str
    url: str
    sums: Mapping[str, str]

    @property
    def local(self) -> bool:
        """Whether it lies beside the PKGBUILD."""
        return "://" not in self.url


@dataclass(frozen=True, slots=True)
class DeclaredBuild:
    """A PKGBUILD's name, its full version (``2:1.24.9-1``), its sources, and its relations.

    ``relations`` are by their name in .PKGINFO, as they stand outside of all functions: a hint,
    since package() may set them again.
    """

    name: str
    version: str
    sources: tuple[SourceFile, ...]
    relations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_declared(pkgbuild: bytes, architecture: str, *, name: str) -> DeclaredBuild:
    """Let bash read a PKGBUILD, in the sandbox, for an architecture (CARCH).

    Raises InputError for a file that bash cannot read or that lists no sources as PKGBUILD(5)
    says, SandboxError where this machine allows no sandbox.
    """
    with scratch() as work:
        (work / "PKGBUILD").write_bytes(pkgbuild)
        script = files("samego_arch.recipe.replay").joinpath("sources.bash").read_bytes()
        (work / "sources.bash").write_bytes(script)
        command = ["bash", "--noprofile", "--norc", "sources.bash", "PKGBUILD"]
        done = run(
            ["bash", "-c", 'exec 3>&1; exec "$@"', "bash", *command],
            writable=work,
            environment={"CARCH": architecture, "LC_ALL": "C.UTF-8"},
            limits=_LIMITS,
        )
    if not done.ok:
        raise InputError(
            f"bash cannot read {name} ({done.ended.value if done.ended else done.status})",
            hint="check that it is the PKGBUILD of the package",
        )
    return parse_listed(done.stdout, architecture, name=name)


def parse_listed(output: bytes, architecture: str, *, name: str) -> DeclaredBuild:
    """Read what sources.bash prints. Raises InputError for anything else."""
    try:
        values = dict(_arrays(output.decode("utf-8").split("\0")))
    except (UnicodeDecodeError, ValueError, IndexError) as error:
        raise InputError(
            f"{name} lists its sources in a way that cannot be read", hint="check the file"
        ) from error

    def one(kind: str) -> str:
        return next(iter(values.get(kind, ())), "")

    version = f"{one('pkgver')}-{one('pkgrel')}"
    if one("epoch"):
        version = f"{one('epoch')}:{version}"
    sources = [source for suffix in ("", f"_{architecture}") for source in _sources(values, suffix)]
    relations = {
        shown: tuple(values.get(kind, ())) + tuple(values.get(f"{kind}_{architecture}", ()))
        for kind, shown in _RELATIONS.items()
    }
    return DeclaredBuild(one("pkgname"), version, tuple(sources), relations)


def _arrays(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    at = 0
    while at + 1 < len(words):
        count = int(words[at + 1])
        if count < 0 or at + 2 + count > len(words):
            raise ValueError("a count beyond the end")
        yield words[at], words[at + 2 : at + 2 + count]
        at += 2 + count


def _sources(values: Mapping[str, list[str]], suffix: str) -> Iterator[SourceFile]:
    for index, element in enumerate(values.get(f"source{suffix}", ())):
        name, _, url = element.rpartition("::")
        sums = {
            algorithm: values[kind + suffix][index].lower()
            for kind, algorithm in _SUMS.items()
            if index < len(values.get(kind + suffix, ()))
            and _DIGEST.fullmatch(values[kind + suffix][index])
        }
        yield SourceFile(name or posixpath.basename(url), url, sums)
