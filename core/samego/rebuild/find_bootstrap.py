"""Finding the bootstrap that the user named."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from samego.config import Config
from samego.distro import interface as plugins
from samego.distro.interface import Request
from samego.errors import InputError, NetworkError, NotPostedError
from samego.formats.tree.goroot import goroot_view
from samego.model.machine import file_name
from samego.model.release import Release, Target
from samego.rebuild import bootstrap as kinds
from samego.rebuild.bootstrap import Bootstrap
from samego.rebuild.host_build import digest_of
from samego.system.progress import Progress
from samego.upstream.channels.interface import Posted
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles

#: How many of upstream's releases are asked for before giving up.
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds bootstraps and unpacks what must be unpacked below ``directory``."""

    directory: Path
    config: Config
    upstream: UpstreamFiles
    opener: Opener
    host: Target

    def find(
        self, name: str, release: Release, known: Iterable[Release], progress: Progress
    ) -> Bootstrap:
        """The bootstrap that a name stands for.

        A directory; ``upstream``, or one of its releases (go1.24.4); ``distro`` (installed)
        or whatever a plugin recognises (packages, joined by commas, or a name such as
        debian:trixie/golang-1.24); ``gccgo``, ``gccgo-12``; ``c``. Raises SamegoError with
        what to do.
        """
        if name == kinds.UPSTREAM:
            return self._upstream(kinds.candidates(release, known)[:_TRIES], release)
        if name.startswith("go1."):
            return self._upstream((Release.parse(name),), release)
        if name == kinds.C:
            return kinds.from_c()
        if kinds.is_gccgo(name):
            return kinds.from_gccgo(name, self.directory)
        path = Path(name)
        if name != kinds.DISTRO and (path / "bin/go").is_file():
            return kinds.from_directory(path)
        return self._distro(name, progress)

    def _upstream(self, candidates: Iterable[Release], release: Release) -> Bootstrap:
        errors: dict[Release, NetworkError | NotPostedError] = {}
        for candidate in candidates:
            posted = self._posted(candidate)
            if isinstance(posted, Posted):
                return kinds.from_tree(
                    self.opener.open(posted),
                    self.directory,
                    name=kinds.UPSTREAM,
                    origin=f"upstream's {candidate} for {self.host} (sha256 {posted.sha256})",
                    key=posted.sha256,
                    files=(
                        kinds.PackedIn(posted.url.rpartition("/")[2], posted.url, posted.sha256),
                    ),
                )
            errors[candidate] = posted
        causes = tuple(
            f"{each}: {'; '.join(error.tried) or error.message}" for each, error in errors.items()
        )
        unreached = any(isinstance(error, NetworkError) for error in errors.values())
        kind = NetworkError if unreached else NotPostedError
        raise kind(
            f"no channel has a release that can build {release}",
            hint="name another --bootstrap",
            tried=causes,
        )

    def _posted(self, release: Release) -> Posted | NetworkError | NotPostedError:
        try:
            return self.upstream.fetch(release, self.host).posted
        except (NetworkError, NotPostedError) as error:
            return error

    def _distro(self, name: str, progress: Progress) -> Bootstrap:
        installed = name == kinds.DISTRO
        with tempfile.TemporaryDirectory(prefix="samego-") as work:
            request = Request(
                () if installed else tuple(name.split(",")),
                Path(work),
                self.config.cache_directory,
                offline=self.config.offline,
                installed=installed,
                say=progress.stage,
            )
            plugin = plugins.recognise(request, plugins.distros())
            if plugin is None:
                raise InputError(
                    f"{name!r} is not a bootstrap",
                    hint="name a directory with bin/go, upstream, a release, distro, gccgo, c, or a"
                    " package",
                )
            with plugin.open(request) as shipment:
                subject = shipment.subject
                if subject.target != self.host:
                    raise InputError(
                        f"{name} is for {subject.target}, and this machine is {self.host}",
                        hint="name the package for this machine",
                    )
                tree = goroot_view(shipment.read(frozenset()), subject.goroot).tree
                packages = [f"{each.name} {each.version}" for each in subject.packages]
                sums = [each.sha256 for each in subject.packages]
                return kinds.from_tree(
                    tree,
                    self.directory,
                    name=",".join(file_name(word) for word in name.split(",")),
                    origin=f"{subject.distro}'s {', '.join(packages) or subject.release}",
                    key=digest_of([sums, kinds.tree_digest(tree)]),
                    files=[
                        kinds.PackedIn(
                            f"{each.name} {each.version} {each.architecture}", "", each.sha256
                        )
                        for each in subject.packages
                        if each.sha256
                    ],
                )
