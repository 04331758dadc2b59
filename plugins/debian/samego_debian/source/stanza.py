"""What debian/control of a source package declares for one binary package (deb-src-control(5)).

Only literal values count: items with a substitution variable other than the
version's are filled in by debhelper, and the policy covers those.
"""

from __future__ import annotations

import re

from debian.deb822 import Deb822

from samego_debian.version import DebianVersion

#: ``[arm64 !armel]`` and ``<!nocheck>`` behind an item (deb-src-control(5)).
_ARCHITECTURES = re.compile(r"\s*\[(?P<names>[^\]]*)\]")
_PROFILES = re.compile(r"\s*<[^<>]*>")
_VERSION = re.compile(r"\$\{(?:source|binary):(?:Version|Upstream-Version)\}")


def declared_fields(
    text: bytes, package: str, version: DebianVersion, architecture: str
) -> dict[str, tuple[str, ...]] | None:
    """The items of each field of a package's stanza; None without such a stanza.

    ``version`` stands for ``${source:Version}``. An item for other architectures is left out.
    """
    for stanza in Deb822.iter_paragraphs(text.decode("utf-8", "replace"), use_apt_pkg=False):
        if stanza.get("Package") == package:
            return {
                str(field): _items(str(value), version, architecture)
                for field, value in stanza.items()
            }
    return None


def _items(value: str, version: DebianVersion, architecture: str) -> tuple[str, ...]:
    found = []
    for raw in value.split(","):
        item = _VERSION.sub(version.source, " ".join(raw.split()))
        match = _ARCHITECTURES.search(item)
        if match is not None and not _meant(match["names"].split(), architecture):
            continue
        item = _PROFILES.sub("", _ARCHITECTURES.sub("", item)).strip()
        if item and "$" not in item:
            found.append(item)
    return tuple(found)


def _meant(names: list[str], architecture: str) -> bool:
    """Whether a restriction lets an architecture in: names, or ``!name`` for all others."""
    if all(name.startswith("!") for name in names):
        return f"!{architecture}" not in names
    return architecture in names
