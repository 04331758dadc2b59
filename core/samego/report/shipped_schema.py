"""The JSON Schemas that samego ships: NAME.schema.json beside this module."""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any


@functools.cache
def shipped_schema(name: str) -> dict[str, Any]:
    """A schema by its name, parsed: ``report``, ``rebuild``, ``inputs``, ``survey``, ``quorum``."""
    file = resources.files("samego.report").joinpath(f"{name}.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return schema
