"""Settings of a build that cmd/dist does not have: what somebody else's build may have had.

They stand beside what cmd/dist sets (:mod:`samego.rebuild.cmd_dist`), and overrule it. Their
values are a stranger's: compilers and linkers take flags that write files and run programs, so
that only the flags named here, with values of a known form, are ever given.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from samego.errors import BuildError
from samego.model.candidate import Setting, SettingKind
from samego.model.release import Release
from samego.rules.generated.settings import well_formed
from samego.sandbox import ways

_FLAGS = "GOFLAGS"
_BARE = "true"
#: The last minor release of which make.bash and the go command read GOROOT_FINAL.
_GOROOT_FINAL = 22
_FORBIDDEN = ("/dev", "/proc", "/sys")
_ON_OFF = "(=(true|false|0|1))?"
_COMPILE = rf"-(N|l(=4)?|B|e|smallframes){_ON_OFF}|-dwarf(locationlists)?=(true|false)|-spectre=\w+"
_LINK = (
    rf"-(s|w){_ON_OFF}|-compressdwarf{_ON_OFF}|-B[ =](none|gobuildid|0x[0-9a-fA-F]{{1,64}})"
    r"|-buildid=[\w./+=-]*|-X[ =][\w./%-]+=[\w./+:-]*"
)
_PACKAGES = r"((all|std|cmd|cmd/\.\.\.)=)?"
#: Flags of the go command, and the form of what each may have.
_FORMS = {
    "-trimpath": "true",
    "-race": "true",
    "-cover": "true",
    "-pgo": "off|auto",
    "-buildmode": "exe|pie",
    "-tags": r"[\w.]+(,[\w.]+)*",
    "-gcflags": rf"{_PACKAGES}({_COMPILE})( ({_COMPILE}))*",
    "-ldflags": rf"{_PACKAGES}({_LINK})( ({_LINK}))*",
}


def changed_environment(
    environment: Mapping[str, str], extra: Sequence[Setting]
) -> tuple[dict[str, str], list[str]]:
    """The environment and the flags of ``go install`` with settings beside cmd/dist's.

    Flags stand on the command line, where a value may hold spaces: GOFLAGS is empty then. Raises
    BuildError for a setting that is not given to any build (see :func:`is_harmless`).
    """
    for setting in extra:
        check(setting)
    found = dict(environment)
    flags = dict(_flag(word) for word in found.pop(_FLAGS, "").split())
    for setting in extra:
        known = found if setting.kind is SettingKind.ENVIRONMENT else flags
        if setting.kind in (SettingKind.ENVIRONMENT, SettingKind.FLAG):
            known.pop(setting.name, None)
            if setting.value is not None:
                known[setting.name] = setting.value
    words = [name if value == _BARE else f"{name}={value}" for name, value in flags.items()]
    return found, words


def check(setting: Setting) -> None:
    """Raises BuildError for a setting that is not given to any build."""
    if not is_harmless(setting):
        raise BuildError(
            f"{setting.name}={setting.value!r} is given to no build here",
            hint="build it by hand, where you trust what it does",
        )


def is_harmless(setting: Setting) -> bool:
    """Whether all that a setting can do is to make the build's result another."""
    name, value = setting.name, setting.value
    if setting.kind is SettingKind.FLAG:
        form = _FORMS.get(name)
        return value is None or (form is not None and _is(form, value))
    if setting.kind is SettingKind.ENVIRONMENT:
        if name == "GOROOT_FINAL":
            return value is not None and _is_place(value)
        return value is None or well_formed(name, value)
    return setting.kind is SettingKind.GOROOT and _is_place(value or "")


def _is(form: str, value: str) -> bool:
    return re.fullmatch(form, value, re.ASCII) is not None


def _is_place(path: str) -> bool:
    """Whether GOROOT can lie there."""
    return (
        path.startswith("/")
        and path != "/"
        and path.isprintable()
        and posixpath.normpath(path) == path
        and not path.startswith(("//", *_FORBIDDEN))
    )


def _flag(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    return name, value if equals else _BARE


def goroot_of(extra: Sequence[Setting]) -> str:
    """Where GOROOT is to lie while it is built; empty where that does not matter."""
    return next((s.value or "" for s in extra if s.kind is SettingKind.GOROOT), "")


def goroot_final(release: Release, goroot: str) -> dict[str, str]:
    """The variable that says so in releases that have one; nothing in later ones."""
    return {"GOROOT_FINAL": goroot} if goroot and release.minor <= _GOROOT_FINAL else {}


def shown_at(
    goroot: Path, place: str, directory: Path, writable: Sequence[Path], command: Sequence[str]
) -> list[str]:
    """The command that runs a command where GOROOT lies at another place.

    It sees GOROOT there, the ``writable`` directories, and nothing of the system: Go's own
    tools need no more. Raises BuildError for a place where nothing can lie, and without
    bubblewrap.
    """
    taken = [str(path) for path in writable]
    if not _is_place(place) or any(path == place or path.startswith(f"{place}/") for path in taken):
        raise BuildError(f"GOROOT cannot lie at {place!r} here", hint="build it by hand")
    arguments = [ways.bwrap(), "--die-with-parent", "--dev", "/dev", "--proc", "/proc"]
    for path in taken:
        arguments += ["--bind", path, path]
    return [*arguments, "--bind", str(goroot), place, "--chdir", str(directory), "--", *command]
