"""The user's settings: a TOML file, overridden by environment variables.

The file is ``$SAMEGO_CONFIG``, else ``samego/config.toml`` in the user's configuration
directory (``~/.config``, or where XDG_CONFIG_HOME says). All of it is optional::

    channel = "go.dev/dl"          # ask only this channel: go.dev/dl, module, mirror, rebuild
    offline = false                # true: take everything from the cache or the mirror

    [upstream]
    godev_url = "https://go.dev/dl"
    mirror = "/srv/go"             # a directory with files named as go.dev/dl names them
    keyring = "/etc/samego/go.gpg" # check go.dev/dl's OpenPGP signatures with these keys
    timeout = 60                   # seconds without a byte before a server is given up

    [cache]
    directory = "/var/cache/samego"
    limit = "10 GiB"               # bytes, or with KiB, MiB, GiB, TiB

    [history]
    directory = "/var/lib/samego/history"
    record = true                  # false: keep no runs but those that are imported
    owners = ["buildd"]            # users whose reports count when they are imported

    [site]
    url = "https://go.example.org" # where the site will be read (feeds need to know)

    [publish]
    to = "www.example.org:/srv/www/go"
    ssh_key = "/etc/samego/id_ed25519"       # for rsync over ssh (what ssh itself would take)

    [deadline]                     # seconds after which a whole run in somebody's job is ended
    hook = 900                     # of a hook: 15 minutes
    rebuild = 14400                # of a hook with SAMEGO_REBUILD=1
    backend = 14400                # of a backend for rebuilderd: what it does itself
    watch = 21600                  # of each check that samego watch starts

    [debian]                       # any other table belongs to the plugin of that name
    suites = ["trixie", "sid"]     # what samego watch looks at
    architectures = ["amd64"]

Each key has an environment variable (``_VARIABLES``), which overrides it; docs/configuration.md
tells of all. An empty one counts as not set. Options of the command line override both.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs
import tomli

from samego.errors import ConfigError
from samego.model.public_url import check_public, redacted
from samego.model.secrets import know, public_text

#: The names of the channels, in the order in which they are asked by default. The mirror
#: takes part only where a directory is named.
CHANNELS = ("mirror", "go.dev/dl", "module")
#: What ``samego rebuild`` has built here: asked where it is named, or where no other has a file.
REBUILD_CHANNEL = "rebuild"
GODEV_URL = "https://go.dev/dl"

_SIZE = re.compile(r"(\d{1,15})\s*(B|KiB|MiB|GiB|TiB)?", re.ASCII)
_UNITS = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_SWITCH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_LARGEST_FILE = 1 << 20

#: Where each setting stands in the file, and what may be written there.
_KEYS: Mapping[str, tuple[str, str]] = {
    "channel": ("", "channel"),
    "offline": ("", "offline"),
    "godev_url": ("upstream", "godev_url"),
    "mirror": ("upstream", "mirror"),
    "keyring": ("upstream", "keyring"),
    "timeout": ("upstream", "timeout"),
    "cache_directory": ("cache", "directory"),
    "cache_limit": ("cache", "limit"),
    "history_directory": ("history", "directory"),
    "record": ("history", "record"),
    "history_owners": ("history", "owners"),
    "site_url": ("site", "url"),
    "publish_to": ("publish", "to"),
    "publish_ssh_key": ("publish", "ssh_key"),
    "deadline_hook": ("deadline", "hook"),
    "deadline_rebuild": ("deadline", "rebuild"),
    "deadline_backend": ("deadline", "backend"),
    "deadline_watch": ("deadline", "watch"),
}
_TABLES = frozenset(table for table, _key in _KEYS.values() if table)
_VARIABLES: Mapping[str, str] = {
    "channel": "SAMEGO_CHANNEL",
    "offline": "SAMEGO_OFFLINE",
    "godev_url": "SAMEGO_GODEV_URL",
    "mirror": "SAMEGO_MIRROR",
    "keyring": "SAMEGO_KEYRING",
    "timeout": "SAMEGO_TIMEOUT",
    "cache_directory": "SAMEGO_CACHE",
    "cache_limit": "SAMEGO_CACHE_LIMIT",
    "history_directory": "SAMEGO_HISTORY",
    "record": "SAMEGO_RECORD",
    "history_owners": "SAMEGO_HISTORY_OWNERS",
    "site_url": "SAMEGO_SITE_URL",
    "publish_to": "SAMEGO_PUBLISH_TO",
    "publish_ssh_key": "SAMEGO_PUBLISH_SSH_KEY",
    "deadline_hook": "SAMEGO_DEADLINE_HOOK",
    "deadline_rebuild": "SAMEGO_DEADLINE_REBUILD",
    "deadline_backend": "SAMEGO_DEADLINE_BACKEND",
    "deadline_watch": "SAMEGO_DEADLINE_WATCH",
}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings that hold for this run.

    ``channel`` is one of CHANNELS or ``rebuild``, or empty for the default order. ``timeout``
    and the deadlines are in seconds, ``cache_limit`` in bytes. ``plugins`` holds the tables of
    the plugins by name; what is in them is the plugin's to judge.
    """

    channel: str = ""
    offline: bool = False
    godev_url: str = GODEV_URL
    mirror: Path | None = None
    keyring: Path | None = None
    timeout: float = 60.0
    cache_directory: Path = field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("samego"))
    )
    cache_limit: int = 10 << 30
    history_directory: Path = field(
        default_factory=lambda: Path(platformdirs.user_state_dir("samego")) / "history"
    )
    record: bool = True
    history_owners: tuple[str, ...] = ()
    site_url: str = ""
    publish_to: str = ""
    publish_ssh_key: Path | None = None
    deadline_hook: float = 900.0
    deadline_rebuild: float = 14400.0
    deadline_backend: float = 14400.0
    deadline_watch: float = 21600.0
    plugins: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    origin: str = "the defaults"

    def check_plugins(self, known: Collection[str]) -> None:
        """Refuse tables that belong to no plugin: most likely a misspelled name.

        Raises ConfigError.
        """
        for name in sorted(self.plugins.keys() - set(known)):
            raise ConfigError(
                f"{self.origin} has a table [{name}] that no plugin knows",
                hint=f"correct its name: {', '.join(sorted(_TABLES))}, or one of"
                f" {', '.join(sorted(known))}",
            )


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read the file and the environment (by default this process's).

    Raises ConfigError, naming the file and key or the variable, for what does not hold.
    """
    variables = os.environ if environ is None else environ
    path, must_exist = _path(variables)
    data = _read(path, must_exist=must_exist)
    values: dict[str, Any] = {}
    if data:
        values["origin"] = str(path)
        values["plugins"] = _plugins(data)
    for name, (table, key) in _KEYS.items():
        row = data.get(table, {}) if table else data
        if key in row:
            where = f"{path}: {f'{table}.' if table else ''}{key}"
            values[name] = _PARSERS[name](row[key], where)
        text = variables.get(_VARIABLES[name], "")
        if text:
            values[name] = _PARSERS[name](text, _VARIABLES[name])
    return Config(**values)


def parse_size(value: object, where: str) -> int:
    """A number of bytes: an integer, or text such as ``10 GiB``. Raises ConfigError."""
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if match is None or int(match[1]) == 0:
        raise _wrong(where, value, "write a number of bytes such as 500 MiB or 10 GiB")
    return int(match[1]) * _UNITS[match[2] or ""]


def _path(variables: Mapping[str, str]) -> tuple[Path, bool]:
    named = variables.get("SAMEGO_CONFIG", "")
    if named:
        return Path(named), True
    home = variables.get("XDG_CONFIG_HOME", "")
    base = Path(home) if home else Path(platformdirs.user_config_dir())
    return base / "samego" / "config.toml", False


def _read(path: Path, *, must_exist: bool) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_FILE).decode("utf-8")
        data = tomli.loads(text)
    except FileNotFoundError as error:
        if not must_exist:
            return {}
        raise ConfigError(
            f"there is no configuration file {path}", hint="correct or unset SAMEGO_CONFIG"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror})", hint="check its permissions"
        ) from error
    except (UnicodeDecodeError, tomli.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML ({error})", hint="correct the file") from error
    _refuse_unknown(data, path)
    return data


def _refuse_unknown(data: Mapping[str, Any], path: Path) -> None:
    for name, value in data.items():
        table = name if name in _TABLES else ""
        if table and not isinstance(value, dict):
            raise _wrong(f"{path}: {name}", value, f"write a table [{name}]")
        if not table and isinstance(value, dict) and name not in _keys(""):
            continue  # a plugin's table
        unknown = sorted((set(value) if table else {name}) - _keys(table))
        if unknown:
            raise ConfigError(
                f"{path} has a key {unknown[0]!r}{f' in [{table}]' if table else ''}"
                " that samego does not know",
                hint=f"the keys are {', '.join(sorted(_keys(table)))}",
            )


def _keys(table: str) -> set[str]:
    return {key for place, key in _KEYS.values() if place == table}


def _plugins(data: Mapping[str, Any]) -> Mapping[str, Mapping[str, object]]:
    own = _TABLES | _keys("")
    return {name: value for name, value in data.items() if name not in own}


def _wrong(where: str, value: object, hint: str) -> ConfigError:
    return ConfigError(public_text(f"{where} is {value!r}"), hint=hint)


def _channel(value: object, where: str) -> str:
    names = (*CHANNELS, REBUILD_CHANNEL)
    if value not in names:
        raise _wrong(where, value, f"write one of {', '.join(names)}")
    return str(value)


def _switch(value: object, where: str) -> bool:
    if isinstance(value, str) and value.lower() in _SWITCH:
        value = _SWITCH[value.lower()]
    if not isinstance(value, bool):
        raise _wrong(where, value, "write true or false")
    return value


def _url(value: object, where: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        shown = redacted(value) if isinstance(value, str) else value
        raise _wrong(where, shown, f"write a URL such as {GODEV_URL}")
    know(value)
    return value.rstrip("/")


def _public_url(value: object, where: str) -> str:
    """A URL that is written for all to read."""
    return check_public(_url(value, where), where)


def _file(value: object, where: str) -> Path:
    if not isinstance(value, str) or not value or "\0" in value:
        raise _wrong(where, value, "write a path")
    try:
        path = Path(value).expanduser()
    except RuntimeError as error:  # a user that does not exist
        raise _wrong(where, value, "write an absolute path") from error
    if not path.is_absolute():
        raise _wrong(where, value, "write an absolute path")
    return path


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise _wrong(where, value, "write where to publish to, as for 'samego publish'")
    return value


def _names(value: object, where: str) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(
        isinstance(name, str) and name.strip().isprintable() and name.strip() for name in names
    ):
        raise _wrong(where, value, 'write names of users, such as ["buildd"]')
    return tuple(name.strip() for name in names)


def _timeout(value: object, where: str) -> float:
    try:
        seconds = float(value) if isinstance(value, (int, float, str)) else 0.0
    except ValueError:
        seconds = 0.0
    if isinstance(value, bool) or not 0 < seconds < float("inf"):
        raise _wrong(where, value, "write a number of seconds above 0")
    return seconds


_PARSERS = {
    "channel": _channel,
    "offline": _switch,
    "godev_url": _url,
    "mirror": _file,
    "keyring": _file,
    "timeout": _timeout,
    "cache_directory": _file,
    "cache_limit": parse_size,
    "history_directory": _file,
    "record": _switch,
    "history_owners": _names,
    "site_url": _public_url,
    "publish_to": _text,
    "publish_ssh_key": _file,
    "deadline_hook": _timeout,
    "deadline_rebuild": _timeout,
    "deadline_backend": _timeout,
    "deadline_watch": _timeout,
}
