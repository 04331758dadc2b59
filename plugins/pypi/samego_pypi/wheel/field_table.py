"""Which fields a wheel may have: the table beside this module (samego.model.fields)."""

from __future__ import annotations

import functools
from importlib.resources import files

from samego.model.fields import FieldRow, load_rows


@functools.cache
def rows() -> tuple[FieldRow, ...]:
    """All fields of all formats."""
    text = files(__package__).joinpath("fields.toml").read_text(encoding="utf-8")
    return load_rows(text, name="the wheel's fields")
