"""What a failed rsync means, from its exit status and its words.

Sources: the exit values in rsync(1) (errcode.h), the messages of rsync 3.5 and OpenSSH 9 in
the C locale. What rsync repeats of the other side's words is shown on one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from samego.errors import (
    ConfigError,
    DiskFullError,
    InputError,
    NetworkError,
    SamegoError,
    ToolError,
)
from samego.monitor.publish import releases
from samego.monitor.publish.retrying import LostError
from samego.upstream.transport.urls import clean_sentence

#: RERR_FILEIO.
_FILE_IO = 11
#: Socket and protocol errors, timeouts, and ssh's own end: what a lost connection gives.
_LOST_STATUS = {10, 12, 30, 35, 255}
_AGAIN = "publish again; the next run continues"
_SERVER = "check the host, and that its server runs"


@dataclass(frozen=True, slots=True)
class _Meaning:
    """If ``pattern`` is found in stderr: the kind of error, what happened, what to do."""

    pattern: re.Pattern[str]
    kind: Callable[..., SamegoError]
    what: str
    hint: str


def _m(pattern: str, kind: Callable[..., SamegoError], what: str, hint: str) -> _Meaning:
    return _Meaning(re.compile(pattern, re.IGNORECASE), kind, what, hint)


#: The first match decides: causes come before their effects.
_MEANINGS = (
    _m(
        r"remote host identification has changed|host key for .* has changed",
        ConfigError,
        "{host} shows another host key than ssh knows",
        "find out why; only then take the old one out with 'ssh-keygen -R'",
    ),
    _m(
        r"host key verification failed|no .*host key is known",
        ConfigError,
        "ssh does not know {host}'s host key",
        "connect once with ssh and compare its fingerprint, or add it to known_hosts",
    ),
    _m(
        r"permission denied \([a-z0-9,-]*(publickey|password|keyboard)",
        ConfigError,
        "{host} refuses the key",
        "add its public half to authorized_keys there, or name another as [publish] ssh_key",
    ),
    _m(
        r"identity file .* not accessible|load key .*: |bad permissions",
        ConfigError,
        "ssh cannot use the key ({words})",
        "correct [publish] ssh_key; the file must be its owner's alone and have no passphrase",
    ),
    _m(
        r"could not resolve hostname|name or service not known|getaddrinfo",
        NetworkError,
        "the host of {host} is unknown",
        "correct its name",
    ),
    _m(
        r"connection refused|no route to host|network is unreachable",
        LostError,
        "{host} cannot be reached ({words})",
        _SERVER,
    ),
    _m(
        r"auth failed on module|@error: .*(password|auth)",
        ConfigError,
        "the rsync daemon of {host} refuses the user or password",
        "name the user in the destination, and set RSYNC_PASSWORD",
    ),
    _m(
        r"unknown module",
        InputError,
        "the rsync daemon of {host} has no such module",
        "correct the destination: rsync://HOST/MODULE/PATH",
    ),
    _m(
        r"module is read only|is read-only|read-only file system",
        InputError,
        "{host} is read-only",
        "set 'read only = no' for the module, or publish elsewhere",
    ),
    _m(
        r"rsync: (command )?not found|rsync: no such file|failed to exec",
        ToolError,
        "there is no rsync at {host}",
        "install rsync there",
    ),
    _m(
        r"(change_dir|mkdir|chdir|link_stat|change_dir#\d) .*failed: (no such file|not a dir)",
        InputError,
        "{host} has no directory for the pages ({words})",
        "create it there, or correct the destination",
    ),
    _m(
        r"did not see server greeting",
        LostError,
        "the connection to {host} was lost ({words})",
        _AGAIN,
    ),
    # Another publisher of the same release took a temporary file away.
    _m(
        r"\b(rename|stat) .*failed: no such file",
        LostError,
        "{host} lost a file on the way",
        _SERVER,
    ),
    _m(
        r"permission denied \(13\)|operation not permitted \(1\)",
        InputError,
        "{host} denies this user write access ({words})",
        "correct the directory's owner there, or publish as another user",
    ),
    _m(
        r"is your shell clean|protocol version mismatch",
        ToolError,
        "{host} does not answer as rsync does",
        "check that its shell prints nothing at login ('ssh HOST true')",
    ),
)
_FULL = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
_PREFIX = re.compile(r"^(rsync|rrsync|ssh|@ERROR): *(\[\w+\] *)?", re.ASCII)


def meaning(host: str, status: int, stderr: str) -> SamegoError:
    """The error for an rsync that ended with ``status`` other than 0."""
    if _FULL.search(stderr):
        return releases.full(host)
    for entry in _MEANINGS:
        found = entry.pattern.search(stderr)
        if found:
            return entry.kind(
                entry.what.format(host=host, words=_line_at(stderr, found.start())), hint=entry.hint
            )
    words = _first(stderr)
    about = f" ({words})" if words else ""
    if status == _FILE_IO:
        # The other side ends at once when it cannot write, and its words may be lost then.
        return DiskFullError(
            f"{host} could not write the files{about}; its disk is probably full",
            hint="free space there and publish again; the next run continues",
        )
    if status in _LOST_STATUS or status < 0:
        return LostError(
            f"the connection to {host} was lost{about}",
            hint=_AGAIN,
        )
    return ToolError(f"rsync to {host} ended with status {status}{about}", hint=_SERVER)


def _line_at(text: str, at: int) -> str:
    begin = text.rfind("\n", 0, at) + 1
    return clean_sentence(_PREFIX.sub("", text[begin:].partition("\n")[0]))


def _first(stderr: str) -> str:
    """The first line that names a cause: not a banner, not rsync's own summary."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if _PREFIX.match(line) or "error" in line.lower()]
    return clean_sentence(_PREFIX.sub("", (errors or lines or [""])[0]))
