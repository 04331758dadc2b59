"""Go's own settings for module proxies and the checksum database, as cmd/go finds them.

Source: cmd/go/internal/cfg (where a value comes from).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from samego.upstream.channels.goproxy import Proxies, parse_proxies, proxies_under_check
from samego.upstream.sumdb.modpath import matches_prefix

#: The database that the go command uses where nothing names another (GOROOT/go.env).
DEFAULT_SUMDB = "sum.golang.org"
#: Where Go is usually unpacked: Debian, upstream's own advice, Arch, Fedora.
COMMON_GOROOTS = ("/usr/local/go", "/usr/lib/go", "/usr/lib/golang", "/usr/lib/go-*")
_ENV_FILE_LIMIT = 1 << 20
_ORIGIN_DEFAULT = "the go command's default"
_NAMES = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE")


@dataclass(frozen=True, slots=True)
class GoSetting:
    """A value and where it was found, as a phrase for a person."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class GoSettings:
    """The settings that say where a module comes from, and what verifies it."""

    proxies: Proxies
    gosumdb: GoSetting
    gonosumdb: GoSetting

    def skips_sumdb(self, module: str) -> bool:
        """Whether GONOSUMDB says not to ask the checksum database for a module path."""
        return matches_prefix(self.gonosumdb.value, module)


def read_settings(
    environ: Mapping[str, str] | None = None,
    *,
    toolchain_env: str = "",
    goroots: Iterable[Path] | None = None,
) -> GoSettings:
    """Find the settings: environment, the user's go/env, an installed Go's go.env.

    ``environ`` is the process's own by default. ``goroots`` are the installed Gos to look
    at (default: the one on PATH, then the usual places); their go.env is read, and no
    program runs. Last comes ``toolchain_env``, the text of the go.env of the toolchain
    under check, of which only https proxies count. Which checksum database
    counts (GOSUMDB, GONOSUMDB) is taken from the environment and the user's file alone: an
    installed Go may be the one under check, and must not choose what verifies it. Raises
    ConfigError for a value that the go command would refuse.
    """
    environment = os.environ if environ is None else environ
    own = [
        *((name, dict(environment), f"the {name} environment variable") for name in _NAMES),
        *((name, _user_file(environment), "go env (the user's go/env file)") for name in _NAMES),
    ]
    gosumdb = _first("GOSUMDB", own) or GoSetting("GOSUMDB", DEFAULT_SUMDB, _ORIGIN_DEFAULT)
    gonosumdb = (
        _first("GONOSUMDB", own)
        or _first("GOPRIVATE", own)
        or GoSetting("GONOSUMDB", "", _ORIGIN_DEFAULT)
    )
    goproxy = _first("GOPROXY", own) or _installed_goproxy(
        default_goroots(environment) if goroots is None else goroots
    )
    if goproxy is None:
        proxies = proxies_under_check(parse_env_file(toolchain_env).get("GOPROXY", ""))
    else:
        proxies = parse_proxies(goproxy.value, goproxy.origin)
    return GoSettings(proxies, gosumdb, gonosumdb)


def parse_env_file(text: str) -> dict[str, str]:
    """Read a go.env or go/env file: NAME=VALUE lines, everything else is ignored."""
    pairs = (line.partition("=") for line in text.split("\n") if "A" <= line[:1] <= "Z")
    return {name: value for name, equals, value in pairs if equals}


def default_goroots(environ: Mapping[str, str]) -> list[Path]:
    """The installed Gos to look at: GOROOT, the go command on PATH, the usual places."""
    roots = [Path(environ["GOROOT"])] if environ.get("GOROOT") else []
    command = shutil.which("go", path=environ.get("PATH", ""))
    if command:
        roots.append(Path(os.path.realpath(command)).parent.parent)
    for pattern in COMMON_GOROOTS:
        roots += sorted(Path("/").glob(pattern.lstrip("/")), key=_by_number, reverse=True)
    return list(dict.fromkeys(roots))


def _first(name: str, sources: Iterable[tuple[str, Mapping[str, str], str]]) -> GoSetting | None:
    """The first value that is not empty: the go command treats an empty one as unset."""
    for source_name, values, origin in sources:
        if source_name == name and values.get(name):
            return GoSetting(name, values[name], origin)
    return None


def _user_file(environ: Mapping[str, str]) -> dict[str, str]:
    """The user's go/env file, empty where there is none that can be read (as cmd/go has it)."""
    named = environ.get("GOENV", "")
    if named == "off":
        return {}
    if named:
        return _read_env_file(Path(named))
    config, home = environ.get("XDG_CONFIG_HOME", ""), environ.get("HOME", "")
    if config:
        # os.UserConfigDir refuses a relative one, and then there is no file.
        return _read_env_file(Path(config, "go/env")) if config.startswith("/") else {}
    return _read_env_file(Path(home, ".config/go/env")) if home else {}


def _read_env_file(path: Path) -> dict[str, str]:
    try:
        if not path.is_file():
            return {}
        with path.open("rb") as file:
            data = file.read(_ENV_FILE_LIMIT)
    except (OSError, ValueError):
        return {}
    return parse_env_file(data.decode("utf-8", "replace"))


def _installed_goproxy(goroots: Iterable[Path]) -> GoSetting | None:
    for goroot in goroots:
        value = _read_env_file(goroot / "go.env").get("GOPROXY")
        if value:
            return GoSetting("GOPROXY", value, f"the go.env of the Go in {goroot}")
    return None


def _by_number(path: Path) -> list[int]:
    """Sorts go-1.9 before go-1.10."""
    return [int(number) for number in re.findall(r"[0-9]+", path.name)]
