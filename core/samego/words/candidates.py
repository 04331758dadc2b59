"""What is said of settings that may have made an executable another."""

from __future__ import annotations

from collections.abc import Iterable

from samego.model.candidate import Candidate, Setting, SettingKind, Strength, Tried

_WHY = {
    Strength.STATED: "it says so itself",
    Strength.SEEN: "its sections show it",
    Strength.FITS: "nothing speaks against it",
}
_BARE = "true"
_UNKNOWN = "?"


def phrase(candidate: Candidate) -> str:
    """What to set, and why it may be that: ``GOAMD64=v3 (it says so itself)``."""
    return f"{what_to_set(candidate)} ({why(candidate)})"


def what_to_set(candidate: Candidate) -> str:
    """The settings alone: ``-trimpath left out, built in /usr/lib/go``."""
    return settings_phrase(candidate.settings)


def settings_phrase(settings: Iterable[Setting]) -> str:
    """Settings in a row."""
    return ", ".join(_setting(each) for each in settings)


def why(candidate: Candidate) -> str:
    """Why it may be that, and what came of trying it."""
    known = _WHY[candidate.strength]
    if candidate.tried is Tried.GIVES:
        return f"{known}; a build here gives it"
    if candidate.tried is Tried.OTHER:
        return f"{known}; no build here with it gives it"
    return known if candidate.replayable else f"{known}; no build here can set it"


def _setting(setting: Setting) -> str:
    name, value = setting.name, setting.value
    if setting.kind is SettingKind.GOROOT:
        return f"built in {value}" if value else "built in a directory that it does not name"
    if setting.kind is SettingKind.VERSION:
        return f"a VERSION file that says {value or 'nothing'}"
    if setting.kind is SettingKind.OUTSIDE:
        return f"{name} {value}".rstrip()
    if setting.kind is SettingKind.LINKER:
        return f"-ldflags without {name}" if value is None else f"-ldflags={_flag(name, value)}"
    if value is None:
        return f"{name} not set" if setting.kind is SettingKind.ENVIRONMENT else f"no {name}"
    return f"{name}={value}" if setting.kind is SettingKind.ENVIRONMENT else _flag(name, value)


def _flag(name: str, value: str) -> str:
    if value == _UNKNOWN:
        return f"{name}=..."
    return name if value == _BARE else f"{name}={value}"
