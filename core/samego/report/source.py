"""What ``samego source`` found, as JSON (schema ``samego.source/1``)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from jsonschema import Draft202012Validator

from samego.model.verification import Verification
from samego.report.load_source import SCHEMA
from samego.report.shipped_schema import shipped_schema
from samego.source.result import (
    Difference,
    Disagreement,
    Generated,
    GitTag,
    OpaqueFile,
    Packing,
    SourceResult,
    VendorDirectory,
    VendoredModule,
)


def render_json(result: SourceResult) -> str:
    """The result as JSON, checked against its own schema."""
    data = as_data(result)
    Draft202012Validator(shipped_schema("source")).validate(data)
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_data(result: SourceResult) -> dict[str, Any]:
    """The result as what JSON can say."""
    return {
        "schema": SCHEMA,
        "verdict": result.verdict.value,
        "release": str(result.release),
        "source": {
            "file": result.file or None,
            "sha256": result.sha256,
            "size": result.size,
            "form": result.form,
            "complete": result.complete,
        },
        "packing": _packing(result.packing),
        "vendored": [_directory(each) for each in result.vendored],
        "opaque": [_opaque(each) for each in result.opaque],
        "git": _git(result.git) if result.git else None,
        "generated": [_generated(each) for each in result.generated],
        "seconds": round(result.seconds, 1),
        "samego": result.version,
    }


def _packing(packing: Packing) -> dict[str, Any]:
    upstream = packing.upstream
    return {
        "outcome": packing.outcome.value,
        "name": packing.name or None,
        "verified": _verified(packing.verified),
        "upstream": {
            "name": upstream.name,
            "channel": upstream.channel,
            "form": upstream.form,
            "sha256": upstream.sha256,
            "verified": _verified(upstream.verified),
        }
        if upstream
        else None,
        "identical": packing.identical,
        "not_compared": packing.not_compared,
        "differences": _differences(packing.differences),
        "not_compared_because": packing.unchecked.value if packing.unchecked else None,
    }


def _directory(directory: VendorDirectory) -> dict[str, Any]:
    return {
        "path": directory.path,
        "modules": [_module(each) for each in directory.modules],
        "contradictions": [_contradiction(each) for each in directory.contradictions],
    }


def _module(module: VendoredModule) -> dict[str, Any]:
    return {
        "path": module.path,
        "version": module.version,
        "packages": module.packages,
        "files": module.files,
        "rests_on": module.rests_on.value if module.rests_on else None,
        "h1": module.h1 or None,
        "record": module.record,
        "identical": module.identical,
        "differences": _differences(module.differences),
        "not_checked_because": module.unchecked.value if module.unchecked else None,
    }


def _contradiction(each: Disagreement) -> dict[str, Any]:
    return {
        "kind": each.kind.value,
        "about": each.about,
        "stated": each.stated or None,
        "found": each.found or None,
    }


def _opaque(file: OpaqueFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "size": file.size,
        "sha256": file.sha256,
        "nul": file.nul,
        "form": file.form,
        "use": file.use.value,
        "package": file.package or None,
        "constraint": file.constraint or None,
        "origins": [{"path": each.path, "text": each.text} for each in file.origins],
        "pinned_in": file.pin or None,
        "as_pinned": file.pinned,
    }


def _git(tag: GitTag) -> dict[str, Any]:
    return {
        "outcome": tag.outcome.value,
        "tag": tag.tag,
        "object_format": tag.object_format,
        "tag_object": tag.tag_object or None,
        "commit": tag.commit or None,
        "tree": tag.tree or None,
        "signature": tag.signature or None,
        "identical": tag.identical,
        "modes_by_name": tag.modes,
        "not_compared": tag.not_compared,
        "added": list(tag.added),
        "left_out": list(tag.left_out),
        "differences": _differences(tag.differences),
        "reason": tag.reason or None,
    }


def _generated(each: Generated) -> dict[str, Any]:
    return {
        "name": each.name,
        "files": each.files,
        "differences": _differences(each.differences),
        "not_run_because": each.reason or None,
        "cpu": round(each.seconds, 1),
    }


def _differences(differences: Iterable[Difference]) -> list[dict[str, str]]:
    return [{"path": each.path, "what": each.what.value} for each in differences]


def _verified(ways: Iterable[Verification]) -> list[dict[str, str]]:
    return [{"how": each.how, "rests_on": each.rests_on} for each in ways]
