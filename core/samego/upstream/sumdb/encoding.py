"""Base64 and numbers as the checksum database writes them: one spelling for one value."""

from __future__ import annotations

import base64
import binascii
import re

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_MAX_NUMBER = 2**63 - 1


def decode64(text: str) -> bytes | None:
    """Decode standard base64 with padding; None for anything but the canonical spelling.

    Canonical also means that the unused bits of the last letter are zero: otherwise a
    changed letter could go unnoticed.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    return data if encode64(data) == text else None


def encode64(data: bytes) -> str:
    """Encode as standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def decode_number(text: str) -> int | None:
    """A decimal without sign and leading zeros, as an int64 holds it; None for all else."""
    number = int(text) if _NUMBER.fullmatch(text) else None
    return number if number is None or number <= _MAX_NUMBER else None
