"""How a toolchain of the mirror is named: ``debian:SUITE/golang-1.24[=VERSION][:ARCH]``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from samego.errors import InputError
from samego_debian.archive.host_apt import host_architecture

_NAME = re.compile(
    r"debian:(?P<suite>[a-z][a-z0-9.+-]*)/golang-(?P<line>1\.\d{1,3})(?:-go)?"
    r"(?:=(?P<version>[A-Za-z0-9.+~-]+))?(?::(?P<arch>[a-z][a-z0-9-]*))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Named:
    """A name taken apart; ``version`` is empty for the suite's newest."""

    suite: str
    line: str
    version: str
    architecture: str

    @classmethod
    def parse(cls, text: str) -> Named:
        """Read a name. Raises InputError for another spelling."""
        match = _NAME.fullmatch(text)
        if match is None:
            raise InputError(
                f"{text!r} does not name a Debian toolchain",
                hint="write debian:SUITE/golang-1.24, with =VERSION or :ARCH if need be",
            )
        return cls(
            match["suite"],
            match["line"],
            match["version"] or "",
            match["arch"] or host_architecture(),
        )
