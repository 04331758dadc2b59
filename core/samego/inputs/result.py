"""What was varied, whether it was seen, and what it changed."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from samego.inputs.experiment import Experiment
from samego.model.release import Release, Target
from samego.model.varied import Varied


class InputsVerdict(enum.Enum):
    """The answer of a target or of a whole run, best first."""

    SAME = "same_bytes"
    DIFFERS = "differs"
    UNDECIDED = "undecided"

    @property
    def exit_status(self) -> int:
        """0: nothing that was varied is an input. 1: something is. 2: could not decide."""
        return {InputsVerdict.SAME: 0, InputsVerdict.DIFFERS: 1}.get(self, 2)


@dataclass(frozen=True, slots=True)
class VariedInput:
    """One real input, varied alone: the paths that it changed, and what was not as it must be.

    ``unexpected`` are paths that changed and should not, or patterns of which nothing changed;
    ``error`` says why it did not build.
    """

    name: str
    what: str
    changed: tuple[str, ...]
    unexpected: tuple[str, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class TargetInputs:
    """What came of one target.

    ``control`` is the build in plain surroundings, ``varied`` the one with all varied at once;
    None where it did not build, and ``error`` says why. ``doubt`` says what the control gave
    instead of upstream's posted bytes, and is empty where it gave them. ``culprits`` are the
    variations that change the result, or keep it from being built; ``along`` those that the
    probe saw change with them, and ``where`` what they change, one line for each file.
    ``tried`` are the things that are inputs, where they were asked for.
    """

    target: Target
    control: Experiment
    doubt: str
    varied: Experiment | None
    error: str
    variations: tuple[Varied, ...]
    culprits: tuple[str, ...]
    where: tuple[str, ...]
    along: tuple[str, ...] = ()
    tried: tuple[VariedInput, ...] = ()

    @property
    def verdict(self) -> InputsVerdict:
        """Decided only where the control gave upstream's own bytes, and all was built."""
        if self.doubt:
            return InputsVerdict.UNDECIDED
        if self.varied is not None and self.culprits:
            return InputsVerdict.DIFFERS
        if any(each.unexpected for each in self.tried):
            return InputsVerdict.DIFFERS
        decided = self.varied is not None and not any(each.error for each in self.tried)
        return InputsVerdict.SAME if decided else InputsVerdict.UNDECIDED


@dataclass(frozen=True, slots=True)
class InputsResult:
    """A whole run. ``program`` is the one program that was built, or empty for all of it."""

    release: Release
    program: str
    bootstraps: tuple[str, str]
    targets: tuple[TargetInputs, ...]
    seconds: float
    version: str

    @property
    def verdict(self) -> InputsVerdict:
        """The worst of its targets."""
        return _worst(each.verdict for each in self.targets)


def _worst(verdicts: Iterable[InputsVerdict]) -> InputsVerdict:
    order = (InputsVerdict.SAME, InputsVerdict.UNDECIDED, InputsVerdict.DIFFERS)
    return max(verdicts, key=order.index, default=InputsVerdict.UNDECIDED)
