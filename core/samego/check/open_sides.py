"""Reading both sides of a check at once: the package, and what upstream posted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from samego.check.built_upstream import build_upstream
from samego.config import Config
from samego.distro.given import view_given
from samego.distro.interface import Shipment
from samego.errors import BuildError, NetworkError, NotPostedError, SamegoError
from samego.formats.archive.spool import Spool
from samego.formats.tree.goroot import GorootView
from samego.model.release import Release, Target
from samego.model.subject import Subject
from samego.model.tree import Kind, Tree
from samego.reference.job import Host
from samego.system import ending
from samego.system.progress import Progress
from samego.system.stoppable import Stoppable
from samego.upstream.channels.gosettings import read_settings
from samego.upstream.channels.interface import MODULE_LEAVES_OUT, Posted
from samego.upstream.connect import connect
from samego.upstream.open_tree import Opener, fill_in
from samego.upstream.resolver import UpstreamFiles

#: The form that a source archive fills in.
_NOT_WHOLE = "module"
#: So many of upstream's trees are kept at once; one takes about 10 MB.
_MOST_KEPT = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of upstream's files to take: a file by hand, or what the channels post.

    ``build`` says that what no channel has may be built here, ``go_env`` that the package's own
    go.env may name a module proxy where nothing else does. ``words`` are what the user named, as
    a command line has it.
    """

    config: Config
    file: Path | None = None
    allow_unverified: bool = False
    build: bool = False
    go_env: bool = True
    words: str = ""

    @property
    def builds(self) -> bool:
        """Whether a file that no channel has may be built: not where it must come from one."""
        return self.build and self.file is None and not self.config.channel


@dataclass(frozen=True, slots=True)
class OpenedUpstream:
    """Upstream's side: its files, its tree, and the prefixes that its form leaves out.

    ``seconds`` is how long building it here took, zero where a channel had it.
    """

    posted: Posted
    source: Posted | None
    tree: Tree
    leaves_out: tuple[str, ...]
    notes: tuple[str, ...]
    seconds: float = 0.0


class SharedUpstream:
    """Upstream's side as the checks of one run share it: those of the last releases and targets.

    ``spool`` keeps the bytes of its files. An answer that there is no such file is kept too.
    """

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        #: What other releases have, by release and target: sha256 by path.
        self.others: dict[tuple[Release, Target], Mapping[str, str]] = {}
        self._kept: dict[object, OpenedUpstream | SamegoError] = {}

    def find(self, key: object) -> OpenedUpstream | SamegoError | None:
        """What was kept under this key; None where nothing is."""
        return self._kept.get(key)

    def keep(self, key: object, opened: OpenedUpstream | SamegoError) -> None:
        """Keep this, and what was kept first no longer, where there is too much."""
        self._kept[key] = opened
        while len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]


def read_both(
    shipment: Shipment,
    subject: Subject,
    choice: Choice,
    shared: SharedUpstream,
    progress: Stoppable,
) -> tuple[Tree, OpenedUpstream]:
    """Read the package's payload while upstream's side is fetched and indexed.

    Raises what the shipment and the channels raise; a failure on one side ends the other.
    """
    # The distro's own source archive only fills in what upstream's file leaves out.
    whole = (subject.release, subject.target)
    filled_in = (*whole, shipment.source_archive)
    kept = shared.find(whole) or shared.find(filled_in)
    if isinstance(kept, SamegoError):
        raise kept
    if kept is not None:
        return shipment.read(Digests(kept)), replace(kept, seconds=0.0)
    try:
        payload, opened = _read_both(shipment, subject, choice, shared.spool, progress)
    except (NetworkError, NotPostedError, BuildError) as error:
        shared.keep(filled_in, error)
        raise
    shared.keep(filled_in if opened.posted.form == _NOT_WHOLE else whole, opened)
    return payload, opened


def _read_both(
    shipment: Shipment, subject: Subject, choice: Choice, spool: Spool, progress: Stoppable
) -> tuple[Tree, OpenedUpstream]:
    candidates = [shipment.source_archive] if shipment.source_archive else []

    @contextlib.contextmanager
    def reached(toolchain_env: str) -> Iterator[_Files]:
        with connect(
            choice.config,
            spool,
            progress,
            allow_unverified=choice.allow_unverified,
            toolchain_env=toolchain_env,
        ) as (files, opener):
            yield _Files(files, opener, subject, candidates)

    def upstream(toolchain_env: str) -> OpenedUpstream | SamegoError:
        with ending.until(progress.stopped), reached(toolchain_env) as files:
            try:
                return files.posted(choice.file)
            except (NetworkError, NotPostedError) as error:
                return error

    def given(opened: OpenedUpstream | SamegoError, toolchain_env: str) -> OpenedUpstream:
        if isinstance(opened, OpenedUpstream):
            return opened
        if not choice.builds:
            raise _with_way_out(opened, choice, subject.release)
        with reached(toolchain_env) as files:
            return files.built(choice.config, opened, progress)

    settings = read_settings()
    named = settings.proxies.proxies or settings.proxies.end
    if choice.file is None and choice.go_env and not named:
        # Nothing here names a module proxy: the package's own go.env is the last resort.
        payload = shipment.read(frozenset())
        own = _go_env(view_given(shipment, payload))
        return payload, given(upstream(own), own)
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(upstream, "")
        try:
            payload = shipment.read(UpstreamDigests(pending))
            return payload, given(pending.result(), "")
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
    """Upstream's toolchain for this machine, to build with; always verified."""
    with connect(choice.config, spool, progress) as (files, opener):
        posted = files.fetch(release, target).posted
        return Host(posted, opener.open(posted), target)


@dataclass(frozen=True, slots=True)
class _Files:
    """Upstream's files, and what they are opened with; ``candidates`` may be the source archive."""

    files: UpstreamFiles
    opener: Opener
    subject: Subject
    candidates: Sequence[Path]

    def posted(self, by_hand: Path | None) -> OpenedUpstream:
        """What the user named, else what a channel has. Raises what these raise."""
        release, target = self.subject.release, self.subject.target
        if by_hand is not None:
            return self._opened(self.files.take_file(by_hand, release, target), ())
        selection = self.files.fetch(release, target)
        return self._opened(selection.posted, selection.notes)

    def built(self, config: Config, missing: SamegoError, progress: Progress) -> OpenedUpstream:
        """What is built here, as no channel has it. Raises what build_upstream raises."""
        began = time.monotonic()
        release, target = self.subject.release, self.subject.target
        notes = (*(missing.tried or (missing.cause,)), f"{release} {target} was built here")
        progress.note(f"{missing.message}: building it here, from upstream's source")
        posted = build_upstream(release, target, self.candidates, config, progress)
        seconds = time.monotonic() - began
        return replace(self._opened(posted, notes), seconds=seconds)

    def _opened(self, posted: Posted, notes: tuple[str, ...]) -> OpenedUpstream:
        """A file with what the source archive adds to it."""
        tree = self.opener.open(posted)
        if posted.form != _NOT_WHOLE:
            return OpenedUpstream(posted, None, tree, (), notes)
        search = self.files.fetch_source(self.subject.release, self.candidates)
        if search.posted is None:
            more = tuple(note for note in search.notes if not any(note in line for line in notes))
            return OpenedUpstream(posted, None, tree, MODULE_LEAVES_OUT, notes + more)
        tree = fill_in(tree, self.opener.open(search.posted))
        return OpenedUpstream(posted, search.posted, tree, (), notes)


def _with_way_out(error: SamegoError, choice: Choice, release: Release) -> SamegoError:
    """The error that no channel has a file, with what a check can do about it."""
    if choice.file is not None or (choice.config.channel and release.reproducible):
        return error
    message = error.message
    command = f"samego check --rebuild {choice.words}"
    hint = f"build it here from upstream's source: {command}; or name it with --upstream"
    if not release.reproducible:
        message += (
            "; upstream's binaries before go1.21 are not reproducible, so no build here can stand"
            " in for it"
        )
        hint = (
            "name upstream's archive with --upstream: sources and layout are compared with it then,"
            " and executables stay unproven"
        )
    if isinstance(error, NetworkError):
        hint = f"check the network, or {hint}"
    return type(error)(message, hint=hint, tried=error.tried)


class Digests:
    """The digests of all files of upstream's."""

    def __init__(self, opened: OpenedUpstream) -> None:
        self._digests = frozenset(entry.sha256 for entry in opened.tree.values())

    def __contains__(self, digest: object) -> bool:
        return digest in self._digests


class UpstreamDigests:
    """Upstream's digests, as soon as they are there; until then nothing counts as known."""

    def __init__(self, pending: Future[OpenedUpstream | SamegoError]) -> None:
        self._pending = pending
        self._digests: Digests | frozenset[str] | None = None

    def __contains__(self, digest: object) -> bool:
        if self._digests is None:
            if not self._pending.done() or self._pending.exception() is not None:
                return False
            opened = self._pending.result()
            self._digests = Digests(opened) if isinstance(opened, OpenedUpstream) else frozenset()
        return digest in self._digests
