"""Pins: digests of files that are written in another file of the same toolchain.

``pins.toml`` beside this module says which files hold pins, in which form, and whether
the release's own code acts on them.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import tomli

from samego.model import failures, value
from samego.model.value import Failure

#: Imported for the kinds that pins.toml names.
_KINDS = failures

#: What a pinned file may be called. The name goes into a command that users paste.
_NAME = re.compile(r"[A-Za-z0-9_.+-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_H1 = re.compile(r"h1:[A-Za-z0-9+/]{43}=")
_SHORT, _LONG = 2, 3
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Pin:
    """One statement: ``path`` has ``digest``, a SHA-256 in hex or an ``h1:`` hash."""

    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class Statements:
    """What one file states; ``malformed`` are lines that say nothing that can be checked."""

    pins: tuple[Pin, ...] = ()
    malformed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PinFile:
    """A file that holds pins, and what follows when one is broken (see pins.toml).

    ``acts_when`` is (file, text) or None; ``breaks`` and ``latent`` are the kind and the facts of
    a failure.
    """

    pinned_in: str
    directory: str
    pattern: str
    file: str
    acts_when: tuple[str, str] | None
    breaks: Mapping[str, str]
    latent: Mapping[str, str]

    def read(self, data: bytes) -> Statements:
        """The statements of such a file's bytes."""
        text = data.decode("utf-8", "replace")
        if self.pattern:
            return Statements(tuple(self._match(text)))
        return _read_sums(text, self.directory)

    def failure(self, name: str, *, acts: bool) -> Failure:
        """What fails when the pin of the file with this base name is broken."""
        facts = self.breaks if acts else self.latent
        names = {"name": name, "stem": posixpath.splitext(name)[0]}
        return value.from_object(
            Failure, {key: fact.format(**names) for key, fact in facts.items()}
        )

    def _match(self, text: str) -> list[Pin]:
        pins = []
        for match in re.finditer(self.pattern, text):
            groups = match.groupdict()
            path = self.file.replace("{name}", groups.get("name") or "")
            pins.append(Pin(path, groups["digest"]))
        return pins


def _read_sums(text: str, directory: str) -> Statements:
    """Lines of NAME SHA256HEX [H1HASH], as cmd/go reads them (fips140.go, lookupZipSum)."""
    pins: list[Pin] = []
    malformed: list[str] = []
    for line in text.split("\n"):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        name, *digests = fields
        good = (
            _NAME.fullmatch(name) is not None
            and len(fields) in (_SHORT, _LONG)
            and _SHA256.fullmatch(digests[0]) is not None
            and all(_H1.fullmatch(digest) for digest in digests[1:])
        )
        if good:
            pins += [Pin(posixpath.join(directory, name), digest) for digest in digests]
        else:
            malformed.append(line[:_SHOWN])
    return Statements(tuple(pins), tuple(malformed))


@functools.cache
def pin_files() -> tuple[PinFile, ...]:
    """All files that are known to hold pins."""
    text = files("samego.compare").joinpath("pins.toml").read_text(encoding="utf-8")
    return tuple(_pin_file(row) for row in tomli.loads(text)["pins"])


def _pin_file(row: Mapping[str, Any]) -> PinFile:
    acts_when = row.get("acts_when")
    breaks, latent = row["breaks"], row.get("latent", row["breaks"])
    return PinFile(
        pinned_in=row["pinned_in"],
        directory=row.get("directory", ""),
        pattern=row.get("pattern", ""),
        file=row.get("file", ""),
        acts_when=(acts_when["file"], acts_when["contains"]) if acts_when else None,
        breaks=breaks,
        latent=latent,
    )
