"""Where the key of a rebuilderd daemon's administrator lies, looked up as rebuildctl does.

Source of the order: rebuilderd 0.28, common/src/auth.rs and common/src/api/mod.rs. The
default endpoint's cookie is in ``$REBUILDERD_COOKIE_PATH``, the user's rebuilderd.conf
(``[auth] cookie``), /etc/rebuilderd.conf, the daemon's own file, or the user's own one. One
for an endpoint that was named comes from the variable, or stands in either configuration
file under ``[endpoints."URL"]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import tomli

from samego.errors import ConfigError
from samego.model.public_url import redacted

COOKIE_PATH = "REBUILDERD_COOKIE_PATH"
DEFAULT_ENDPOINT = "http://127.0.0.1:8484"
_LARGEST = 1 << 20
_HINT = f"set {COOKIE_PATH} to the file with it, or write it into rebuilderd.conf"


@dataclass(frozen=True, slots=True)
class Places:
    """The files that are looked at; the defaults are rebuildctl's own."""

    user_config: Path
    system_config: Path = Path("/etc/rebuilderd.conf")
    system_cookie: Path = Path("/var/lib/rebuilderd/auth-cookie")
    user_cookie: Path | None = None

    @classmethod
    def default(cls) -> Places:
        """Those of this user and system."""
        return cls(
            platformdirs.user_config_path() / "rebuilderd.conf",
            user_cookie=platformdirs.user_data_path() / "rebuilderd-auth-cookie",
        )


def default_endpoint(places: Places | None = None) -> str:
    """The endpoint where none is named: ``[http] endpoint``, else the local daemon's."""
    where = places or Places.default()
    found = DEFAULT_ENDPOINT
    for path in (where.system_config, where.user_config):
        found = _text(_config(path), "http", "endpoint") or found
    return found


def find_cookie(endpoint: str, environ: Mapping[str, str], places: Places | None = None) -> str:
    """The cookie for a daemon; ``endpoint`` is empty where none was named.

    Raises ConfigError when there is none, or its file cannot be read.
    """
    where = places or Places.default()
    named = environ.get(COOKIE_PATH, "")
    if named:
        cookie = _file(Path(named))
        if cookie is None:
            raise ConfigError(f"{COOKIE_PATH}: {named} cannot be read", hint="correct it")
        return _checked(cookie, named)
    if endpoint:
        shown = redacted(endpoint)
        for path in (where.user_config, where.system_config):
            table = _config(path).get("endpoints", {})
            if cookie := _text(table, endpoint, "cookie"):
                return _checked(cookie, str(path))
        raise ConfigError(
            f"there is no cookie for {shown}",
            hint=f'set {COOKIE_PATH}, or write [endpoints."{shown}"] into rebuilderd.conf',
        )
    for path in (where.user_config, where.system_config):
        if cookie := _text(_config(path), "auth", "cookie"):
            return _checked(cookie, str(path))
    for file in (where.system_cookie, where.user_cookie):
        if file is not None and (cookie := _file(file)):
            return _checked(cookie, str(file))
    raise ConfigError("no cookie for rebuilderd was found", hint=_HINT)


def _checked(cookie: str, origin: str) -> str:
    """The cookie, if a header can carry it."""
    if not cookie or not cookie.isascii() or not cookie.isprintable():
        raise ConfigError(f"{origin} holds no cookie that can be sent", hint=_HINT)
    return cookie


def _file(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("utf-8", "replace").strip()
    except OSError:
        return None


def _config(path: Path) -> Mapping[str, Any]:
    text = _file(path)
    if text is None:
        return {}
    try:
        return tomli.loads(text)
    except (tomli.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML ({error})", hint="correct the file") from error


def _text(data: object, table: str, key: str) -> str:
    """A string below a table, or nothing."""
    inner = data.get(table) if isinstance(data, Mapping) else None
    value = inner.get(key) if isinstance(inner, Mapping) else None
    return value if isinstance(value, str) else ""
