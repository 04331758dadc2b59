"""The settings of a package's build: read from its own generated sources, or searched for.

cmd/dist writes the settings that it was run with into sources, which a package ships. Where
this package lacks one, the settings are searched for, and only among those that the
distro declares, and none at all: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from samego.model.candidate import Setting, SettingKind
from samego.model.inputs import Context
from samego.model.policy import merge_settings
from samego.model.tree import Kind, Tree
from samego.rules.generated.files import GENERATORS
from samego.rules.generated.settings import upstream_settings, value
from samego.rules.generated_settings import embedded

#: The largest generated source, in bytes.
_MAX_SOURCE = 1 << 20
_FUNCTION = re.compile(r"^func [Dd]efault(CC|CXX)\(.*?^}$", re.MULTILINE | re.DOTALL)
_LAST_RETURN = re.compile(r'^\treturn "([^"\n]*)"\n}\Z', re.MULTILINE)
#: The compiler table's last resort depends on the system unless one was named.
_BY_SYSTEM = "\tswitch goos {\n"


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """Settings that a package may have been built with.

    ``values`` are environment names to values, as cmd/dist takes them. Where they were
    searched for, ``candidate`` names the declared ones, and ``generated`` holds the sources
    that state them and that the package lacks, by path. ``extra`` are guesses that go beyond what
    make.bash takes, with which these ``commands`` alone are built.
    """

    values: Mapping[str, str]
    candidate: str = ""
    generated: Mapping[str, bytes] = field(default_factory=dict)
    extra: tuple[Setting, ...] = ()
    commands: tuple[str, ...] = ("cmd",)

    @property
    def chosen(self) -> Mapping[str, str]:
        """The values that are not cmd/dist's own defaults."""
        return {name: text for name, text in self.values.items() if text != value({}, name)}


def settings_to_try(context: Context) -> tuple[BuildSettings, ...]:
    """What the package may have been built with, most likely first; at least one.

    One only where it ships its generated sources: what they state, declared or not, for
    that is a question of those files' own findings.
    """
    stated = dict(_stated(context.distro))
    missing = [path for path in GENERATORS if path in context.upstream.keys() - context.distro]
    if not missing:
        return (BuildSettings(stated),)
    usual = dict(_stated(context.upstream))
    tried: dict[tuple[tuple[str, bytes], ...], BuildSettings] = {}
    for candidate in _candidates(context):
        generated = _generate(missing, candidate, context)
        name = " ".join(f"{key}={text}" for key, text in sorted(candidate.items()))
        settings = BuildSettings({**usual, **candidate, **stated}, name or "no setting", generated)
        tried.setdefault(tuple(sorted(generated.items())), settings)
    if len(tried) > 1:
        return tuple(tried.values())
    # No setting is in what is missing: there is nothing to search for.
    (only,) = tried.values()
    return (BuildSettings({**usual, **stated}, "", only.generated),)


def guessed_settings(
    context: Context, settings: BuildSettings, extra: tuple[Setting, ...]
) -> tuple[BuildSettings, ...]:
    """Settings with guesses beside them, in the ways in which somebody may have built so.

    A variable may have been set for all of make.bash, which writes some of them into sources:
    these are then as the guess gives them, whatever the package ships. Or for the last build.
    """
    guessed = {
        each.name: each.value or "" for each in extra if each.kind is SettingKind.ENVIRONMENT
    }
    later = replace(settings, extra=extra)
    if not guessed:
        return (later,)
    values = {**settings.values, **guessed}
    paths = [path for path in GENERATORS if path in context.upstream]
    plain, written = (_generate(paths, each, context) for each in (settings.values, values))
    if plain == written:
        return (later,)
    generated = {**settings.generated, **written}
    return (replace(settings, values=values, generated=generated, extra=extra), later)


def _candidates(context: Context) -> Iterator[dict[str, str]]:
    """All that is declared; what the policy declares; nothing."""
    yield merge_settings(context.policy, context.inputs.settings)
    yield merge_settings(context.policy, {})
    yield {}


def _generate(
    missing: list[str], candidate: Mapping[str, str], context: Context
) -> dict[str, bytes]:
    """The missing sources as these settings give them.

    A generator is believed where, with upstream's settings, it gives upstream's own bytes.
    """
    base = upstream_settings(context.release, context.target)
    found = {}
    for path in missing:
        usual = GENERATORS[path](base, context.release)
        text = GENERATORS[path]({**base, **candidate}, context.release)
        if usual is None or text is None or not _is(context.upstream, path, usual):
            continue
        found[path] = text.encode("utf-8", "surrogateescape")
    return found


def _is(tree: Tree, path: str, text: str) -> bool:
    return _small(tree, path) and tree.read(path) == text.encode("utf-8", "surrogateescape")


def _small(tree: Tree, path: str) -> bool:
    entry = tree.get(path)
    return entry is not None and entry.kind is Kind.FILE and entry.size <= _MAX_SOURCE


def _stated(tree: Tree) -> Iterator[tuple[str, str]]:
    """Every setting that a tree's generated sources state, with its value."""
    present = [path for path in GENERATORS if _small(tree, path)]
    tree.load(present)
    for path in present:
        data = tree.read(path)
        yield from ((name, text) for name, text in embedded(data).items() if text)
        for match in _FUNCTION.finditer(data.decode("utf-8", "replace")):
            last = _LAST_RETURN.search(match[0])
            if last is not None and _BY_SYSTEM not in match[0]:
                yield f"{match[1]}_FOR_TARGET", last[1]
