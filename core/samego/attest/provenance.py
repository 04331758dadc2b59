"""What ``samego rebuild`` built, as SLSA provenance v1.

Format: slsa-framework/slsa, spec/build-provenance.md. Each build, of one target by one bootstrap,
is a statement of its own: its subjects are the archives that it gave, whether they are upstream's
or not. That is another question, which a summary answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from samego.attest.in_toto import (
    OWN,
    PROVENANCE,
    Signing,
    StatedFile,
    compact,
    payload,
    timestamp,
)
from samego.attest.judgement import file_of
from samego.attest.rebuilt_judgements import REBUILD_RESULT
from samego.errors import InputError
from samego.model.machine import file_name
from samego.rebuild.results import holds_toolchain

#: docs/attest.md describes it.
BUILD_TYPE = f"{OWN}/builds/rebuild@v1"
_JSON = "application/json"


def state_provenance(result: Mapping[str, Any], data: bytes, signing: Signing) -> tuple[bytes, ...]:
    """The statements on a result (schema samego.rebuild/1) as JSON, one for each build.

    ``data`` is the result in its file, and ``signing.when`` the time of its end. Raises InputError
    for a result that has no build.
    """
    made = file_of(REBUILD_RESULT, data).descriptor()
    statements = tuple(
        _statement(result, bootstrap, target, signing, {**made, "mediaType": _JSON})
        for bootstrap in result["bootstraps"]
        for target in bootstrap["targets"]
        if _archives(target)
    )
    if not statements:
        raise InputError(
            "the result has no archive that was built: there is nothing to state",
            hint="see why it did not build, and rebuild",
        )
    return statements


def _archives(target: Mapping[str, Any]) -> list[StatedFile]:
    """What was built of a target and holds its toolchain."""
    return [
        StatedFile(file["name"], {"sha256": file["sha256"]})
        for file in target["files"]
        if file["sha256"] and holds_toolchain(file["name"])
    ]


def _statement(
    result: Mapping[str, Any],
    bootstrap: Mapping[str, Any],
    target: Mapping[str, Any],
    signing: Signing,
    made_from: Mapping[str, Any],
) -> bytes:
    archives = _archives(target)
    last = bootstrap["steps"][-1] if bootstrap["steps"] else {"network": None, "environment": []}
    definition = {
        "buildType": BUILD_TYPE,
        "externalParameters": {
            "release": result["release"],
            "target": target["target"],
            "bootstrap": file_name(bootstrap["name"]),
            **({"varied": True} if target.get("variations") else {}),
        },
        "internalParameters": {
            "network": last["network"],
            "environment": list(last["environment"]),
        },
        "resolvedDependencies": list(_dependencies(result, bootstrap)),
    }
    run = {
        "builder": {"id": signing.identity, "version": {"samego": result["samego"]}},
        "metadata": {
            "invocationId": _invocation(result, bootstrap, target, archives),
            **_times(result, bootstrap, target, signing),
        },
        "byproducts": [made_from],
    }
    return payload(archives, PROVENANCE, {"buildDefinition": definition, "runDetails": run})


def _dependencies(
    result: Mapping[str, Any], bootstrap: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """The sources, the release's own first, and what the first of them was built by."""
    sources = {result["source"]["sha256"]: (result["release"], result["source"])}
    for step in bootstrap["steps"]:
        sources.setdefault(step["source"]["sha256"], (step["release"], step["source"]))
    for release, source in sources.values():
        yield {
            "name": f"source of {release}",
            "uri": source["url"],
            "digest": {"sha256": source["sha256"]},
            "annotations": {
                "channel": source["channel"],
                # Not what it rests on: that may be a mirror which only its user knows.
                "verified": [way["how"] for way in source["verified"]],
            },
        }
    for file in bootstrap.get("files", ()):
        yield {
            "name": f"bootstrap: {file['name']}",
            **({"uri": file["url"]} if file["url"] else {}),
            "digest": {"sha256": file["sha256"]},
        }
    yield _bootstrap(bootstrap)


def _bootstrap(bootstrap: Mapping[str, Any]) -> dict[str, Any]:
    """What built first, by all of its bytes: a GOROOT's files, or a compiler's programs."""
    name = bootstrap["name"]
    if bootstrap["version"] is None or name.partition("-")[0] == "gccgo":
        annotations = {"compiler": bootstrap["origin"]}
        return {
            "name": "bootstrap",
            "digest": {"samegoCompiler": bootstrap["digest"]},
            "annotations": annotations,
        }
    return {"name": f"bootstrap {bootstrap['version']}", "digest": {"dirHash": bootstrap["digest"]}}


def _invocation(
    result: Mapping[str, Any],
    bootstrap: Mapping[str, Any],
    target: Mapping[str, Any],
    archives: list[StatedFile],
) -> str:
    """A name for one build: the same in every result that is about it.

    A later run finds a build and builds nothing. Where it has no name of its own its times take
    part, which stay what they were: hardly any two builds have the same.
    """
    parts = {
        "build": target.get("build", ""),
        "release": result["release"],
        "source": result["source"]["sha256"],
        "bootstrap": bootstrap["digest"],
        "steps": [
            [step["release"], step["source"]["sha256"], step["cpu"], step["wall"]]
            for step in bootstrap["steps"]
        ],
        "target": [target["target"], target["cpu"], target["wall"]],
        "archives": [[file.name, file.digest["sha256"]] for file in archives],
    }
    return f"sha256:{hashlib.sha256(compact(parts)).hexdigest()}"


def _times(
    result: Mapping[str, Any],
    bootstrap: Mapping[str, Any],
    target: Mapping[str, Any],
    signing: Signing,
) -> dict[str, str]:
    """When the run began and ended, where all of this was built in it."""
    if not target["fresh"] or not all(step["fresh"] for step in bootstrap["steps"]):
        return {}
    began = signing.when - timedelta(seconds=result["seconds"])
    return {"startedOn": timestamp(began), "finishedOn": timestamp(signing.when)}
