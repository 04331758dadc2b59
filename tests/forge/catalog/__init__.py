"""What can be forged, by field: each function changes one thing in a copy of a world."""

from forge.catalog import (
    arch,
    combined,
    containers,
    contents,
    control,
    files,
    headers,
    identity,
    rules,
)

__all__ = [
    "arch",
    "combined",
    "containers",
    "contents",
    "control",
    "files",
    "headers",
    "identity",
    "rules",
]
