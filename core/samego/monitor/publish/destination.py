"""Where to publish to: a directory, or a place that rsync reaches.

===========================  ==================================================
``/srv/www/go``, ``./go``    a directory of this machine
``[USER@]HOST:PATH``         rsync over ssh (rsync(1)'s spelling)
``rsync://[USER@]HOST/…``    an rsync daemon: module, then at least one name
===========================  ==================================================

As for rsync, a colon before the first slash makes it a HOST. What follows it may hold only
what neither a shell nor rsync gives a meaning: it is read at the other end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from samego.errors import ConfigError, InputError
from samego.system.terminal import visible
from samego.upstream.transport.urls import redacted

_NAME = r"[A-Za-z0-9_][A-Za-z0-9._+@,=-]*"
_USER = r"(?:[A-Za-z0-9_][A-Za-z0-9._+-]*@)?"
_HOST = r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?\])"
_SSH = re.compile(rf"({_USER}{_HOST}):((?:~/|/)?(?:{_NAME}/)*)({_NAME})/?")
_DAEMON = re.compile(rf"(rsync://{_USER}{_HOST}(?::[0-9]{{1,5}})?/)((?:{_NAME}/)+)({_NAME})/?")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PASSWORD = re.compile(r":(?!//).*@")
_FORMS = "name a directory, HOST:PATH or rsync://HOST/MODULE/PATH"


@dataclass(frozen=True, slots=True)
class Directory:
    """A path of this machine; its last part becomes a link."""

    path: Path

    def __str__(self) -> str:
        return visible(str(self.path))


@dataclass(frozen=True, slots=True)
class Rsync:
    """``host`` as rsync takes it up to the path (``HOST:``, ``rsync://HOST/``).

    ``parent`` is empty or ends with a slash; ``name`` becomes a link in it.
    """

    host: str
    parent: str
    name: str

    @property
    def daemon(self) -> bool:
        """Whether rsync talks to a daemon, and not over ssh."""
        return self.host.startswith("rsync://")

    def __str__(self) -> str:
        return f"{self.host}{self.parent}{self.name}"


Destination = Directory | Rsync


def parse(text: str) -> Destination:
    """Read a destination. Raises InputError or, for a password in it, ConfigError."""
    scheme = _SCHEME.match(text)
    if scheme and scheme[1] != "rsync":
        raise InputError(f"nothing is published to {_shown(text)!r}", hint=_FORMS)
    if scheme:
        return _daemon(text)
    before, colon, _ = text.partition(":")
    if colon and "/" not in before:
        match = _SSH.fullmatch(text)
        if match is None or _escapes(match[2] + match[3]):
            raise _odd(text, "a host and a path")
        return Rsync(f"{match[1]}:", match[2], match[3])
    return _directory(text)


def _directory(text: str) -> Directory:
    # Dots would make another name of it than the one that is replaced.
    path = Path(text)
    if not text or not text.isprintable() or path.name in {"", ".."}:
        raise InputError(f"{text!r} names no directory that can be replaced", hint=_FORMS)
    return Directory(path)


def _daemon(text: str) -> Rsync:
    _refuse_password(text)
    match = _DAEMON.fullmatch(text)
    if match is None or _escapes(match[2] + match[3]):
        raise _odd(text, "rsync://HOST/MODULE/PATH")
    return Rsync(match[1], match[2], match[3])


def _refuse_password(text: str) -> None:
    """What stands on a command line stands in the list of processes."""
    try:
        user = urlsplit(text).netloc.rpartition("@")[0]
    except ValueError:
        return  # no URL at all, which is refused elsewhere
    if ":" in user:
        raise ConfigError(
            f"{_shown(text)} names a password, which every user could read in the process list",
            hint="set RSYNC_PASSWORD",
        )


def _escapes(path: str) -> bool:
    """Whether a path has parts that lead elsewhere."""
    return not {".", ".."}.isdisjoint(path.split("/"))


def _odd(text: str, wanted: str) -> InputError:
    return InputError(
        f"{_shown(text)!r} is not {wanted}",
        hint="its last part is the name that readers use; letters, digits and . _ + @ , = - do",
    )


def _shown(text: str) -> str:
    """The text without what looks like a password, whatever the text is."""
    return redacted(_PASSWORD.sub(":xxxxx@", text))
