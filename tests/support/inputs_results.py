"""Results of ``samego inputs`` as JSON has them, schema ``samego.inputs/1``."""

from __future__ import annotations

from typing import Any


def build(letter: str = "a") -> dict[str, Any]:
    """One build."""
    files = {"v0.0.1-go1.26.10.linux-amd64.zip": {"size": 1, "sha256": letter * 64}}
    return {"files": files, "cpu": 400.5, "wall": 600.0, "fresh": True}


def variation(name: str, *, changes: bool = False, why: str = "") -> dict[str, Any]:
    """One variation, seen unless it is said why not."""
    return {
        "name": name,
        "what": f"what {name} is",
        "plain": "one",
        "varied": "another",
        "seen": not why,
        "not_varied_because": why or None,
        "changes_the_bytes": None if why else changes,
    }


def tried(name: str, *changed: str, unexpected: tuple[str, ...] = ()) -> dict[str, Any]:
    """One thing that is an input."""
    return {
        "name": name,
        "what": f"another {name}",
        "changed": list(changed),
        "unexpected": list(unexpected),
        "error": None,
    }


def target(*variations: dict[str, Any], inputs: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """One target, with the verdict that follows."""
    culprits = [row["name"] for row in variations if row["changes_the_bytes"]]
    bad = culprits or [each for each in inputs if each["unexpected"]]
    return {
        "target": "linux-amd64",
        "verdict": "differs" if bad else "same_bytes",
        "doubt": None,
        "error": None,
        "plain": build(),
        "varied": build("b" if culprits else "a"),
        "variations": list(variations),
        "culprits": culprits,
        "along": [],
        "where": ["bin/go: in its build information"] if culprits else [],
        "inputs": list(inputs),
    }


def result(*targets: dict[str, Any], program: str = "") -> dict[str, Any]:
    """A result of go1.26.10."""
    return {
        "schema": "samego.inputs/1",
        "verdict": "differs"
        if any(each["verdict"] == "differs" for each in targets)
        else targets[0]["verdict"],
        "release": "go1.26.10",
        "program": program or None,
        "bootstraps": {"plain": "upstream's go1.24.13", "varied": "debian's golang-1.25"},
        "targets": list(targets),
        "seconds": 1000.0,
        "samego": "0.1.0",
    }


def good() -> dict[str, Any]:
    """A result where nothing is an input but what must be."""
    rows = (variation("time"), variation("umask"), variation("kernel", why="it is not Linux"))
    return result(target(*rows, inputs=(tried("VERSION", "VERSION", "bin/go"),)))


def leaking() -> dict[str, Any]:
    """A result where the clock changes the bytes."""
    return result(target(variation("time", changes=True), variation("umask")))
