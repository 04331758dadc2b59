from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping

import pytest

from samego.compare.consequences import find_consequences, paths_to_load, zip_hash1
from samego.compare.pins import pin_files
from samego.model.finding import Consequence, Effect, Side
from samego.words.failures import command, sentence
from support.archives import memory_tree

SUM = "lib/fips140/fips140.sum"
ZIP = "lib/fips140/v1.0.0.zip"
CODE = "src/cmd/go/internal/fips140/fips140.go"
TEST = "src/net/sendfile_test.go"
NEWTON = "src/testdata/Isaac.Newton-Opticks.txt"
SCRIPT = "src/cmd/go/testdata/script/fipssnap_modcache.txt"
PLACE = "/usr/lib/go-1.24"
OWN_GO = f"GOENV=off GOROOT= GOTOOLCHAIN=local {PLACE}/bin/go"
VERIFIES = b"package fips140\nfunc verifyZipSum() {}\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def snapshot(*names: str, date: int = 1980) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(zipfile.ZipInfo(name, (date, 1, 1, 0, 0, 0)), name)
    return out.getvalue()


GOOD = snapshot("a", "b")
REWRITTEN = snapshot("b", "a", date=2026)
H1 = zip_hash1(GOOD)


def sums(*lines: str) -> bytes:
    return "\n".join(["# comment", "", *lines, ""]).encode()


PINNED = {ZIP: GOOD, SUM: sums(f"v1.0.0.zip {sha256(GOOD)} {H1}"), CODE: VERIFIES}


def find(
    distro: Mapping[str, bytes], upstream: Mapping[str, bytes]
) -> dict[str, list[Consequence]]:
    found = find_consequences(memory_tree(distro), memory_tree(upstream))
    return {path: list(items) for path, items in found.items()}


def test_nothing_follows_where_all_pins_hold() -> None:
    assert find(PINNED, PINNED) == {}
    assert find({}, {}) == {}


def test_a_rewritten_zip_breaks_where_cmd_go_checks() -> None:
    found = find({**PINNED, ZIP: REWRITTEN}, PINNED)
    assert list(found) == [ZIP]
    (item,) = found[ZIP]
    assert (item.effect, item.side, item.pinned_in) == (Effect.BREAKS, Side.DISTRO, SUM)
    assert (item.pinned, item.actual) == (sha256(GOOD), sha256(REWRITTEN))
    assert sentence(item) == (
        f"{ZIP} has SHA-256 {sha256(REWRITTEN)}, but {SUM} pins {sha256(GOOD)}: building with"
        " GOFIPS140=v1.0.0 fails, because cmd/go checks v1.0.0.zip against that file before it"
        " unpacks it."
    )
    assert "GOFIPS140=v1.0.0 GOENV=off" in command(item, PLACE)
    assert f"{PLACE}/bin/go build main.go" in command(item, PLACE)
    assert "func main() {}" in command(item, PLACE)


def test_it_is_latent_where_nothing_checks() -> None:
    old = {**PINNED, CODE: b"package fips140\n"}
    ((item,),) = find({**old, ZIP: REWRITTEN}, old).values()
    assert item.effect is Effect.LATENT
    assert "sha256sum v1.0.0.zip" in command(item, PLACE)


def test_a_distro_that_lost_the_check_is_still_held_to_it() -> None:
    ((item,),) = find({**PINNED, ZIP: REWRITTEN, CODE: b"package fips140\n"}, PINNED).values()
    assert item.effect is Effect.BREAKS
    ((item,),) = find({ZIP: REWRITTEN, SUM: PINNED[SUM]}, PINNED).values()
    assert item.effect is Effect.BREAKS


def test_a_changed_pin_file_silences_nothing() -> None:
    changed = sums(f"v1.0.0.zip {sha256(REWRITTEN)} {H1}")
    found = find({**PINNED, ZIP: REWRITTEN, SUM: changed}, PINNED)
    assert list(found) == [ZIP]
    (item,) = found[ZIP]
    assert item.pinned == sha256(GOOD)
    assert f"but upstream's {SUM} pins" in sentence(item)
    assert item.effect is Effect.BREAKS


@pytest.mark.parametrize("line", ["", "# nothing"], ids=["emptied", "comment"])
def test_an_emptied_pin_file_silences_nothing(line: str) -> None:
    ((item,),) = find({**PINNED, ZIP: REWRITTEN, SUM: sums(line)}, PINNED).values()
    assert item.actual == sha256(REWRITTEN)
    without = {path: data for path, data in PINNED.items() if path != SUM}
    ((item,),) = find({**without, ZIP: REWRITTEN}, PINNED).values()
    assert item.actual == sha256(REWRITTEN)


def test_a_pin_that_changed_alone_is_told_with_the_pin_file() -> None:
    wrong = sums(f"v1.0.0.zip {sha256(b'')} {H1}")
    found = find({**PINNED, SUM: wrong}, PINNED)
    assert list(found) == [SUM]
    assert found[SUM][0].path == ZIP


def test_a_changed_h1_is_a_broken_pin() -> None:
    other = "h1:" + base64.b64encode(bytes(32)).decode()
    found = find({**PINNED, SUM: sums(f"v1.0.0.zip {sha256(GOOD)} {other}")}, PINNED)
    (item,) = found[SUM]
    assert (item.pinned, item.actual) == (other, H1)
    assert f"has h1 hash {H1}" in sentence(item)


def test_upstreams_own_file_is_checked() -> None:
    found = find({**PINNED, ZIP: REWRITTEN}, {**PINNED, ZIP: REWRITTEN})
    sides = {item.side for items in found.values() for item in items}
    assert sides == {Side.DISTRO, Side.UPSTREAM}
    assert sentence(found[ZIP][0]).startswith("upstream's lib/fips140/v1.0.0.zip has")


def test_a_pinned_file_that_is_missing() -> None:
    without = {path: data for path, data in PINNED.items() if path != ZIP}
    found = find(without, PINNED)
    (item,) = found[ZIP]
    assert item.actual == "no such file"
    assert sentence(item).startswith(f"{ZIP} is missing, but {SUM} pins")
    # All of it left out is for the layout to judge.
    assert find({CODE: VERIFIES}, PINNED) == {}


@pytest.mark.parametrize(
    "line",
    [
        "v1.0.0.zip",
        "v1.0.0.zip abc",
        f"v1.0.0.zip {sha256(GOOD)} h1:short",
        f"v1.0.0.zip {sha256(GOOD)} {H1} more",
        f"../v1.0.0.zip {sha256(GOOD)}",
        f"v1.0.0.zip {sha256(GOOD).upper()}",
        "\x1b[31mv1 \x00",
        f"\x00v1.0.0.zip {sha256(GOOD)}",
        f"$(touch${{IFS}}x).zip {sha256(GOOD)}",
        f"v1.0.0.zip;reboot {sha256(GOOD)}",
    ],
    ids=[
        "no sum",
        "short",
        "short h1",
        "four fields",
        "path",
        "upper case",
        "control",
        "NUL",
        "substitution",
        "command",
    ],
)
def test_a_malformed_line_is_a_consequence(line: str) -> None:
    found = find({**PINNED, SUM: sums(line)}, PINNED)
    (item,) = found[SUM]
    assert item.effect is Effect.BREAKS
    assert "pins nothing" in sentence(item)
    assert "touch" not in command(item, PLACE)
    assert "reboot" not in command(item, PLACE)
    assert sentence(item).isprintable()


def test_a_pin_file_too_large_to_read_is_a_consequence() -> None:
    ((item,),) = find({**PINNED, SUM: b"#" * (4 << 20) + b"#"}, PINNED).values()
    assert "too large" in sentence(item)


def test_a_pin_file_that_is_a_link_is_no_pin_file() -> None:
    distro = memory_tree({ZIP: REWRITTEN, CODE: VERIFIES}, links={SUM: "/dev/null"})
    found = find_consequences(distro, memory_tree(PINNED))
    assert list(found) == [ZIP]


def test_a_test_that_pins_what_it_reads() -> None:
    text = b"the text"
    code = f'\tnewtonSHA256 = "{sha256(text)}"\n'.encode()
    upstream = {TEST: code, NEWTON: text}
    assert find(upstream, upstream) == {}
    (item,) = find({**upstream, NEWTON: b"other"}, upstream)[NEWTON]
    assert item.effect is Effect.BREAKS
    assert command(item, PLACE) == f"{OWN_GO} test -run Sendfile net"
    (item,) = find({TEST: b"", NEWTON: b"other"}, upstream)[NEWTON]
    assert "upstream's" in sentence(item)


def test_a_script_that_pins_a_snapshots_contents() -> None:
    path = "lib/fips140/v1.26.0.zip"
    script = f"env snap=v1.26.0\nenv A=b\ngrep '^{H1}$' $ziphash\n".encode()
    upstream = {SCRIPT: script, path: GOOD}
    # The order and dates of members do not count for an h1 hash.
    assert find({**upstream, path: REWRITTEN}, upstream) == {}
    (item,) = find({**upstream, path: snapshot("a", "c")}, upstream)[path]
    assert (item.pinned_in, item.pinned) == (SCRIPT, H1)
    (item,) = find({**upstream, path: b"PK broken"}, upstream)[path]
    assert item.actual == "none (not a zip that can be read)"


#: What stands in the files of go1.24.4 and go1.26.10, below a comment of theirs.
_SUMS_OF_124 = b"""# The zips of this directory.
#
v1.0.0.zip b50508feaeff05d22516b21e1fd210bbf5d6a1e422eaf2cfa23fe379342713b8
"""
_SUMS_OF_126 = b"""# The zips of this directory.
#
v1.0.0-c2097c7c.zip daf3614e0406f67ae6323c902db3f953a1effb199142362a039e7526dfb9368b \
h1:YapsF69QWGwygaBqdI0rp7IfE5a6tAwepNAHONVcWqQ=
v1.26.0.zip 9b28f847fdf1db4a36cb2b2f8ec09443c039383f085630a03ecfaddf6db7ea23 \
h1:dtoPX1ALGGp4rMLzyh6oqIkYRXnXxRkpPWu56l5DFpM=
"""


def test_real_pin_files_are_read() -> None:
    (row,) = [row for row in pin_files() if row.pinned_in == SUM]
    old = row.read(_SUMS_OF_124)
    assert [pin.path for pin in old.pins] == [ZIP]
    assert old.malformed == ()
    new = row.read(_SUMS_OF_126)
    assert [pin.digest[:7] for pin in new.pins] == ["daf3614", "h1:Yaps", "9b28f84", "h1:dtoP"]
    assert new.malformed == ()


def test_what_may_be_read_can_be_loaded_in_one_pass() -> None:
    tree = memory_tree({**PINNED, TEST: b"", "src/x.go": b""}, links={SCRIPT: "x"})
    assert paths_to_load(tree) == tuple(sorted([SUM, ZIP, CODE, TEST]))


def bomb() -> bytes:
    data = bytearray(snapshot("a"))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = b"\xff\xff\xff\x7f"
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not a zip"),
        (bomb(), "too much"),
        (snapshot("a\nb"), "cannot take part"),
        (snapshot("a").replace(b"\x00\x00\x00\x00a", b"\x00\x00\x00\x00b", 1), "not a zip"),
        (snapshot("a").replace(b"PK\x03\x04", b"PK\x03\x05"), "not a zip"),
    ],
    ids=["empty", "bomb", "newline", "two names", "no local header"],
)
def test_hostile_zips_have_no_h1(data: bytes, problem: str) -> None:
    assert zip_hash1(data).startswith("none (")
    assert problem in zip_hash1(data)
