"""How a report names this machine's places: by their meaning, not by their paths.

A report, and all that is made of one, does not reveal paths of files, the user, the host or the
proxy. Values that hold such things pass through here when they enter the
report; nothing is removed later.
"""

from __future__ import annotations

import posixpath
import re
import shlex
import socket
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from samego.model.public_url import public_url
from samego.model.secrets import hide

#: Domains that serve Go or a distro to everybody: the reader of a report can ask them too.
_PUBLIC = (
    *("go.dev", "golang.org", "google.com", "googleapis.com", "goproxy.io", "goproxy.cn"),
    *("debian.org", "debian.net", "ubuntu.com", "archlinux.org", "archlinux32.org", "github.com"),
    *("example", "example.org", "example.com"),
)
#: Stands for any other host (RFC 6761: no host has this name).
HIDDEN_HOST = "host-not-shown.invalid"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>|)\],;]+")
#: Home and temporary directories of any user, besides those that are known.
_BELOW = r"(?:/[^\s\"'<>|),;:]*)?"
_APART = r"(?<![\w.~/-])"
_ANYBODYS = re.compile(rf"{_APART}/(?:home|root|tmp|var/tmp|dev/shm|run/user|Users){_BELOW}")
#: A host's name may be an ordinary word, which stays where it is not part of a URL.
_SHORTEST_HOST = 5
_WORDS = frozenset({"debian", "ubuntu", "archlinux", "golang", "localhost", "samego", "build"})


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine's paths with their meaning, the longest path first, and its hosts.

    ``hosts`` are its own name, and servers that it is configured to ask and that are not public.
    """

    places: tuple[tuple[str, str], ...] = ()
    hosts: tuple[str, ...] = ()

    def redact(self, text: str) -> str:
        """A text without paths, hosts and secrets of the machine."""
        text = _URL.sub(lambda match: published_url(match[0]), hide(text))
        for path, meaning in self.places:
            text = re.sub(rf"{_APART}{re.escape(path)}(?![\w.-]){_BELOW}", meaning, text)
        text = _ANYBODYS.sub(lambda match: posixpath.basename(match[0].rstrip("/")), text)
        for host in self.hosts:
            text = re.sub(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", HIDDEN_HOST, text)
        return text

    def words(self, words: Iterable[str]) -> str:
        """The words of a command line; a file is named as seen from its own directory."""
        return shlex.join(self.redact(file_name(word)) for word in words)


def this_machine(
    places: Mapping[Path | None, str], environ: Mapping[str, str], urls: Iterable[str] = ()
) -> Machine:
    """This machine.

    ``places`` are directories that the user chose, with their meaning; ``urls`` are those of the
    configuration. Those of the environment (such as proxies) are added.
    """
    known = {str(path.absolute()): meaning for path, meaning in places.items() if path is not None}
    for temporary in (environ.get("TMPDIR", ""), tempfile.gettempdir()):
        known.setdefault(temporary, "a temporary directory")
    known.setdefault(environ.get("HOME", ""), "the home directory")
    paths = {path.rstrip("/"): meaning for path, meaning in known.items()}
    kept = [(path, paths[path]) for path in paths if path.startswith("/")]
    found = {
        _host(match[0]) for text in (*environ.values(), *urls) for match in _URL.finditer(text)
    }
    hosts = {socket.gethostname(), *(host for host in found if not _is_public(host))}
    return Machine(
        tuple(sorted(kept, key=lambda each: (-len(each[0]), each))),
        tuple(sorted(host for host in hosts if len(host) >= _SHORTEST_HOST and host not in _WORDS)),
    )


def file_name(word: str) -> str:
    """A word of the command line; a file below the current directory or elsewhere by its name."""
    if not word.startswith(("/", "~", "../")):
        return word
    path = Path(word)
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return path.name or word


def published_url(url: str) -> str:
    """A URL as it is published: no secret, no path of this machine, and only a public host."""
    shown = public_url(url)
    parts = urlsplit(shown)
    if parts.scheme == "file":
        return f"file:{posixpath.basename(unquote(parts.path))}"
    return shown if _is_public(_host(shown)) else urlunsplit(parts._replace(netloc=HIDDEN_HOST))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_public(host: str) -> bool:
    return not host or any(host == name or host.endswith(f".{name}") for name in _PUBLIC)
