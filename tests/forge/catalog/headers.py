"""The headers of the payload's archive: every field, extension headers, and what ends it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace

from forge.bench import Bench, Names, forgery
from forge.tape import BLOCK, Member, gnu_long, pax, pax_record

_BITS = tuple(1 << bit for bit in range(12))


def _declared_executable(path: str) -> bool:
    """Debian declares that shell scripts become executable."""
    return path.endswith((".sh", ".bash"))


@forgery("mode", "one bit of a file", weight=6)
def file_mode(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_file)
    bit = bench.random.choice(_BITS)
    if bit & 0o111 and _declared_executable(member.path):
        return None
    part.swap(member.path, member.with_mode(member.mode ^ bit))
    return bench.names(member.path)


@forgery("mode", "one bit of a directory in GOROOT", weight=4)
def directory_mode(bench: Bench) -> Names | None:
    roots = (f"{bench.world.goroot}/", "usr/share/go-1.24/")
    part, member = bench.pick(lambda m: m.is_directory and m.path.startswith(roots))
    part.swap(member.path, member.with_mode(member.mode ^ bench.random.choice(_BITS)))
    return bench.names(member.path)


@forgery("mode", "a directory above GOROOT", weight=4)
def directory_above(bench: Bench) -> Names | None:
    roots = (f"{bench.world.goroot}/", "usr/share/go-1.24/")
    part, member = bench.pick(
        lambda m: m.is_directory and m.path not in {"", "."} and not m.path.startswith(roots)
    )
    mode = bench.random.choice((0o777, 0o1777, 0o775, 0o4755, 0o2755, 0o700, 0o555, 0o757))
    part.swap(member.path, member.with_mode(mode))
    return bench.names(member.path)


@forgery("mode", "the payload's root", ("debian",))
def root_mode(bench: Bench) -> Names | None:
    part = bench.deb.data
    found = next((m for m in part.members if m.path in {"", "."}), None)
    if found is None:
        return None
    part.swap(found.path, found.with_mode(0o777))
    return ("./", "root", "/")


@forgery("owner", "another number", weight=4)
def owner(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.path not in {"", "."})
    field = bench.random.choice(("uid", "gid"))
    part.swap(member.path, member.number(field, bench.random.choice((1, 1000, 65534, 42))))
    return bench.names(member.path)


@forgery("owner", "another name", weight=3)
def owner_name(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.path not in {"", "."})
    field = bench.random.choice(("uname", "gname"))
    name = bench.random.choice((b"nobody", b"games", b"www-data", b"Root", b"root ", b"0"))
    part.swap(member.path, member.put(field, name))
    return bench.names(member.path)


_TYPES = (b"\0", b"1", b"3", b"4", b"6", b"7", b"S", b"V", b"D", b"M", b"A", b"Z", b"x", b"N")


@forgery("type", "another type flag", weight=4)
def type_flag(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.path not in {"", "."})
    flag = bench.random.choice(_TYPES)
    part.swap(member.path, member.put("typeflag", flag))
    return (*bench.names(member.path), "header", "archive")


@forgery("type", "a device or a pipe added", weight=2)
def device(bench: Bench) -> Names | None:
    path = bench.random.choice(
        ("dev/evil", f"{bench.world.goroot}/src/x", "usr/share/go-1.24/src/fmt/x")
    )
    member = bench.new_file(path, b"").put("typeflag", bench.random.choice((b"3", b"4", b"6")))
    return bench.add(
        member.number("devmajor", 1).number("devminor", 3)
        if member.raw("devmajor").strip(b"\0")
        else member
    )


def _field(field: str, value: Callable[[Member], bytes], how: str, *, wanted: str = "025") -> None:
    def change(bench: Bench) -> Names | None:
        part, member = bench.pick(lambda m: m.kind in wanted and m.path not in {"", "."})
        changed = member.put(field, value(member))
        if changed.head == member.head:
            return None
        part.swap(member.path, changed)
        return (*bench.names(member.path), member.path.rpartition("/")[2])

    forgery("tar header", how)(change)


_field("size", lambda _m: b"00000001000", "a size on what is no file", wanted="25")
_field("linkname", lambda _m: b"/etc/passwd", "a link's target on a regular file", wanted="05")
_field(
    "magic", lambda m: b"ustar\0" if m.raw("magic") != b"ustar\0" else b"ustar ", "another magic"
)
_field("magic", lambda _m: b"", "no magic")
_field("version", lambda m: b"00" if m.raw("version") != b"00" else b" \0", "another version")
_field("version", lambda _m: b"01", "an unknown version")
_field("prefix", lambda _m: b"etc", "a prefix before the name")
_field("prefix", lambda _m: b"../../../etc", "a prefix that climbs")
_field("prefix", lambda _m: b"\0evil", "bytes behind an empty prefix")
_field("unused", lambda _m: b"evil", "bytes behind the last field")
_field("devmajor", lambda _m: b"0000001", "a device number on a file", wanted="05")
_field("name", lambda m: m.raw("name").rstrip(b"\0") + b"\0evil", "bytes behind the name")
_field("name", lambda m: b"./" + m.raw("name").rstrip(b"\0")[:97], "./ before the name")
_field("name", lambda m: b"/" + m.raw("name").rstrip(b"\0")[:98], "an absolute name")
_field("name", lambda m: m.raw("name").rstrip(b"\0").replace(b"/", b"//", 1)[:99], "a double slash")
_field(
    "name",
    lambda m: m.raw("name").rstrip(b"\0").replace(b"usr/", b"usr/./", 1)[:99],
    "a dot in the path",
)
_field(
    "name",
    lambda m: m.raw("name").rstrip(b"\0").replace(b"usr/", b"usr/../usr/", 1)[:99],
    "dots in the path",
)
_field(
    "name",
    lambda m: m.raw("name").rstrip(b"\0")[:98] + b"/",
    "a slash after a file's name",
    wanted="02",
)
_field(
    "name",
    lambda m: m.raw("name").rstrip(b"\0").rstrip(b"/"),
    "a directory without its slash",
    wanted="5",
)
_field("name", lambda m: b"../" + m.raw("name").rstrip(b"\0")[:96], "a name that climbs")
_field("uname", lambda _m: b"root\0evil", "bytes behind the owner's name")
_field("mode", lambda _m: b"100644 \0", "the file's type in the mode", wanted="0")
_field("mode", lambda m: m.raw("mode").replace(b"0", b" ", 1), "blanks before the mode")
_field(
    "mode", lambda m: b"\x80" + struct.pack(">I", m.mode).rjust(7, b"\0"), "the mode in base 256"
)
_field("uid", lambda _m: b"\x80\0\0\0\0\0\0\0", "the owner in base 256")
_field("uid", lambda _m: b"\xff" * 8, "a negative owner")
_field(
    "size", lambda m: b"\x80" + len(m.data).to_bytes(11, "big"), "the size in base 256", wanted="0"
)
_field("size", lambda m: b"+" + m.raw("size")[1:], "a sign before the size", wanted="0")
_field("mtime", lambda _m: b"\xff" * 12, "a time before 1970")
_field("mtime", lambda _m: b"evil", "no time")


@forgery("tar header", "the checksum", weight=2)
def checksum(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.path not in {"", "."})
    old = member.raw("chksum")
    value = int(old.rstrip(b" \0"), 8)
    signed = sum(byte - 256 if byte > 127 else byte for byte in member.head[-BLOCK:])
    new = bench.random.choice(
        (
            b"%06o\0 " % (value + 1),
            b"%07o\0" % value,
            b"%07o " % value,
            b" %05o\0 " % value,
            b"%06o \0" % value,
            b"",
            b"%06o\0 " % (signed & 0o777777),
        )
    )
    if new.ljust(8, b"\0") == old:
        return None
    part.swap(member.path, member.put("chksum", new, checksum=False))
    return (*bench.names(member.path), "checksum", "header")


@forgery("tar padding", "bytes behind the data", weight=2)
def padding(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_file and len(m.data) % BLOCK != 0)
    size = -len(member.data) % BLOCK
    filled = bench.random.choice((b"\n" * size, bytes(size - 1) + b"x", b"x" + bytes(size - 1)))
    part.swap(member.path, replace(member, padding=filled))
    return (*bench.names(member.path), "padding")


_XATTR = "SCHILY.xattr.security.capability"
_CAPABILITY = b"\1\0\0\2\0\x20\0\0" + bytes(12)
_PAX: dict[str, Callable[[Member], bytes]] = {
    "a capability": lambda _m: pax_record(_XATTR, _CAPABILITY),
    "a user's attribute": lambda _m: pax_record("SCHILY.xattr.user.evil", b"1"),
    "a label": lambda _m: pax_record("SCHILY.xattr.security.selinux", b"u:r:evil"),
    "libarchive's attribute": lambda _m: pax_record(
        "LIBARCHIVE.xattr.security.capability", b"AQAAAgAgAAA="
    ),
    "an access list": lambda _m: pax_record(
        "SCHILY.acl.access", b"user::rwx,user:games:rwx,group::r-x,other::r-x,mask::rwx"
    ),
    "a default access list": lambda _m: pax_record(
        "SCHILY.acl.default", b"user::rwx,group::rwx,other::rwx"
    ),
    "file flags": lambda _m: pax_record("SCHILY.fflags", b"immutable"),
    "a path": lambda _m: pax_record("path", b"etc/evil"),
    "a path that climbs": lambda _m: pax_record("path", b"../../etc/evil"),
    "an empty path": lambda _m: pax_record("path", b""),
    "a link's target": lambda _m: pax_record("linkpath", b"/etc/passwd"),
    "a size": lambda _m: pax_record("size", b"0"),
    "an owner": lambda _m: pax_record("uid", b"1000"),
    "an owner's name": lambda _m: pax_record("uname", b"nobody"),
    "a group": lambda _m: pax_record("gid", b"1000"),
    "a time": lambda _m: pax_record("mtime", b"1.5"),
    "a sparse file": lambda _m: (
        pax_record("GNU.sparse.major", b"1")
        + pax_record("GNU.sparse.minor", b"0")
        + pax_record("GNU.sparse.name", b"etc/evil")
    ),
    "a character set": lambda _m: pax_record("hdrcharset", b"BINARY"),
    "a comment": lambda _m: pax_record("comment", b"evil"),
    "an unknown key": lambda _m: pax_record("EVIL.key", b"evil"),
    "a record of the wrong length": lambda _m: b"99 path=etc/evil\n",
    "a record without an end": lambda _m: b"15 path=etc/evil",
    "no record": lambda _m: b"\0" * 16,
    "the same key twice": lambda m: (
        pax_record("path", m.path.encode()) + pax_record("path", b"etc/evil")
    ),
}
for _how, _records in _PAX.items():

    def with_pax(bench: Bench, records: Callable[[Member], bytes] = _records) -> Names | None:
        part, member = bench.pick(lambda m: m.kind in "02" and bool(m.path))
        part.swap(member.path, member.with_extension(pax(records(member), member)))
        key = records(member).split(b" ", 1)[-1].split(b"=")[0].decode("latin-1")
        return (*bench.names(member.path), key, "etc/evil", "pax", "extension")

    forgery("pax record", _how, weight=1)(with_pax)


@forgery("pax record", "a header for all that follow", weight=2)
def global_pax(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_file)
    record = bench.random.choice(
        (
            pax_record("comment", b"x"),
            pax_record("uid", b"1000"),
            pax_record(_XATTR, _CAPABILITY),
            pax_record("path", b"etc/x"),
        )
    )
    part.swap(member.path, member.with_extension(pax(record, member, b"g")))
    return (*bench.names(member.path), "pax", "global", "extension", "'g'")


@forgery("pax record", "on a directory", weight=2)
def pax_directory(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_directory and bool(m.path))
    record = bench.random.choice(
        (
            pax_record(
                "SCHILY.acl.default", b"user::rwx,user:games:rwx,group::r-x,mask::rwx,other::r-x"
            ),
            pax_record("SCHILY.xattr.user.x", b"1"),
            pax_record("uid", b"1000"),
        )
    )
    part.swap(member.path, member.with_extension(pax(record, member)))
    return (*bench.names(member.path), "pax", "extension", "SCHILY")


@forgery("long name", "GNU's header with another name", weight=2)
def long_name(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_file)
    name = bench.random.choice(
        ("./etc/evil", f"./{member.path}", "./" + "x/" * 200, "./etc/evil\0./usr")
    )
    part.swap(member.path, member.with_extension(gnu_long(b"L", name, member)))
    return (*bench.names(member.path), "etc/evil", "x/x", "LongLink", "long name", "extension")


@forgery("long name", "GNU's header with another target")
def long_target(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.kind in "02" and bool(m.path))
    part.swap(member.path, member.with_extension(gnu_long(b"K", "/etc/passwd", member)))
    return (*bench.names(member.path), "/etc/passwd", "LongLink", "long name", "extension")


@forgery("long name", "a pax path and GNU's that disagree", weight=2)
def two_names(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_file)
    headers = [
        pax(pax_record("path", member.path.encode()), member),
        gnu_long(b"L", "./etc/evil", member),
    ]
    if bench.random.random() < 0.5:
        headers.reverse()
    part.swap(member.path, member.with_extension(b"".join(headers)))
    return (*bench.names(member.path), "etc/evil", "pax", "extension", "long name")


@forgery("end of the archive", "bytes or members after it", weight=4)
def after_end(bench: Bench) -> Names | None:
    package = bench.random.choice(bench.packages)
    evil = bench.new_file("etc/evil", b"evil\n")
    more = bench.random.choice(
        (
            bytes(1024) + evil.packed(),
            bytes(512) + evil.packed() + bytes(1024),
            bytes(1024) + b"evil".ljust(512, b"\0"),
            bytes(512),
            b"",
            bytes(512 * 3),
            bytes(1 << 20),
            bytes(1024) + b"x",
        )
    )
    if more == b"":
        package.edits["data"] = lambda tar: tar.rstrip(b"\0")
    else:
        package.edits["data"] = lambda tar: (
            tar.rstrip(b"\0").ljust(-(-len(tar.rstrip(b"\0")) // BLOCK) * BLOCK, b"\0") + more
        )
    return ("etc/evil", package.name, "end", "data.tar")


@forgery("duplicate", "a second member of the same name", weight=4)
def twice(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_file and m.head[-BLOCK:] == m.head)
    other = member.with_data(member.data + b"evil\n")
    at = part.members.index(member)
    if bench.random.random() < 0.5:
        part.members.append(other)
    else:
        part.members.insert(at, other)
    return bench.names(member.path)


@forgery("duplicate", "the same file in two packages", ("debian",))
def in_two(bench: Bench) -> Names | None:
    _, member = bench.file("source")
    bench.packages[2].data.members.append(member.with_data(b"evil\n"))
    return bench.names(member.path)


@forgery("order", "a file before the link that it lies behind", weight=2)
def through_link(bench: Bench) -> Names | None:
    """A link, then a file below it: the installer writes where the link leads."""
    path = f"{bench.world.goroot}/zz"
    bench.add(bench.new_link(path, "/etc"))
    return (*bench.add(bench.new_file(f"{path}/evil", b"x\n")), *bench.names(path))
