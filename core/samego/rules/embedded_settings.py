"""The rule ``embedded_settings``: an executable built from sources that differ.

Claim: none about the code. The rule says that a difference has a known cause which
not replayed, so its standing is never better than unproven. It applies only where

* both files are Go executables of the same release, made from the same main package
  and modules with the same settings, but for settings that the two zbootstrap.go
  declare differently;
* the distro's hides no bytes (:mod:`samego.formats.executable.elf_layout`), and has upstream's
  segments and loaded sections: the same names, types and flags in the same order;
* a source that differs between the two trees is compiled into upstream's executable,
  as upstream's function table says, or its setting is written into the build information.

Limits: the machine code is not read, so an executable that was tampered with is
unproven here too. A rebuild with the distro's sources decides.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from samego.formats.executable.elf_values import Elf
from samego.formats.executable.go_executable import GoExecutable, hides_nothing, read_go_executable
from samego.model.causes.proofs import CompiledFrom, Embeds, SettingsNotStated
from samego.model.inputs import Context
from samego.model.policy import merge_settings
from samego.model.proof import Proof, Standing
from samego.model.value import Cause
from samego.rules.generated.files import GENERATORS
from samego.rules.interface import Blob
from samego.rules.source_inputs import (
    COMPILERS_FILE,
    SETTINGS_FILE,
    declared_settings,
    differing_settings,
    differing_sources,
    has_sources,
)

NAME = "embedded_settings"

#: Where experiments stand in zbootstrap.go, and in build information as a setting.
_EXPERIMENTS = "GOEXPERIMENT"


def prove_embedded(distro: bytes, upstream: bytes, name: str, context: Context) -> Proof | None:
    """Name the cause of the difference; ``name`` is the file's base name."""
    ours, theirs = read_go_executable(distro), read_go_executable(upstream)
    if ours is None or theirs is None or ours.info.release != str(context.release):
        return None
    if not _same_structure(ours.elf, theirs.elf) or not hides_nothing(ours, name, theirs.elf):
        return None
    recorded = _recorded_settings(ours, theirs, context)
    if recorded is None:
        return None
    sources = feeding_sources(theirs, context)
    if recorded and SETTINGS_FILE in context.distro:
        sources.setdefault(posixpath.dirname(SETTINGS_FILE)[4:], [SETTINGS_FILE])
    unread = not sources and _unread_settings(theirs, context)
    if not sources and not unread:
        return None
    return Proof(
        rule=NAME,
        standing=Standing.UNPROVEN,
        causes=(SettingsNotStated(),) if unread else tuple(_causes(sources, context)),
        details={
            "release": ours.info.release,
            "built_from": ours.info.path,
            "fed_by": tuple(sorted(sources)),
            "checked": "build information, segments, loaded sections, no hidden bytes",
        },
        rests_on=tuple(sorted(path for paths in sources.values() for path in paths)),
        rebuild=True,
    )


class EmbeddedSettings:
    """The rule, for the files of two trees."""

    name = NAME

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        """Name the cause of the difference between two files, or return None."""
        name = posixpath.basename(distro.path)
        return prove_embedded(distro.read(), upstream.read(), name, context)


def feeding_sources(executable: GoExecutable, context: Context) -> dict[str, list[str]]:
    """The sources that differ and are compiled into an executable, by import path."""
    return {
        package: paths
        for package, paths in differing_sources(context).items()
        if package == executable.info.path or executable.functions.has_package(package)
    }


def _unread_settings(executable: GoExecutable, context: Context) -> bool:
    """Whether settings are compiled in that this package does not state.

    Its sources are in a package that was not given: one that lacks only these is reported so
    by their own findings.
    """
    missing = [path for path in GENERATORS if path in context.upstream.keys() - context.distro]
    return not has_sources(context.distro) and any(
        executable.functions.has_package(posixpath.dirname(path)[4:]) for path in missing
    )


def _same_structure(ours: Elf, theirs: Elf) -> bool:
    header = replace(
        theirs.header,
        entry=ours.header.entry,
        shoff=ours.header.shoff,
        shnum=ours.header.shnum,
        shstrndx=ours.header.shstrndx,
    )
    return ours.header == header and _structure(ours) == _structure(theirs)


def _structure(elf: Elf) -> tuple[object, object]:
    """What stays the same when the same program is linked from other sources."""
    segments = [(segment.type, segment.flags, segment.align) for segment in elf.segments]
    sections = [
        (section.name, section.type, section.flags, section.entsize)
        for section in elf.alloc_sections
    ]
    return segments, sections


def _recorded_settings(
    ours: GoExecutable, theirs: GoExecutable, context: Context
) -> dict[str, str] | None:
    """The settings that differ in the build information, or None where one must not.

    One may differ where the two trees declare it differently and each executable has
    its own tree's value. For a package at hand without zbootstrap.go the declared settings
    of the distro stand in: a rebuild then searches among these.
    """
    mine, other = ours.info, theirs.info
    if (mine.release, mine.path, mine.modules) != (other.release, other.path, other.modules):
        return None
    ours_declared: Mapping[str, str] = declared_settings(context.distro)
    if SETTINGS_FILE not in context.distro:
        ours_declared = merge_settings(context.policy, context.inputs.settings)
    declared = (ours_declared, declared_settings(context.upstream))
    found: dict[str, str] = {}
    for key in sorted({*mine.settings, *other.settings}):
        values = (mine.settings.get(key, ""), other.settings.get(key, ""))
        if values[0] != values[1]:
            if values != tuple(settings.get(key) for settings in declared):
                return None
            found[key] = values[0]
    experiments = (mine.experiments, other.experiments)
    if experiments[0] != experiments[1]:
        if experiments != tuple(settings.get(_EXPERIMENTS) for settings in declared):
            return None
        found[_EXPERIMENTS] = experiments[0]
    return found


def _causes(sources: Mapping[str, Sequence[str]], context: Context) -> Iterator[Cause]:
    embeds, patched = [], []
    for package, paths in sorted(sources.items()):
        names = {posixpath.basename(path) for path in paths}
        settings = differing_settings(context) if SETTINGS_FILE in paths else {}
        if settings:
            values = " ".join(f"{key}={value}" for key, value in sorted(settings.items()))
            embeds.append((package, values))
            names.discard(posixpath.basename(SETTINGS_FILE))
        if COMPILERS_FILE in names:
            embeds.append((package, ""))
            names.discard(COMPILERS_FILE)
        if names:
            patched.append(package)
    if embeds:
        yield Embeds(tuple(embeds))
    if patched:
        yield CompiledFrom(tuple(patched))
