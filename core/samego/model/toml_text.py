"""TOML that a person wrote: the configuration, and the data files beside the code."""

from __future__ import annotations

from typing import Any

import tomli

from samego.errors import ConfigError


def parse_toml(text: str, *, name: str) -> dict[str, Any]:
    """The document. Raises ConfigError, naming ``name``, for anything but TOML."""
    try:
        return tomli.loads(text)
    except (tomli.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{name} is not TOML ({error})", hint="correct the file") from error


def parse_data(text: str, schema: str, *, name: str) -> dict[str, Any]:
    """A data file of one schema. Raises ConfigError for another, and as :func:`parse_toml`."""
    data = parse_toml(text, name=name)
    if data.get("schema") != schema:
        raise ConfigError(
            f"{name} has schema {data.get('schema')!r}", hint=f"this samego reads {schema}"
        )
    return data
