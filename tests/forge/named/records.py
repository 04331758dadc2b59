"""Records that lie beside packages: .changes and .buildinfo, which say what belongs together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from forge.named.stage import Case, Played, Stage, played

_Row = tuple[str, str, int]
_SIGNED = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n"
    "-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n"
)


def _text(rows: list[_Row]) -> str:
    """A record of these files (deb-changes(5), deb-buildinfo(5))."""
    listed = "".join(f" {digest} {size} {name}\n" for name, digest, size in rows)
    return f"Format: 1.8\nSource: golang-1.24\nVersion: 1.24.4-1\nChecksums-Sha256:\n{listed}"


def _record(
    name: str, made: Callable[[list[_Row], Path], str], *, passes: bool = False
) -> Callable[[Stage], Played]:
    """Debian's genuine packages by a record, which is written from their names and digests."""

    def play(stage: Stage) -> Played:
        world = stage.world("debian")
        paths = stage.pack(stage.bench("debian"))
        rows = []
        for path in paths:
            data = path.read_bytes()
            rows.append((path.name, hashlib.sha256(data).hexdigest(), len(data)))
        record = paths[0].parent / name
        record.write_text(made(rows, paths[0].parent), "utf-8")
        run = stage.runner(world.environment, world.name)
        ran = run("check", "-q", "--format", "json", record, *world.arguments)
        if passes:
            return Played(ran.status, ran.stderr or "passes", ran.status == 0)
        return played(ran, (name, *(path.name for path in paths)))

    return play


def _first(change: Callable[[_Row], _Row]) -> Callable[[list[_Row], Path], str]:
    """The record with another first line."""
    return lambda rows, _place: _text([change(rows[0]), *rows[1:]])


def _outside(rows: list[_Row], place: Path) -> str:
    """A package that lies one directory above."""
    name, digest, size = rows[0]
    (place.parent / name).write_bytes((place / name).read_bytes())
    return _text([(f"../{name}", digest, size), *rows[1:]])


def _before_signed(rows: list[_Row], _place: Path) -> str:
    return _text(rows) + "\n" + _SIGNED.format(_text(rows[1:]))


def _two_digests(rows: list[_Row], _place: Path) -> str:
    name, _digest, size = rows[0]
    return _text([*rows, (name, "0" * 64, size)])


CASES: tuple[Case, ...] = (
    Case(
        "a .changes of these very packages (must pass)",
        _record("golang.changes", lambda rows, _place: _text(rows), passes=True),
    ),
    Case(
        "a .changes with another sha256",
        _record("golang.changes", _first(lambda row: (row[0], "0" * 64, row[2]))),
    ),
    Case(
        "a .buildinfo with another size",
        _record("golang.buildinfo", _first(lambda row: (row[0], row[1], row[2] + 1))),
    ),
    Case("a .changes that names a package above it", _record("golang.changes", _outside)),
    Case("a .changes with a paragraph before the signed one", _record("a.changes", _before_signed)),
    Case("a .buildinfo with two sha256 of one package", _record("a.buildinfo", _two_digests)),
)
