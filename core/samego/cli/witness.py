"""``samego witness``: list, show and remove the witnesses that checks have built."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from samego.cli.cache import readable
from samego.cli.options import Subparsers
from samego.cli.upstream import settings
from samego.errors import CacheError, InputError
from samego.reference.store import Witness, read_witness
from samego.system.terminal import visible

#: A witness is named by the start of its key, if only one begins so; at least this long.
_SHORTEST = 4


def configure(subparsers: Subparsers) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "witness",
        help="list, show and remove the toolchains that --rebuild has built",
        description="Look after the witnesses of 'samego check --rebuild'.",
    )
    actions: Subparsers = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True
    )
    actions.add_parser("list", help="every witness, its release and target").set_defaults(
        execute=_list
    )
    show = actions.add_parser("show", help="what a witness was built from, as JSON")
    show.add_argument("key", metavar="KEY", help="a witness, by the start of its key")
    show.set_defaults(execute=_show)
    remove = actions.add_parser("remove", help="remove a witness")
    remove.add_argument("key", metavar="KEY", nargs="+", help="a witness, or 'all'")
    remove.set_defaults(execute=_remove)


def execute(args: argparse.Namespace) -> int:
    """Run the action that the arguments name; the exit status."""
    status: int = args.execute(args)
    return status


def _list(args: argparse.Namespace) -> int:
    for place in _places(args):
        witness = _read(place)
        size = readable(_size(place))
        if witness is None:
            sys.stdout.write(f"{visible(place.name)}  damaged  {size}\n")
        else:
            what = f"{witness.release} {witness.target}  {witness.kind.value}"
            changed = f"{len(witness.sources)} sources of the package"
            sys.stdout.write(f"{witness.key}  {what}  {changed}  {size}\n")
    return 0


def _show(args: argparse.Namespace) -> int:
    witness = read_witness(_chosen(args, args.key))
    data = {
        **asdict(witness),
        "directory": str(witness.directory),
        "kind": witness.kind.value,
        "release": str(witness.release),
        "target": str(witness.target),
    }
    sys.stdout.write(json.dumps(data, indent=2) + "\n")
    return 0


def _remove(args: argparse.Namespace) -> int:
    if args.key == ["all"]:
        places = _places(args)
    else:
        places = list(dict.fromkeys(_chosen(args, key) for key in args.key))
    for place in places:
        size = readable(_size(place))
        try:
            shutil.rmtree(place)
        except OSError as error:
            raise CacheError(
                f"{place} cannot be removed ({error.strerror})", hint="check its permissions"
            ) from error
        sys.stdout.write(f"removed {visible(place.name)} ({size})\n")
    return 0


def _places(args: argparse.Namespace) -> list[Path]:
    built = settings(args).cache_directory / "witness" / "built"
    return sorted(built.iterdir()) if built.is_dir() else []


def _chosen(args: argparse.Namespace, key: str) -> Path:
    found = [place for place in _places(args) if place.name.startswith(key)]
    exact = [place for place in found if place.name == key]
    if len(key) < _SHORTEST or len(exact or found) != 1:
        raise InputError(
            f"{key!r} names {len(found) or 'no'} witnesses",
            hint="see 'samego witness list', and write more of the key",
        )
    return (exact or found)[0]


def _read(place: Path) -> Witness | None:
    try:
        return read_witness(place)
    except CacheError:
        return None


def _size(place: Path) -> int:
    return sum(path.lstat().st_size for path in place.rglob("*") if path.is_file())
