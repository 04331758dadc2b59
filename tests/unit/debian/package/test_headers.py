"""Each field of a tar header that an unpacker acts on: a change there is told or refused."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pytest

from samego.model.fields import load_rows, of_form
from support.debian_packages import COMPRESSORS, DebMaker, ar, control, tar
from support.toy_check import DEBIAN_FILES, RELEASE, check, write_upstream

PASS = {"identical", "equivalent", "explained"}
_BLOCK = 512
#: Where a field lies in a header (POSIX.1-2017 pax, "ustar Interchange Format"), and what is
#: put there. ``chksum`` is set right afterwards for all but itself.
FIELDS: Mapping[str, tuple[int, int, bytes]] = {
    "name": (0, 100, b"./usr/bin/evil"),
    "mode": (100, 8, b"0004755\0"),
    "uid": (108, 8, b"0001750\0"),
    "gid": (116, 8, b"0000062\0"),
    "size": (124, 12, b"00000000001\0"),
    "chksum": (148, 8, b"000000\0 "),
    "typeflag": (156, 1, b"6"),
    "linkname": (157, 100, b"/tmp/evil"),
    "magic": (257, 8, b"ustar\0000"),
    "uname": (265, 32, b"daemon"),
    "gname": (297, 32, b"daemon"),
    "devmajor": (329, 8, b"0000001\0"),
    "devminor": (337, 8, b"0000001\0"),
    "prefix": (345, 155, b"./etc/cron.d"),
}
#: A file, a link and a directory of the tiny package.
MEMBERS = ("./usr/lib/go-1.24/bin/go", "./usr/lib/go-1.24/src", "./usr")


def test_every_field_of_the_table_is_planted() -> None:
    text = files("samego.compare").joinpath("fields.toml").read_text(encoding="utf-8")
    known = of_form(load_rows(text, name="the core's fields"), "tar header").values()
    assert {row.field for row in known if row.acts} <= set(FIELDS)


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("field", FIELDS)
def test_a_planted_field(
    field: str, member: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    (tmp_path / "p").mkdir()
    version = f"{RELEASE[2:]}-1"
    maker = DebMaker(tmp_path / "p", version=version, release=RELEASE, suffix=".gz")
    packages = maker.write_all()
    data = bytearray(tar(maker.contents("go")))
    assert _plant(data, member, field)
    fields = control(
        "golang-1.24-go",
        version,
        "amd64",
        Source="golang-1.24",
        Depends=f"golang-1.24-src (>= {version})",
    )
    pack = COMPRESSORS[".gz"]
    parts = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", pack(tar({"control": fields, "md5sums": b""}))),
        ("data.tar.gz", pack(bytes(data))),
    ]
    packages[0].write_bytes(ar(parts))
    upstream = write_upstream(tmp_path, DEBIAN_FILES)
    checked = check(tmp_path, upstream, packages)
    assert "Traceback" not in checked.said
    failing = [path for path, standing in checked.standings.items() if standing not in PASS]
    if field == "mode" and member.endswith("src"):
        return  # the mode of a link is nobody's
    assert checked.status == 2 or failing, checked.said


def _plant(data: bytearray, member: str, field: str) -> bool:
    start, size, value = FIELDS[field]
    for at in range(0, len(data), _BLOCK):
        name = bytes(data[at : at + 100]).rstrip(b"\0").decode("latin-1").rstrip("/")
        if name != member or data[at + 257 : at + 262] != b"ustar":
            continue
        data[at + start : at + start + size] = value.ljust(size, b"\0")
        if field != "chksum":
            data[at + 148 : at + 156] = b" " * 8
            total = sum(data[at : at + _BLOCK])
            data[at + 148 : at + 156] = f"{total:06o}\0 ".encode()
        return True
    return False
