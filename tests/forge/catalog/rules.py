"""Just outside of what a rule allows: layout, packaging, dates, first lines, settings."""

from __future__ import annotations

import gzip
import re
import struct

from forge.bench import Bench, Names, forgery

_DEB = ("debian",)


@forgery("layout", "what the distro leaves out, there and changed", weight=2)
def left_out(bench: Bench) -> Names | None:
    name = bench.random.choice(("CONTRIBUTING.md", "PATENTS", "SECURITY.md", "codereview.cfg"))
    path = f"{bench.world.goroot}/{name}"
    return bench.add(bench.new_file(path, b"evil\n"))


@forgery("layout", "what the distro moves, in both places")
def in_both(bench: Bench) -> Names | None:
    name = "README.md" if bench.world.name == "debian" else "LICENSE"
    path = f"{bench.world.goroot}/{name}"
    return (*bench.add(bench.new_file(path, b"evil\n")), name)


@forgery("layout", "what the distro moves, changed where it went", weight=2)
def moved_changed(bench: Bench) -> Names | None:
    name = "README.md" if bench.world.name == "debian" else "LICENSE"
    part, member = bench.at(name)
    return bench.put(part, member, member.data.replace(b"e", b"3", 1))


@forgery("layout", "what the distro moves, compressed on the way")
def moved_packed(bench: Bench) -> Names | None:
    name = "README.md" if bench.world.name == "debian" else "LICENSE"
    part, member = bench.at(name)
    path = f"{member.path}.gz"
    part.swap(member.path, bench.new_file(path, gzip.compress(member.data, mtime=0)))
    return bench.names(path, member.path)


@forgery(
    "layout", "a script that may become executable, set-uid or for all to write", _DEB, weight=2
)
def script_mode(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_file and m.path.endswith((".sh", ".bash")))
    mode = bench.random.choice((0o4755, 0o2755, 0o775, 0o777, 0o711, 0o600))
    part.swap(member.path, member.with_mode(mode))
    return bench.names(member.path)


@forgery("layout", "a link of the layout, spelled another way to the same place", _DEB, weight=2)
def link_spelled(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_link)
    old = member.raw("linkname").rstrip(b"\0")
    new = bench.random.choice(
        (
            old.replace(b"../../", b"../../../usr/", 1),
            old.replace(b"../../share", b"/usr/share", 1),
            old.replace(b"share", b"./share", 1),
            old + b"/../" + old.rpartition(b"/")[2],
        )
    )
    if new == old:
        return None
    part.swap(member.path, member.put("linkname", new))
    return bench.names(member.path)


@forgery("packaging's own files", "one more of them", _DEB, weight=3)
def more_packaging(bench: Bench) -> Names | None:
    path = bench.random.choice(
        (
            "usr/share/doc/golang-1.24-go/changelog.Debian.amd64.gz",
            "usr/share/doc/golang-1.24-go/changelog.Debian.evil.gz",
            "usr/share/doc/golang-1.24-go/NEWS.Debian.gz",
            "usr/share/doc/golang-1.24-src/TODO",
            "usr/share/lintian/overrides/golang-1.24-doc",
            "usr/share/bug/golang-1.24-go/script",
            "usr/share/doc-base/golang",
        )
    )
    data = gzip.compress(b"evil\n", mtime=0) if path.endswith(".gz") else b"evil\n"
    return bench.add(bench.new_file(path, data))


@forgery("packaging's own files", "another text", _DEB, weight=3)
def other_packaging(bench: Bench) -> Names | None:
    part, member = bench.pick(
        lambda m: m.is_file and m.path.endswith(("/copyright", "/overrides/golang-1.24-go"))
    )
    return bench.put(part, member, member.data + b"\n")


@forgery(
    "packaging's own files", "a changelog with another entry, packed as before", _DEB, weight=3
)
def other_changelog(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.path.endswith("changelog.Debian.gz"))
    text = gzip.decompress(member.data)
    new = bench.random.choice(
        (
            text.replace(b"unstable", b"UNRELEASED", 1),
            text.replace(b"  * ", b"  * Really: ", 1),
            text[: len(text) // 2],
            text + b"\n",
            re.sub(
                rb"\n -- .*\n", b"\n -- E <e@e>  Mon, 16 Jun 2025 11:34:00 +0200\n", text, count=1
            ),
        )
    )
    if new == text:
        return None
    packed = gzip.compress(new, 9, mtime=struct.unpack_from("<I", member.data, 4)[0])
    return bench.put(part, member, packed)


@forgery("dates", "in a zip that was rewritten, one step off", _DEB, weight=3)
def zip_date(bench: Bench) -> Names | None:
    part, member = bench.at(
        bench.random.choice(("lib/fips140/v1.0.0.zip", "lib/time/zoneinfo.zip"))
    )
    data = bytearray(member.data)
    places = [match.start() + 12 for match in re.finditer(b"PK\1\2", member.data)]
    at = bench.random.choice(places)
    (when,) = struct.unpack_from("<I", data, at)
    struct.pack_into("<I", data, at, when + bench.random.choice((1, -1, 1 << 16, 1 << 25)))
    return bench.put(part, member, bytes(data))


@forgery("dates", "of a gz or png, one second off", _DEB, weight=2)
def other_date(bench: Bench) -> Names | None:
    part, member = bench.file("gz")
    data = bytearray(member.data)
    if len(data) < 10 or data[:2] != b"\x1f\x8b":
        return None
    (when,) = struct.unpack_from("<I", data, 4)
    struct.pack_into("<I", data, 4, (when + 1_750_000_000) & 0xFFFFFFFF)
    return bench.put(part, member, bytes(data))


@forgery("zip member", "another file in it, packed as before", weight=3)
def zip_content(bench: Bench) -> Names | None:
    """Only bytes that are stored: both checksums follow."""
    part, member = bench.file("archive")
    data = bytearray(member.data)
    found = [m.start() for m in re.finditer(b"PK\3\4", member.data)]
    if not found or not member.path.endswith(".zip"):
        return None
    at = bench.random.choice(found)
    name, extra = struct.unpack_from("<HH", data, at + 26)
    start = at + 30 + name + extra
    if start >= len(data):
        return None
    data[start] ^= 0x20
    return bench.put(part, member, bytes(data))
