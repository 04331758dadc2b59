"""Who publishes over HTTP: from the environment, or from a file that nobody else can read.

SAMEGO_PUBLISH_TOKEN is a bearer token (RFC 6750); SAMEGO_PUBLISH_USER and
SAMEGO_PUBLISH_PASSWORD are for Basic authentication (RFC 7617). The file is TOML with the
keys ``token``, or ``user`` and ``password``. The environment goes before the file. No value
of these appears in a message, a ``repr`` or a command line.
"""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import tomli

from samego.errors import ConfigError
from samego.system.terminal import visible

_LARGEST_FILE = 1 << 16
_KEYS = ("token", "user", "password")
#: The environment variables that hold them.
VARIABLES = tuple(f"SAMEGO_PUBLISH_{key.upper()}" for key in _KEYS)
_CHOICE = "give a token, or a user and a password"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The value of an Authorization header, or empty for none."""

    header: str = field(default="", repr=False)


def find_credentials(environ: Mapping[str, str], path: Path | None) -> Credentials:
    """The environment's, else the file's, else none.

    Raises ConfigError for a file that is not its owner's alone, and for what cannot be used.
    """
    pairs = zip(_KEYS, VARIABLES, strict=True)
    named = {key: environ[name] for key, name in pairs if environ.get(name)}
    if named:
        return _credentials(named, "the environment (SAMEGO_PUBLISH_...)")
    if path is None:
        return Credentials()
    return _credentials(_read(path), visible(str(path)))


def _credentials(values: Mapping[str, str], where: str) -> Credentials:
    if set(values) == {"token"}:
        token = values["token"]
        if not (token.isascii() and token.isprintable() and " " not in token):
            raise ConfigError(f"the token in {where} cannot be sent", hint="copy it once more")
        return Credentials(f"Bearer {token}")
    if set(values) == {"user", "password"}:
        pair = f"{values['user']}:{values['password']}"
        if ":" in values["user"] or not pair.isprintable():
            raise ConfigError(
                f"the user or the password in {where} cannot be sent",
                hint="no colon may stand in the user, and nothing that does not print in either",
            )
        return Credentials(f"Basic {base64.b64encode(pair.encode()).decode()}")
    raise ConfigError(f"{where} does not say who publishes", hint=_CHOICE)


def _read(path: Path) -> Mapping[str, str]:
    shown = visible(str(path))
    try:
        # Without O_NONBLOCK a pipe would be waited for.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            _check_owner(os.fstat(file.fileno()), shown)
            data = tomli.loads(file.read(_LARGEST_FILE).decode())
    except OSError as error:
        raise ConfigError(
            f"the credentials file {shown} cannot be read ({error.strerror})",
            hint="check its name and who may read it",
        ) from error
    except (ValueError, RecursionError):
        # Its bytes, of which the parser's message repeats some, are secrets.
        raise ConfigError(
            f"the credentials file {shown} is not TOML", hint='write token = "...", for example'
        ) from None
    if not (data.keys() <= set(_KEYS) and all(isinstance(value, str) for value in data.values())):
        raise ConfigError(
            f"the credentials file {shown} holds other keys than {', '.join(_KEYS)},"
            " or other values than text",
            hint=_CHOICE,
        )
    return {key: value for key, value in data.items() if value}


def _check_owner(status: os.stat_result, shown: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"the credentials file {shown} is no file", hint="name another")
    if status.st_uid not in {os.geteuid(), 0}:
        raise ConfigError(
            f"the credentials file {shown} belongs to another user, who could change it",
            hint="make a copy of your own",
        )
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(
            f"the credentials file {shown} is open to other users"
            f" (mode {stat.S_IMODE(status.st_mode):04o})",
            hint=f"take that away with 'chmod 600 {shown}', and change what stood in it",
        )
