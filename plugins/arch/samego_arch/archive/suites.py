"""What Arch's repositories hold: the package go, as their databases list it."""

from __future__ import annotations

from collections.abc import Mapping

from samego.distro.interface import Request
from samego.distro.suites import NotWatchedError, Offer, names_in
from samego.errors import ConfigError
from samego.upstream.cache.blobs import Cache
from samego_arch.architectures import architecture
from samego_arch.archive.by_name import REPOSITORY, wanted_architecture
from samego_arch.archive.mirror import Store, find_mirror
from samego_arch.archive.spelling import SCHEME
from samego_arch.installed.toolchains import system_root
from samego_arch.package.package_file import PACKAGE

_TABLE = "arch"
#: Where go is: a port or testing repositories are named in the configuration.
_SUITES = ("extra",)


class ArchLister:
    """The core's Lister protocol; a suite is a repository."""

    def suites(self, options: Mapping[str, object]) -> tuple[str, ...]:
        """``suites`` of the table, else extra."""
        found = names_in(options, _TABLE, "suites", _SUITES)
        for repository in found:
            if not REPOSITORY.fullmatch(repository):
                raise ConfigError(
                    f"suites in the table [{_TABLE}] has {repository!r}",
                    hint="write repositories such as extra",
                )
        if "suites" not in options:
            try:
                find_mirror(options, system_root(options), _SUITES[0], wanted_architecture(options))
            except ConfigError as error:
                if "mirror" in options:
                    raise
                raise NotWatchedError(error.message, hint=error.hint) from error
        return found

    def offers(self, suite: str, request: Request) -> tuple[Offer, ...]:
        """The package go, where the repository has it."""
        root = system_root(request.options)
        arch = architecture(wanted_architecture(request.options))
        mirror = find_mirror(request.options, root, suite, arch.name)
        with Cache(request.cache) as cache:
            listed = Store(mirror, root, request, cache).newest(suite, PACKAGE)
        if listed is None:
            return ()
        version = listed.file.version
        name = f"{SCHEME}{suite}/{PACKAGE}={version}"
        return (Offer(_TABLE, suite, PACKAGE, version, arch.name, name),)


LISTER = ArchLister()
