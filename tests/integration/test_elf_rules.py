"""The rules for executables on what Debian and Go really ship: golang-1.24 1.24.4-1, amd64."""

from __future__ import annotations

import io
import posixpath
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from samego.compare import where_elf
from samego.formats.executable.elf import parse
from samego.formats.executable.elf_notes import gnu_build_id
from samego.model.inputs import Context
from samego.model.proof import Standing
from samego.rules.added_tool import judge_added
from samego.rules.elf_stripped import prove_stripped
from samego.rules.embedded_settings import prove_embedded
from samego.rules.interface import Blob
from support.contexts import context
from support.elf_edit import set_bytes, set_content, set_header, set_section, set_segment
from support.words import cause_of, places_of

TOOLS = "pkg/tool/linux_amd64/"
SETTINGS = "src/internal/buildcfg/zbootstrap.go"
GENERATED = (SETTINGS, "src/cmd/cgo/zdefaultcc.go", "src/cmd/go/internal/cfg/zdefaultcc.go")
EQUIVALENT = {
    "bin/gofmt",
    *(TOOLS + name for name in ("buildid", "covdata", "fix", "test2json", "trace")),
}
EMBED = {
    "bin/go",
    TOOLS + "addr2line",
    TOOLS + "asm",
    TOOLS + "cgo",
    TOOLS + "compile",
    TOOLS + "cover",
    TOOLS + "doc",
    TOOLS + "link",
    TOOLS + "nm",
    TOOLS + "objdump",
    TOOLS + "pack",
    TOOLS + "pprof",
    TOOLS + "preprofile",
    TOOLS + "vet",
}
ADDED = {TOOLS + "dist", TOOLS + "distpack"}
Pair = tuple[bytes, bytes]
Edit = Callable[[bytes], bytes]

pytestmark = pytest.mark.network


def where(distro: bytes, upstream: bytes) -> str:
    return places_of(where_elf.where(distro, upstream))


@dataclass(frozen=True, slots=True)
class Sides:
    """The executables and generated sources of both sides, by path below GOROOT."""

    distro: Mapping[str, bytes]
    upstream: Mapping[str, bytes]

    @property
    def context(self) -> Context:
        return context(self.distro, self.upstream)


def _wanted(path: str) -> bool:
    return path.startswith(("bin/", TOOLS)) or path in GENERATED


def _from_deb(deb: Path) -> dict[str, bytes]:
    archive = subprocess.run(
        ["dpkg-deb", "--fsys-tarfile", str(deb)], check=True, capture_output=True
    ).stdout
    files: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            path = member.name.partition("/go-1.24/")[2]
            data = tar.extractfile(member) if member.isfile() and _wanted(path) else None
            if data is not None:
                files[path] = data.read()
    return files


def _from_zip(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as module:
        prefix = posixpath.commonpath(module.namelist()[:1]).partition("linux-amd64")
        root = prefix[0] + prefix[1] + "/"
        return {
            name.removeprefix(root): module.read(name)
            for name in module.namelist()
            if _wanted(name.removeprefix(root))
        }


@pytest.fixture(scope="module")
def sides(trixie_go124_debs: list[Path], go1244_module_zip: Path) -> Sides:
    distro: dict[str, bytes] = {}
    for deb in trixie_go124_debs:
        if "-go_" in deb.name:
            distro.update(_from_deb(deb))
    return Sides(distro, _from_zip(go1244_module_zip))


@pytest.fixture(scope="module")
def real_pair(sides: Sides) -> Callable[[str], Pair]:
    """Debian's and upstream's file at a path."""
    return lambda path: (sides.distro[path], sides.upstream[path])


def test_every_executable_has_its_standing(sides: Sides) -> None:
    where_from = sides.context
    standings: dict[str, str | None] = {}
    for path in sides.distro:
        if not path.startswith(("bin/", TOOLS)) or path in ADDED:
            continue
        name = posixpath.basename(path)
        pair = sides.distro[path], sides.upstream[path]
        proof = prove_stripped(*pair, name) or prove_embedded(*pair, name, where_from)
        standings[path] = proof.rule if proof else None
    expected = dict.fromkeys(EQUIVALENT, "elf_stripped") | dict.fromkeys(EMBED, "embedded_settings")
    assert standings == expected


def test_the_cause_is_debians_setting(sides: Sides) -> None:
    proof = prove_embedded(sides.distro["bin/go"], sides.upstream["bin/go"], "go", sides.context)
    assert proof is not None
    assert proof.standing is Standing.UNPROVEN
    assert cause_of(proof) == (
        "embeds GO386=softfloat (internal/buildcfg), which the package was built with"
    )
    assert proof.rests_on == (SETTINGS,)


@pytest.mark.parametrize("path", sorted(ADDED))
def test_the_added_tools_are_of_this_release(sides: Sides, path: str) -> None:
    where_from = sides.context
    blob = Blob(path, where_from.distro)
    proof = judge_added(blob, f"cmd/{posixpath.basename(path)}", where_from)
    assert proof is not None
    assert proof.standing is Standing.UNPROVEN
    assert judge_added(blob, "cmd/nm", where_from) is None


def test_the_build_id_is_read(real_pair: Callable[[str], Pair]) -> None:
    found = gnu_build_id(parse(real_pair("bin/gofmt")[0]))
    assert found is not None
    assert found.hex() == "3082926100b470a1b26b31f888a93f5a6520cd98"


def test_where_names_section_and_function(real_pair: Callable[[str], Pair]) -> None:
    phrase = where(*real_pair(TOOLS + "cgo"))
    assert phrase.startswith(".text differs at 0x401791 in internal/abi.NewName; ")
    assert phrase.endswith(" of 14 loaded sections differ")


def test_a_changed_gofmt_has_no_cause(sides: Sides, real_pair: Callable[[str], Pair]) -> None:
    distro, upstream = real_pair("bin/gofmt")
    changed = set_content(distro, ".text", 0x50000, b"\xcc\xcc")
    assert prove_stripped(changed, upstream, "gofmt") is None
    assert prove_embedded(changed, upstream, "gofmt", sides.context) is None
    assert " in " in where(changed, upstream)


#: One change each to what strip wrote. All sit where a comparison of code looks away.
CHANGES: dict[str, Edit] = {
    "padding behind the headers": lambda d: set_bytes(d, 0x800, b"x"),
    "padding behind the code": lambda d: set_bytes(d, _end(d, ".text") + 3, b"x"),
    "padding behind a table": lambda d: set_bytes(d, _end(d, ".typelink") + 1, b"x"),
    "padding before the debug link": lambda d: set_bytes(d, _end(d, ".data"), b"x"),
    "zero inserted into padding": lambda d: d[:0x800] + b"\0" + d[0x800:],
    "behind the end": lambda d: d + b"\0",
    "Go build ID": lambda d: set_content(d, ".note.go.buildid", 20, b"x"),
    "GNU build-id": lambda d: set_content(d, ".note.gnu.build-id", -1, b"x"),
    "flags of a section": lambda d: set_section(d, ".rodata", "flags", 3),
    "info of a section": lambda d: set_section(d, ".rodata", "info", 1),
    "offset of the zeros": lambda d: set_section(d, ".bss", "offset", 1),
    "first section header": lambda d: set_bytes(d, parse(d).header.shoff + 40, b"x"),
    "rights of the stack": lambda d: set_segment(d, 5, "flags", 7),
    "physical address": lambda d: set_segment(d, 2, "paddr", 1),
    "name of a section": lambda d: set_content(d, ".shstrtab", 3, b"x"),
    "padding of the debug link": lambda d: set_content(d, ".gnu_debuglink", -5, b"x"),
    "name in the debug link": lambda d: set_content(d, ".gnu_debuglink", 0, b"x"),
    "ELF identification": lambda d: set_header(d, "padding", 1),
    "ELF header's flags": lambda d: set_header(d, "flags", 1),
    "entry": lambda d: set_header(d, "entry", parse(d).header.entry + 1),
}


def _end(data: bytes, name: str) -> int:
    section = parse(data).section(name)
    assert section is not None
    return section.file_end


@pytest.mark.parametrize("edit", CHANGES.values(), ids=CHANGES.keys())
def test_one_change_is_refused(sides: Sides, real_pair: Callable[[str], Pair], edit: Edit) -> None:
    distro, upstream = real_pair("bin/gofmt")
    assert edit(distro) != distro
    assert prove_stripped(edit(distro), upstream, "gofmt") is None
    assert prove_embedded(edit(distro), upstream, "gofmt", sides.context) is None


#: The same for an executable that embeds a setting: nothing odd in it is "unproven".
ODD = {name: edit for name, edit in CHANGES.items() if name not in {"Go build ID", "entry"}}


@pytest.mark.parametrize("edit", ODD.values(), ids=ODD.keys())
def test_an_odd_executable_is_not_called_unproven(
    sides: Sides, real_pair: Callable[[str], Pair], edit: Edit
) -> None:
    distro, upstream = real_pair(TOOLS + "pack")
    assert prove_embedded(edit(distro), upstream, "pack", sides.context) is None


def test_the_debug_links_crc_is_free(real_pair: Callable[[str], Pair]) -> None:
    distro, upstream = real_pair("bin/gofmt")
    for offset in (-1, -2, -3, -4):
        changed = set_content(distro, ".gnu_debuglink", offset, b"\xa5")
        proof = prove_stripped(changed, upstream, "gofmt")
        assert proof is not None
        assert "CRC" in str(proof.details["not_verified"])
