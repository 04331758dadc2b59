"""Installers as upstream makes them, made here of a few files: real xar, cpio and msi."""

from __future__ import annotations

import gzip
import io
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from support.xar import xar

PATHS_FILE = "etc/paths.d/go"
#: A macOS package's members beside the payload.
_OTHERS = {"Distribution": b"<installer-gui-script/>", "org.golang.go.pkg/PackageInfo": b"<x/>"}
_WXS = """<?xml version="1.0" encoding="UTF-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
<Product Id="*" Name="Go" Language="1033" Version="1.24.4" Manufacturer="toy"
 UpgradeCode="22ea7650-4ac6-4001-bf29-f4b8775db1c0">
<Package InstallerVersion="300" Compressed="yes" InstallScope="perMachine"/>
<Media Id="1" Cabinet="go.cab" EmbedCab="yes"/>
<Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="{folder}">{tree}</Directory></Directory>
<Feature Id="All" Level="1">{components}</Feature>
</Product></Wix>
"""


def cpio(members: Iterable[tuple[str, int, bytes]], *, end: bytes = b"") -> bytes:
    """An octet-oriented cpio archive of (name, mode with type, bytes); ``end`` follows it."""
    out = io.BytesIO()
    for number, (name, mode, data) in enumerate([*members, ("TRAILER!!!", 0, b"")]):
        raw = name.encode("utf-8", "surrogateescape") + b"\0"
        small = (0, number, mode, 0, 0, 1, 0)
        header = b"070707" + b"".join(b"%06o" % value for value in small)
        out.write(header + b"%011o%06o%011o" % (0, len(raw), len(data)) + raw + data)
    return out.getvalue() + end


def macos_members(
    files: Mapping[str, bytes], *, paths: bytes | None = b"/usr/local/go/bin\n"
) -> list[tuple[str, int, bytes]]:
    """What pkgbuild packs for GOROOT's files; ``paths`` None leaves etc/paths.d/go out."""
    members: list[tuple[str, int, bytes]] = [(".", 0o040755, b"")]
    whole = {f"usr/local/go/{path}": data for path, data in files.items()}
    if paths is not None:
        whole[PATHS_FILE] = paths
    directories: set[str] = set()
    for path, data in sorted(whole.items()):
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            above = "/".join(parts[:depth])
            if above not in directories:
                directories.add(above)
                members.append((f"./{above}", 0o040755, b""))
        mode = 0o100755 if "/bin/" in path or path.endswith("bash") else 0o100644
        members.append((f"./{path}", mode, data))
    return members


def pkg(path: Path, payload: bytes, *, more: Mapping[str, bytes] | None = None) -> Path:
    """A macOS package around a payload (a cpio archive), as a xar archive."""
    packed = gzip.compress(payload, 1, mtime=0)
    members = {**_OTHERS, "org.golang.go.pkg/Payload": packed, **(more or {})}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(xar(members))
    return path


def macos_pkg(
    path: Path, files: Mapping[str, bytes], *, paths: bytes | None = b"/usr/local/go/bin\n"
) -> Path:
    """The macOS package of a GOROOT."""
    return pkg(path, cpio(macos_members(files, paths=paths)))


def msi(
    path: Path,
    files: Mapping[str, bytes],
    *,
    root: str = "Go",
    folder: str = "ProgramFiles64Folder",
) -> Path:
    """A Windows installer of a GOROOT, written by wixl; ``root`` is where it installs it."""
    content = path.with_suffix(".d")
    content.mkdir(parents=True)
    rows: list[str] = []
    names: list[str] = []
    for number, (name, data) in enumerate(sorted(files.items())):
        (content / str(number)).write_bytes(data)
        *above, base = [*root.split("/"), *name.split("/")]
        opened = "".join(
            f'<Directory Id="d{number}x{depth}" Name={quoteattr(part)}>'
            for depth, part in enumerate(above)
        )
        rows.append(
            f'{opened}<Component Id="c{number}" Guid="*"><File Id="f{number}" KeyPath="yes"'
            f' Name={quoteattr(base)} Source="{number}"/></Component>' + "</Directory>" * len(above)
        )
        names.append(f'<ComponentRef Id="c{number}"/>')
    script = content / "installer.wxs"
    text = _WXS.format(folder=folder, tree="".join(rows), components="".join(names))
    script.write_text(text, "utf-8")
    arch = "x64" if "64" in folder else "x86"
    command = ["wixl", "--arch", arch, "-o", str(path), script.name]
    subprocess.run(command, check=True, capture_output=True, cwd=content)
    return path
