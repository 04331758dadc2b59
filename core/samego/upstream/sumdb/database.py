"""Which checksum database to believe, and by which key: the value of GOSUMDB.

Source: cmd/go/internal/modfetch/sumdb.go (the forms) and key.go (the known key).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from samego.errors import ConfigError
from samego.upstream.channels.gosettings import DEFAULT_SUMDB, GoSetting
from samego.upstream.sumdb.note import Verifier
from samego.upstream.transport.urls import clean_sentence, redacted

#: Verifier keys of databases that may be named by their host alone.
KNOWN_KEYS = {
    DEFAULT_SUMDB: "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
}
#: Other addresses of a known database.
ALIASES = {"sum.golang.google.cn": "sum.golang.org https://sum.golang.google.cn"}

_MAX_FIELDS = 2
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")


@dataclass(frozen=True, slots=True)
class Database:
    """A checksum database: its key, its own URL, and where that choice came from.

    ``url_given`` says that the setting names the URL, which then is the only way to it.
    """

    verifier: Verifier
    url: str
    url_given: bool
    origin: str

    @property
    def name(self) -> str:
        """The name that the key carries: a host, or a host and a path."""
        return self.verifier.name

    @property
    def directory(self) -> str:
        """What is kept on disk of this database, by this key: one part of a path.

        Another key under a known name is another database: its records are kept apart.
        """
        name, key = quote(self.name, safe=""), str(self.verifier)
        if KNOWN_KEYS.get(self.name) == key:
            return name
        return f"{name}+{hashlib.sha256(key.encode()).hexdigest()}"


def parse_gosumdb(setting: GoSetting) -> Database:
    """Read GOSUMDB: a known name or a verifier key, and possibly a URL.

    Raises ConfigError when it is ``off`` or malformed.
    """
    fields = ALIASES.get(setting.value.strip(), setting.value).split()
    if fields == ["off"]:
        raise ConfigError(
            f"the checksum database is switched off by GOSUMDB=off ({setting.origin})",
            hint=f"set GOSUMDB={DEFAULT_SUMDB}, or use a channel that does without it",
        )
    if not 1 <= len(fields) <= _MAX_FIELDS:
        raise _bad(setting, "it is a name or key, and at most a URL")
    verifier = Verifier.parse(KNOWN_KEYS.get(fields[0], fields[0]))
    if not _NAME.fullmatch(verifier.name):
        raise _bad(setting, "the database's name must be HOST or HOST/PATH")
    if len(fields) < _MAX_FIELDS:
        return Database(
            verifier, f"https://{verifier.name}", url_given=False, origin=setting.origin
        )
    return Database(verifier, _url(setting, fields[1]), url_given=True, origin=setting.origin)


def _url(setting: GoSetting, url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        raise _bad(setting, f"{redacted(url)!r} is not a URL")
    return url.rstrip("/")


def _bad(setting: GoSetting, why: str) -> ConfigError:
    return ConfigError(
        f"GOSUMDB {_shown(setting.value)!r} ({setting.origin}) cannot be used: {why}",
        hint=f"set GOSUMDB={DEFAULT_SUMDB}",
    )


def _shown(value: str) -> str:
    """The setting without what its URL may carry."""
    return " ".join(
        redacted(word) if "/" in word else clean_sentence(word) for word in value.split()
    )
