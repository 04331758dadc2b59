"""Which witnesses must have cosigned a checkpoint: a trust policy, as data.

Source of the format: C2SP tlog-policy. Lines of ``log VKEY [URL]``, ``witness NAME VKEY [URL]``,
``group NAME all|any|K MEMBER...`` and one ``quorum NAME|none``; each name is defined before it
is used. A log's key stands for the log: its name is not the origin line, as all checksum
databases have the same one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.errors import ConfigError, InputError
from samego.system.terminal import visible
from samego.upstream.sumdb.cosignature import Cosigned, Cosigner, Unchecked, cosignatures
from samego.upstream.sumdb.note import Verifier

MAX_POLICY = 1 << 20
#: Seconds that a witness's clock may be ahead of this machine's.
CLOCK_SKEW = 3600
NONE = "none"

_BLANKS = re.compile(r"[ \t]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
#: Words of each line, at least and at most.
_WORDS = {"log": (2, 3), "witness": (3, 4), "group": (4, 1 << 20), "quorum": (2, 2)}


@dataclass(frozen=True, slots=True)
class WitnessGroup:
    """Members (witnesses and groups) of which ``threshold`` must have witnessed."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyAnswer:
    """A checkpoint's cosignatures as a policy sees them.

    ``cosigned`` has what each witness that signed is worth, by its name in the policy. ``met`` is
    whether the quorum is there, ``could_be_met`` whether it would be, if what cannot be checked
    here counted.
    """

    cosigned: Mapping[str, Cosigned]
    met: bool
    could_be_met: bool


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """A trust policy: log keys (any of them; none: the one that GOSUMDB names) and the quorum."""

    name: str
    logs: tuple[Verifier, ...]
    witnesses: Mapping[str, Cosigner]
    groups: Mapping[str, WitnessGroup]
    quorum: str

    @classmethod
    def read(cls, path: Path) -> WitnessPolicy:
        """Read a policy file. Raises InputError, and ConfigError for what it must not say."""
        name = visible(str(path))
        try:
            with path.open("rb") as file:
                data = file.read(MAX_POLICY + 1)
        except OSError as error:
            raise InputError(
                f"{name} cannot be read ({error.strerror})", hint="name a trust policy's file"
            ) from error
        if len(data) > MAX_POLICY:
            raise InputError(f"{name} is too long for a trust policy", hint="name the right file")
        return cls.parse(data, name)

    @classmethod
    def parse(cls, data: bytes, name: str) -> WitnessPolicy:
        """Read a policy's text; ``name`` is what errors call it. Raises ConfigError."""
        if _CONTROL.search(data):
            raise ConfigError(
                f"{name} holds control characters", hint="write it with newlines, spaces and tabs"
            )
        reader = _Reader(name)
        for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
            reader.line(number, [word for word in _BLANKS.split(line) if word])
        return reader.policy()

    def accepts_log(self, verifier: Verifier) -> bool:
        """Whether the policy takes checkpoints that this key signs."""
        return not self.logs or any(log.public_key == verifier.public_key for log in self.logs)

    def judge(self, note: bytes, now: float) -> PolicyAnswer:
        """Check a checkpoint's cosignatures; ``now`` is in seconds since 1970.

        The log's own signature is not looked at. Raises VerificationError for a note with a
        cosignature that one of the policy's witnesses did not make.
        """
        keys = {(each.name, each.key_hash): each for each in self.witnesses.values()}
        found = cosignatures(note, keys, int(now) + CLOCK_SKEW)
        cosigned = {name: found[key] for name, key in self.witnesses.items() if key in found}
        sure = {name for name, each in cosigned.items() if each.counts}
        unable = {name for name, each in cosigned.items() if each.unchecked is Unchecked.NO_ML_DSA}
        return PolicyAnswer(cosigned, self._met(sure), self._met(sure | unable))

    def _met(self, witnessed: set[str]) -> bool:
        if self.quorum == NONE:
            return True
        met = set(witnessed)
        # A group's members are defined before it.
        for name, group in self.groups.items():
            if sum(member in met for member in group.members) >= group.threshold:
                met.add(name)
        return self.quorum in met


class _Reader:
    """Reads the lines one after the other; each is about names that stand before it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._number = 0
        self._logs: list[Verifier] = []
        self._witnesses: dict[str, Cosigner] = {}
        self._groups: dict[str, WitnessGroup] = {}
        self._members: set[str] = set()
        self._quorum = ""

    def line(self, number: int, words: Sequence[str]) -> None:
        """Take one line's words. Raises ConfigError."""
        self._number = number
        if not words or words[0].startswith("#"):
            return
        kind, *rest = words
        if kind not in _WORDS:
            raise self._wrong(f"{visible(kind)!r} begins no line of a policy")
        least, most = _WORDS[kind]
        if not least <= len(words) <= most:
            raise self._wrong(f"a {kind} line has {least} words or more, and at most {most}")
        {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._set_quorum,
        }[kind](rest)

    def policy(self) -> WitnessPolicy:
        """What was read. Raises ConfigError where there is no quorum line."""
        if not self._quorum:
            raise ConfigError(
                f"{self._name} has no quorum line",
                hint="say whose cosignatures are enough, or write 'quorum none'",
            )
        return WitnessPolicy(
            self._name, tuple(self._logs), self._witnesses, self._groups, self._quorum
        )

    def _log(self, words: Sequence[str]) -> None:
        try:
            log = Verifier.parse(words[0])
        except ConfigError as error:
            raise self._wrong(error.cause) from error
        if any(each.public_key == log.public_key for each in self._logs):
            raise self._wrong(f"the key of {log.short} is named twice")
        self._logs.append(log)

    def _witness(self, words: Sequence[str]) -> None:
        self._check_new(words[0])
        try:
            cosigner = Cosigner.parse(words[1])
        except ConfigError as error:
            raise self._wrong(error.cause) from error
        for each in self._witnesses.values():
            if each.public_key == cosigner.public_key or each.short == cosigner.short:
                raise self._wrong(f"the key of {cosigner.short} is named twice")
        self._witnesses[words[0]] = cosigner

    def _group(self, words: Sequence[str]) -> None:
        name, threshold, *members = words
        self._check_new(name)
        for member in members:
            self._check_known(member)
            if member in self._members:
                raise self._wrong(f"{visible(member)!r} is a member twice")
            self._members.add(member)
        wanted = {"all": len(members), "any": 1}.get(threshold)
        if wanted is None and _NUMBER.fullmatch(threshold):
            wanted = int(threshold)
        if wanted is None or wanted > len(members):
            raise self._wrong(
                f"the threshold {visible(threshold)!r} is not all, any or a number up to"
                f" {len(members)}"
            )
        self._groups[name] = WitnessGroup(wanted, tuple(members))

    def _set_quorum(self, words: Sequence[str]) -> None:
        if self._quorum:
            raise self._wrong("there is a second quorum line")
        if words[0] != NONE:
            self._check_known(words[0])
        self._quorum = words[0]

    def _check_new(self, name: str) -> None:
        if name == NONE or name in self._witnesses or name in self._groups:
            raise self._wrong(f"the name {visible(name)!r} is taken")

    def _check_known(self, name: str) -> None:
        if name not in self._witnesses and name not in self._groups:
            raise self._wrong(f"{visible(name)!r} is no witness or group of a line before it")

    def _wrong(self, what: str) -> ConfigError:
        return ConfigError(
            f"{self._name}: line {self._number}: {what}",
            hint="correct the policy (its format: c2sp.org/tlog-policy)",
        )
