"""Reading both sides of a check at once: the package, and what upstream posted."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from samego.config import Config
from samego.distro.interface import Shipment
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.formats.tree.goroot import GorootView, goroot_view
from samego.model.release import Release, Target
from samego.model.subject import Subject
from samego.model.tree import Kind, Tree
from samego.reference.job import Host
from samego.system import ending
from samego.system.progress import Progress
from samego.system.stoppable import Stoppable
from samego.upstream.channels import goproxy
from samego.upstream.channels.interface import MODULE_LEAVES_OUT, Posted
from samego.upstream.open_tree import Opener, fill_in
from samego.upstream.resolver import UpstreamFiles


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of upstream's files to take: a file by hand, or what the channels post."""

    config: Config
    file: Path | None = None
    allow_unverified: bool = False


@dataclass(frozen=True, slots=True)
class OpenedUpstream:
    """Upstream's side: its files, its tree, and the prefixes that its form leaves out."""

    posted: Posted
    source: Posted | None
    tree: Tree
    leaves_out: tuple[str, ...]
    notes: tuple[str, ...]


def read_both(
    shipment: Shipment, subject: Subject, choice: Choice, spool: Spool, progress: Stoppable
) -> tuple[Tree, OpenedUpstream]:
    """Read the package's payload while upstream's side is fetched and indexed.

    Raises what the shipment and the channels raise; a failure on one side ends the other.
    """
    candidates = [shipment.source_archive] if shipment.source_archive else []

    def upstream(toolchain_env: str) -> OpenedUpstream:
        opener = Opener(IndexCache(choice.config.cache_directory / "index"), spool)
        with (
            ending.until(progress.stopped),
            UpstreamFiles(
                choice.config,
                index=opener.members,
                progress=progress,
                allow_unverified=choice.allow_unverified,
                toolchain_env=toolchain_env,
            ) as files,
        ):
            return _open_upstream(files, opener, subject, choice.file, candidates)

    settings = goproxy.read_settings()
    if choice.file is None and not settings.proxies.proxies and not settings.proxies.end:
        # Nothing here names a module proxy: the package's own go.env is the last resort.
        payload = shipment.read(frozenset())
        return payload, upstream(_go_env(goroot_view(payload, subject.goroot)))
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(upstream, "")
        try:
            payload = shipment.read(Known(pending))
            return payload, pending.result()
        except BaseException:
            progress.stop()
            raise


def _go_env(view: GorootView) -> str:
    entry = view.tree.get("go.env")
    if entry is None or entry.kind is not Kind.FILE:
        return ""
    return view.tree.read("go.env").decode("utf-8", "replace")


def open_host(
    choice: Choice, release: Release, target: Target, spool: Spool, progress: Progress
) -> Host:
    """Upstream's toolchain for the machine at hand, to build with; always verified."""
    opener = Opener(IndexCache(choice.config.cache_directory / "index"), spool)
    with UpstreamFiles(choice.config, index=opener.members, progress=progress) as files:
        posted = files.fetch(release, target).posted
        return Host(posted, opener.open(posted), target)


def _open_upstream(
    files: UpstreamFiles,
    opener: Opener,
    subject: Subject,
    by_hand: Path | None,
    candidates: list[Path],
) -> OpenedUpstream:
    notes: tuple[str, ...] = ()
    if by_hand is not None:
        posted = files.take_file(by_hand, subject.release, subject.target)
    else:
        selection = files.fetch(subject.release, subject.target)
        posted, notes = selection.posted, selection.notes
    tree = opener.open(posted)
    if posted.form != "module":
        return OpenedUpstream(posted, None, tree, (), notes)
    search = files.fetch_source(subject.release, candidates)
    if search.posted is None:
        told = tuple(note for note in search.notes if not any(note in line for line in notes))
        return OpenedUpstream(posted, None, tree, MODULE_LEAVES_OUT, notes + told)
    tree = fill_in(tree, opener.open(search.posted))
    return OpenedUpstream(posted, search.posted, tree, (), notes)


class Known:
    """Upstream's digests, as soon as they are there; until then nothing counts as known."""

    def __init__(self, pending: Future[OpenedUpstream]) -> None:
        self._pending = pending
        self._digests: frozenset[str] | None = None

    def __contains__(self, digest: object) -> bool:
        if self._digests is None:
            if not self._pending.done() or self._pending.exception() is not None:
                return False
            tree = self._pending.result().tree
            self._digests = frozenset(entry.sha256 for entry in tree.values())
        return digest in self._digests
