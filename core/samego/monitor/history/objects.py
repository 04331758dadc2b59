"""What the history says, as objects for JSON."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime

from samego.monitor.history.changes import RecordedChange


def to_object(value: object) -> object:
    """A value of this package as what JSON can say.

    A dataclass is an object with its fields' names, a time is in UTC and ends with Z. A change
    also has its sentence.
    """
    if isinstance(value, enum.Enum):
        return to_object(value.value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Mapping):
        return {str(key): to_object(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_object(item) for item in value]
    if is_dataclass(value):
        result = {field.name: to_object(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, RecordedChange):
            result["sentence"] = value.sentence
        return result
    return value
