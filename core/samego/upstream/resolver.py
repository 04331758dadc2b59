"""All ways to upstream's files put together, and the choice between them.

By default a mirror is asked first where one is configured, then go.dev/dl, then the
module form, and for what none of them has, what was rebuilt here. A channel that cannot be
reached or does not have the file makes way for the next one, and a line says so. A
contradiction (VerificationError) ends the search: another channel must not hide it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.config import CHANNELS, REBUILD_CHANNEL, Config
from samego.errors import ConfigError, NetworkError, NotPostedError, SamegoError
from samego.model.release import Release, Target
from samego.system import log
from samego.system.closing import Closing
from samego.system.progress import Progress, Silent
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.godev import GoDevChannel, Signatures
from samego.upstream.channels.gosettings import read_settings
from samego.upstream.channels.interface import Channel, Posted
from samego.upstream.channels.mirror import MirrorChannel, RebuildChannel
from samego.upstream.channels.module import ModuleChannel
from samego.upstream.channels.module_zips import ModuleZips
from samego.upstream.channels.source_archive import SourceSearch, source_archive
from samego.upstream.checksums.authorities import AnnouncedSums, Authority
from samego.upstream.checksums.identify import check_is, identify
from samego.upstream.checksums.log_record import GivenProof
from samego.upstream.checksums.module_zip import Indexer, ModuleVerifier
from samego.upstream.sumdb.client import SumDatabase
from samego.upstream.transport.http import Http

_log = logging.getLogger(__name__)

#: Below the cache: what was rebuilt here and turned out to be upstream's.
REBUILT = Path("rebuild/posted")

_FORMS = {
    "mirror": "the mirror's file",
    "go.dev/dl": "go.dev's archive",
    "module": "the module form",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """What was taken, and one line for each channel that did not give it."""

    posted: Posted
    notes: tuple[str, ...]


def first_that_has(
    what: str, channels: Sequence[Channel], fetch: Callable[[Channel], Posted]
) -> Selection:
    """Fetch ``what`` (a name for messages) from the first channel that has it.

    Raises NotPostedError when all channels answered that they do not have it, NetworkError
    when at least one did not answer; both list each channel's cause.
    """
    notes: list[str] = []
    errors: list[NetworkError | NotPostedError] = []
    for number, channel in enumerate(channels, start=1):
        given = _attempt(fetch, channel)
        if isinstance(given, Posted):
            return Selection(given, tuple(notes))
        errors.append(given)
        following = channels[number].name if number < len(channels) else ""
        taking = f", taking {_FORMS.get(following, following)}" if following else ""
        notes.append(f"{channel.name}: {given.cause}{taking}")
    if len(errors) == 1:
        raise errors[0]
    unreached = any(isinstance(error, NetworkError) for error in errors)
    kind: type[SamegoError] = NetworkError if unreached else NotPostedError
    causes = tuple(
        f"{channel.name}: {error.cause}" for channel, error in zip(channels, errors, strict=True)
    )
    network = "check the network, " if unreached else ""
    raise kind(
        f"no channel has {what}",
        hint=f"{network}name a file with --upstream, or build it with 'samego rebuild'",
        tried=causes,
    )


def _attempt(
    fetch: Callable[[Channel], Posted], channel: Channel
) -> Posted | NetworkError | NotPostedError:
    try:
        with log.timed(_log, f"channel {channel.name}"):
            posted = fetch(channel)
    except (NetworkError, NotPostedError) as error:
        _log.info("channel %s: %s", channel.name, error.cause)
        return error
    _log.info("channel %s gives %s, sha256 %s", channel.name, posted.url, posted.sha256)
    for way in posted.verified:
        _log.info("verified: %s (rests on %s)", way.how, way.rests_on)
    return posted


class UpstreamFiles(Closing):
    """Everything that this run may ask about upstream's files.

    ``index`` gives a zip's members (samego.upstream.checksums.module_zip.Indexer).
    ``toolchain_env`` is the text of the go.env of the toolchain under check, the last
    place where a module proxy is looked for. With ``log_proof`` every module zip is verified by
    that proof, and the checksum database is not asked. Raises ConfigError for settings that
    cannot hold, and SplitViewError for a proof that shows a fork of the log.
    """

    def __init__(
        self,
        config: Config,
        *,
        index: Indexer,
        progress: Progress | None = None,
        allow_unverified: bool = False,
        toolchain_env: str = "",
        log_proof: GivenProof | None = None,
    ) -> None:
        kept_sums = config.cache_directory / "sumdb"
        if log_proof is not None:
            log_proof.refuse_fork(kept_sums)
        self._progress = progress or Silent()
        self._allow_unverified = allow_unverified
        settings = read_settings(toolchain_env=toolchain_env)
        self.http = Http(offline=config.offline, read_timeout=config.timeout)
        self.cache = Cache(config.cache_directory, limit=config.cache_limit)
        self.sums = SumDatabase(self.http, settings, kept_sums, offline=config.offline)
        self.verifier = ModuleVerifier(
            self.sums, settings, index, allow_unverified=allow_unverified, given=log_proof
        )
        self.modules = ModuleZips(self.http, self.cache, self.sums, settings.proxies, index)
        self.signatures = Signatures(config.keyring) if config.keyring else None
        self._godev = GoDevChannel(
            self.http,
            self.cache,
            url=config.godev_url,
            signatures=self.signatures,
            progress=self._progress,
        )
        module = ModuleChannel(
            self.http,
            self.cache,
            self.verifier,
            settings,
            godev_url=config.godev_url,
            progress=self._progress,
        )
        self.authorities: tuple[Authority, ...] = (self._godev.index, AnnouncedSums())
        self._all: dict[str, Channel] = {
            "go.dev/dl": self._godev,
            "module": module,
            REBUILD_CHANNEL: RebuildChannel(
                self.cache.root / REBUILT, self.verifier, self.authorities
            ),
        }
        if config.mirror is not None:
            mirror = MirrorChannel(config.mirror, self.verifier, allow_unverified=allow_unverified)
            self._all["mirror"] = mirror
            self.authorities = (mirror.index, *self.authorities)
        self.channels = self._chosen(config.channel)
        self._named = bool(config.channel)

    def close(self) -> None:
        """Close connections and release the cache's files."""
        self.http.close()
        self.cache.close()

    def fetch(self, release: Release, target: Target) -> Selection:
        """The binary form of a release and target from the first channel that has it."""
        selection = first_that_has(
            f"{release} {target}", self._asked(), lambda channel: channel.fetch(release, target)
        )
        for note in selection.notes:
            self._progress.note(note)
        return selection

    def fetch_source(self, release: Release, candidates: Iterable[Path] = ()) -> SourceSearch:
        """The source archive: a candidate that is it, else from a channel, else None."""
        return source_archive(release, self._asked(), candidates, self.authorities)

    def take_file(self, path: Path, release: Release, target: Target) -> Posted:
        """A file that the user named as upstream's; it must be of this release and target."""
        posted = identify(
            path, self.authorities, self.verifier, allow_unverified=self._allow_unverified
        )
        check_is(posted, release, target)
        return posted

    def _asked(self) -> tuple[Channel, ...]:
        """The channels, and after them what was rebuilt here, if anything was.

        ``channels`` themselves are where upstream publishes: what they list and stop listing
        is news, and a rebuild is compared with them, never with itself.
        """
        if self._named or not (self.cache.root / REBUILT).is_dir():
            return self.channels
        return (*self.channels, self._all[REBUILD_CHANNEL])

    def _chosen(self, name: str) -> tuple[Channel, ...]:
        if not name:
            return tuple(self._all[known] for known in CHANNELS if known in self._all)
        names = (*CHANNELS, REBUILD_CHANNEL)
        if name not in names:
            raise ConfigError(f"{name!r} is not a channel", hint=f"name one of {', '.join(names)}")
        if name not in self._all:
            raise ConfigError(
                "no mirror directory is named",
                hint="set SAMEGO_MIRROR, or upstream.mirror in the configuration",
            )
        return (self._all[name],)
