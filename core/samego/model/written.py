"""Values as people write them into a configuration file, a variable or an option.

Each ``parse`` takes the value and ``where`` it was found, for the message, and raises ConfigError
for a wrong value.
"""

from __future__ import annotations

import re
from pathlib import Path

from samego.errors import ConfigError
from samego.model.public_url import check_public, redacted
from samego.model.secrets import know, public_text

_SIZE = re.compile(r"(\d{1,15})\s*(B|KiB|MiB|GiB|TiB)?", re.ASCII)
_UNITS = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_SWITCH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def parse_size(value: object, where: str) -> int:
    """A number of bytes: an integer, or text such as ``10 GiB``. Raises ConfigError."""
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if match is None or int(match[1]) == 0:
        raise wrong(where, value, "write a number of bytes such as 500 MiB or 10 GiB")
    return int(match[1]) * _UNITS[match[2] or ""]


def wrong(where: str, value: object, hint: str) -> ConfigError:
    """The error for a value at a place; ``hint`` says what to write there."""
    return ConfigError(public_text(f"{where} is {value!r}"), hint=hint)


def parse_switch(value: object, where: str) -> bool:
    """True or false: a boolean, or the words 1, 0, true, false, yes, no."""
    if isinstance(value, str) and value.lower() in _SWITCH:
        value = _SWITCH[value.lower()]
    if not isinstance(value, bool):
        raise wrong(where, value, "write true or false")
    return value


def parse_url(value: object, where: str) -> str:
    """An http or https URL, without a slash at its end; its password is noted as a secret."""
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        shown = redacted(value) if isinstance(value, str) else value
        raise wrong(where, shown, "write a URL such as https://go.dev/dl")
    know(value)
    return value.rstrip("/")


def parse_public_url(value: object, where: str) -> str:
    """A URL that is written for all to read."""
    return check_public(parse_url(value, where), where)


def parse_path(value: object, where: str) -> Path:
    """An absolute path, or one below a home directory (``~``)."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise wrong(where, value, "write a path")
    try:
        path = Path(value).expanduser()
    except RuntimeError as error:  # a user that does not exist
        raise wrong(where, value, "write an absolute path") from error
    if not path.is_absolute():
        raise wrong(where, value, "write an absolute path")
    return path


def parse_destination(value: object, where: str) -> str:
    """Where to publish to, as 'samego publish' reads it later."""
    if not isinstance(value, str) or not value or not value.isprintable():
        raise wrong(where, value, "write where to publish to, as for 'samego publish'")
    return value


def parse_names(value: object, where: str) -> tuple[str, ...]:
    """Names of users: a list, or text with commas between them."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(
        isinstance(name, str) and name.strip().isprintable() and name.strip() for name in names
    ):
        raise wrong(where, value, 'write names of users, such as ["buildd"]')
    return tuple(name.strip() for name in names)


def parse_seconds(value: object, where: str) -> float:
    """A number of seconds above 0."""
    try:
        seconds = float(value) if isinstance(value, (int, float, str)) else 0.0
    except ValueError:
        seconds = 0.0
    if isinstance(value, bool) or not 0 < seconds < float("inf"):
        raise wrong(where, value, "write a number of seconds above 0")
    return seconds
