"""The cache of what a mirror serves: its answers, and files by digest.

What the mirror's signed lists say of one toolchain is stored as a small JSON file beside the
lists, and files by their sha256, so that a second check does not need apt.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from samego.distro.interface import Request
from samego.errors import CacheError, InputError, NetworkError
from samego.system import locks
from samego_debian.architectures import architecture
from samego_debian.archive.apt import PrivateApt
from samego_debian.archive.file_cache import FileCache
from samego_debian.archive.host_apt import host_sources
from samego_debian.archive.listed import (
    ListedFile,
    SuiteAnswer,
    is_orig,
    is_packaging,
    keep_answer,
    listed_file,
    load_answer,
    read_package,
)
from samego_debian.archive.mirror import find_mirror
from samego_debian.archive.named import Named
from samego_debian.package.identity import PARTS, TOOLCHAIN_PACKAGE

#: How long lists count as current; they change four times a day (Debian's dinstall).
LISTS_SECONDS = 3600


class Store:
    """The cache of one suite and architecture: lists, answers, and files by digest."""

    def __init__(self, named: Named, request: Request, *, sources_only: bool = False) -> None:
        self._named = named
        self._request = request
        arch = architecture(named.architecture)
        mirror = find_mirror(host_sources(), request.options, named.suite)
        key = hashlib.sha256(f"{mirror.uri}\n{mirror.signed_by}".encode()).hexdigest()[:12]
        base = request.cache / "debian"
        kind = "source" if sources_only else arch.name
        self._root = base / "apt" / f"{named.suite}-{kind}-{key}"
        self._cached = FileCache.below(request.cache)
        self._files = self._cached.directory
        self._answer_file = self._root / f"golang-{named.line}.json"
        self._apt = PrivateApt(self._root, mirror, named.suite, arch, sources_only)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the suite's cache for this process alone."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            self._files.mkdir(parents=True, exist_ok=True)
            lock = locks.open_lock(self._root / "held")
        except OSError as error:
            raise CacheError(
                f"{self._root} cannot be written ({error.strerror})",
                hint="choose another cache directory",
            ) from error
        try:
            locks.acquire(lock, str(self._root))
            try:
                yield
            finally:
                self._apt.forget_index()
        finally:
            os.close(lock)

    def answer(self) -> SuiteAnswer:
        """What the mirror's lists say, from the cache while they are current."""
        kept = self._kept()
        if kept is not None and (self._request.offline or self._fresh()):
            return kept
        if self._request.offline:
            raise NetworkError(
                f"the lists of {self._named.suite}/golang-{self._named.line} are not in the cache"
                " and samego is offline",
                hint="run it once without --offline",
            )
        self._update()
        answer = self._ask()
        self._keep(answer)
        return answer

    def lines(self) -> list[str]:
        """The lines (``1.24``) of the toolchains that the suite has, from current lists."""
        if not self._request.offline:
            self._update()
        elif not (self._root / "fetched").is_file():
            raise NetworkError(
                f"the lists of {self._named.suite} are not in the cache and samego is offline",
                hint="run it once without --offline",
            )
        served = self._apt.served_architectures()
        if self._named.architecture not in served:
            raise InputError(
                f"{self._named.suite} is not served for {self._named.architecture}",
                hint=f"it is for {', '.join(served)}",
            )
        return self._lines()

    def nothing(self) -> InputError:
        """The error for a toolchain or architecture that the suite does not have."""
        named = self._named
        served = [] if self._request.offline else self._apt.served_architectures()
        if served and named.architecture not in served:
            return InputError(
                f"{named.suite} is not served for {named.architecture}",
                hint=f"it is for {', '.join(served)}",
            )
        have = [] if self._request.offline else self._lines()
        return InputError(
            f"{named.suite} has no golang-{named.line} for {named.architecture}",
            hint="it has " + (", ".join(f"golang-{line}" for line in have) or "no Go toolchain"),
        )

    def files(self, files: Sequence[ListedFile], wanted: Sequence[str]) -> list[Path]:
        """Binary packages, downloaded where the cache lacks them."""
        missing = [i for i, file in enumerate(files) if not self._path(file).is_file()]
        if missing:
            self._online(", ".join(files[i].name for i in missing))
            megabytes = sum(files[i].size for i in missing) / 1e6
            self._request.say(f"downloading {len(missing)} packages ({megabytes:.0f} MB)")
            with self._cached.temporary() as directory:
                self._apt.download([wanted[i] for i in missing], directory)
                self._cached.take(directory, [files[i] for i in missing])
        return self._have(files, "packages")

    def source(
        self,
        name: str,
        versions: Sequence[str],
        answer: SuiteAnswer,
        *,
        packaging_only: bool = False,
    ) -> list[Path]:
        """The served files of a source package's versions; a 404 is remembered."""
        listed = {
            version: [
                file
                for file in answer.sources.get(version, [])
                if not packaging_only or is_packaging(file.name)
            ]
            for version in versions
        }
        files = [file for rows in listed.values() for file in rows]
        ask = [file for file in files if self._lacks(file, answer)]
        if ask and not self._request.offline:
            wanted = [v for v, rows in listed.items() if any(file in ask for file in rows)]
            self._request.say(f"asking for the source package of {name} {', '.join(wanted)}")
            self._apt.prepare()
            with self._cached.temporary() as directory:
                self._apt.download_source(
                    [f"{name}={version}" for version in wanted],
                    directory,
                    packaging_only=packaging_only,
                )
                self._cached.take(directory, ask)
            gone = [file.sha256 for file in ask if not self._path(file).is_file()]
            answer.not_served.extend(gone)
            self._keep(answer)
        found = [file for file in files if self._path(file).is_file()]
        for file in found:
            if not is_orig(file.name):  # what is compared with it checks its digest
                self._cached.check(file)
        return [self._path(file) for file in found]

    def _lines(self) -> list[str]:
        names = self._apt.names("golang-1.")
        found = {match["line"] for name in names if (match := TOOLCHAIN_PACKAGE.fullmatch(name))}
        return sorted(found, key=lambda line: int(line.partition(".")[2]))

    def _update(self) -> None:
        """Fetch the suite's lists unless they are current."""
        self._apt.prepare()
        if not self._fresh():
            self._request.say(f"asking {self._apt.mirror} for {self._named.suite}")
            self._apt.update()
            (self._root / "fetched").touch()

    def _lacks(self, file: ListedFile, answer: SuiteAnswer) -> bool:
        return not self._path(file).is_file() and file.sha256 not in answer.not_served

    def _ask(self) -> SuiteAnswer:
        names = [f"golang-{self._named.line}-{part}" for part in PARTS]
        packages = (
            []
            if self._apt.sources_only
            else [read_package(row) for row in self._apt.packages(names)]
        )
        sources: dict[str, list[ListedFile]] = {}
        for row in self._apt.sources(f"golang-{self._named.line}"):
            rows: Sequence[Mapping[str, str]] = row.get("Checksums-Sha256", [])
            sources[row["Version"]] = [listed_file(r["name"], r["sha256"], r["size"]) for r in rows]
        return SuiteAnswer(packages, sources)

    def _fresh(self) -> bool:
        try:
            age = time.time() - (self._root / "fetched").stat().st_mtime
        except OSError:
            return False
        return 0 <= age < LISTS_SECONDS

    def _kept(self) -> SuiteAnswer | None:
        """The answer of an earlier run; None where there is no readable one."""
        try:
            if self._answer_file.stat().st_mtime < (self._root / "fetched").stat().st_mtime:
                return None if not self._request.offline else self._load()
            return self._load()
        except OSError:
            return None

    def _load(self) -> SuiteAnswer | None:
        return load_answer(self._answer_file, self._question())

    def _question(self) -> bytes:
        """What an answer is to: mirror, suite, line."""
        return f"{self._root.name} {self._answer_file.name}\n".encode()

    def _keep(self, answer: SuiteAnswer) -> None:
        keep_answer(self._answer_file, self._question(), answer)

    def _path(self, file: ListedFile) -> Path:
        return self._cached.path(file)

    def _have(self, files: Sequence[ListedFile], what: str) -> list[Path]:
        for file in files:
            if not self._path(file).is_file():
                raise NetworkError(
                    f"apt did not download {file.name}", hint=f"download the {what} by hand"
                )
        return [self._cached.use(file) for file in files]

    def _online(self, what: str) -> None:
        if self._request.offline:
            raise NetworkError(f"{what} is not in the cache", hint="run it once without --offline")
