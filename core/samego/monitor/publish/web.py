"""Publishing with HTTP PUT (see :mod:`samego.monitor.publish.web_record` for what lies where).

HTTP has no way to replace several files at once. So a release goes to a folder of its own,
and the front page, which leads there, is replaced by one PUT when all of it is there. Whoever
comes by the front page sees one release. The other files lie at stable URLs too, for links and
programs; these are replaced right after, one by one, each whole. A record says which ones that
concerns, so that the next run settles what this one could not.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace

from samego.errors import InputError, NetworkError, SamegoError
from samego.monitor.publish import releases, web_record
from samego.monitor.publish.destination import Web
from samego.monitor.publish.outcome import PublishOutcome
from samego.monitor.publish.releases import ReleasePlace
from samego.monitor.publish.retrying import retrying
from samego.monitor.publish.snapshot import Snapshot
from samego.monitor.publish.web_client import Client
from samego.monitor.publish.web_record import Current, Sent
from samego.system.progress import Progress

#: Seconds between two notes to the server of what it has confirmed, and the share of the time
#: that notes may take: with many files they are long.
_NOTE, _SHARE = 0.5, 0.05
#: How often a switch is done again when somebody else switches at the same time.
_SWITCHES = 3


@dataclass(frozen=True, slots=True)
class Publisher:
    """One destination and the connection to it."""

    destination: Web
    client: Client
    progress: Progress
    run: str = field(default_factory=lambda: secrets.token_hex(8))

    def publish(self, snapshot: Snapshot, *, dry: bool = False) -> PublishOutcome:
        """Show a snapshot there.

        Raises InputError for a place that is not samego's to replace, and what
        :class:`Client` raises.
        """
        _check_names(snapshot)
        self.progress.stage(f"asking {self.destination} what it shows")
        found = self._current()
        if found is None:
            self._check_free(snapshot)
        current = found or Current()
        if current.release == snapshot.digest and not current.unsettled:
            return self._outcome(snapshot, [], shown=True, dry=dry)
        sent = self._sent(snapshot)
        if dry:
            return self._outcome(snapshot, _missing(snapshot, current, sent), dry=True)
        if sent is None:
            sent, current = self._fresh(snapshot, current)
        else:
            self._begin(sent.folder)
        missing = self._upload(snapshot, sent)
        snapshot.check()
        self.progress.stage(f"switching {self.destination}")
        self._switch(snapshot, sent.folder, copies=current.copies)
        self._prune({sent.folder, current.folder})
        return self._outcome(snapshot, missing)

    def _outcome(
        self, snapshot: Snapshot, sent: list[str], *, shown: bool = False, dry: bool = False
    ) -> PublishOutcome:
        sizes = {path: snapshot.items[path].size for path in sent}
        total = len(snapshot.items)
        return PublishOutcome(
            str(self.destination), snapshot.digest, total, sizes, shown=shown, dry=dry
        )

    def _current(self) -> Current | None:
        """What the server shows. Raises InputError for a record that is not samego's."""
        data = self.client.get(web_record.CURRENT)
        if data is None:
            return None
        current = web_record.read_current(data)
        if current is None:
            where = f"{self.destination}{web_record.CURRENT}"
            raise releases.not_ours(where, "a file")
        return current

    def _check_free(self, snapshot: Snapshot) -> None:
        """Refuse to replace what samego has not put there, the first time."""
        front = self.client.get(web_record.INDEX)
        if front is not None and not web_record.pointed_to(front):
            raise releases.not_ours(f"{self.destination}{web_record.INDEX}", "a file")
        # Where a directory is absent, nothing is in it.
        tops = {top: slash for top, slash, _ in (p.partition("/") for p in _stable(snapshot))}
        there = {top for top, slash in tops.items() if not self.client.absent(f"{top}{slash}")}
        for path in _stable(snapshot):
            if path.partition("/")[0] in there and not self.client.absent(path):
                raise releases.not_ours(f"{self.destination}{path}", "a file")

    def _sent(self, snapshot: Snapshot) -> Sent | None:
        """What earlier runs have sent of this release."""
        data = self.client.get(web_record.sent_record(snapshot.digest))
        sent = web_record.read_sent(data)
        return sent if sent is not None and sent.release == snapshot.digest else None

    def _fresh(self, snapshot: Snapshot, current: Current) -> tuple[Sent, Current]:
        """Begin a folder, with what the server can copy of the shown one.

        A copy is tried once in a folder: the server may go on with one that nobody awaits.
        """

        def once() -> Sent:
            folder = web_record.new_folder(snapshot.digest)
            self._begin(folder)
            if current.folder and self._copy(snapshot, current, folder):
                return Sent(snapshot.digest, folder, frozenset(_same(snapshot, current)))
            return Sent(snapshot.digest, folder)

        if current.folder:
            self.progress.stage(f"copying what is unchanged at {self.destination}")
        sent = retrying(once, self.client.patience, self.progress)
        self._note(sent)
        copies = bool(sent.paths) or not _same(snapshot, current)
        return sent, replace(current, copies=copies)

    def _copy(self, snapshot: Snapshot, current: Current, folder: str) -> bool:
        """Have the server copy the shown folder, but for files that are gone now."""
        old, new = web_record.place_of(current.folder), web_record.place_of(folder)
        if not self.client.copy_once(old, new):
            return False
        gone = [path for path in current.files if path not in snapshot.items]
        left = [path for path in gone if not self.client.delete(f"{new}{path}")]
        return not left

    def _upload(self, snapshot: Snapshot, sent: Sent) -> list[str]:
        """Make the release whole; the files that were sent."""
        missing = [path for path in snapshot.items if path not in sent.paths]
        self.progress.stage(f"sending to {self.destination}")
        due = time.monotonic() + _NOTE
        for number, path in enumerate(missing, 1):
            self.client.put(f"{web_record.place_of(sent.folder)}{path}", snapshot.read(path))
            self.progress.advance(number, len(missing))
            if (began := time.monotonic()) >= due or number == len(missing):
                self._note(replace(sent, paths=sent.paths.union(missing[:number])))
                ended = time.monotonic()
                due = ended + max(_NOTE, (ended - began) / _SHARE)
        return missing

    def _begin(self, folder: str) -> None:
        """Note that a folder is begun, or gone on with, now."""
        known = web_record.read_known(self.client.get(web_record.KNOWN))
        known[folder] = time.time()
        self.client.put(web_record.KNOWN, web_record.write_known(known))

    def _note(self, sent: Sent) -> None:
        self.client.put(web_record.sent_record(sent.release), sent.to_bytes())

    def _switch(self, snapshot: Snapshot, folder: str, *, copies: bool) -> None:
        """Show a release: the front page, then each file at its stable URL.

        Nothing locks a web server. Whoever finds that somebody else has switched meanwhile
        switches once more, and replaces all that the other one may have.
        """
        files = {path: item.sha256 for path, item in snapshot.items.items()}
        settled = Current(snapshot.digest, folder, files, run=self.run, copies=copies)
        touched: set[str] = set()
        for _ in range(_SWITCHES):
            current = self._current() or Current()
            touched |= {*current.unsettled, *_differing(current, files)}
            self._announce(current, touched)
            theirs = self._shown_instead_of({current.folder, folder})
            if theirs:
                touched |= {*theirs, *_stable(snapshot)} - {web_record.INDEX}
                self._announce(current, touched)
            self.client.put(web_record.INDEX, web_record.pointer(folder))
            self._settle(snapshot, sorted(touched))
            now = self._current()
            if now is None or now.run != self.run:
                continue
            self.client.put(web_record.CURRENT, settled.to_bytes())
            if self.client.get(web_record.INDEX) == web_record.pointer(folder):
                return
        raise NetworkError(
            f"somebody else publishes to {self.destination} at the same time",
            hint="publish again when they are done",
        )

    def _announce(self, current: Current, touched: set[str]) -> None:
        """Note which stable files are about to change."""
        begun = replace(current, unsettled=tuple(sorted(touched)), run=self.run)
        self.client.put(web_record.CURRENT, begun.to_bytes())

    def _shown_instead_of(self, folders: set[str]) -> AbstractSet[str]:
        """The files of a release that somebody has shown since the record was read."""
        folder = web_record.pointed_to(self.client.get(web_record.INDEX) or b"")
        if not folder or folder in folders:
            return frozenset()
        sent = web_record.read_sent(self.client.get(web_record.sent_record(folder)))
        return sent.paths if sent is not None else frozenset()

    def _settle(self, snapshot: Snapshot, paths: list[str]) -> None:
        """Put, or delete, these files at their stable URLs."""
        for number, path in enumerate(paths, 1):
            if path in snapshot.items:
                self.client.put(path, snapshot.read(path))
            elif not self.client.delete(path):
                self.progress.note(f"{self.destination}{path} is outdated and stays there")
            self.progress.advance(number, len(paths))

    def _prune(self, keep: set[str]) -> None:
        """Remove what no reader needs; what cannot be removed stays for the next time."""
        with suppress(SamegoError):
            known = web_record.read_known(self.client.get(web_record.KNOWN))
            unneeded = ReleasePlace("", known).unneeded(keep, time.time())
            gone = [name for name in unneeded if self._remove(name)]
            if gone:
                left = {name: when for name, when in known.items() if name not in gone}
                self.client.put(web_record.KNOWN, web_record.write_known(left))

    def _remove(self, folder: str) -> bool:
        """Remove a folder, and first what says that its files are there."""
        record = web_record.sent_record(folder)
        if f'"{folder}"'.encode() in (self.client.get(record) or b"") and not (
            self.client.delete(record)
        ):
            return False
        return self.client.delete(web_record.place_of(folder))


def _same(snapshot: Snapshot, current: Current) -> set[str]:
    """The files that the shown release has with the same bytes."""
    items = snapshot.items.items()
    return {path for path, item in items if current.files.get(path) == item.sha256}


def _missing(snapshot: Snapshot, current: Current, sent: Sent | None) -> list[str]:
    """What would be sent, if the server copies as it did last time."""
    there: AbstractSet[str] = set()
    if sent is not None:
        there = sent.paths
    elif current.copies:
        there = _same(snapshot, current)
    return [path for path in snapshot.items if path not in there]


def _stable(snapshot: Snapshot) -> Iterator[str]:
    return (path for path in snapshot.items if path != web_record.INDEX)


def _differing(current: Current, files: dict[str, str]) -> set[str]:
    """The stable paths whose file changes, comes or goes."""
    paths = {*current.files, *files} - {web_record.INDEX}
    return {path for path in paths if current.files.get(path) != files.get(path)}


def _check_names(snapshot: Snapshot) -> None:
    """Refuse files that would lie where publishing keeps its own."""
    for path in _stable(snapshot):
        if path.partition("/")[0] == web_record.FOLDER:
            raise InputError(
                f"{path} would lie among publishing's own files", hint="rename that directory"
            )
