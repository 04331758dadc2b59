"""How a changed file of settings differs."""

from __future__ import annotations

from dataclasses import dataclass

from samego.model.value import Cause


@dataclass(frozen=True, slots=True)
class NoSettingChanged(Cause):
    """go.env differs, but sets the same variables to the same values."""


@dataclass(frozen=True, slots=True)
class SettingChanged(Cause):
    """A variable has another value in go.env, or only one side sets it (None).

    ``effect`` says what the distro's value does; empty where that is not known.
    """

    name: str
    distro: str | None
    upstream: str | None
    effect: str = ""


@dataclass(frozen=True, slots=True)
class MoreSettings(Cause):
    """So many variables more differ."""

    number: int


@dataclass(frozen=True, slots=True)
class OtherVersion(Cause):
    """The first line of VERSION differs.

    ``suffix`` follows the release in the distro's; ``unread`` means that it names no release.
    """

    distro: str
    upstream: str
    suffix: str = ""
    unread: bool = False
