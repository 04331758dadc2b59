"""The policy file of a verifier, read and checked.

::

    threshold = 2                          # how many operators must agree (default: 2)

    [[rebuilder]]
    name = "reproduce.debian.net"
    operator = "Reproducible Builds"       # what one operator says counts once
    kind = "rebuilderd"                    # or envelope, go.dev, sourcespotter
    url = "https://reproduce.debian.net/{architecture}"
    keys = ["keys/reproduce.pub"]          # PEM files beside the policy, or PEM text
    max-age = "90 days"                    # an older answer is stale

``file`` (beside the policy too) stands for ``url`` where an answer was saved. What is not known is
refused, and what makes one operator look like two: a key, a URL or a file of two operators, and an
operator's name in two spellings.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from samego.errors import ConfigError, UnsafePathError
from samego.model.toml_text import parse_toml
from samego.model.written import parse_url
from samego.quorum.policy import (
    ARCHITECTURE,
    THRESHOLD,
    USUAL_URLS,
    QuorumPolicy,
    Rebuilder,
    RebuilderKind,
)
from samego.quorum.public_key import BEGIN, PublicKey
from samego.system import safe_open
from samego.system.terminal import visible

#: No policy and no key file is larger, in bytes.
_LARGEST = 1 << 20
_TOP = frozenset({"threshold", "rebuilder"})
_KEYS = frozenset({"name", "operator", "kind", "url", "file", "keys", "max-age"})
_LONGEST_NAME = 100
_AGE = re.compile(r"([1-9]\d{0,4}) (hour|day|week)s?", re.ASCII)
#: The usual port of each scheme: whether a daemon is asked by one or the other, it is one.
_PORTS = {"http": 80, "https": 443}


def load_policy_file(path: Path) -> QuorumPolicy:
    """Read a policy file. Raises ConfigError, naming the file and the place, for a wrong one."""
    name = visible(str(path))
    data = parse_toml(_read(path, name), name=name)
    _no_others(data, _TOP, name)
    rows = data.get("rebuilder", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ConfigError(
            f"{name} names no rebuilder", hint="write a table [[rebuilder]] for each of them"
        )
    rebuilders = tuple(
        _Row(row, f"{name}: rebuilder {number}", path.parent).rebuilder()
        for number, row in enumerate(rows, start=1)
    )
    check_independence(rebuilders, name)
    policy = QuorumPolicy(rebuilders, _threshold(data.get("threshold", THRESHOLD), name))
    if policy.threshold > len(policy.operators):
        count = len(policy.operators)
        raise ConfigError(
            f"{name} wants {policy.threshold} operators to agree, and names"
            f" {count} operator{'' if count == 1 else 's'}",
            hint="lower the threshold, or add rebuilders of other operators",
        )
    return policy


def _threshold(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(
            f"{name}: threshold is {visible(repr(value))}",
            hint="write how many operators must agree: 1 or more",
        )
    return value


@dataclass(frozen=True, slots=True)
class _Row:
    """One table, where it stands for a message, and the directory that its files lie in."""

    row: Mapping[str, Any]
    where: str
    directory: Path

    def rebuilder(self) -> Rebuilder:
        _no_others(self.row, _KEYS, self.where)
        kind = self._kind()
        rebuilder = Rebuilder(
            name=self._name("name"),
            operator=self._name("operator"),
            kind=kind,
            url=self._url(),
            file=self._file(self.row["file"], "file") if "file" in self.row else None,
            keys=self._public_keys(),
            max_age=self._max_age(),
        )
        if rebuilder.url and rebuilder.file:
            raise self._error("has both url and file", "leave one of them out")
        if kind is RebuilderKind.REBUILDERD and not (rebuilder.url or rebuilder.file):
            raise self._error("has no url", "write the daemon's URL, or file with a saved answer")
        if kind is RebuilderKind.ENVELOPE and not rebuilder.keys:
            raise self._error("has no keys", "name the public keys that sign its results")
        if kind in (RebuilderKind.GO_DEV, RebuilderKind.SOURCE_SPOTTER) and rebuilder.keys:
            raise self._error(f"has keys, and {kind.value} signs nothing", "leave keys out")
        return rebuilder

    def _kind(self) -> RebuilderKind:
        value = self.row.get("kind")
        known = {kind.value: kind for kind in RebuilderKind}
        if not isinstance(value, str) or value not in known:
            what = f"has kind {visible(repr(value))}" if "kind" in self.row else "has no kind"
            raise self._error(what, f"write one of {', '.join(known)}")
        return known[value]

    def _name(self, key: str) -> str:
        value = self.row.get(key)
        fits = isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()
        if not isinstance(value, str) or not fits or value != value.strip():
            raise self._error(
                f"has no {key}" if key not in self.row else f"has a {key} that is no plain name",
                f"write one line of at most {_LONGEST_NAME} characters",
            )
        return value

    def _url(self) -> str:
        return parse_url(self.row["url"], f"{self.where}: url") if "url" in self.row else ""

    def _file(self, value: object, key: str) -> Path:
        if not isinstance(value, str) or not value or "\0" in value:
            raise self._error(f"has a {key} that is no path", "write a path beside the policy")
        return self.directory / value

    def _public_keys(self) -> tuple[PublicKey, ...]:
        values = self.row.get("keys", [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self._error("has keys that are no list", 'write ["one.pub", "two.pub"]')
        keys = tuple(self._public_key(value) for value in values)
        if len(set(keys)) != len(keys):
            raise self._error("names a key twice", "leave one of them out")
        return keys

    def _public_key(self, value: str) -> PublicKey:
        inline = value.lstrip().startswith(BEGIN)
        name = "a key" if inline else f"the key {visible(value)}"
        text = value if inline else _read(self._file(value, "key"), f"{self.where}: {name}")
        try:
            return PublicKey.parse(text)
        except ValueError as error:
            raise self._error(
                f"has {name} that cannot be used ({visible(str(error))})",
                "give a public key as PEM, such as the .pub that 'samego attest --new-key' writes",
            ) from error

    def _max_age(self) -> dt.timedelta | None:
        if "max-age" not in self.row:
            return None
        value = self.row["max-age"]
        match = _AGE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise self._error(
                f"has max-age {visible(repr(value))}", "write it as '90 days' or '36 hours'"
            )
        return dt.timedelta(**{f"{match[2]}s": int(match[1])})

    def _error(self, what: str, hint: str) -> ConfigError:
        return ConfigError(f"{self.where} {what}", hint=hint)


def check_independence(rebuilders: Sequence[Rebuilder], name: str) -> None:
    """Refuse what would make one operator look like two; ``name`` is the file's in messages.

    Raises ConfigError.
    """
    wide = [each for each in rebuilders if ARCHITECTURE in each.url]
    spellings: dict[str, str] = {}
    owners: dict[object, Rebuilder] = {}
    names: set[str] = set()
    for rebuilder in rebuilders:
        folded = " ".join(unicodedata.normalize("NFKC", rebuilder.operator).casefold().split())
        spelling = spellings.setdefault(folded, rebuilder.operator)
        if spelling != rebuilder.operator:
            raise ConfigError(
                f"{name} spells an operator in two ways: {visible(spelling)} and"
                f" {visible(rebuilder.operator)}",
                hint="write one operator's name in one way",
            )
        for thing, what in _owned(rebuilder):
            _check_owner(owners.setdefault(thing, rebuilder), rebuilder, what, name)
        for each in wide:
            if _takes_in(each.url, rebuilder):
                _check_owner(each, rebuilder, "url", name)
        if rebuilder.name in names:
            raise ConfigError(
                f"{name} has two rebuilders with the name {visible(rebuilder.name)}",
                hint="give each a name of its own",
            )
        names.add(rebuilder.name)


def _check_owner(owner: Rebuilder, other: Rebuilder, what: str, name: str) -> None:
    if owner.operator != other.operator:
        raise ConfigError(
            f"{name}: {visible(owner.name)} and {visible(other.name)} have the same {what} and two"
            " operators",
            hint="write the one operator that it belongs to",
        )


def _takes_in(url: str, rebuilder: Rebuilder) -> bool:
    """Whether some architecture makes a URL the place of a rebuilder."""
    if not rebuilder.url:
        return False
    any_of_them = re.escape(repr(_place(url))).replace(re.escape(ARCHITECTURE), "[^/]*")
    return re.fullmatch(any_of_them, repr(_place(rebuilder.url))) is not None


def _owned(rebuilder: Rebuilder) -> list[tuple[object, str]]:
    """What only one operator can have, and its name."""
    owned: list[tuple[object, str]] = [(key, "key") for key in rebuilder.keys]
    url = rebuilder.url or (USUAL_URLS.get(rebuilder.kind, "") if rebuilder.file is None else "")
    if url:
        owned.append((_place(url), "url"))
    if rebuilder.file is not None:
        owned.append((rebuilder.file.resolve(), "file"))
    return owned


def _place(url: str) -> tuple[object, ...]:
    """Where a URL leads, the same for spellings of which a server makes no difference."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = None if parts.port in (None, _PORTS[parts.scheme]) else parts.port
    # Two slashes at the beginning would stay, as POSIX has a meaning for them.
    path = posixpath.normpath(f"/{unquote(parts.path).lstrip('/')}")
    return (host, port, path)


def _no_others(row: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    unknown = sorted(set(row) - known)
    if unknown:
        raise ConfigError(
            f"{where} has the unknown key {visible(repr(unknown[0]))}",
            hint=f"the keys are {', '.join(sorted(known))}",
        )


def _read(path: Path, name: str) -> str:
    try:
        # Opened so that a pipe does not make this wait.
        data = safe_open.read_file(path.resolve(), _LARGEST)
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name} is not UTF-8", hint="write the file in UTF-8") from error
    except UnsafePathError as error:
        raise ConfigError(f"{name}: {error.message}", hint="name another file") from error
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"{name} cannot be read ({cause})", hint="name a file that can be read"
        ) from error
