"""The channel "mirror": a directory with files as they were posted, for use without network.

It may hold, side by side:

- archives and source archives under go.dev/dl's names (``go1.24.4.linux-amd64.tar.gz``),
- module zips under their version (``v0.0.1-go1.24.4.linux-amd64.zip``), also below
  ``golang.org/toolchain/@v/`` as in a module proxy's own layout,
- ``index.json``: a saved answer of ``https://go.dev/dl/?mode=json&include=all``.

Archives are verified by the announced sums and the saved index (which must agree), module zips
by the checksum database. Files that none of them knows are refused. A saved index is as
trustworthy as its directory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from samego.config import REBUILD_CHANNEL
from samego.errors import ContradictedError, InputError, NotPostedError, UnknownReleaseError
from samego.model.release import (
    TOOLCHAIN_MODULE,
    PostedName,
    Release,
    Target,
    archive_name,
    installer_name,
    module_version,
    parse_module_version,
    source_name,
)
from samego.model.verification import Verification
from samego.system.disk import used
from samego.system.there import is_file
from samego.upstream.channels.interface import Listing, Posted
from samego.upstream.channels.release_index import LIMIT, Index, parse_index
from samego.upstream.checksums.authorities import (
    AnnouncedSums,
    Authority,
    UnverifiedError,
    expected_sum,
)
from samego.upstream.checksums.identify import check_is, identify, sha256_of
from samego.upstream.checksums.module_zip import ModuleVerifier

NAME = "mirror"
INDEX_NAME = "index.json"


class SavedIndex:
    """A saved index in a directory; an authority without sums where there is none.

    Raises NetworkError for a file that is not an index, as for a served one.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / INDEX_NAME
        self._index: Index | None = None

    def index(self) -> Index:
        """The saved index; an empty one where none was saved."""
        if self._index is None:
            try:
                with self._path.open("rb") as file:
                    data = file.read(LIMIT)
            except FileNotFoundError:
                data = b"[]"
            except OSError as error:
                raise InputError(
                    f"{self._path} cannot be read ({error.strerror})",
                    hint="check its permissions, or remove it",
                ) from error
            self._index = parse_index(data, origin=str(self._path))
        return self._index

    def sum_of(self, name: str) -> str | None:
        """The sum that the saved index gives this file name."""
        file = self.index().files.get(name)
        return file.sha256 if file else None

    def name_of(self, sha256: str) -> str | None:
        """The name of the file with this sum."""
        files = self.index().files.values()
        return next((file.filename for file in files if file.sha256 == sha256), None)

    def verification(self) -> Verification:
        """Rests on the directory's author."""
        return Verification(how="sha256 in a saved release index", rests_on=str(self._path))


class MirrorChannel:
    """A directory of posted files. Raises what a channel raises, and VerificationError."""

    def __init__(
        self,
        directory: Path,
        verifier: ModuleVerifier,
        *,
        allow_unverified: bool = False,
        others: Sequence[Authority] | None = None,
        name: str = NAME,
    ) -> None:
        self.name = name
        self._directory = directory
        self._verifier = verifier
        self._allow_unverified = allow_unverified
        self.index = SavedIndex(directory)
        self._authorities = (self.index, *(others or (AnnouncedSums(),)))

    def listing(self) -> Iterable[Listing]:
        """The posted files in the directory, newest release first."""
        rows = list(self._listings())
        return sorted(rows, key=lambda row: (row.release, row.name), reverse=True)

    def fetch(self, release: Release, target: Target) -> Posted:
        """The archive of a release and target, else its module zip."""
        version = f"{module_version(release, target)}.zip"
        names = (archive_name(release, target), version, f"{TOOLCHAIN_MODULE}/@v/{version}")
        return self._fetch(names, release, target)

    def fetch_source(self, release: Release) -> Posted:
        """The source archive of a release."""
        return self._fetch((source_name(release),), release, None)

    def fetch_installer(self, release: Release, target: Target) -> Posted:
        """The .pkg or .msi of a release and target. Raises UnverifiedError without its sum."""
        name = installer_name(release, target)
        path = self._directory / name
        if not name or not is_file(path):
            raise NotPostedError(
                f"{self._directory} has no {name or f'installer for {target}'}",
                hint="put the file there under that name, or name another channel",
            )
        stated, sha256 = expected_sum(name, self._authorities), sha256_of(path)
        if not stated.sha256:
            raise UnverifiedError(
                f"cannot verify {name}: its sha256 is in no known checksum source",
                hint="save the release index in the mirror directory",
            )
        if stated.sha256 != sha256:
            raise ContradictedError(
                f"{name} has sha256 {sha256}, but {stated.verified[0].rests_on} states"
                f" {stated.sha256} for that name",
                hint="do not use the file; download it again",
            )
        url = path.absolute().as_uri()
        return Posted(self.name, "installer", release, target, url, path, sha256, stated.verified)

    def _fetch(self, names: tuple[str, ...], release: Release, target: Target | None) -> Posted:
        self._check_directory()
        path = next((found for name in names if is_file(found := self._directory / name)), None)
        if path is None:
            raise NotPostedError(
                f"{self._directory} has no {' and no '.join(names[:2])}",
                hint="put the file there under that name, or name another channel",
            )
        posted = identify(
            path,
            self._authorities,
            self._verifier,
            allow_unverified=self._allow_unverified,
            channel=self.name,
        )
        check_is(posted, release, target)
        return posted

    def _listings(self) -> Iterator[Listing]:
        self._check_directory()
        if not self._directory.is_dir():
            return
        below = self._directory / TOOLCHAIN_MODULE / "@v"
        for path in [*self._directory.iterdir(), *(below.iterdir() if below.is_dir() else ())]:
            listing = _listing(path.name)
            if listing is not None and path.is_file():
                yield listing

    def _check_directory(self) -> None:
        if not self._directory.is_dir():
            raise InputError(
                f"the mirror {self._directory} is not a directory",
                hint="correct SAMEGO_MIRROR or upstream.mirror in the configuration",
            )


class RebuildChannel(MirrorChannel):
    """Files that were rebuilt here and have the posted checksum, by ``authorities``.

    Such a file is verified like any other, wherever it was made. A file whose checksum no available
    source states is not used.
    """

    def __init__(
        self, directory: Path, verifier: ModuleVerifier, authorities: Sequence[Authority]
    ) -> None:
        super().__init__(directory, verifier, others=authorities, name=REBUILD_CHANNEL)

    def _fetch(self, names: tuple[str, ...], release: Release, target: Target | None) -> Posted:
        try:
            posted = super()._fetch(names, release, target)
        except UnverifiedError as error:
            raise NotPostedError(
                f"{names[0]} was rebuilt here, but no reachable source states its checksum",
                hint="check the network, or name another channel",
            ) from error
        except NotPostedError as error:
            which = f" --target {target}" if target else ""
            raise NotPostedError(
                f"{names[0]} was not rebuilt here, or the rebuild differs from upstream's",
                hint=f"run 'samego rebuild {release}{which}' first",
            ) from error
        used(posted.path)
        return posted

    def _check_directory(self) -> None:
        """Accept a missing directory: nothing was rebuilt yet, which is no configuration error."""


def _listing(name: str) -> Listing | None:
    try:
        posted = PostedName.parse(name)
    except UnknownReleaseError:
        pass
    else:
        return Listing(posted.release, posted.target, name)
    try:
        release, target = parse_module_version(name.removesuffix(".zip"))
    except UnknownReleaseError:
        return None
    return Listing(release, target, name)
