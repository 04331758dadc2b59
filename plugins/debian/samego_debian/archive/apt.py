"""A private apt: its own lists and sources, the machine's own configuration and keys.

Nothing is installed and nothing of the machine's apt is changed. Signatures and
checksums of everything that is downloaded are checked by apt itself.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from debian.deb822 import Packages, Sources

from samego.errors import (
    CacheError,
    DiskFullError,
    InputError,
    NetworkError,
    SamegoError,
    VerificationError,
)
from samego.model.secrets import public_text
from samego.system import atomic
from samego_debian.architectures import Architecture
from samego_debian.archive.host_apt import host_directories, run_apt
from samego_debian.archive.mirror import Mirror

SUITE = re.compile(r"[a-z][a-z0-9.+-]*(?:/[a-z0-9.+-]+)*", re.ASCII)
#: What apt prints (LC_ALL=C) for a missing suite, a bad signature and other failures.
_NO_SUITE = re.compile(r"does not have a Release file|Release.*\b404\b", re.DOTALL)
_BAD_SIGNATURE = re.compile(
    r"is not signed|NO_PUBKEY|BADSIG|EXPKEYSIG|signatures? (?:couldn't|were)"
)
_NOT_SERVED = re.compile(r"\b(?:403|404|410) ")
_HASH = re.compile(r"Hash Sum mismatch|unexpected size")
_NO_ROOM = re.compile(r"No space left on device|Disk quota exceeded|enough free space")


@dataclass(frozen=True, slots=True)
class PrivateApt:
    """An apt that knows one suite of one mirror, for one architecture, below ``root``.

    With ``sources_only`` it knows that suite's source packages alone.
    """

    root: Path
    mirror: Mirror
    suite: str
    architecture: Architecture
    sources_only: bool = False

    def prepare(self) -> None:
        """Write the private configuration. Raises CacheError when that is not possible."""
        try:
            for name in ("lists/partial", "sources", "preferences", "archives/partial"):
                (self.root / name).mkdir(parents=True, exist_ok=True)
            (self.root / "status").touch()
            # The mirror's URL may hold a password.
            sources = self.root / "sources/samego.sources"
            atomic.write(sources, self._sources().encode(), mode=atomic.PRIVATE)
            (self.root / "apt.conf").write_text(self._configuration(), encoding="utf-8")
        except OSError as error:
            raise CacheError(
                f"{self.root} cannot be written ({error.strerror})",
                hint="choose another cache directory",
            ) from error

    def update(self) -> None:
        """Fetch the suite's lists.

        Raises InputError for an unknown suite, VerificationError for a signature that does
        not hold, NetworkError when the mirror cannot be reached.
        """
        done = self._run("apt-get", "update", "-q")
        if done.returncode == 0:
            return
        if _NO_SUITE.search(done.stderr):
            raise InputError(
                f"{self.mirror} has no suite {self.suite!r}",
                hint="name one such as bookworm, bookworm-backports, trixie or sid",
            )
        if _BAD_SIGNATURE.search(done.stderr):
            raise VerificationError(
                f"{self.mirror} {self.suite} is not signed by a key that apt trusts here",
                hint="install debian-archive-keyring or set keyring in the table [debian]",
            )
        if _NO_ROOM.search(done.stderr):
            raise self._failed(done.stderr, f"the lists of {self.suite}")
        why = public_text(_reason(done.stderr), self.mirror.uri)
        raise NetworkError(
            f"apt could not get the lists of {self.suite} ({why})",
            hint="check the network and the mirror, or use --offline with what was fetched before",
        )

    def packages(self, names: Sequence[str]) -> list[Packages]:
        """Every version of these packages that the suite has; unknown names give nothing."""
        done = self._run("apt-cache", "show", "--all-versions", *names)
        return list(Packages.iter_paragraphs(done.stdout, use_apt_pkg=False))

    def sources(self, name: str) -> list[Sources]:
        """Every version of this source package that the suite lists."""
        done = self._run("apt-cache", "showsrc", "--only-source", name)
        return list(Sources.iter_paragraphs(done.stdout, use_apt_pkg=False))

    def names(self, prefix: str) -> list[str]:
        """All package names that begin with ``prefix``."""
        return sorted(self._run("apt-cache", "pkgnames", prefix).stdout.split())

    def served_architectures(self) -> list[str]:
        """The architectures that the suite's Release file names."""
        for path in self.root.glob("lists/*Release"):
            text = path.read_text(encoding="utf-8", errors="replace")
            match = re.search(r"^Architectures:(.*)$", text, re.MULTILINE)
            if match:
                return match[1].split()
        return []

    def download(self, wanted: Sequence[str], into: Path) -> None:
        """Download packages (``NAME=VERSION``) into a directory.

        Raises NetworkError, VerificationError or InputError (no longer served).
        """
        done = self._run("apt-get", "download", "-q", *wanted, cwd=into)
        if done.returncode != 0:
            raise self._failed(done.stderr, ", ".join(wanted))

    def download_source(
        self, wanted: Sequence[str], into: Path, *, packaging_only: bool = False
    ) -> None:
        """Download what is served of source packages (``NAME=VERSION``) into a directory.

        Whatever apt could get and verify is there afterwards; what answers 404 is not.
        Raises VerificationError when a file does not match its checksum.
        """
        only = ("--diff-only",) if packaging_only else ()
        done = self._run(
            "apt-get", "source", "-q", "--download-only", "--only-source", *only, *wanted, cwd=into
        )
        partly = _NOT_SERVED.search(done.stderr) and not (
            _HASH.search(done.stderr) or _NO_ROOM.search(done.stderr)
        )
        if done.returncode != 0 and not partly:
            raise self._failed(done.stderr, ", ".join(wanted))

    def forget_index(self) -> None:
        """Remove apt's binary index: it is larger than the lists and quickly made again."""
        for path in self.root.glob("*.bin"):
            path.unlink(missing_ok=True)

    def _sources(self) -> str:
        lines = [
            "Types: deb-src" if self.sources_only else "Types: deb deb-src",
            f"URIs: {self.mirror.uri}",
            f"Suites: {self.suite}",
            "Components: main",
            f"Architectures: {self.architecture.name}",
            "Targets: Packages Sources",
        ]
        if self.mirror.signed_by:
            lines.append(f"Signed-By: {self.mirror.signed_by}")
        if self.mirror.check_valid_until:
            lines.append(f"Check-Valid-Until: {self.mirror.check_valid_until}")
        return "\n".join(lines) + "\n"

    def _configuration(self) -> str:
        """The configuration that apt reads after the machine's own, which stays otherwise.

        The machine's hooks are cleared, because they clean its own directories.
        """
        keys = host_directories()
        name = self.architecture.name
        lines = [
            "#clear APT::Update;",
            "#clear APT::Architectures;",
            "#clear DPkg;",
            f'Dir::State "{self.root}/";',
            'Dir::State::lists "lists/";',
            f'Dir::State::status "{self.root}/status";',
            f'Dir::Cache "{self.root}/";',
            'Dir::Cache::archives "archives/";',
            'Dir::Cache::pkgcache "pkgcache.bin";',
            'Dir::Cache::srcpkgcache "";',
            'Dir::Etc::sourcelist "/dev/null";',
            f'Dir::Etc::sourceparts "{self.root}/sources/";',
            'Dir::Etc::preferences "/dev/null";',
            f'Dir::Etc::preferencesparts "{self.root}/preferences/";',
            *(f'{key} "{value}";' for key, value in keys.items()),
            f'APT::Architecture "{name}";',
            f'APT::Architectures {{ "{name}"; }};',
            'APT::Update::Error-Mode "any";',
            'APT::Get::AllowUnauthenticated "false";',
            'Acquire::AllowInsecureRepositories "false";',
            'Acquire::AllowWeakRepositories "false";',
            'Acquire::Languages "none";',
            'Acquire::Retries "2";',
        ]
        if os.geteuid() == 0:
            # Else apt becomes the user _apt, who may not write to the cache, and warns about it.
            lines.append('APT::Sandbox::User "root";')
        return "\n".join(lines) + "\n"

    def _run(
        self, program: str, *arguments: str, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        return run_apt(
            [program, "-c", str(self.root / "apt.conf"), *arguments],
            cwd=cwd or self.root,
            fills=cwd or self.root,
        )

    def _failed(self, stderr: str, what: str) -> SamegoError:
        if _NO_ROOM.search(stderr):
            return DiskFullError(
                f"no disk space is left for {what} in {self.root}",
                hint="free some space, or choose another cache directory",
            )
        if _HASH.search(stderr):
            return VerificationError(
                f"the mirror's file of {what} does not match its signed checksum",
                hint="try again later or use another mirror",
            )
        if _NOT_SERVED.search(stderr):
            return InputError(
                f"{what} is listed by {self.mirror} but no longer served",
                hint="try again with fresh lists, or give the files",
            )
        return NetworkError(
            f"apt could not download {what} ({public_text(_reason(stderr), self.mirror.uri)})",
            hint="check the network and the mirror",
        )


def _reason(stderr: str) -> str:
    """The cause from apt's messages: what it could not fetch, and from which server."""
    lines = [line for line in stderr.splitlines() if line.startswith(("E:", "W:", "Err:"))]
    fetched = [line for line in lines if line[2:].startswith(" Failed to fetch ")]
    errors = [line for line in lines if not line.startswith("W:")]
    shown = [*fetched[:1], *errors[-1:]]
    return re.sub(r"^[EW]: ", "", " ".join(shown[0].split()))[:300] if shown else "no reason given"
