"""What publishing did, or with ``--dry-run`` would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from samego.system.terminal import visible

#: Digits of a digest that are shown to people.
_SHORT = 8
_STEP = 1024


@dataclass(frozen=True, slots=True)
class PublishOutcome:
    """``sent`` are the paths whose bytes were (or would be) sent, with their sizes in bytes.

    ``total`` counts all files. ``release`` is the snapshot's digest. ``shown`` says that the
    destination showed it before. ``dry`` says that nothing was sent.
    """

    destination: str
    release: str
    total: int
    sent: Mapping[str, int]
    shown: bool = False
    dry: bool = False

    def sentence(self) -> str:
        """One line for a person."""
        short = self.release[:_SHORT]
        if self.shown:
            return f"nothing to do: {self.destination} already shows {short}"
        size = in_units(sum(self.sent.values()))
        verb = "would publish" if self.dry else "published"
        return (
            f"{verb} {len(self.sent):,} changed {'file' if len(self.sent) == 1 else 'files'}"
            f" of {self.total:,} ({size}) to {self.destination}; release {short}"
        )

    def lines(self) -> list[str]:
        """The sentence, and before it for a dry run what would be sent."""
        named = [f"would send {visible(path)}" for path in sorted(self.sent)] if self.dry else []
        return [*named, self.sentence()]


def in_units(size: int) -> str:
    """Bytes for a person: ``12 KiB``."""
    amount, unit = float(size), "B"
    for bigger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < _STEP:
            break
        amount, unit = amount / _STEP, bigger
    return f"{amount:.0f} {unit}"
