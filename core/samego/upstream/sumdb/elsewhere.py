"""A checkpoint that was seen elsewhere, held against the log that is served here.

If a log shows two parties two histories, neither can know it alone. So they exchange checkpoints:
a colleague's samego writes one, Source Spotter's gossip address answers with one
(github.com/SSLMate/sourcespotter, internal/sths/gossip.go), the go command keeps one in
``GOPATH/pkg/sumdb/NAME/latest``.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from pathlib import Path

from samego.errors import InputError, NetworkError, VerificationError
from samego.system.terminal import visible
from samego.upstream.sumdb.client import SumDatabase
from samego.upstream.sumdb.fork import MAX_FORK, Fork, SplitViewError, is_fork
from samego.upstream.sumdb.note import Verifier, note_text
from samego.upstream.sumdb.signed_head import SignedHead
from samego.upstream.sumdb.tlog import ORIGIN
from samego.upstream.transport.http import Http
from samego.upstream.transport.urls import redacted

_URL = re.compile(r"https?://", re.IGNORECASE)
#: How Source Spotter answers when a checkpoint is sent to it.
_GOSSIP = re.compile(rb"(consistent|inconsistent|pending): ")


class Relation(enum.Enum):
    """How a checkpoint stands to the log that is served here."""

    SAME = "same"
    BEGINNING = "beginning"
    CONTINUATION = "continuation"


@dataclass(frozen=True, slots=True)
class SeenElsewhere:
    """What was named: its public name and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Consistent:
    """A checkpoint that was proven to be of one history with the log that is served here.

    ``own`` is the newest head that this samego knew before.
    """

    given: SignedHead
    own: SignedHead
    relation: Relation


def read_seen(where: str, http: Http) -> SeenElsewhere:
    """Read a file, or what a URL answers. Raises InputError, NetworkError and NotPostedError."""
    if _URL.match(where):
        return SeenElsewhere(redacted(where), http.get_bytes(where, limit=MAX_FORK))
    name = visible(where)
    try:
        with Path(where).open("rb") as file:
            data = file.read(MAX_FORK + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file has this name"
        raise InputError(
            f"{name} cannot be read ({why})", hint="name a file or the URL of a signed checkpoint"
        ) from error
    if len(data) > MAX_FORK:
        raise InputError(
            f"{name} is too long for a checkpoint", hint="name a file with a signed checkpoint"
        )
    return SeenElsewhere(name, data)


def compare(seen: SeenElsewhere, database: SumDatabase) -> Consistent:
    """Prove that a checkpoint and the log that is served here are of one history.

    Raises SplitViewError when they are not, also for a file that proves another fork of this log.
    Raises VerificationError for what is no checkpoint of this log, and where it could not be
    decided; NetworkError, NotPostedError, ConfigError, CacheError and DiskFullError.
    """
    verifier = database.verifier
    if is_fork(seen.data):
        database.report(_opened_fork(seen, verifier))
    given = open_seen(seen, verifier)
    if not database.offline:
        database.latest()
    own = database.remembered
    if own is None:
        raise NetworkError(
            f"no checkpoint of {verifier.name} was verified here yet, and samego is offline",
            hint="run once without --offline",
        )
    if given.tree == own.tree:
        return Consistent(given, own, Relation.SAME)
    if given.tree.size <= own.tree.size:
        database.accept(given)
        return Consistent(given, own, Relation.BEGINNING)
    try:
        database.accept(given)
    except SplitViewError:
        raise
    except (NetworkError, VerificationError) as error:
        # Whether the log went back, or its servers are not yet as far, cannot be seen from here.
        raise VerificationError(
            f"could not decide: {seen.name} is a checkpoint of {given.tree.size} records, and"
            f" {verifier.name} serves a log of {own.tree.size} records here",
            hint="try again later; if it stays so, this machine is shown an old log or another one:"
            " try through another module proxy, and tell who gave you the checkpoint",
            tried=(error.cause,),
        ) from error
    return Consistent(given, own, Relation.CONTINUATION)


def open_seen(seen: SeenElsewhere, verifier: Verifier) -> SignedHead:
    """The checkpoint in what was named; raises VerificationError for anything else."""
    if _GOSSIP.match(seen.data):
        raise VerificationError(
            f"{seen.name} is Source Spotter's answer to a checkpoint that was sent to it, which"
            " nobody signed",
            hint="fetch the same address without sending anything: it answers with a signed"
            " checkpoint",
        )
    try:
        origin = note_text(seen.data).partition("\n")[0]
    except VerificationError as error:
        raise _no_checkpoint(seen, verifier, error) from error
    if origin != ORIGIN:
        raise VerificationError(
            f"{seen.name} is a checkpoint of the log {visible(origin)!r}, not of a Go checksum"
            " database",
            hint=f"name a checkpoint of {verifier.name}",
        )
    try:
        return SignedHead.open(seen.data, verifier)
    except VerificationError as error:
        raise _no_checkpoint(seen, verifier, error) from error


def _no_checkpoint(
    seen: SeenElsewhere, verifier: Verifier, error: VerificationError
) -> VerificationError:
    return VerificationError(
        f"{seen.name} is not a checkpoint of {verifier.name}: {error.cause}",
        hint="name a file or URL whose content is a signed checkpoint; GOSUMDB says whose"
        " signature counts",
    )


def _opened_fork(seen: SeenElsewhere, verifier: Verifier) -> Fork:
    try:
        return Fork.open(seen.data, verifier)
    except VerificationError as error:
        raise VerificationError(
            f"{seen.name} proves no fork of {verifier.name}: {error.cause}", hint=error.hint
        ) from error
