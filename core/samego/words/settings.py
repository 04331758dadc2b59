"""The words of changed settings."""

from __future__ import annotations

from samego.model.causes import settings
from samego.words.dispatch import said_cause as said


@said.register
def _(_cause: settings.NoSettingChanged) -> str:
    return "no setting differs: only comments, or lines that set nothing"


@said.register
def _(cause: settings.SettingChanged) -> str:
    before = "upstream does not set it" if cause.upstream is None else f"upstream {cause.upstream}"
    has = "not set" if cause.distro is None else cause.distro or "empty"
    return f"{cause.name} is {has}, {before}: {cause.effect or _USUAL_EFFECT}"


_USUAL_EFFECT = "the go command uses it unless the environment or 'go env -w' sets another value"


@said.register
def _(cause: settings.MoreSettings) -> str:
    return f"and {cause.number} more settings"


@said.register
def _(cause: settings.OtherVersion) -> str:
    said_here = f"it says {cause.distro or 'nothing'}, upstream {cause.upstream}"
    if cause.unread:
        return f"{said_here}: the go command cannot read a release from it"
    suffix = f", with the suffix {cause.suffix}" if cause.suffix else ""
    return f"{said_here}{suffix}: builds made with it call themselves {cause.distro}"
