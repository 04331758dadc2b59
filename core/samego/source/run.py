"""The job of ``samego source``: what is known of where a release's source came from.

1. The source is opened, and held against what upstream posted, file by file where it is not that.
2. Each vendored file is held against the logged module that modules.txt names.
3. Each file that no one can read is named, with what it can become part of.
4. Where a clone is named, its tag is held against the source by git's own object names.
5. Where it is asked for, upstream's generators run in the sandbox, and must give what is there.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from samego.config import Config
from samego.distro.source_packages import source_named_by
from samego.formats.archive.spool import Spool
from samego.model.release import Release, Target
from samego.source.archive_files import MODULE
from samego.source.generators import generate
from samego.source.git_tag import compare_with_tag, names_for
from samego.source.opaque import find_opaque
from samego.source.opened import OpenedSource, open_file, open_release
from samego.source.packing import check_packing
from samego.source.remembered import remember
from samego.source.result import SourceResult
from samego.source.vendoring import check_vendored
from samego.system.host import host_target
from samego.system.progress import Progress
from samego.upstream.connect import connect
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles

#: A module form that every release has, where this machine's own is not posted.
_USUAL = Target("linux", "amd64")


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What to look at: a release, or a file that holds one. ``git`` is a clone's directory."""

    release: Release | None
    file: Path | None
    git: Path | None
    config: Config
    generate: bool = False


def trace_source(options: SourceOptions, progress: Progress) -> SourceResult:
    """Look at a source. Raises SamegoError for what cannot be opened or verified."""
    began = time.monotonic()
    hosts = tuple(dict.fromkeys((host_target(), _USUAL)))
    with closing(Spool()) as spool, connect(options.config, spool, progress) as (upstream, opener):
        progress.stage("opening the source")
        source = _opened(options, hosts, upstream, opener, spool)
        tag = str(source.release)
        names = names_for(options.git, tag) if options.git else None
        progress.stage("holding it against what upstream posted")
        packing = check_packing(source, upstream, opener, hosts)
        vendored = check_vendored(source.tree, upstream.modules, progress)
        progress.stage("reading every file")
        opaque = find_opaque(source.tree, names.take if names else _nothing)
        git = None
        if options.git is not None and names is not None:
            progress.stage(f"holding it against the tag {tag}")
            git = compare_with_tag(options.git, tag, source.form, source.tree, names)
        place = (options.config.cache_directory, host_target())
        generated = generate(source, upstream, opener, place, progress) if options.generate else ()
        result = SourceResult(
            source.release,
            source.path.name if options.file else "",
            source.sha256,
            source.path.stat().st_size,
            source.form,
            source.form != MODULE,
            packing,
            vendored,
            opaque,
            git,
            generated,
            time.monotonic() - began,
            version("samego"),
        )
        remember(upstream.cache, result)
        return result


def _opened(
    options: SourceOptions,
    hosts: tuple[Target, ...],
    upstream: UpstreamFiles,
    opener: Opener,
    spool: Spool,
) -> OpenedSource:
    if options.file is not None:
        named = source_named_by(options.file)
        return open_file(named or options.file, upstream, opener, spool)
    assert options.release is not None  # noqa: S101 - one of the two is given
    return open_release(options.release, upstream, opener, hosts)


def _nothing(_path: str, _data: bytes) -> None:
    """What is done with a file where no clone is named."""
