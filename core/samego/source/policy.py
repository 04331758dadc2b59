"""The tables of opaque.toml and archive.toml, read once."""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import Any

import tomli


@functools.cache
def table(name: str) -> dict[str, Any]:
    """One of the TOML files beside this module, by its name without the suffix."""
    text = files("samego.source").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomli.loads(text)
