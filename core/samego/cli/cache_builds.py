"""``samego cache builds``: list, show and remove the builds that ``check --rebuild`` made."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from samego.cli.options import Subparsers
from samego.cli.settings import settings
from samego.errors import CacheError, InputError
from samego.reference.store import REFERENCE_DIRECTORY, ReferenceBuild, read_reference
from samego.system.terminal import readable, visible


def configure(subparsers: Subparsers) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "builds",
        help="list, show and remove the reference builds of 'check --rebuild'",
        description="Manage the reference builds of 'samego check --rebuild'. Default: list them.",
    )
    parser.set_defaults(execute=_list)
    actions: Subparsers = parser.add_subparsers(title="actions", metavar="ACTION", dest="builds")
    actions.add_parser("list", help="list the reference builds: key, release, target, size")
    show = actions.add_parser("show", help="show what a reference build was built from, as JSON")
    show.add_argument("key", metavar="KEY", help="the key of a reference build, or the start of it")
    show.set_defaults(execute=_show)
    remove = actions.add_parser("remove", help="remove a reference build")
    remove.add_argument(
        "key", metavar="KEY", nargs="+", help="the key of a reference build, or 'all'"
    )
    remove.set_defaults(execute=_remove)


def _list(args: argparse.Namespace) -> int:
    for place in _places(args):
        reference = _read(place)
        size = readable(_size(place))
        if reference is None:
            sys.stdout.write(f"{visible(place.name)}  damaged  {size}\n")
        else:
            what = f"{reference.release} {reference.target}  {reference.kind.value}"
            changed = f"{len(reference.sources)} sources of the package"
            sys.stdout.write(f"{reference.key}  {what}  {changed}  {size}\n")
    return 0


def _show(args: argparse.Namespace) -> int:
    reference = read_reference(_chosen(args, args.key))
    data = {
        **asdict(reference),
        "directory": str(reference.directory),
        "kind": reference.kind.value,
        "release": str(reference.release),
        "target": str(reference.target),
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
    built = settings(args).cache_directory / REFERENCE_DIRECTORY / "built"
    return sorted(built.iterdir()) if built.is_dir() else []


def _chosen(args: argparse.Namespace, key: str) -> Path:
    found = [place for place in _places(args) if place.name.startswith(key)]
    exact = [place for place in found if place.name == key]
    if not key or len(exact or found) != 1:
        raise InputError(
            f"{key!r} names {len(found) or 'no'} reference builds",
            hint="write more of the key, as 'samego cache builds' shows it",
        )
    return (exact or found)[0]


def _read(place: Path) -> ReferenceBuild | None:
    try:
        return read_reference(place)
    except CacheError:
        return None


def _size(place: Path) -> int:
    return sum(path.lstat().st_size for path in place.rglob("*") if path.is_file())
