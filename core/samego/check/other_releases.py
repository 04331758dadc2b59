"""Files of another release in a toolchain: held against the releases that can be had here.

These are what executables say they are of, what else lies on the machine in a survey, and what
earlier runs left in the cache. Each is verified like the release that is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from samego.check.open_sides import SharedUpstream
from samego.compare.other_releases import (
    PostedRelease,
    built_as,
    named_after,
    unaccounted,
    with_names,
)
from samego.config import Config
from samego.errors import SamegoError, UnknownReleaseError
from samego.formats.archive.index import IndexCache
from samego.formats.archive.module_zip import goroot_path, module_prefix
from samego.model.finding import Finding
from samego.model.inputs import Context
from samego.model.release import TOOLCHAIN_MODULE, Release, Target, parse_module_version
from samego.model.tree import Kind
from samego.upstream.connect import connect


def name_other_releases(
    findings: tuple[Finding, ...],
    context: Context,
    config: Config,
    shared: SharedUpstream,
    beside: Iterable[Release],
) -> tuple[Finding, ...]:
    """The findings, with the other release that has the same bytes as their cause.

    ``beside`` are the releases of other toolchains of the machine. A release that cannot be had
    names nothing, and is no error.
    """
    files = unaccounted(findings, context.distro)
    if not files:
        return findings
    target = context.target
    stated = {*beside, *map(_release, built_as(findings))} - {None, context.release}
    wanted = {(release, target): config for release in stated if release is not None}
    # Of what the cache has, the index says first which is worth verifying.
    cached = [each for each in _cached(config, files) if each.release != context.release]
    offline = replace(config, offline=True, channel="")
    likely = set(named_after(files, cached, target).values())
    for each in cached:
        if each.release in likely:
            wanted.setdefault((each.release, each.target), offline)
    known = [
        found
        for (release, of), asked in wanted.items()
        if (found := _verified(release, of, asked, shared)) is not None
    ]
    return with_names(findings, named_after(files, known, target))


def _release(text: str) -> Release | None:
    try:
        return Release.parse(text)
    except UnknownReleaseError:
        return None


def _cached(config: Config, files: Mapping[str, str]) -> Iterator[PostedRelease]:
    """The module zips of which the cache has an index, with any of these files.

    Nobody has verified them here.
    """
    index = IndexCache(config.cache_directory / "index")
    for rows in index.having(TOOLCHAIN_MODULE, frozenset(files.values())):
        digests: Mapping[str, str] = dict(map(tuple, rows))
        try:
            prefix = module_prefix(digests, name="an index")
            release, target = parse_module_version(prefix.rpartition("@")[2].rstrip("/"))
        except SamegoError:
            continue
        paths = {goroot_path(name.removeprefix(prefix)): each for name, each in digests.items()}
        yield PostedRelease(release, target, paths)


def _verified(
    release: Release, target: Target, config: Config, shared: SharedUpstream
) -> PostedRelease | None:
    key = (release, target)
    if key not in shared.others:
        try:
            with connect(config, shared.spool) as (files, opener):
                tree = opener.open(files.fetch(release, target).posted)
        except SamegoError:
            shared.others[key] = {}
        else:
            files_of = {path: entry for path, entry in tree.items() if entry.kind is Kind.FILE}
            shared.others[key] = {path: entry.sha256 for path, entry in files_of.items()}
    digests = shared.others[key]
    return PostedRelease(release, target, digests) if digests else None
