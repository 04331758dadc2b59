"""The JSON Schema of what ``samego inputs`` writes, as it is shipped.

Whoever only reads such a result needs nothing of what builds one.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any

SCHEMA = "samego.inputs/1"


@functools.cache
def schema() -> dict[str, Any]:
    """The schema, parsed."""
    text = resources.files("samego.report").joinpath("inputs.schema.json").read_text("utf-8")
    result: dict[str, Any] = json.loads(text)
    return result
