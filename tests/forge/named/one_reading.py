"""Archives that two readers take for two things: the one that installs, and another one."""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from forge.bench import Bench, Names
from forge.named.stage import Case, changed
from forge.packed import ArMember, Deb, Edit, xz, zstd
from forge.tape import BLOCK, Member, gnu_long, pax, pax_record, write_tape
from samego.formats.archive.tar.bsdtar import BSDTAR
from samego.formats.archive.tar.header import parse_header

_SCRIPT = b"#!/bin/sh\nid >/evil\n"
_ACCESS = b"user::rwx,user:games:rwx,group::r-x,mask::rwx,other::r-x"
_SOURCE = "src/fmt/print.go"
_EVIL = b"package fmt\n\nfunc init() { panic(1) }\n"


def _deb(bench: Bench) -> Deb:
    package = bench.packages[0]
    assert isinstance(package, Deb)
    return package


def _script(deb: Deb) -> Member:
    """A postinst in the form of the package's own control file."""
    made = deb.control["control"].put("name", b"./postinst").with_mode(0o755)
    return replace(made.with_data(_SCRIPT), path="postinst")


def two_faced_control(bench: Bench) -> Names:
    """A plain tar with a postinst; its first header is a gzip header too, and skips the tar.

    The gzip header's extra field (RFC 1952, 2.3.1.1) holds the tar but for its first bytes;
    the compressed stream behind it is the control archive as it was.
    """
    deb = _deb(bench)
    known = gzip.compress(write_tape(deb.control.members, deb.control.end), mtime=0)
    rest = write_tape([*deb.control.members, _script(deb)], deb.control.end)
    length = BLOCK + len(rest) - 12
    name = b"\x1f\x8b\x08\x04" + b"evil" + b"\2\3" + length.to_bytes(2, "little")
    first = deb.control["control"].with_data(b"").put("name", name + b"evil")
    tar = first.head + rest + known[10:]
    deb.ar = lambda m: [m[0], replace(m[1], name="control.tar", data=tar), m[2]]
    return (deb.name, "control.tar")


def _two_names(order: Callable[[bytes, bytes], bytes]) -> Callable[[Bench], Names]:
    """The genuine bytes under one name for one reader, under another for another."""

    def change(bench: Bench) -> Names:
        part, member = bench.at(_SOURCE)
        prefix = "./" if bench.world.name == "debian" else ""
        mine = pax(pax_record("path", f"{prefix}{member.path}".encode()), member)
        other = gnu_long(b"L", f"{prefix}etc/cron.d/evil", member)
        part.swap(member.path, member.with_extension(order(mine, other)))
        return bench.names(member.path)

    return change


def foreign_magic(bench: Bench) -> Names:
    """For dpkg ustar's magic of any version makes the prefix a part of the name."""
    part, member = bench.at(_SOURCE)
    made = member.put("magic", b"ustar\0").put("version", b"99").put("prefix", b"./etc/cron.d")
    part.swap(member.path, made)
    return bench.names(member.path)


def size_on_a_link(bench: Bench) -> Names:
    """The blocks behind it are its data for one reader, and members for another."""
    part, member = bench.pick(lambda m: m.is_link)
    hidden = bench.new_file("etc/cron.d/evil", _SCRIPT)
    size = len(hidden.packed())
    made = member.put("size", b"%011o" % size)
    part.swap(member.path, replace(made, data=hidden.packed()))
    return bench.names(member.path)


def with_attribute(name: str, value: bytes, path: str) -> Callable[[Bench], Names]:
    """An extended attribute as libarchive writes it: the one way that is read."""

    def change(bench: Bench) -> Names:
        part, member = bench.at(path)
        values, _magic = parse_header(member.head[-BLOCK:])
        head = BSDTAR.written(values._replace(xattrs=((name, value),)))
        part.swap(member.path, replace(member, head=head))
        return (*bench.names(member.path), name)

    return change


def pax_key(key: str, value: bytes, path: str = "bin/gofmt") -> Callable[[Bench], Names]:
    def change(bench: Bench) -> Names:
        part, member = bench.at(path)
        part.swap(member.path, member.with_extension(pax(pax_record(key, value), member)))
        return (*bench.names(member.path), key, "pax")

    return change


def _packed(edit: Edit) -> Callable[[Bench], Names]:
    def change(bench: Bench) -> Names:
        package = bench.packages[0]
        package.edits["data.packed"] = edit
        return (package.name,)

    return change


def _tar(edit: Edit) -> Callable[[Bench], Names]:
    def change(bench: Bench) -> Names:
        package = bench.packages[0]
        package.edits["data"] = edit
        return (package.name,)

    return change


def _field(field: str, value: bytes, path: str = _SOURCE) -> Callable[[Bench], Names]:
    def change(bench: Bench) -> Names:
        part, member = bench.at(path)
        part.swap(member.path, member.put(field, value))
        return bench.names(member.path)

    return change


def _ar(change: Callable[[list[ArMember]], list[ArMember]]) -> Callable[[Bench], Names]:
    def changed_bench(bench: Bench) -> Names:
        deb = _deb(bench)
        deb.ar = change
        return (deb.name,)

    return changed_bench


def _control(name: str, packed: Edit) -> Callable[[Bench], Names]:
    """The control archive under this name, compressed in this way."""

    def change(bench: Bench) -> Names:
        deb = _deb(bench)
        tar = write_tape(deb.control.members, deb.control.end)
        deb.ar = lambda m: [m[0], replace(m[1], name=name, data=packed(tar)), m[2]]
        return (deb.name, name)

    return change


def global_header(bench: Bench) -> Names:
    part, member = bench.at(_SOURCE)
    record = pax_record("uid", b"1000")
    part.swap(member.path, member.with_extension(pax(record, member, b"g")))
    return bench.names(member.path)


def twice(bench: Bench) -> Names:
    part, member = bench.at(_SOURCE)
    part.members.insert(part.members.index(member), member.with_data(_EVIL))
    return bench.names(member.path)


def hard_link_of_another_mode(bench: Bench) -> Names:
    """dpkg sets the mode of the file through its second name."""
    _, member = bench.at("bin/gofmt")
    made = bench.new_file("usr/bin/x", b"").put("typeflag", b"1").with_mode(0o4755)
    prefix = "./" if bench.world.name == "debian" else ""
    bench.add(made.put("linkname", f"{prefix}{member.path}".encode()))
    return bench.names("usr/bin/x", member.path)


def letters_apart(bench: Bench) -> Names:
    """libarchive puts a letter and its accent together when it reads a name."""
    path = f"{bench.world.goroot}/src/fmt/{unicodedata.normalize('NFD', 'é.go')}"
    member = bench.new_file(path, _EVIL)
    short = member.put("name", b"usr/lib/go/src/fmt/e.go")
    named = short.with_extension(pax(pax_record("path", path.encode()), short))
    return bench.add(replace(named, path=path))


def end_and_more(tar: bytes) -> bytes:
    """A member behind the end of the archive."""
    return tar + tar[:BLOCK] + bytes(2 * BLOCK)


def gzip_named(raw: bytes) -> bytes:
    """A gzip stream whose header has a name."""
    packed = gzip.compress(raw, 1, mtime=0)
    return packed[:3] + b"\x08" + packed[4:10] + b"evil\0" + packed[10:]


CASES = (
    Case(
        "deb: control.tar is a plain tar with a postinst to dpkg, and gzip by its first bytes",
        changed("debian", two_faced_control),
        seen=True,
    ),
    Case(
        "deb: pax path, then GNU's long name, which disagree",
        changed("debian", _two_names(lambda mine, other: mine + other)),
        seen=True,
    ),
    Case(
        "arch: GNU's long name, then pax path, which disagree",
        changed("arch", _two_names(lambda mine, other: other + mine)),
        seen=True,
    ),
    Case(
        "deb: ustar magic of version 99, whose prefix dpkg honours",
        changed("debian", foreign_magic),
        seen=True,
    ),
    Case(
        "deb: a size on a symbolic link, with a member in what that hides",
        changed("debian", size_on_a_link),
        seen=True,
    ),
    Case("arch: a size on a symbolic link", changed("arch", size_on_a_link), seen=True),
    Case(
        "arch: pax SCHILY.acl.access on bin/gofmt",
        changed("arch", pax_key("SCHILY.acl.access", _ACCESS)),
        seen=True,
    ),
    Case(
        "arch: pax SCHILY.fflags on bin/gofmt",
        changed("arch", pax_key("SCHILY.fflags", b"immutable")),
        seen=True,
    ),
    Case(
        "deb: a second zstd frame, empty, behind data.tar.zst",
        changed("debian", _packed(lambda raw: raw + zstd(b""))),
    ),
    Case(
        "arch: a zstd frame to skip behind the archive",
        changed("arch", _packed(lambda raw: raw + b"\x50\x2a\x4d\x18\4\0\0\0evil")),
    ),
    Case(
        "deb: control.tar.xz in two streams",
        changed("debian", _control("control.tar.xz", lambda tar: xz(tar) + xz(b""))),
    ),
    Case(
        "deb: control.tar.gz with a name in its header",
        changed("debian", _control("control.tar.gz", gzip_named)),
    ),
    Case(
        "deb: control.tar.gz in two members",
        changed(
            "debian", _control("control.tar.gz", lambda t: gzip.compress(t) + gzip.compress(b""))
        ),
    ),
    Case("deb: a member behind the end of data.tar", changed("debian", _tar(end_and_more))),
    Case("arch: a member behind the end of the tar", changed("arch", _tar(end_and_more))),
    Case("deb: a global pax header that gives all an owner", changed("debian", global_header)),
    Case(
        "deb: the owner's name is daemon, its number 0",
        changed("debian", _field("uname", b"daemon")),
    ),
    Case(
        "arch: the owner's name is daemon, its number 0",
        changed("arch", _field("uname", b"daemon")),
    ),
    Case("deb: the mode in base 256", changed("debian", _field("mode", b"\x80\0\0\0\0\0\x09\xed"))),
    Case(
        "deb: bytes behind the NUL of a name",
        changed("debian", _field("name", b"./usr/share/go-1.24/src/fmt/print.go\0evil")),
    ),
    Case("deb: a file twice, other bytes first", changed("debian", twice)),
    Case(
        "deb: a hard link that makes bin/gofmt setuid", changed("debian", hard_link_of_another_mode)
    ),
    Case("arch: a name with letter and accent apart", changed("arch", letters_apart)),
    Case(
        "deb: ar's owner of data.tar is 1000",
        changed("debian", _ar(lambda m: [*m[:2], replace(m[2], owner="1000")])),
    ),
    Case(
        "deb: an extra member _evil, which dpkg skips",
        changed("debian", _ar(lambda m: [*m, replace(m[0], name="_evil", data=b"evil\n")])),
    ),
    Case(
        "deb: debian-binary says 2.1",
        changed("debian", _ar(lambda m: [replace(m[0], data=b"2.1\n"), *m[1:]])),
    ),
)
