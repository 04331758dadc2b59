from __future__ import annotations

import hashlib

import pytest

from samego.source.forms import form_of, is_opaque
from samego.source.opaque import find_opaque
from samego.source.result import OpaqueFile, Origin, Use
from support.archives import memory_tree
from support.made_source import source_files

BLOB = b"\x28\xb5\x2f\xfd" + bytes(8)


def found(**more: bytes) -> dict[str, OpaqueFile]:
    files = {**source_files(), **{key.replace("__", "/"): data for key, data in more.items()}}
    return {each.path: each for each in find_opaque(memory_tree(files))}


def test_the_files_that_are_no_text_are_named_with_what_they_are() -> None:
    opaque = found()
    assert sorted(opaque) == [
        "lib/time/zoneinfo.zip",
        "src/archive/zip/testdata/test.zip",
        "src/runtime/race/race_linux_arm64.syso",
    ]
    syso = opaque["src/runtime/race/race_linux_arm64.syso"]
    assert (syso.form, syso.use, syso.package) == ("ELF object, amd64", Use.LINKED, "runtime/race")
    assert syso.constraint == "-race, linux-arm64"
    assert syso.origins == (Origin("src/runtime/race/README", "built with LLVM 51bf and Go e7d5."),)
    assert opaque["src/archive/zip/testdata/test.zip"].use is Use.TEST_DATA
    zones = opaque["lib/time/zoneinfo.zip"]
    assert (zones.use, zones.origins[0].text) == (Use.RUN_TIME, "CODE=2025b DATA=2025b")


def test_a_syso_that_nothing_speaks_of_is_linked_all_the_same() -> None:
    opaque = found(src__fmt__evil_linux=b"\0", **{"src__fmt__evil.syso": b"\0"})
    evil = opaque["src/fmt/evil.syso"]
    assert (evil.use, evil.package, evil.constraint, evil.origins) == (Use.LINKED, "fmt", "", ())
    assert opaque["src/fmt/evil_linux"].use is Use.UNKNOWN


@pytest.mark.parametrize(
    ("source", "use"),
    [
        (
            b'package p\n\nimport _ "embed"\n\n//go:embed testdata/x.zst\nvar x string\n',
            Use.EMBEDDED,
        ),
        (b"//go:build ignore\n\npackage p\n\n//go:embed testdata/x.zst\n", Use.TEST_DATA),
        (b"package p\n", Use.TEST_DATA),
    ],
)
def test_test_data_that_a_package_embeds_is_no_test_data(source: bytes, use: Use) -> None:
    opaque = found(**{"src__p__p.go": source, "src__p__testdata__x.zst": BLOB})
    file = opaque["src/p/testdata/x.zst"]
    assert file.use is use
    assert file.package == ("p" if use is Use.EMBEDDED else "")


def test_what_only_a_test_embeds_is_test_data() -> None:
    test = b"package p\n\n//go:embed testdata/x.zst\nvar x string\n"
    opaque = found(**{"src__p__p_test.go": test, "src__p__testdata__x.zst": BLOB})
    assert opaque["src/p/testdata/x.zst"].use is Use.TEST_DATA


@pytest.mark.parametrize("change", [False, True])
def test_a_pinned_file_has_the_checksum_that_the_source_states(change: bool) -> None:  # noqa: FBT001 - a case
    data = b"PK\x03\x04" + bytes(20)
    pins = f"v1.0.0.zip {hashlib.sha256(data).hexdigest()}\n".encode()
    opaque = found(
        **{
            "lib__fips140__v1.0.0.zip": data + b"\0" * change,
            "lib__fips140__fips140.sum": pins,
        }
    )
    file = opaque["lib/fips140/v1.0.0.zip"]
    assert (file.pin, file.pinned) == ("lib/fips140/fips140.sum", not change)


@pytest.mark.parametrize(
    ("data", "opaque", "nul"),
    [
        (b"text\n", False, False),
        ("ü".encode(), False, False),
        (b"\xff", True, False),
        (b"a\0", True, True),
    ],
)
def test_text_is_utf8_without_nul(data: bytes, opaque: bool, nul: bool) -> None:  # noqa: FBT001 - a case
    assert is_opaque(data) == (opaque, nul)


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"\x7fELF\x02\x02\x01" + bytes(9) + b"\0\2\0\x16", "ELF executable, s390x"),
        (
            b"\x7fELF\x02\x01\x01" + bytes(9) + b"\3\0\xff\xff",
            "ELF shared object or executable, machine 65535",
        ),
        (b"\x7fELF", "ELF, cut off"),
        (b"MZ\0", "PE executable"),
        (bytes(257) + b"ustar", "tar archive"),
        (b"\0", "data of no known format"),
        (b"", "data of no known format"),
    ],
)
def test_a_format_is_named_by_its_bytes(data: bytes, form: str) -> None:
    assert form_of(data, "x") == form
