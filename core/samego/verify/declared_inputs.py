"""What the distro declared, as a second check has it beside what the report had."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace

from samego.distro.interface import Packaging, Shipment
from samego.errors import ToolError
from samego.model.inputs import Inputs
from samego.model.proof import Tool
from samego.model.report import Report
from samego.rules import nondeterminism_stripped, patch_replay, patched_source
from samego.rules.strip_nondeterminism import StripNondeterminism


def tools_of(rule: str) -> tuple[Tool, ...] | None:
    """The tools that a rule runs, as they are here: none where missing, None for no tools."""
    try:
        if rule == patched_source.NAME:
            return patch_replay.tools_here()
        if rule == nondeterminism_stripped.NAME:
            with contextlib.closing(StripNondeterminism()) as replayer:
                return replayer.tools()
    except ToolError:
        return ()
    return None


def as_reported(
    shipment: Shipment, report: Report
) -> tuple[Inputs, Packaging | None, tuple[str, ...]]:
    """The declared inputs as the files give them, as far as the report had them too.

    Returns the inputs, the packaging's own files, and the names of inputs that the report
    had and that are not, or not the same, here: those that were read in another place. One
    from the same place contradicts the report (samego.verify.coverage). Where an input is
    the same, the phrase that says where it was read is the report's: it may have been read
    from another file.
    """
    inputs = shipment.inputs
    origins = report.inputs.get("origins")
    phrases = {str(k): str(v) for k, v in origins.items()} if isinstance(origins, dict) else {}
    if "patches" not in phrases:
        # The check had no source package: one that is available here must not help.
        inputs = replace(inputs, settings={}, patches=(), replay=None)
    values: dict[str, object] = {
        "timestamp": inputs.timestamp,
        "settings": dict(inputs.settings),
        "patches": [patch.name for patch in inputs.patches],
    }
    missing = tuple(
        name
        for name, value in values.items()
        if report.inputs.get(name) != value and not _same_place(name, phrases, shipment)
    )
    patches = tuple(
        replace(patch, origin=phrases.get("patches", patch.origin)) for patch in inputs.patches
    )
    packaging = shipment.packaging if "patches" in phrases else None
    if packaging is not None:
        packaging = replace(packaging, origin=phrases["patches"])
    return replace(inputs, patches=patches, origins=phrases), packaging, missing


def _same_place(name: str, phrases: Mapping[str, str], shipment: Shipment) -> bool:
    """Whether an input was read here from the place that the report names."""
    return bool(phrases.get(name)) and phrases[name] == shipment.inputs.origins.get(name)
