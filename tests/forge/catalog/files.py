"""Files, directories and links: added, removed, moved, swapped, turned into each other."""

from __future__ import annotations

import posixpath

from forge.bench import Bench, Names, forgery
from forge.tape import Member

#: A target that anybody may make.
_ANYBODYS = "/tmp/x"  # noqa: S108 - nothing is written there
#: Directories that the module form lacks: what is there has nothing to be compared with.
_UNCOMPARED = ("/api", "/doc", "/misc", "/test")
_EVIL = b"package evil\n\nfunc init() { panic(1) }\n"
_MOVED = {
    "debian": (
        "usr/share/go-1.24/src",
        "usr/share/go-1.24/lib",
        "usr/share/go-1.24/pkg/include",
        "usr/share/go-1.24/misc",
        "usr/share/doc/golang-1.24-go",
    ),
    "arch": ("usr/lib/go/src", "usr/lib/go/lib", "usr/lib/go/pkg", "usr/share/licenses/go"),
}
_OUTSIDE = (
    "etc/profile.d/go.sh",
    "etc/cron.d/go",
    "etc/ld.so.preload",
    "usr/bin/gopls",
    "usr/lib/python3/dist-packages/go.pth",
    "usr/share/go-1.24/evil.go",
    "usr/lib/go-1.25/bin/go",
    "boot/go",
    "root/.bashrc",
    "var/lib/go",
    "opt/go/bin/go",
    "usr/lib/systemd/system/go.service",
    "usr/share/doc/golang-1.24-evil/copyright",
    "usr/share/lintian/overrides/golang-1.24-doc",
    "usr/share/libalpm/hooks/go.hook",
)


def _folder(bench: Bench) -> str:
    """A directory inside GOROOT that holds files."""
    return posixpath.dirname(bench.file(inside=True)[1].path)


@forgery("added file", "in GOROOT", weight=3)
def added(bench: Bench) -> Names | None:
    name = bench.random.choice(("zz.go", "zz_test.go", "a.s", "zz.syso", "zz.so", "zz", "Makefile"))
    member = bench.new_file(f"{_folder(bench)}/{name}", _EVIL)
    return bench.add(member)


@forgery("added file", "hidden in GOROOT", weight=2)
def hidden(bench: Bench) -> Names | None:
    name = bench.random.choice(
        (".evil.go", "_evil.go", "..evil", ".git/config", ".x/y.go", "-x.go")
    )
    return bench.add(bench.new_file(f"{_folder(bench)}/{name}", _EVIL))


@forgery("added file", "an odd name", weight=2)
def odd(bench: Bench) -> Names | None:
    name = bench.random.choice(
        (
            "a b.go",
            "a\nb.go",
            "a\\b.go",
            "\u00e4.go",
            "a\u0308.go",
            "x\x7f.go",
            "*.go",
            "a=b#c",
            "\u202egp.og",
            "go\u200b.env",
            "con",
            "x:y",
            "~",
            "'",
            '"',
        )
    )
    names = bench.add(bench.new_file(f"{_folder(bench)}/{name}", _EVIL))
    return (*names, *(repr(each)[1:-1] for each in names))


@forgery("added file", "below a directory that a layout rule moves", weight=2)
def below_moved(bench: Bench) -> Names | None:
    folder = bench.random.choice(_MOVED[bench.world.name])
    if folder.endswith(_UNCOMPARED) and bench.world.cache is None:
        return None  # in a small world upstream's side has no such directory
    name = bench.random.choice(("evil.go", "evil/x.go", ".x", "README", "copyright.gz"))
    return bench.add(bench.new_file(f"{folder}/{name}", _EVIL))


@forgery("added file", "outside GOROOT", weight=3)
def outside(bench: Bench) -> Names | None:
    path = bench.random.choice(_OUTSIDE)
    if any(member.path == path for _, member in bench.members(lambda _m: True)):
        return None
    return bench.add(bench.new_file(path, b"#!/bin/sh\nexport GOFLAGS=-x\n", 0o755))


@forgery("added file", "an executable among the tools", weight=2)
def tool(bench: Bench) -> Names | None:
    _, model = bench.file("executable")
    folder = posixpath.dirname(model.path)
    name = bench.random.choice(
        ("go-evil", "vet2", "gofmt.real", "dist", "distpack", "cgo", "nm", "api")
    )
    path = f"{folder}/{name}"
    if any(member.path == path for _, member in bench.members(lambda _m: True)):
        return None
    return bench.add(bench.new_file(path, model.data, 0o755))


@forgery("added file", "where upstream has a directory, or below a file")
def in_the_way(bench: Bench) -> Names | None:
    _, member = bench.file(inside=True)
    return bench.add(bench.new_file(f"{member.path}/evil.go", _EVIL))


@forgery("added file", "an empty directory")
def directory(bench: Bench) -> Names | None:
    path = f"{_folder(bench)}/{bench.random.choice(('evil', 'vendor', '.x'))}"
    return bench.add(bench.like("5", path).with_mode(0o755))


@forgery("added file", "a name that differs in case", weight=2)
def case(bench: Bench) -> Names | None:
    _, member = bench.file("source", "text", "doc", inside=True)
    folder, name = posixpath.split(member.path)
    other = f"{folder}/{bench.random.choice((name.upper(), name.title(), name.swapcase()))}"
    if other == member.path:
        return None
    names = bench.add(bench.new_file(other, _EVIL))
    return (*names, *bench.names(member.path))


@forgery("added file", "a case-twin in the place of one that was removed")
def case_instead(bench: Bench) -> Names | None:
    part, member = bench.file("source", inside=True)
    folder, name = posixpath.split(member.path)
    other = f"{folder}/{name.upper()}"
    part.swap(member.path, bench.new_file(other, member.data))
    return bench.names(other, member.path)


@forgery("removed file", "a file", weight=4)
def removed(bench: Bench) -> Names | None:
    part, member = bench.file(inside=True)
    if member.path.startswith("usr/share/doc/") or member.path.endswith("LICENSE"):
        return None
    part.swap(member.path)
    return bench.names(member.path)


@forgery("removed file", "an executable")
def removed_executable(bench: Bench) -> Names | None:
    part, member = bench.file("executable")
    part.swap(member.path)
    return bench.names(member.path)


@forgery("removed file", "a whole directory")
def removed_directory(bench: Bench) -> Names | None:
    part, member = bench.file("source", inside=True)
    folder = posixpath.dirname(member.path)
    for found in [m for m in part.members if m.path == folder or m.path.startswith(f"{folder}/")]:
        part.swap(found.path)
    return bench.names(member.path)


@forgery("removed file", "a link")
def removed_link(bench: Bench) -> Names | None:
    links = bench.members(lambda m: m.is_link and not m.path.startswith("usr/bin/"))
    links = [found for found in links if not found[1].path.endswith(_UNCOMPARED)]
    part, member = bench.random.choice(links)
    part.swap(member.path)
    return bench.names(member.path)


@forgery("moved file", "renamed", weight=3)
def renamed(bench: Bench) -> Names | None:
    part, member = bench.file("source", "executable", "archive", "text", inside=True)
    path = f"{member.path}{bench.random.choice(('2', '.bak', '~', '.go'))}"
    part.swap(member.path, bench.new_file(path, member.data, member.mode))
    return bench.names(path, member.path)


@forgery("moved file", "to another directory")
def moved(bench: Bench) -> Names | None:
    part, member = bench.file("source", "generated", "archive", inside=True)
    path = f"{_folder(bench)}/{posixpath.basename(member.path)}"
    if any(found.path == path for _, found in bench.members(lambda _m: True)):
        return None
    part.swap(member.path)
    return (*bench.add(bench.new_file(path, member.data, member.mode)), *bench.names(member.path))


@forgery("moved file", "left behind a link to where it went", weight=2)
def moved_behind_link(bench: Bench) -> Names | None:
    part, member = bench.file("source", "executable", "generated", "archive", inside=True)
    other = f"{member.path}.real"
    at = posixpath.basename(other)
    part.swap(
        member.path,
        bench.new_link(member.path, at),
        bench.new_file(other, member.data, member.mode),
    )
    return bench.names(other, member.path)


@forgery("swapped files", "the contents of two", weight=3)
def swapped(bench: Bench) -> Names | None:
    kind = bench.random.choice(("source", "executable", "text", "archive", "generated"))
    (part, one), (other_part, other) = bench.file(kind), bench.file(kind)
    if one.data == other.data:
        return None
    return bench.put(part, one, other.data) + bench.put(other_part, other, one.data)


@forgery("link", "another target", weight=3)
def target(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_link)
    old = member.raw("linkname").rstrip(b"\0")
    new = bench.random.choice(
        (
            b"/etc",
            _ANYBODYS.encode(),
            b"../" * 9 + b"etc",
            old + b"/",
            old + b"/.",
            b"./" + old,
            old.replace(b"go", b"gO", 1),
            b".",
            b"..",
            b"/proc/self/root" + old,
            b"//" + old.lstrip(b"/"),
            old + b"x",
            posixpath.basename(member.path).encode(),
        )
    )
    part.swap(member.path, member.put("linkname", new))
    return bench.names(member.path)


@forgery("link", "a file turned into a link", weight=3)
def file_to_link(bench: Bench) -> Names | None:
    part, member = bench.file(inside=True)
    _, other = bench.file("source", inside=True)
    to = bench.random.choice(
        (
            "/etc/passwd",
            _ANYBODYS,
            f"/{other.path}",
            "/dev/null",
            "../" * 12 + "etc/shadow",
            member.path.rpartition("/")[2],
        )
    )
    part.swap(member.path, bench.new_link(member.path, to))
    return (*bench.names(member.path), to)


@forgery("link", "a link turned into a file")
def link_to_file(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_link)
    part.swap(member.path, bench.new_file(member.path, b"evil\n", 0o755))
    return bench.names(member.path)


@forgery("link", "a link turned into a directory with a file")
def link_to_directory(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_link and not m.path.endswith(_UNCOMPARED))
    part.swap(
        member.path,
        bench.like("5", member.path).with_mode(0o755),
        bench.new_file(f"{member.path}/evil.go", _EVIL),
    )
    return bench.names(member.path, f"{member.path}/evil.go")


@forgery("link", "a directory turned into a link", weight=2)
def directory_to_link(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_directory and m.path.count("/") > 1)
    folder = member.path
    kept = [m for m in part.members if m.path != folder and not m.path.startswith(f"{folder}/")]
    gone = [m.path for m in part.members if m.path.startswith(f"{folder}/")]
    to = bench.random.choice(("/etc", _ANYBODYS, "../evil", "/usr/lib/go-1.99"))
    part.members[:] = [*kept, bench.new_link(folder, to)]
    return (*bench.names(folder), *bench.names(*gone), to)


@forgery("link", "a new one in GOROOT", weight=2)
def new_link(bench: Bench) -> Names | None:
    _, other = bench.file("source", inside=True)
    to = bench.random.choice((posixpath.basename(other.path), _ANYBODYS, "..", "/", "."))
    return bench.add(bench.new_link(f"{posixpath.dirname(other.path)}/zz.go", to))


@forgery("link", "a hard link instead of a file", weight=2)
def hard_link(bench: Bench) -> Names | None:
    part, member = bench.file("source", "executable", inside=True)
    earlier = [m for m in part.members[: part.members.index(member)] if m.is_file]
    if not earlier:
        return None
    other = bench.random.choice(earlier)
    prefix = "./" if bench.world.name == "debian" else ""
    made = Member(member.path, member.head).with_data(b"").put("typeflag", b"1")
    part.swap(member.path, made.put("linkname", f"{prefix}{other.path}".encode()[:100]))
    return bench.names(member.path)


@forgery("link", "a hard link that is written through", weight=2)
def written_through(bench: Bench) -> Names | None:
    """A second name for a file, and then that name as a file of its own."""
    part, member = bench.file("source", inside=True)
    prefix = "./" if bench.world.name == "debian" else ""
    name = f"{posixpath.dirname(member.path)}/zz.go"
    if len(f"{prefix}{member.path}") > 99:
        return None
    link = bench.new_file(name, b"").put("typeflag", b"1")
    part.members.append(link.put("linkname", f"{prefix}{member.path}".encode()))
    part.members.append(bench.new_file(name, _EVIL))
    return bench.names(name, member.path)
