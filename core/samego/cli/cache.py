"""``samego cache``: show, verify and clear the cache."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from samego.cli import cache_builds, cache_inputs
from samego.cli.options import Subparsers
from samego.cli.settings import settings
from samego.system.disk import remove, size_of
from samego.system.terminal import readable, visible
from samego.upstream.cache import upkeep
from samego.upstream.cache.blobs import Cache
from samego.upstream.cache.upkeep import Stats

#: What the cache of downloads itself looks after; ``sumdb`` keeps the tree heads seen.
_OWN = frozenset({"blobs", "index", "records", "partial", "locks", "sumdb"})


def configure(subparsers: Subparsers) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "cache",
        help="show, verify and clear the cache",
        description="Manage downloads, indexes, records and builds. Default action: show.",
    )
    parser.set_defaults(execute=execute, action="show")
    actions: Subparsers = parser.add_subparsers(title="actions", metavar="ACTION", dest="action")
    actions.add_parser("show", help="show the size of each part, and the directory")
    actions.add_parser("verify", help="hash every file and remove damaged ones")
    actions.add_parser("clear", help="remove all files, indexes, records and builds")
    actions.add_parser("path", help="print the cache's directory")
    cache_builds.configure(actions)
    cache_inputs.configure(actions)


def execute(args: argparse.Namespace) -> int:
    """Run the action. Exit status 1 when ``verify`` found something damaged."""
    config = settings(args)
    with Cache(config.cache_directory, limit=config.cache_limit) as cache:
        if args.action == "path":
            sys.stdout.write(f"{cache.root}\n")
        elif args.action == "verify":
            return _verify(cache)
        elif args.action == "clear":
            others = _others(cache.root)
            freed = upkeep.clear(cache) + sum(others.values())
            for name in others:
                remove(cache.root / name)
            sys.stdout.write(f"removed {readable(freed)} from {visible(str(cache.root))}\n")
        else:
            sys.stdout.write(_shown(cache, upkeep.stats(cache)))
    return 0


def _others(root: Path) -> dict[str, int]:
    """The directories of plugins and builds, with their bytes."""
    return {
        path.name: size_of(path)
        for path in sorted(root.glob("*"))
        if path.is_dir() and path.name not in _OWN
    }


def _shown(cache: Cache, stats: Stats) -> str:
    others = "".join(
        f"{visible(name):<10} {readable(size)}\n" for name, size in _others(cache.root).items()
    )
    return (
        f"directory  {visible(str(cache.root))}\n"
        f"files      {stats.files} ({readable(stats.file_bytes)})\n"
        f"indexes    {stats.indexes} ({readable(stats.index_bytes)})\n"
        f"records    {stats.records}\n"
        f"unfinished {readable(stats.partial_bytes)}\n"
        f"limit      {readable(stats.limit)}\n"
        f"{others}"
    )


def _verify(cache: Cache) -> int:
    check = upkeep.verify(cache)
    for name in check.damaged:
        sys.stdout.write(f"damaged, removed: {visible(name)}\n")
    for name in check.foreign:
        sys.stdout.write(f"not samego's, left there: {visible(name)}\n")
    verdict = f"{len(check.damaged)} damaged" if check.damaged else "nothing damaged"
    sys.stdout.write(f"{check.checked} files ({readable(check.checked_bytes)}) hashed, {verdict}\n")
    return 1 if check.damaged else 0
