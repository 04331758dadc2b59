"""The rule ``patched_source``: the distro's own patches make upstream's file the distro's.

Claim: patch(1), with the options that dpkg-source gives it (no fuzz, no reversal;
Dpkg::Source::Patch, apply: ``-t -F 0 -N -p1 -u -V never``), applied to upstream's bytes in
the order of the series, gives the distro's bytes. Only the sections of a patch that name
this file take part, and they are applied to a file of our own naming: no name in a patch
is ever opened.

When the patches are those of the checked version, all of them that name the file must take
part. Those of the nearest served version are candidates: each choice of them, in order,
is tried, and the cause says where they come from. Limits: modes in git's headers are not
looked at (a mode is judged by itself), binary patches are not understood.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.errors import ToolError
from samego.rules.base import Blob, Context, Patch, Proof, Standing, Tool
from samego.rules.patch_file import PatchError, Section, sections
from samego.rules.replayed_source import prove_replayed

NAME = "patched_source"
HINT = "install the package patch (of the same name on Debian and Arch)"

_OPTIONS = ("-t", "-F", "0", "-N", "-u", "-V", "never", "--no-backup-if-mismatch", "-s")
_SECONDS = 30
#: Choices among candidate patches that are tried for one file.
_CHOICES = 64
_LARGEST = 32 << 20


@dataclass(frozen=True, slots=True)
class _Step:
    """One patch's sections for one file."""

    patch: Patch
    sections: tuple[Section, ...]


class PatchedSource:
    """The rule."""

    name = NAME

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        """Apply the patches that name this file and compare with the distro's bytes."""
        if _is_replayed(context):
            return _prove_replayed(upstream.path, distro.sha256, context)
        steps = _steps(context, upstream.path)
        if not steps or upstream.size > _LARGEST:
            return None
        return _prove(steps, upstream.read(), distro.sha256)


def prove_added(distro: Blob, context: Context) -> Proof | None:
    """Prove a file that only the distro has: a patch creates it, or renames upstream's."""
    if _is_replayed(context):
        return _prove_replayed(distro.path, distro.sha256, context)
    steps = _steps(context, distro.path)
    if not steps:
        return None
    first = steps[0].sections[0]
    if not first.old:
        return _prove(steps, b"", distro.sha256, verb="added")
    if first.renamed and first.old in context.upstream:
        try:
            base = Blob(first.old, context.upstream).read()
        except KeyError:
            return None
        return _prove(steps, base, distro.sha256, verb="renamed")
    return None


def prove_removed(path: str, upstream: Blob, context: Context) -> Proof | None:
    """Prove a file that only upstream has: the patches leave nothing of it."""
    if _is_replayed(context):
        return _prove_replayed(path, None, context)
    steps = _steps(context, path)
    if not steps or steps[-1].sections[-1].new:
        return None
    nothing = hashlib.sha256(b"").hexdigest()
    return _prove(steps, upstream.read(), nothing, verb="removed")


def _is_replayed(context: Context) -> bool:
    """Whether the patches count as the distro's recipe applies them, and in no other way."""
    return context.inputs.replay is not None


def _prove_replayed(path: str, digest: str | None, context: Context) -> Proof | None:
    replayed = context.inputs.replayed
    return None if replayed is None else prove_replayed(path, digest, replayed)


def patch_tool() -> Tool:
    """patch(1) with its version. Raises ToolError when it is missing."""
    return Tool("patch", _version())


@functools.cache
def _version() -> str:
    lines = _run(["patch", "--version"], b"").decode("utf-8", "replace").splitlines()
    words = lines[0].split() if lines else []
    return words[-1] if words else ""


def _steps(context: Context, path: str) -> Sequence[_Step]:
    """The patches that name ``path``, in the series' order. A malformed patch names nothing."""
    if "patch steps" not in context.memo:
        context.memo["patch steps"] = _steps_by_path(context.inputs.patches)
    found: dict[str, list[_Step]] = context.memo["patch steps"]
    return found.get(path, ())


def _steps_by_path(patches: Iterable[Patch]) -> dict[str, list[_Step]]:
    """Each patch is read once, however many files differ."""
    found: dict[str, list[_Step]] = {}
    for patch in patches:
        named: dict[str, list[Section]] = {}
        for section in _sections(patch.data):
            named.setdefault(section.path, []).append(section)
        for path, its in named.items():
            found.setdefault(path, []).append(_Step(patch, tuple(its)))
    return found


def _sections(data: bytes) -> tuple[Section, ...]:
    try:
        return sections(data)
    except PatchError:
        return ()


def _prove(
    steps: Sequence[_Step], base: bytes, wanted: str, *, verb: str = "patched"
) -> Proof | None:
    for chosen in _choices(steps):
        try:
            result = _apply(chosen, base)
            tool = patch_tool()
        except ToolError:
            continue
        digest = hashlib.sha256(result).hexdigest()
        if digest == wanted:
            return _proof(chosen, digest, tool, verb)
    return None


def _choices(steps: Sequence[_Step]) -> Iterator[Sequence[_Step]]:
    """All of them; and, among candidates of another version, any choice in their order."""
    yield steps
    if all(step.patch.exact for step in steps):
        return
    smaller = (
        choice
        for size in range(len(steps) - 1, 0, -1)
        for choice in itertools.combinations(steps, size)
    )
    yield from itertools.islice(smaller, _CHOICES)


def _apply(steps: Sequence[_Step], data: bytes) -> bytes:
    """What patch makes of ``data``. Raises ToolError when a hunk does not fit."""
    with tempfile.TemporaryDirectory(prefix="samego-patch-") as directory:
        target, result = Path(directory, "file"), Path(directory, "patched")
        for section in itertools.chain.from_iterable(step.sections for step in steps):
            target.write_bytes(data)
            result.unlink(missing_ok=True)
            diff = b"--- file\n+++ file\n" + section.hunks
            command = ["patch", *_OPTIONS, "-r", "-", "-o", str(result), str(target)]
            _run(command, diff, directory)
            # Like -E of patch, a file that became empty may not have been written.
            data = result.read_bytes() if result.exists() else b""
    return data


def _run(command: list[str], stdin: bytes, directory: str | None = None) -> bytes:
    environment = {**os.environ, "LC_ALL": "C", "LANG": "C", "PATCH_GET": "0"}
    environment.pop("POSIXLY_CORRECT", None)
    try:
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            cwd=directory,
            timeout=_SECONDS,
            env=environment,
            check=False,
        )
    except FileNotFoundError as error:
        raise ToolError("patch is not installed", hint=HINT) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"patch could not be run ({error})", hint=HINT) from error
    if done.returncode != 0:
        raise ToolError("patch refused a hunk", hint="the patch is not for this file")
    return done.stdout


def _proof(steps: Sequence[_Step], digest: str, tool: Tool, verb: str) -> Proof:
    patches = [step.patch for step in steps]
    names = ", ".join(patch.name for patch in patches)
    origins = "; ".join(dict.fromkeys(patch.origin for patch in patches))
    exact = all(patch.exact for patch in patches)
    near = "" if exact else "; its own source package is not at hand, this is the nearest served"
    return Proof(
        NAME,
        Standing.EXPLAINED,
        f"{verb} by {names} ({origins}{near})",
        digest=digest,
        tools=(tool,),
        details={"patches": names, "origin": origins, "exact": exact},
    )
