"""The distro's own patches in a report, and how their source package is verified.

A patch passes by design: what it does is not judged. So the first lines name each, with the
paths that it changed, to be read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from samego.compare.own_patches import is_patched
from samego.model.inputs import DeclaredSource, Signature
from samego.model.report import Report
from samego.report.words import amount, hanging
from samego.system.terminal import visible

#: How many paths of one patch, and how many patches, a short text shows.
_PATHS = 4
_PATCHES = 6


@dataclass(frozen=True, slots=True)
class OwnPatch:
    """One patch, the paths that it has a part in, and whether one of them runs."""

    name: str
    paths: tuple[str, ...]
    runs: bool


def own_patches(report: Report, running: Collection[str]) -> tuple[OwnPatch, ...]:
    """The patches that changed a path of the package, in the order of the series.

    ``running`` are the changed paths that take part in what runs. What a proof does not say the
    patch of stands under an empty name, the last.
    """
    declared = report.inputs.get("patches")
    names = [str(name) for name in declared] if isinstance(declared, list) else []
    by_name: dict[str, list[str]] = {name: [] for name in names}
    for finding in report.findings:
        if is_patched(finding):
            recorded = finding.proof.details.get("patches", ()) if finding.proof else ()
            applied = recorded if isinstance(recorded, tuple) else ()
            own = [name for name in dict.fromkeys(applied) if name in by_name]
            for name in own or [""]:
                by_name.setdefault(name, []).append(finding.path)
    return tuple(
        OwnPatch(name, tuple(sorted(paths)), any(path in running for path in paths))
        for name, paths in by_name.items()
        if paths
    )


def source_of(report: Report) -> DeclaredSource | None:
    """The source package (or recipe) that the patches came with; None if none was given."""
    found = report.inputs.get("source")
    if not isinstance(found, Mapping):
        return None
    text = {key: str(value) for key, value in found.items()}
    known = {item.value for item in Signature}
    return DeclaredSource(
        name=text.get("name", ""),
        sha256=text.get("sha256", ""),
        signature=Signature(text["signature"])
        if text.get("signature") in known
        else Signature.NONE,
        key=text.get("key", ""),
        signer=text.get("signer", ""),
        listed_in=text.get("listed_in", ""),
    )


def clause(patches: Sequence[OwnPatch]) -> str:
    """The first line's words on patches; empty without any."""
    number = len(patches)
    if not number:
        return ""
    return f", with {amount(number, 'own patch')}: read {'it' if number == 1 else 'them'}"


def verified_by(source: DeclaredSource) -> str:
    """How a source package is verified, in words."""
    if source.signature is Signature.UNSEEN:
        return f"found in {source.listed_in}"
    signed = {
        Signature.GOOD: f"signed by {source.signer or 'the key'} (key {source.key})",
        Signature.UNCHECKED: f"signed with an unknown key ({source.key})"
        if source.key
        else "signed, but the signature could not be checked",
        Signature.NONE: "not signed",
    }[source.signature]
    listed = f"; its sha256 is in {source.listed_in}" if source.listed_in else ""
    nobody = source.signature is not Signature.GOOD and not source.listed_in
    return f"{signed}{listed}{'; its origin is not verified' if nobody else ''}"


def lines(
    patches: Sequence[OwnPatch], source: DeclaredSource | None, *, verbose: bool = False
) -> Iterator[str]:
    """The patches with their paths, and how their source is verified; nothing without any."""
    if not patches:
        return
    origin = f" of {source.name}, which is {verified_by(source)}" if source else ""
    yield from hanging("Patches:  ", visible(f"{amount(len(patches), 'own patch')}{origin}"))
    shown = patches if verbose else patches[:_PATCHES]
    for patch in shown:
        paths = patch.paths if verbose else patch.paths[:_PATHS]
        rest = len(patch.paths) - len(paths)
        more = f" and {rest:,} more" if rest else ""
        reach = "" if patch.runs else " (nothing that runs)"
        name = patch.name or "the proof does not name the patch"
        text = f"{name}: {', '.join(paths)}{more}{reach}"
        yield from hanging("  ", visible(text), " " * 6)
    if len(shown) < len(patches):
        yield f"  ... and {len(patches) - len(shown):,} more (--verbose shows all)"
