"""Trying what may have made an executable another: builds with the finder's candidates.

They are tried after the declared settings, and only a few. What comes out the same is said,
with the settings that gave it. Its standing stays what it was: that it can be built so does not
say that anybody declared it, and an alarm stays one.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from samego.errors import BuildError, SandboxError
from samego.leaks.traces import UPSTREAM_LDFLAGS
from samego.model.candidate import Candidate, Setting, SettingKind, Strength, Tried
from samego.model.causes.differences import FollowsWith
from samego.model.finding import Finding
from samego.model.inputs import Context
from samego.rebuild.extra_settings import goroot_final, goroot_of, is_harmless
from samego.reference.settings import BuildSettings, guessed_settings
from samego.reference.store import ReferenceBuild
from samego.rules.elf_stripped import prove_stripped
from samego.system.progress import Progress

#: How many builds there are at most for one check.
MOST_BUILDS = 6
_BARE = "true"
_LDFLAGS = "-ldflags"

#: Builds with settings. Raises BuildError.
Build = Callable[[BuildSettings], ReferenceBuild]


def try_guesses(
    findings: Sequence[Finding],
    context: Context,
    settings: BuildSettings,
    build: Build,
    progress: Progress,
) -> list[Finding]:
    """The findings with those that a build with their candidates gives; others as they were.

    ``settings`` are those to which the guesses are added. Their executables must be loaded.
    """
    groups: defaultdict[tuple[tuple[Setting, ...], ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        guesses = tuple(combinations(finding.candidates))
        if not finding.standing.passes and guesses:
            groups[guesses].append(finding)
    decided: dict[str, Finding] = {}
    left = MOST_BUILDS
    # What made most executables others is tried first.
    for guesses, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        open_ = group
        for extra in guesses:
            for guessed in guessed_settings(context, settings, _with_final(extra, context)):
                if not open_ or left == 0:
                    break
                left -= 1
                tried = _tried(open_, context, guessed, build, progress)
                decided |= {finding.path: finding for finding in tried}
                open_ = [finding for finding in tried if not _gave(finding)]
    return [decided.get(finding.path, finding) for finding in findings]


def _with_final(extra: tuple[Setting, ...], context: Context) -> tuple[Setting, ...]:
    """In releases that have a variable for where GOROOT is to lie, that in its place."""
    named = goroot_final(context.release, goroot_of(extra))
    if not named:
        return extra
    rest = tuple(s for s in extra if s.kind is not SettingKind.GOROOT)
    return (*rest, *(Setting(SettingKind.ENVIRONMENT, *item) for item in named.items()))


def combinations(candidates: Sequence[Candidate]) -> Iterator[tuple[Setting, ...]]:
    """What to build with, the likeliest first: all that speaks for itself at once.

    Nothing where something of that cannot be set here. The linker's flags are one value, which
    is recorded in the build ID as it is written: its usual spellings are tried.
    """
    certain = [each for each in candidates if each.strength is not Strength.FITS]
    if not all(each.replayable for each in certain):
        return
    settings = [setting for each in certain for setting in each.settings]
    given = [s for s in settings if s.kind not in (SettingKind.LINKER, SettingKind.OUTSIDE)]
    linker = [s for s in settings if s.kind is SettingKind.LINKER]
    if not linker:
        guesses = [tuple(given)] if given else []
    else:
        texts = dict.fromkeys(_spellings(linker))
        guesses = [(*given, Setting(SettingKind.FLAG, _LDFLAGS, text or None)) for text in texts]
    yield from (guess for guess in guesses if all(is_harmless(each) for each in guess))


def _spellings(linker: Sequence[Setting]) -> Iterator[str]:
    dropped = {setting.name for setting in linker if setting.value is None}
    usual = [flag for flag in UPSTREAM_LDFLAGS.split() if flag not in dropped]
    added = [setting for setting in linker if setting.value is not None]
    for between in ("=", " "):
        words = [s.name if s.value == _BARE else f"{s.name}{between}{s.value}" for s in added]
        # GO_LDFLAGS takes the place of upstream's own flags; without symbols -w says nothing.
        if any(setting.name == "-s" for setting in added):
            yield " ".join(words)
        yield " ".join([*usual, *words])
        yield " ".join([*words, *usual])


def _tried(
    findings: Sequence[Finding],
    context: Context,
    settings: BuildSettings,
    build: Build,
    progress: Progress,
) -> list[Finding]:
    commands = tuple(sorted(f"cmd/{posixpath.basename(finding.path)}" for finding in findings))
    settings = replace(settings, commands=commands)
    try:
        built = build(settings)
    except (BuildError, SandboxError) as error:
        progress.note(f"what may have made an executable another could not be tried: {error}")
        return list(findings)
    return [_judged(finding, context, settings, built) for finding in findings]


def _judged(
    finding: Finding, context: Context, settings: BuildSettings, built: ReferenceBuild
) -> Finding:
    ours, theirs = context.distro.read(finding.path), built.executable(finding.path)
    name = posixpath.basename(finding.path)
    same = theirs is not None and (ours == theirs or prove_stripped(ours, theirs, name) is not None)
    if not same:
        return _marked(finding, Tried.OTHER)
    given = tuple((each.kind, each.name, each.value) for each in settings.extra)
    cause = FollowsWith(given, built.kind.command)
    return replace(_marked(finding, Tried.GIVES), causes=(*finding.causes, cause))


def _gave(finding: Finding) -> bool:
    return any(isinstance(cause, FollowsWith) for cause in finding.causes)


def _marked(finding: Finding, tried: Tried) -> Finding:
    """The finding with what came of those of its candidates that a build had."""
    return replace(
        finding,
        candidates=tuple(
            replace(each, tried=tried) if each.strength is not Strength.FITS else each
            for each in finding.candidates
        ),
    )
