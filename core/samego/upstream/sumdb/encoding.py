"""Base64 as the checksum database writes it: one spelling for one value."""

from __future__ import annotations

import base64
import binascii


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
