"""Go's own settings for module proxies and the checksum database, as cmd/go finds them.

Sources: cmd/go/internal/cfg (where a value comes from), cmd/go/internal/modfetch/proxy.go
(the list and its rules). No proxy's host stands here:
what no setting names is not asked.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

from samego.errors import ConfigError, NetworkError, NotPostedError
from samego.upstream.sumdb.modpath import matches_prefix
from samego.upstream.transport.http import ForbiddenError
from samego.upstream.transport.urls import clean_sentence, redacted

#: The database that the go command uses where nothing names another (GOROOT/go.env).
DEFAULT_SUMDB = "sum.golang.org"
#: Where Go is usually unpacked: Debian, upstream's own advice, Arch, Fedora.
COMMON_GOROOTS = ("/usr/local/go", "/usr/lib/go", "/usr/lib/golang", "/usr/lib/go-*")

_ENV_FILE_LIMIT = 1 << 20
_ORIGIN_UNDER_CHECK = "the go.env of the toolchain under check"
_ORIGIN_DEFAULT = "the go command's default"

_NAMES = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GoSetting:
    """A value and where it was found, as a phrase for a person."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Proxy:
    """One module proxy: an https, http or file URL.

    ``on_any_error`` says what its failure means: go on to the next one whatever the
    error (a pipe follows), or only when the proxy lacks the file (a comma does).
    """

    url: str
    on_any_error: bool = False

    @property
    def allow_http(self) -> bool:
        """Whether unencrypted requests are what the user asked for."""
        return self.url.startswith("http://")

    def join(self, path: str) -> str:
        """The URL of a path below the proxy, percent-encoded where a URL needs it."""
        return f"{self.url.rstrip('/')}/{quote(path, safe='/!@:+~')}"

    def __str__(self) -> str:
        return redacted(self.url)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The list that GOPROXY names, in its order.

    ``end`` is ``"direct"`` or ``"off"`` where the list ends so, else empty. For the
    toolchain module there is nothing behind ``direct``: it lies in no version control.
    """

    proxies: tuple[Proxy, ...]
    end: str
    origin: str

    def try_each(
        self, fetch: Callable[[Proxy], T], *, otherwise: Callable[[], T] | None = None
    ) -> T:
        """Call ``fetch`` with one proxy after the other until one answers.

        Only NetworkError and NotPostedError make it go on, by the comma and pipe rules;
        every other error is raised as it is. ``otherwise`` is called where the go command
        would do without a proxy: behind ``direct``, and when all who were asked lack it.
        When nobody answers, raises NotPostedError if all said that they lack it (or there
        was nobody to ask), else NetworkError; both tell every cause.
        """
        causes: list[NetworkError | NotPostedError] = []
        for proxy in self.proxies:
            try:
                return fetch(proxy)
            except (NetworkError, NotPostedError) as error:  # noqa: PERF203 - decides who is next
                causes.append(error)
                if not proxy.on_any_error and not is_absence(error):
                    raise _combined(causes, "") from error
        if otherwise and (self.end == "direct" or all(is_absence(cause) for cause in causes)):
            return otherwise()
        if not causes:
            raise self._nobody_to_ask()
        raise _combined(causes, self.end) from causes[-1]

    def _nobody_to_ask(self) -> NotPostedError:
        what = {
            "direct": f"GOPROXY is direct ({self.origin}), and toolchains come from proxies alone",
            "off": f"GOPROXY is off ({self.origin}), so that no module proxy may be asked",
        }.get(self.end, "no module proxy is known, as GOPROXY is set nowhere")
        return NotPostedError(what, hint="set GOPROXY to a module proxy, or use another channel")


@dataclass(frozen=True, slots=True)
class GoSettings:
    """The settings that say whom to ask for a module and who vouches for it."""

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
    under check, of which only https proxies count. Who vouches (GOSUMDB, GONOSUMDB) is
    taken from the environment and the user's file alone: an installed Go may be the one
    under check, and must not choose its own witness. Raises ConfigError for a value that
    the go command would refuse.
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
        proxies = _proxies_under_check(toolchain_env)
    else:
        proxies = parse_proxies(goproxy.value, goproxy.origin)
    return GoSettings(proxies, gosumdb, gonosumdb)


def parse_proxies(value: str, origin: str) -> Proxies:
    """Read GOPROXY's list; ``origin`` says where it was found.

    Raises ConfigError for an entry that is no URL of a proxy, and for a list of none.
    """
    proxies: list[Proxy] = []
    for name, separator in _entries(value):
        if name in {"direct", "off"}:
            return Proxies(tuple(proxies), name, origin)
        proxies.append(_proxy(name, separator, origin))
    if not proxies:
        raise ConfigError(
            f"GOPROXY holds no entry ({origin})", hint="name a proxy, direct or off, or unset it"
        )
    return Proxies(tuple(proxies), "", origin)


def parse_env_file(text: str) -> dict[str, str]:
    """Read a go.env or go/env file: NAME=VALUE lines, everything else is passed over."""
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


def is_absence(error: Exception) -> bool:
    """Whether an error says that the file is not there (404, 410), not that it is withheld."""
    return isinstance(error, NotPostedError) and not isinstance(error, ForbiddenError)


def _first(name: str, sources: Iterable[tuple[str, Mapping[str, str], str]]) -> GoSetting | None:
    """The first value that is not empty: the go command takes an empty one as unset."""
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


def _proxies_under_check(text: str) -> Proxies:
    """What the toolchain under check names: its https proxies; anything else is passed over."""
    proxies: list[Proxy] = []
    end = ""
    for name, separator in _entries(parse_env_file(text).get("GOPROXY", "")):
        if name in {"direct", "off"}:
            end = name
            break
        try:
            proxy = _proxy(name, separator, _ORIGIN_UNDER_CHECK)
        except ConfigError:
            continue
        if proxy.url.startswith("https://"):
            proxies.append(proxy)
    return Proxies(tuple(proxies), end, _ORIGIN_UNDER_CHECK)


def _entries(value: str) -> Iterator[tuple[str, str]]:
    """GOPROXY's entries, each with the separator that follows it."""
    pieces = re.split(r"([,|])", value)
    for name, separator in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if name.strip():
            yield name.strip(), separator


def _proxy(name: str, separator: str, origin: str) -> Proxy:
    url = name
    if any(char in name for char in ".:/") and ":/" not in name and not name.startswith("/"):
        url = f"https://{name}"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _bad_entry(name, origin) from None
    rest = bool(parts.query or parts.fragment) or clean_sentence(url) != url
    if parts.scheme == "file":
        good = not parts.netloc and parts.path.startswith("/") and not rest
    else:
        good = parts.scheme in {"http", "https"} and bool(host) and not rest
    if not good:
        raise _bad_entry(name, origin)
    return Proxy(url, on_any_error=separator == "|")


def _bad_entry(name: str, origin: str) -> ConfigError:
    return ConfigError(
        f"GOPROXY names {redacted(name)!r}, which is not a proxy ({origin})",
        hint="an entry is an https, http or file URL, direct or off",
    )


def _combined(
    causes: list[NetworkError | NotPostedError], end: str
) -> NetworkError | NotPostedError:
    """One error for all causes; a single one stays as it is."""
    if len(causes) == 1:
        return causes[0]
    tried = [cause.cause for cause in causes] + ([f"then GOPROXY is {end}"] if end else [])
    absent = all(isinstance(cause, NotPostedError) for cause in causes)
    kind = NotPostedError if absent else NetworkError
    return kind("no module proxy has the file", hint=causes[-1].hint, tried=tuple(tried))


def _by_number(path: Path) -> list[int]:
    """Sorts go-1.9 before go-1.10."""
    return [int(number) for number in re.findall(r"[0-9]+", path.name)]
