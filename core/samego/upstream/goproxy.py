"""Go's own settings for module proxies and the checksum database, as cmd/go finds them.

Sources: cmd/go/internal/cfg (where a value comes from), cmd/go/internal/modfetch/proxy.go
(the list and its rules), golang.org/x/mod/module (the globs). No proxy's host stands here:
what no setting names is not asked.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

from samego.errors import ConfigError, NetworkError, NotPostedError
from samego.upstream.http import ForbiddenError, clean_sentence, redacted

#: The database that the go command uses where nothing names another (GOROOT/go.env).
DEFAULT_SUMDB = "sum.golang.org"
#: Where Go is usually unpacked: Debian, upstream's own advice, Arch, Fedora.
COMMON_GOROOTS = ("/usr/local/go", "/usr/lib/go", "/usr/lib/golang", "/usr/lib/go-*")

_ENV_FILE_LIMIT = 1 << 20
_ORIGIN_UNDER_CHECK = "the go.env of the toolchain under check"
_ORIGIN_DEFAULT = "the go command's default"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting:
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

    def try_each(self, fetch: Callable[[Proxy], T]) -> T:
        """Call ``fetch`` with one proxy after the other until one answers.

        Only NetworkError and NotPostedError make it go on, by the comma and pipe rules;
        every other error is raised as it is. When nobody answers, raises NotPostedError
        if all said that they lack it, else NetworkError; both tell every cause.
        """
        causes: list[tuple[Proxy, NetworkError | NotPostedError]] = []
        for proxy in self.proxies:
            try:
                return fetch(proxy)
            except (NetworkError, NotPostedError) as error:
                causes.append((proxy, error))
                if not proxy.on_any_error and not is_absence(error):
                    return self._give_up(causes, stopped=True)
        return self._give_up(causes, stopped=False)

    def _give_up(
        self, causes: list[tuple[Proxy, NetworkError | NotPostedError]], *, stopped: bool
    ) -> T:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class GoSettings:
    """The settings that say whom to ask for a module and who vouches for it."""

    proxies: Proxies
    gosumdb: Setting
    gonosumdb: Setting

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
    at (default: the one on PATH, then the usual places). Last comes ``toolchain_env``, the
    text of the go.env of the toolchain under check, of which only https proxies count.
    Raises ConfigError for a value that the go command would refuse.
    """
    raise NotImplementedError


def is_absence(error: Exception) -> bool:
    """Whether an error says that the file is not there (404, 410), not that it is withheld."""
    return isinstance(error, NotPostedError) and not isinstance(error, ForbiddenError)


def matches_prefix(globs: str, target: str) -> bool:
    """Whether one of the comma-separated globs matches a leading part of a module path."""
    raise NotImplementedError
