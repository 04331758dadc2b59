"""Go's build information: which Go built an executable, from what, with which settings.

The format is the inline one that cmd/link writes since Go 1.18 (debug/buildinfo,
"buildInfoHeader"; cmd/link/internal/ld/data.go, ``(*Link).buildinfo``): the section
.go.buildinfo begins with a 32-byte header, then two strings, each behind its length
as a varint: the version, and the module lines between two fixed 16-byte marks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from samego.formats.executable.elf_values import Elf

SECTION = ".go.buildinfo"

_MAGIC = b"\xff Go buildinf:"
_HEADER_SIZE = 32
_FLAGS = 15
_BIG_ENDIAN = 0x1
_INLINE_STRINGS = 0x2
_MAX_VARINT = 10
_MAX_STRING = 1 << 20
# cmd/go/internal/modload/build.go, infoStart and infoEnd.
_START = bytes.fromhex("3077af0c9274080241e1c107e6d618e6")
_END = bytes.fromhex("f932433186182072008242104116d8f2")
# cmd/link/internal/ld/main.go: experiments follow as " X:" and, since Go 1.26, as "-X:".
_VERSION = re.compile(r"(?P<release>go1[.0-9a-z]*)(?:[ -]X:(?P<experiments>[a-z0-9,]+))?")


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """What an executable says of its build.

    ``release`` as Go spells it (go1.24.4); ``experiments`` is the comma-separated list
    behind it, empty in most; ``path`` is the main package's; ``modules`` holds the
    lines of the main module and its dependencies; ``settings`` maps names to values.
    """

    release: str
    experiments: str
    path: str
    modules: tuple[str, ...]
    settings: Mapping[str, str]


def read_build_info(elf: Elf) -> BuildInfo | None:
    """The build information, or None where there is none in a known form.

    Anything unexpected (another format, lines without a known key, a key twice, bytes
    behind the strings) is "not understood".
    """
    stated = _stated(elf)
    if stated is None:
        return None
    version, (path, lines, settings) = stated
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    return BuildInfo(
        match["release"], match["experiments"] or "", path, lines, MappingProxyType(settings)
    )


def read_other_build_info(elf: Elf) -> BuildInfo | None:
    """The same of any Go, whatever it calls itself (``devel go1.25-8a1b``): for hints alone.

    Experiments are what follows the last ``X:``, the release is all before it.
    """
    stated = _stated(elf)
    if stated is None:
        return None
    version, (path, lines, settings) = stated
    release, mark, experiments = version.rpartition("X:")
    release = release[:-1] if mark else version
    return BuildInfo(release, experiments if mark else "", path, lines, MappingProxyType(settings))


def _stated(elf: Elf) -> tuple[str, tuple[str, tuple[str, ...], dict[str, str]]] | None:
    """The version as written there, and the values of the lines."""
    section = elf.section(SECTION)
    if section is None:
        return None
    content = elf.content(section)
    if content[: len(_MAGIC)] != _MAGIC or content[_FLAGS:_HEADER_SIZE] != _flags(elf):
        return None
    version, position = _string(content, _HEADER_SIZE)
    modules, position = _string(content, position)
    if version is None or modules is None or any(content[position:]):
        return None
    if modules[:16] != _START or modules[-16:] != _END:
        return None
    parsed = _lines(modules[16:-16])
    return None if parsed is None else (version.decode("ascii", "replace"), parsed)


def _flags(elf: Elf) -> bytes:
    """The flags and the unused rest of a header whose strings are inline."""
    flags = _INLINE_STRINGS if elf.form.little else _INLINE_STRINGS | _BIG_ENDIAN
    return bytes([flags]).ljust(_HEADER_SIZE - _FLAGS, b"\0")


def _string(content: bytes, position: int) -> tuple[bytes | None, int]:
    """A string behind its length (encoding/binary, Uvarint); None when out of bounds."""
    size = shift = 0
    for byte in content[position : position + _MAX_VARINT]:
        position += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the continuation bit of a varint
            break
    else:
        return None, position
    end = position + size
    if size > _MAX_STRING or end > len(content):
        return None, position
    return content[position:end], end


def _lines(text: bytes) -> tuple[str, tuple[str, ...], dict[str, str]] | None:
    """The lines that runtime/debug's BuildInfo.String writes: key, tab, value."""
    path, modules, settings = "", [], {}
    for line in text.decode("utf-8", "replace").splitlines():
        key, tab, value = line.partition("\t")
        if not tab:
            return None
        if key == "path" and not path:
            path = value
        elif key in {"mod", "dep", "=>"}:
            modules.append(line)
        elif key == "build":
            name, equals, setting = value.partition("=")
            if not equals or name in settings:
                return None
            settings[name] = setting
        else:
            return None
    return (path, tuple(modules), settings) if path else None
