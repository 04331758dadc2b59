"""Which Debian mirror this machine's own apt uses, and with which keyring.

A source may also name a file that lists several mirrors (``mirror+file:``,
apt-transport-mirror(1)), as the images of clouds do.
"""

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

_LIST_FILE = "mirror+file:"
_LARGEST_LIST = 1 << 16


@dataclass(frozen=True, slots=True)
class Archive:
    """One of Debian's archives: the last part of its mirrors' URIs, and the option for a mirror.

    The URIs of other vendors, and of Debian's other archives (debug symbols), end in another way.
    """

    directory: str
    option: str
    named: str

    def has(self, uri: str) -> bool:
        """Whether a source is this archive: ``.../debian``, a snapshot of it, or a list of such."""
        if uri.startswith("cdrom:"):
            return False
        if uri.startswith(_LIST_FILE):
            uri = _first_listed(uri)
        parts = uri.rstrip("/").split("/")
        return parts[-1] == self.directory or parts[-3:-1] == ["archive", self.directory]


MAIN = Archive("debian", "mirror", "")
SECURITY = Archive("debian-security", "security_mirror", "'s security archive")


@dataclass(frozen=True, slots=True)
class Mirror:
    """A mirror of one of Debian's archives.

    ``signed_by`` is a keyring's path or an embedded key as sources.list(5) writes it;
    empty where apt's trusted keys count. ``check_valid_until`` is the source's option of that
    name, such as ``no``.
    """

    uri: str
    signed_by: str = ""
    check_valid_until: str = ""

    def __str__(self) -> str:
        return redacted(self.uri)


def find_mirror(sources: Iterator[Path], options: Mapping[str, object], suite: str = "") -> Mirror:
    """The mirror to use for a suite: the configuration's, else the first of the machine's sources.

    ``options`` is the plugin's configuration table: ``mirror`` and ``keyring``, and
    ``security_mirror`` for suites that end with ``-security``, which lie in another archive.
    Raises ConfigError when there is no mirror.
    """
    archive = SECURITY if suite.endswith("-security") else MAIN
    uri, keyring = _option(options, archive.option), _option(options, "keyring")
    if uri:
        if not _URI.fullmatch(uri):
            raise ConfigError(
                f"the mirror {redacted(uri)!r} is not a URI",
                hint=f"set {archive.option} in the table [debian] to http://... or file:/...",
            )
        return _with_keyring(Mirror(uri), keyring)
    for path in sources:
        for mirror in _of_file(path, archive):
            return _with_keyring(mirror, keyring)
    raise ConfigError(
        f"this machine's apt uses no mirror of Debian{archive.named}",
        hint=f"set {archive.option} (and keyring) in the table [debian] of samego's configuration",
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


def _of_file(path: Path, archive: Archive) -> Iterator[Mirror]:
    """The mirrors of an archive in one file of sources, in either format of sources.list(5)."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    found = _deb822(text) if path.suffix == ".sources" else _one_line(text)
    yield from (
        mirror for mirror, components in found if "main" in components and archive.has(mirror.uri)
    )


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


def _first_listed(uri: str) -> str:
    """The first URI of the list that a ``mirror+file:`` names (apt-transport-mirror(1)), or none.

    Each line is a URI, with words about it behind a tab; ``#`` begins a comment.
    """
    path = Path(uri.removeprefix(_LIST_FILE))
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_LIST).decode("utf-8", "replace")
    except OSError:
        return ""
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    return next((words[0] for words in lines if words), "")
