"""The sources of one run: of the release itself, and of the steps that lead to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from samego.config import CHANNELS
from samego.errors import InputError, NetworkError, NotPostedError
from samego.model.release import PostedName, Release, Target, archive_name
from samego.rebuild.bootstrap import Bootstrap
from samego.rebuild.plan import BUILT_BY_C, Step, plan
from samego.rebuild.source import ReleaseSource, find_source, open_source
from samego.system.progress import Progress
from samego.upstream.channels.interface import Channel
from samego.upstream.channels.mirror import MirrorChannel
from samego.upstream.checksums.announced import load as load_announced
from samego.upstream.checksums.identify import identify
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles


class Sources:
    """Finds each release's source once.

    ``named`` is what the user named for ``release``: a channel, a file, a directory (which
    is asked for the steps as well), or nothing. ``host`` is this machine.
    """

    def __init__(
        self,
        release: Release,
        named: str,
        upstream: UpstreamFiles,
        opener: Opener,
        host: Target,
        progress: Progress,
    ) -> None:
        self._release = release
        self._named = named
        self._upstream = upstream
        self._opener = opener
        self._host = host
        self._progress = progress
        self._found: dict[Release, ReleaseSource] = {}
        self._missing: dict[Release, str] = {}

    def get(self, release: Release) -> ReleaseSource:
        """A release's source. Raises what find_source and open_source raise."""
        if release not in self._found:
            self._found[release] = self._find(release)
        return self._found[release]

    def _find(self, release: Release) -> ReleaseSource:
        path = Path(self._named)
        if path.is_file() and release == self._release:
            posted = identify(path, self._upstream.authorities, self._upstream.verifier)
            if posted.release != release:
                raise InputError(
                    f"{path.name} is {posted.release}, not {release}",
                    hint="name the source of {release}",
                )
            return open_source(posted, self._opener)
        channels = self._channels()
        hosts = dict.fromkeys((self._host, Target("linux", "amd64")))
        source, notes = find_source(release, channels, hosts, self._opener)
        for note in notes:
            self._progress.note(note)
        return source

    def _channels(self) -> Sequence[Channel]:
        named = self._named
        if named in CHANNELS:
            return [each for each in self._upstream.channels if each.name == named]
        if named and Path(named).is_dir():
            mirror = MirrorChannel(Path(named), self._upstream.verifier)
            return [mirror, *self._upstream.channels]
        if named and not Path(named).is_file():
            raise InputError(
                f"{named!r} is not a channel, file or directory",
                hint=f"name a source archive, a directory that holds it, or {', '.join(CHANNELS)}",
            )
        return self._upstream.channels

    def known(self) -> tuple[Release, ...]:
        """Releases that may serve as steps: announced, and not found to be missing."""
        releases = (BUILT_BY_C, *announced_releases())
        return tuple(release for release in releases if release not in self._missing)

    def plan(self, bootstrap: Bootstrap) -> tuple[Step, ...]:
        """The steps from a bootstrap, each of which has its source at hand.

        Raises NotPostedError, with what was refused, when there is no way.
        """
        while True:
            try:
                steps = plan(self._release, bootstrap.version, bootstrap.name, self.known())
            except NotPostedError as error:
                causes = tuple(self._missing.values())
                raise NotPostedError(error.message, hint=error.hint, tried=causes) from error
            if self._all_there(steps):
                return steps

    def _all_there(self, steps: Sequence[Step]) -> bool:
        """Whether every step's source can be had; the first that cannot is noted."""
        for step in steps:
            try:
                self.get(step.release)
            except (NotPostedError, NetworkError) as error:  # noqa: PERF203 - decides how to go on
                if step.release == self._release:
                    raise
                self._progress.note(f"{step.release} is no step: {error.cause}")
                self._missing[step.release] = error.cause
                return False
        return True


def announced_releases() -> tuple[Release, ...]:
    """Every release that public repositories announced, oldest first."""
    return tuple(sorted(Release.parse(name) for name in load_announced().releases))


def posted_targets(release: Release) -> frozenset[Target]:
    """The targets whose archives were announced for a release; empty when none is known."""
    names: Mapping[str, str] = load_announced().releases.get(str(release), {})
    found = [PostedName.parse(name).target for name in names]
    return frozenset(
        target for target in found if target is not None and archive_name(release, target) in names
    )
