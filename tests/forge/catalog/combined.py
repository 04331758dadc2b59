"""Two changes at once, the second of which hides the first or makes it look declared."""

from __future__ import annotations

import posixpath

from forge.bench import WAYS, Bench, Names, forgery
from forge.packed import Deb, Pkg
from forge.tape import gnu_long, pax, pax_record

_EVIL = b"package evil\n"


@forgery("two changes", "any two", weight=8)
def any_two(bench: Bench) -> Names | None:
    ways = [
        way
        for way in WAYS
        if bench.world.name in way.worlds
        and way.field not in {"two changes", "identity", "VERSION"}
    ]
    names: list[str] = []
    for way in bench.random.sample(ways, 2):
        try:
            found = way.change(bench)
        except (IndexError, KeyError, StopIteration, ValueError, AssertionError, LookupError):
            found = None  # the first change took away what the second one needs
        names += found or ()
    return tuple(names) or None


@forgery("two changes", "the payload moved aside, a link to it in its place", weight=2)
def aside(bench: Bench) -> Names | None:
    part, member = bench.file("source", "executable", inside=True)
    bench.add(bench.new_file("opt/go/real", member.data, member.mode))
    part.swap(member.path, bench.new_link(member.path, "/opt/go/real"))
    return bench.names("opt/go/real", member.path)


@forgery("two changes", "one file under two names that disagree, both written", weight=2)
def two_names(bench: Bench) -> Names | None:
    """For one reader the evil bytes are fmt's, for another they are a new file's."""
    part, member = bench.file("source", inside=True)
    other = f"{posixpath.dirname(member.path)}/zz_other.go"
    evil = bench.new_file(other, _EVIL)
    prefix = "./" if bench.world.name == "debian" else ""
    hidden = bench.random.choice(
        (
            pax(pax_record("path", f"{prefix}{member.path}".encode()), evil),
            gnu_long(b"L", f"{prefix}{member.path}", evil),
        )
    )
    part.members.append(evil.with_extension(hidden))
    return bench.names(other, member.path)


@forgery("two changes", "a source and the executable that it would give", weight=2)
def source_and_executable(bench: Bench) -> Names | None:
    part, member = bench.file("source", inside=True)
    other_part, other = bench.file("executable")
    names = bench.put(part, member, member.data + b"\nfunc init() {}\n")
    data = bytearray(other.data)
    at = len(data) // 3
    data[at] ^= 1
    return names + bench.put(other_part, other, bytes(data))


@forgery("two changes", "a file changed, its sum in the listing too", weight=2)
def consistent(bench: Bench) -> Names | None:
    part, member = bench.file(inside=True)
    data = bytearray(member.data)
    data[bench.random.randrange(len(data))] ^= 0x20
    return bench.put(part, member, bytes(data))


@forgery("two changes", "a file changed, its sum in the listing not", weight=2)
def inconsistent(bench: Bench) -> Names | None:
    part, member = bench.file(inside=True)
    for package in bench.packages:
        if isinstance(package, Deb):
            package.sums = False
        elif isinstance(package, Pkg):
            package.listing = False
    return bench.put(part, member, member.data + b"\n")


@forgery("two changes", "set-uid and another owner", weight=2)
def setuid_other(bench: Bench) -> Names | None:
    part, member = bench.file("executable", "script", "text")
    part.swap(member.path, member.with_mode(member.mode | 0o6000).number("uid", 1000))
    return bench.names(member.path)


@forgery("two changes", "a directory that anybody may write, above what is identical", weight=2)
def writable_above(bench: Bench) -> Names | None:
    part, member = bench.file(inside=True)
    folder = posixpath.dirname(member.path)
    found = next((m for m in part.members if m.path == folder and m.is_directory), None)
    if found is None:
        return None
    part.swap(folder, found.with_mode(0o1777))
    return bench.names(folder)


@forgery("two changes", "a patched file with one more line", ("debian",), weight=2)
def patched_more(bench: Bench) -> Names | None:
    part, member = bench.at("src/runtime/crash_unix_test.go")
    lines = member.data.splitlines(keepends=True)
    at = bench.random.randrange(len(lines))
    lines.insert(at, bench.random.choice((b"// nothing\n", b"\n", lines[at])))
    return bench.put(part, member, b"".join(lines))


@forgery("two changes", "a Perl script's first line and one more byte", ("debian",), weight=2)
def perl_more(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.path.endswith(".pl"))
    first, rest = member.data.split(b"\n", 1)
    new = bench.random.choice(
        (
            first + b" -w\n" + rest,
            first + b"\n#\n" + rest,
            b"#!/usr/bin/perl -I/tmp\n" + rest,
            b"#!/tmp/perl\n" + rest,
            first + b"\n" + rest + b"\n",
        )
    )
    return None if new == member.data else bench.put(part, member, new)
