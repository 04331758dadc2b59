"""The JSON Schema of a report, and the check of JSON data against it.

The schema is report.schema.json beside this module (JSON Schema, draft 2020-12), and that of
the first version report-1.schema.json.
"""

from __future__ import annotations

import functools
from typing import Any

from jsonschema import Draft202012Validator

from samego.errors import ReportError
from samego.model.report import SCHEMA
from samego.report.earlier import FIRST
from samego.report.shipped_schema import shipped_schema
from samego.system.terminal import visible

_FAMILY = SCHEMA.partition("/")[0]
#: The schemas that are read, and their names among those that are shipped.
_NAMES = {SCHEMA: "report", FIRST: "report-1"}
#: A value of a report that is quoted in a message is cut to this length.
_QUOTED = 60

#: What other results say of themselves, and the command that makes them.
_OTHERS = {"samego.inputs": "samego inputs", "samego.rebuild": "samego rebuild"}


def schema(version: str = SCHEMA) -> dict[str, Any]:
    """The schema of a version, as it is shipped."""
    return shipped_schema(_NAMES[version])


def check(data: object, *, name: str) -> None:
    """Check data against the schema.

    Raises ReportError, naming ``name`` and the place, for data of another schema, of
    another version of it, or that it does not allow.
    """
    found = data.get("schema") if isinstance(data, dict) else None
    command = _OTHERS.get(str(found).partition("/")[0])
    if command is not None:
        raise ReportError(
            f"{name} is no report of a check: it is a result of '{command}'",
            hint=f"to verify it, run '{command}' again",
        )
    if not isinstance(found, str) or found.partition("/")[0] != _FAMILY:
        raise ReportError(
            f"{name} is not a samego report", hint="name a file that 'samego check' wrote as JSON"
        )
    if found not in _NAMES:
        raise ReportError(
            f"{name} has schema {visible(found[:_QUOTED])}; this samego reads"
            f" {' and '.join(_NAMES)}",
            hint="use the samego that wrote it, or check the package again",
        )
    instance: Any = data
    error = next(_validator(found).iter_errors(instance), None)
    if error is not None:
        what = error.message if len(error.message) <= _QUOTED else f"not {error.validator}"
        raise ReportError(
            f"{name} is not a report as samego writes it, at {error.json_path}: {visible(what)}",
            hint="it was changed or damaged: check the package again",
        )


@functools.cache
def _validator(version: str) -> Draft202012Validator:
    return Draft202012Validator(schema(version))
