"""Read the JSON result of a command back, which may come from somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from samego.errors import ReportError
from samego.report import strict_json
from samego.report.load import LIMIT
from samego.report.shipped_schema import shipped_schema
from samego.system.terminal import visible


@dataclass(frozen=True, slots=True)
class ResultForm:
    """The form of what ``samego COMMAND --format json`` writes.

    ``schema`` is the result's own key of that name; COMMAND is also the name of its JSON Schema
    (samego.report.shipped_schema). ``contradictions`` says in phrases where a result of this form
    does not follow from its own parts.
    """

    command: str
    schema: str
    contradictions: Callable[[Mapping[str, Any]], Iterable[str]]

    def parse(self, data: bytes, *, name: str) -> dict[str, Any]:
        """A result from its bytes. Raises ReportError, naming ``name``, for anything else."""
        hint = f"give what 'samego {self.command} --format json' wrote"
        if len(data) > LIMIT:
            raise ReportError(f"{name} is larger than {LIMIT >> 20} MiB", hint=hint)
        try:
            parsed = strict_json.parse(data)
        except ValueError as error:
            raise ReportError(f"{name} is not JSON ({visible(str(error))})", hint=hint) from error
        validator = Draft202012Validator(shipped_schema(self.command))
        wrong = next(validator.iter_errors(parsed), None)
        if wrong is not None:
            where = "/".join(map(str, wrong.absolute_path)) or "its top"
            raise ReportError(
                f"{name} is no {self.schema} ({visible(where)}: {visible(wrong.message[:200])})",
                hint=hint,
            )
        result: dict[str, Any] = parsed
        for contradiction in self.contradictions(result):
            raise ReportError(f"{name} contradicts itself: {contradiction}", hint=hint)
        return result

    def claimed_by(self, data: bytes) -> bool:
        """Whether bytes are JSON that states this form's schema."""
        try:
            parsed = strict_json.parse(data)
        except ValueError:
            return False
        return isinstance(parsed, dict) and parsed.get("schema") == self.schema
