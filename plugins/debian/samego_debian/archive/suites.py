"""What Debian's suites hold: every golang-1.N, from the mirror's signed lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.resources import files

import tomli

from samego.distro.interface import Request
from samego.distro.suites import NotWatchedError, Offer, names_in
from samego.errors import ConfigError, SamegoError
from samego_debian.architectures import architecture
from samego_debian.archive.apt import SUITE
from samego_debian.archive.host_apt import host_sources
from samego_debian.archive.mirror import find_mirror
from samego_debian.archive.named import Named
from samego_debian.archive.spelling import SCHEME
from samego_debian.archive.store import Store

_TABLE = "debian"


class DebianLister:
    """The core's Lister protocol."""

    def suites(self, options: Mapping[str, object]) -> tuple[str, ...]:
        """``suites`` of the table, else those of suites.toml."""
        found = names_in(options, _TABLE, "suites", _default("suites"))
        for suite in found:
            if not SUITE.fullmatch(suite):
                raise ConfigError(
                    f"suites in the table [{_TABLE}] has {suite!r}", hint="write one such as trixie"
                )
        if "suites" not in options and "mirror" not in options:
            try:
                find_mirror(host_sources(), options)
            except SamegoError as error:
                raise NotWatchedError(error.message, hint=error.hint) from error
        return found

    def offers(self, suite: str, request: Request) -> tuple[Offer, ...]:
        """The toolchains of each wanted architecture (``architectures`` of the table)."""
        names = names_in(request.options, _TABLE, "architectures", _default("architectures"))
        for name in names:
            architecture(name)
        return tuple(offer for name in names for offer in _of(suite, name, request))


def _default(key: str) -> tuple[str, ...]:
    text = files(__package__).joinpath("suites.toml").read_text(encoding="utf-8")
    return tuple(tomli.loads(text)[key])


def _of(suite: str, arch: str, request: Request) -> Iterator[Offer]:
    any_line = Named(suite, "", "", arch)
    store = Store(any_line, request)
    # The lock is held for all lines: its release removes apt's index of the lists.
    with store.locked():
        for line in store.lines():
            answer = Store(replace(any_line, line=line), request).answer()
            main = f"golang-{line}-go"
            for listed in answer.packages:
                if listed.package == main:
                    name = f"{SCHEME}{suite}/golang-{line}={listed.version}:{arch}"
                    yield Offer(_TABLE, suite, f"golang-{line}", listed.source, arch, name)


LISTER = DebianLister()
