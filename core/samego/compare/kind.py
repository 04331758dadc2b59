"""What a file is, for the report and for saying where two of a kind differ."""

from __future__ import annotations

_MAGIC = (
    (b"\x7fELF", "elf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xcf\xfa\xed\xfe", "mach-o"),
    (b"\xfe\xed\xfa\xcf", "mach-o"),
    (b"MZ", "pe"),
)
_PROBE = 8192


def kind_of(data: bytes) -> str:
    """``elf``, ``zip``, ``gzip``, ``png``, ``mach-o``, ``pe``, ``text`` or ``binary``."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    probe = data[:_PROBE]
    if b"\0" in probe:
        return "binary"
    try:
        probe.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut by the end of the probe, and only there.
        if error.start < len(probe) - 3:
            return "binary"
    return "text"
