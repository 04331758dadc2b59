"""Publishing with rsync, over ssh or to a daemon (see :mod:`samego.monitor.publish.releases`).

Nothing but rsync runs at the other end. It makes the release's directory, fills it with
what differs from the shown one (``--link-dest``: what is the same becomes a hard link, on
the checksum of its bytes), and sends a link: where one is in the way, rsync makes the new
one under a temporary name and renames it (``atomic_create`` in its generator.c). At last
it removes what is not needed any more.
"""

from __future__ import annotations

import calendar
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from samego.errors import SamegoError
from samego.monitor.publish import releases
from samego.monitor.publish.destination import Rsync
from samego.monitor.publish.outcome import PublishOutcome
from samego.monitor.publish.releases import ReleasePlace
from samego.monitor.publish.retrying import Patience, retrying
from samego.monitor.publish.rsync_command import RsyncCommand
from samego.monitor.publish.snapshot import Snapshot
from samego.system.progress import Progress

#: rsync's list of files (list_file_entry in generator.c): type and mode, size, time, name.
_ENTRY = re.compile(
    r"(?P<kind>[-a-z])\S{9,10} +[\d,]+ (?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) (?P<name>.*)"
)
#: What --out-format prints for a file that was sent: %i, %l and %n.
_SENT = re.compile(r"[<>]f\S{9,} (\d+) (.*)")
_FORMAT = "%i %l %n"
#: Whatever the umasks are, web servers may read it.
_MODES = ("--perms", "--chmod=D755,F644")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Publisher:
    """One destination and how it is reached."""

    destination: Rsync
    command: RsyncCommand
    progress: Progress
    patience: Patience = field(default_factory=Patience)

    def publish(self, snapshot: Snapshot, *, dry: bool = False) -> PublishOutcome:
        """Show a snapshot there.

        Raises InputError for a destination that is not samego's to replace or lacks its
        directory, ConfigError for refused keys and passwords, NetworkError, DiskFullError,
        and ToolError for an rsync that is missing or failed otherwise.
        """
        self.progress.stage(f"asking {self.destination} what it shows")
        place = self._retrying(self.find_place)
        sent: dict[str, int] = {}
        if place.shown != snapshot.digest and dry:
            sent = self._upload(snapshot, place, dry=True)
        elif place.shown != snapshot.digest:
            self.progress.stage(f"sending to {self.destination}")
            self._retrying(lambda: self._begin(snapshot.digest))
            self._retrying(lambda: sent.update(self._upload(snapshot, place)))
            snapshot.check()
            self.progress.stage(f"switching {self.destination}")
            self._retrying(lambda: self._switch(snapshot.digest))
            self._prune({snapshot.digest, place.shown})
        return PublishOutcome(
            str(self.destination),
            snapshot.digest,
            len(snapshot.items),
            sent,
            shown=place.shown == snapshot.digest,
            dry=dry,
        )

    def find_place(self) -> ReleasePlace:
        """What there is. Raises InputError for what is not samego's."""
        name, kept = self.destination.name, releases.directory(self.destination.name)
        filters = [f"--include=/{name}", f"--include=/{kept}/", f"--include=/{kept}/*/"]
        lines: list[str] = []
        self.command.run(
            ["--recursive", "--links", "--list-only", *filters, "--exclude=*", self._at("")],
            lines.append,
        )
        shown, found = "", {}
        for entry in filter(None, map(_ENTRY.fullmatch, lines)):
            path, _, target = entry["name"].partition(" -> ")
            if path == name:
                shown = releases.shown_by(name, target) if entry["kind"] == "l" else ""
                if not shown:
                    what = "a directory" if entry["kind"] == "d" else "a file or link"
                    raise releases.not_ours(str(self.destination), what)
            digest = releases.shown_by(name, path)
            if digest and entry["kind"] == "d":
                when = time.strptime(entry["time"], "%Y/%m/%d %H:%M:%S")
                found[digest] = float(calendar.timegm(when))
        return ReleasePlace(shown, found)

    def _begin(self, digest: str) -> None:
        """Make the release's directory, or mark it as in use now."""
        with tempfile.TemporaryDirectory(prefix="samego-") as stage:
            kept = Path(stage, releases.directory(self.destination.name))
            (kept / digest).mkdir(parents=True)
            self._run([*_MODES, "--recursive", "--times", str(kept), self._at("")])

    def _upload(
        self, snapshot: Snapshot, place: ReleasePlace, *, dry: bool = False
    ) -> dict[str, int]:
        """Make the release whole; the files whose bytes were sent, with their sizes."""
        sent: dict[str, int] = {}

        def line(text: str) -> None:
            entry = _SENT.fullmatch(text)
            if entry:
                sent[entry[2]] = int(entry[1])
                self.progress.advance(len(sent), len(snapshot.items))

        options = [*_MODES, "--recursive", "--checksum", "--delete", "--prune-empty-dirs"]
        # Hidden from the sender alone: what is there under such a name is rsync's leftover.
        options += ["--filter=hide /.*", f"--out-format={_FORMAT}", "--8-bit-output"]
        goal = snapshot.digest
        if dry:
            options.append("--dry-run")
            # A directory that is not there yet compares with nothing.
            goal = goal if goal in place.releases else place.shown
        if not goal:
            return {path: item.size for path, item in snapshot.items.items()}
        if place.shown not in {"", goal}:
            options.append(f"--link-dest={self._basis(place.shown)}")
        source = f"{snapshot.root.absolute()}/"
        self.command.run([*options, source, self._at_release(f"{goal}/")], line)
        return sent

    def _switch(self, digest: str) -> None:
        """Show a release: one link, replaced by one rename."""
        with tempfile.TemporaryDirectory(prefix="samego-") as stage:
            link = Path(stage, self.destination.name)
            link.symlink_to(releases.link_target(link.name, digest))
            self._run(["--links", str(link), self._at("")])

    def _prune(self, keep: set[str]) -> None:
        """Remove what no reader needs; what cannot be removed stays for the next time."""
        with suppress(SamegoError), tempfile.TemporaryDirectory(prefix="samego-") as empty:
            unneeded = self.find_place().unneeded(keep, time.time())
            if unneeded:
                risks = [f"--filter=risk /{name}{end}" for name in unneeded for end in ("", "/**")]
                options = ["--recursive", "--delete", *risks, "--filter=protect *"]
                self._run([*options, f"{empty}/", self._at_release("")])

    def _run(self, arguments: Sequence[str]) -> None:
        self.command.run(arguments, lambda _line: None)

    def _retrying(self, action: Callable[[], T]) -> T:
        return retrying(action, self.patience, self.progress)

    def _at(self, path: str) -> str:
        """A path beside the link, as rsync takes it."""
        return f"{self.destination.host}{self.destination.parent}{path}"

    def _at_release(self, path: str) -> str:
        return self._at(f"{releases.directory(self.destination.name)}/{path}")

    def _basis(self, digest: str) -> str:
        """The shown release, for --link-dest.

        As an absolute path where the destination is one: rrsync takes no ``..``.
        """
        if self.destination.parent.startswith("/"):
            kept = releases.directory(self.destination.name)
            return f"{self.destination.parent}{kept}/{digest}"
        return f"../{digest}"
