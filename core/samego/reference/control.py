"""The control: the same way of building, applied to upstream's own source.

Its result is known: upstream's posted executables. A build method that does not give
them, here, on this machine, says nothing of a package, whatever it gives of that. The outcome
is kept beside the builds, under all that it depends on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from samego.compare.where import locate
from samego.errors import BuildError, CacheError, ControlError
from samego.model.inputs import Context, Inputs
from samego.model.release import Target
from samego.model.tree import Kind, Tree
from samego.reference.job import Host, ReferenceKind
from samego.reference.settings import settings_to_try
from samego.reference.store import BUILDER, ReferenceBuild, get_reference
from samego.rules.macho_signature import prove_unsigned
from samego.system import atomic
from samego.system.progress import Progress
from samego.words import places

DIRECTORY = "controls"
#: How many executables a message names.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Control:
    """What a way of building gave of upstream's own source.

    ``equal`` counts the posted executables that were reproduced; ``differing`` says of each other
    one, by its path, where it differs. ``cpu`` is what the build took, in seconds.
    """

    kind: ReferenceKind
    target: Target
    equal: int
    differing: Mapping[str, str]
    cpu: float = 0.0

    @property
    def passes(self) -> bool:
        """Whether every posted executable was reproduced."""
        return self.equal > 0 and not self.differing

    def error(self) -> ControlError:
        """What to say where it does not pass."""
        total = self.equal + len(self.differing)
        paths = sorted(self.differing)
        named = "none was posted"
        if paths:
            # One is shown whole: what made it different made the others so.
            where = self.differing[paths[0]]
            others = "".join(f", {path}" for path in paths[1:_NAMED])
            more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
            named = f"{paths[0]}{others}{more}; {paths[0]}: {where}"
        return ControlError(
            "could not decide: this build method does not reproduce upstream's own files"
            f" ({self.kind.command} for {self.target}: {len(self.differing)} of {total} executables"
            f" of upstream's unchanged source differ: {named})",
            hint="run it on another machine or with a newer samego, and report this",
        )


def control_key(host_digest: str, kind: ReferenceKind, stages: int, context: Context) -> str:
    """The name under which the control of a package's build is kept.

    It stands for the way of building, its builder's version, the toolchain that builds (by its
    sha256), and upstream's executables that the build should reproduce.
    """
    posted = [[path, context.upstream[path].sha256] for path in executables(context)]
    steps = stages if kind is ReferenceKind.QUICK else 0
    parts = [BUILDER, kind.value, steps, host_digest, str(context.release), str(context.target)]
    return hashlib.sha256(json.dumps([*parts, posted], sort_keys=True).encode()).hexdigest()[:32]


def executables(context: Context) -> tuple[str, ...]:
    """The executables that upstream posted for the context's target, by path."""
    directories = ("bin/", f"{context.target.tool_directory}/")
    return tuple(
        path
        for path, entry in sorted(context.upstream.items())
        if path.startswith(directories) and entry.kind is Kind.FILE
    )


def kept_control(context: Context, reference: ReferenceBuild, directory: Path) -> Control | None:
    """The control of the way in which a reference build was built, where it was run here before."""
    key = control_key(reference.toolchain_sha256, reference.kind, reference.stages, context)
    return read_control(directory / DIRECTORY / f"{key}.json")


def get_control(
    context: Context,
    host: Host,
    kind: ReferenceKind,
    stages: int,
    directory: Path,
    progress: Progress,
) -> Control:
    """The control of a package's build: kept below ``directory``, or run now.

    ``stages`` are those of the build that it controls. A build that fails gives nothing of
    upstream's: it does not pass. Raises DiskFullError when there is no room.
    """
    place = directory / DIRECTORY / f"{control_key(host.posted.sha256, kind, stages, context)}.json"
    kept = read_control(place)
    if kept is not None:
        return kept
    progress.stage(f"building upstream's own {context.release} the same way, as the control")
    own = replace(context, inputs=Inputs(), distro=context.upstream)
    (settings,) = settings_to_try(own)
    try:
        built = get_reference(own, host, settings, kind, directory, progress, stages=stages)
    except BuildError as error:
        return Control(kind, context.target, 0, dict.fromkeys(executables(own), error.message))
    control = _compare(own, kind, built)
    place.parent.mkdir(parents=True, exist_ok=True)
    row: dict[str, object] = {
        "kind": kind.value,
        "target": str(control.target),
        "equal": control.equal,
    }
    row["cpu"] = control.cpu
    atomic.write(place, json.dumps({**row, "differing": dict(control.differing)}).encode())
    return control


def read_control(place: Path) -> Control | None:
    """A control that was kept, or None. Raises CacheError when it cannot be read."""
    try:
        row = json.loads(place.read_text("utf-8"))
        differing = {str(path): str(where) for path, where in row["differing"].items()}
        target, kind = Target.parse(row["target"]), ReferenceKind(row["kind"])
        return Control(kind, target, int(row["equal"]), differing, float(row["cpu"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CacheError(
            f"the control {place.name} cannot be read ({error})", hint=f"remove {place}"
        ) from error


def _compare(context: Context, kind: ReferenceKind, built: ReferenceBuild) -> Control:
    posted: Tree = context.upstream
    paths = executables(context)
    posted.load(paths)
    differing: dict[str, str] = {}
    for path in paths:
        ours, theirs = built.executable(path), posted.read(path)
        if ours is None:
            differing[path] = "it was not built"
        elif ours != theirs and prove_unsigned(ours, theirs) is None:
            differing[path] = places.line(locate(ours, theirs))
    return Control(kind, context.target, len(paths) - len(differing), differing, built.cpu)
