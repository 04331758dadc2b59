"""The user's settings: a TOML file, overridden by environment variables.

The file is ``$SAMEGO_CONFIG``, else ``samego/config.toml`` in the user's configuration
directory (``~/.config``, or where XDG_CONFIG_HOME says). All of it is optional::

    channel = "go.dev/dl"          # ask only this channel: go.dev/dl, module, mirror, rebuild
    offline = false                # true: take everything from the cache or the mirror

    [check]
    waivers = "/etc/samego/waivers" # differences that may be there, each with a reason

    [upstream]
    godev_url = "https://go.dev/dl"
    mirror = "/srv/go"             # a directory with files named as go.dev/dl names them
    keyring = "/etc/samego/go.gpg" # check go.dev/dl's OpenPGP signatures with these keys
    timeout = 60                   # seconds without data before a request fails

    [cache]
    directory = "/var/cache/samego"
    limit = "10 GiB"               # bytes, or with KiB, MiB, GiB, TiB

    [history]
    directory = "/var/lib/samego/history"
    record = true                  # false: keep no runs but those that are imported
    owners = ["buildd"]            # users whose reports count when they are imported

    [site]
    url = "https://go.example.org" # the site's address (feeds need it)

    [publish]
    to = "www.example.org:/srv/www/go"
    ssh_key = "/etc/samego/id_ed25519"       # for rsync over ssh (default: ssh's own)

    [deadline]                     # seconds after which a whole run in somebody's job is ended
    hook = 900                     # of a hook: 15 minutes
    rebuild = 14400                # of a hook with SAMEGO_REBUILD=1
    backend = 14400                # of a backend for rebuilderd: what it does itself
    watch = 21600                  # of each check that samego watch starts

    [debian]                       # any other table belongs to the plugin of that name
    suites = ["trixie", "sid"]     # what samego watch checks
    architectures = ["amd64"]

Each key has an environment variable (``_VARIABLES``), which overrides it; docs/configuration.md
lists them all. An empty one counts as not set. Options of the command line override both.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from samego.errors import ConfigError
from samego.model.toml_text import parse_toml
from samego.model.written import (
    parse_destination,
    parse_names,
    parse_path,
    parse_public_url,
    parse_seconds,
    parse_size,
    parse_switch,
    parse_url,
    wrong,
)

#: The names of the channels, in the order in which they are asked by default. The mirror
#: is asked only where a directory is configured.
CHANNELS = ("mirror", "go.dev/dl", "module")
#: What ``samego rebuild`` has built here. It is asked where it is named, or where no other channel
#: has a file.
REBUILD_CHANNEL = "rebuild"
GODEV_URL = "https://go.dev/dl"

_LARGEST_FILE = 1 << 20


@dataclass(frozen=True, slots=True)
class Config:
    """The settings that hold for this run.

    ``channel`` is one of CHANNELS or ``rebuild``, or empty for the default order. ``timeout``
    and the deadlines are in seconds, ``cache_limit`` in bytes. ``plugins`` holds the tables of
    the plugins by name; the plugin checks their content.
    """

    channel: str = ""
    offline: bool = False
    waivers: Path | None = None
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
                f"{self.origin} has a table [{name}] that no plugin uses",
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
    for name, setting in SETTINGS.items():
        table, key = setting.table, setting.key
        row = data.get(table, {}) if table else data
        if key in row:
            where = f"{path}: {f'{table}.' if table else ''}{key}"
            values[name] = setting.parse(row[key], where)
        text = variables.get(setting.variable, "")
        if text:
            values[name] = setting.parse(text, setting.variable)
    return Config(**values)


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
        data = parse_toml(text, name=str(path))
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
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not TOML ({error})", hint="correct the file") from error
    _refuse_unknown(data, path)
    return data


def _refuse_unknown(data: Mapping[str, Any], path: Path) -> None:
    for name, value in data.items():
        table = name if name in _TABLES else ""
        if table and not isinstance(value, dict):
            raise wrong(f"{path}: {name}", value, f"write a table [{name}]")
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
    return {setting.key for setting in SETTINGS.values() if setting.table == table}


def _plugins(data: Mapping[str, Any]) -> Mapping[str, Mapping[str, object]]:
    own = _TABLES | _keys("")
    return {name: value for name, value in data.items() if name not in own}


def _channel(value: object, where: str) -> str:
    names = (*CHANNELS, REBUILD_CHANNEL)
    if value not in names:
        raise wrong(where, value, f"write one of {', '.join(names)}")
    return str(value)


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """One setting: its table (empty for the top) and key in the file, its variable, its parser."""

    table: str
    key: str
    variable: str
    parse: Callable[[object, str], object]


#: By their names in :class:`Config`.
SETTINGS: Mapping[str, ConfigKey] = {
    "channel": ConfigKey("", "channel", "SAMEGO_CHANNEL", _channel),
    "offline": ConfigKey("", "offline", "SAMEGO_OFFLINE", parse_switch),
    "waivers": ConfigKey("check", "waivers", "SAMEGO_WAIVERS", parse_path),
    "godev_url": ConfigKey("upstream", "godev_url", "SAMEGO_GODEV_URL", parse_url),
    "mirror": ConfigKey("upstream", "mirror", "SAMEGO_MIRROR", parse_path),
    "keyring": ConfigKey("upstream", "keyring", "SAMEGO_KEYRING", parse_path),
    "timeout": ConfigKey("upstream", "timeout", "SAMEGO_TIMEOUT", parse_seconds),
    "cache_directory": ConfigKey("cache", "directory", "SAMEGO_CACHE", parse_path),
    "cache_limit": ConfigKey("cache", "limit", "SAMEGO_CACHE_LIMIT", parse_size),
    "history_directory": ConfigKey("history", "directory", "SAMEGO_HISTORY", parse_path),
    "record": ConfigKey("history", "record", "SAMEGO_RECORD", parse_switch),
    "history_owners": ConfigKey("history", "owners", "SAMEGO_HISTORY_OWNERS", parse_names),
    "site_url": ConfigKey("site", "url", "SAMEGO_SITE_URL", parse_public_url),
    "publish_to": ConfigKey("publish", "to", "SAMEGO_PUBLISH_TO", parse_destination),
    "publish_ssh_key": ConfigKey("publish", "ssh_key", "SAMEGO_PUBLISH_SSH_KEY", parse_path),
    "deadline_hook": ConfigKey("deadline", "hook", "SAMEGO_DEADLINE_HOOK", parse_seconds),
    "deadline_rebuild": ConfigKey("deadline", "rebuild", "SAMEGO_DEADLINE_REBUILD", parse_seconds),
    "deadline_backend": ConfigKey("deadline", "backend", "SAMEGO_DEADLINE_BACKEND", parse_seconds),
    "deadline_watch": ConfigKey("deadline", "watch", "SAMEGO_DEADLINE_WATCH", parse_seconds),
}
_TABLES = frozenset(setting.table for setting in SETTINGS.values() if setting.table)
