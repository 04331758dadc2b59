"""Which Debian mirror this machine's own apt uses, and with which keyring."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from debian.deb822 import Deb822

from samego.errors import ConfigError
from samego.model.public_url import redacted

#: Where Debian's package debian-archive-keyring puts the archive's keys.
ARCHIVE_KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
)
_URI = re.compile(r"[a-z][a-z0-9+]*:\S+", re.ASCII)
_ONE_LINE = re.compile(r"deb(?:-src)?\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<rest>\S.*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mirror:
    """A mirror of Debian's main archive.

    ``signed_by`` is a keyring's path or an embedded key as sources.list(5) writes it;
    empty where apt's trusted keys count. ``check_valid_until`` keeps a ``no``.
    """

    uri: str
    signed_by: str = ""
    check_valid_until: str = ""

    def __str__(self) -> str:
        return redacted(self.uri)


def find_mirror(sources: Iterator[Path], options: Mapping[str, object]) -> Mirror:
    """The mirror to use: the configuration's, else the first of the machine's sources.

    ``options`` is the plugin's configuration table (``mirror``, ``keyring``). Raises
    ConfigError when there is none.
    """
    uri, keyring = _option(options, "mirror"), _option(options, "keyring")
    if uri:
        if not _URI.fullmatch(uri):
            raise ConfigError(
                f"the mirror {redacted(uri)!r} is not a URI",
                hint="set mirror in the table [debian] to http://... or file:/...",
            )
        return _with_keyring(Mirror(uri), keyring)
    for path in sources:
        for mirror in _of_file(path):
            return _with_keyring(mirror, keyring)
    raise ConfigError(
        "this machine's apt uses no mirror of Debian",
        hint="set mirror (and keyring) in the table [debian] of samego's configuration",
    )


def _option(options: Mapping[str, object], name: str) -> str:
    value = options.get(name, "")
    if not isinstance(value, str) or "\n" in value:
        raise ConfigError(
            f"{name} in the table [debian] must be one line of text", hint="correct it"
        )
    return value


def _with_keyring(mirror: Mirror, keyring: str) -> Mirror:
    signed_by = keyring or mirror.signed_by
    if not signed_by:
        signed_by = next((str(path) for path in ARCHIVE_KEYRINGS if path.is_file()), "")
    return Mirror(mirror.uri, signed_by, mirror.check_valid_until)


def _of_file(path: Path) -> Iterator[Mirror]:
    """The Debian mirrors of one file of sources, in either format of sources.list(5)."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    found = _deb822(text) if path.suffix == ".sources" else _one_line(text)
    yield from (mirror for mirror, components in found if _is_debian(mirror.uri, components))


def _deb822(text: str) -> Iterator[tuple[Mirror, list[str]]]:
    for entry in Deb822.iter_paragraphs(text, use_apt_pkg=False):
        if entry.get("Enabled", "yes").strip().lower() in ("no", "false", "0", "off"):
            continue
        for uri in entry.get("URIs", "").split():
            signed_by = entry.get("Signed-By", "").strip("\n")
            valid = entry.get("Check-Valid-Until", "").strip()
            yield Mirror(uri, signed_by, valid), entry.get("Components", "").split()


def _one_line(text: str) -> Iterator[tuple[Mirror, list[str]]]:
    for line in text.splitlines():
        match = _ONE_LINE.fullmatch(line.partition("#")[0].strip())
        if match is None:
            continue
        words = match["rest"].split()
        given = {
            pair[0].lower(): pair[2]
            for word in shlex.split(match["options"] or "")
            if (pair := word.partition("="))[1]
        }
        yield (
            Mirror(words[0], given.get("signed-by", ""), given.get("check-valid-until", "")),
            words[2:],
        )


def _is_debian(uri: str, components: list[str]) -> bool:
    """Whether a source is Debian's main archive: ``.../debian`` or a snapshot of it.

    The security and debug archives, and other vendors' repositories, end otherwise.
    """
    if "main" not in components or uri.startswith("cdrom:"):
        return False
    parts = uri.rstrip("/").split("/")
    return parts[-1] == "debian" or parts[-3:-1] == ["archive", "debian"]
