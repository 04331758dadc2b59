"""What an installer acts on beside the bytes of files."""

from __future__ import annotations

from collections.abc import Callable

from forge.bench import Bench, Names
from forge.named.one_reading import with_attribute
from forge.named.stage import Case, changed
from forge.packed import BUILDINFO, PKGINFO, Deb
from forge.tape import Member

_CAPABILITY = b"\1\0\0\2\0\x20\0\0" + bytes(12)


def _member(path: str, change: Callable[[Member], Member]) -> Callable[[Bench], Names]:
    """Another header of what lies at a path of the package."""

    def changed_bench(bench: Bench) -> Names:
        part, member = bench.pick(lambda m: m.path == path)
        part.swap(path, change(member))
        return bench.names(path)

    return changed_bench


def _mode(path: str, mode: int) -> Callable[[Bench], Names]:
    return _member(path, lambda member: member.with_mode(mode))


def _owner(path: str, number: int) -> Callable[[Bench], Names]:
    """Another owner, by number and without a name."""
    return _member(path, lambda m: m.number("uid", number).put("uname", b""))


def _control(line: bytes) -> Callable[[Bench], Names]:
    """One more field in the control file of the package with the executables."""

    def change(bench: Bench) -> Names:
        deb = bench.packages[0]
        assert isinstance(deb, Deb)
        control = deb.control["control"]
        text = control.data.replace(b"Description:", line + b"\nDescription:", 1)
        deb.control.swap("control", control.with_data(text))
        return (line.partition(b":")[0].decode(),)

    return change


def _script(name: str, text: bytes, mode: int = 0o755) -> Callable[[Bench], Names]:
    def change(bench: Bench) -> Names:
        deb = bench.packages[2]
        assert isinstance(deb, Deb)
        model = deb.control["control"]
        made = model.put("name", f"./{name}".encode()).with_data(text).with_mode(mode)
        deb.control.members.append(made)
        return (name,)

    return change


def _line(name: str, line: str) -> Callable[[Bench], Names]:
    """One more line in a record of makepkg's."""

    def change(bench: Bench) -> Names:
        pkg = bench.pkg
        pkg.rewrite(name, pkg.text(name) + line + "\n")
        return (line.split(" ", maxsplit=1)[0],)

    return change


def _install(bench: Bench) -> Names:
    bench.pkg.data.members.append(bench.new_file(".INSTALL", b"post_install() { id; }\n"))
    return (".INSTALL",)


def _link(path: str, target: bytes) -> Callable[[Bench], Names]:
    return _member(path, lambda member: member.put("linkname", target))


CASES = (
    Case(
        "arch: a file capability on bin/go",
        changed("arch", with_attribute("security.capability", _CAPABILITY, "bin/go")),
        seen=True,
    ),
    Case("deb: GOROOT has the mode 0777", changed("debian", _mode("usr/lib/go-1.24", 0o777)), True),
    Case(
        "deb: /usr/share/go-1.24 has the mode 0777",
        changed("debian", _mode("usr/share/go-1.24", 0o777)),
        seen=True,
    ),
    Case("arch: GOROOT has the mode 0777", changed("arch", _mode("usr/lib/go", 0o777)), seen=True),
    Case(
        "deb: src belongs to user 1000",
        changed("debian", _owner("usr/share/go-1.24/src", 1000)),
        seen=True,
    ),
    Case("arch: src belongs to user 1000", changed("arch", _owner("usr/lib/go/src", 1000)), True),
    Case(
        "deb: Pre-Depends: evil-daemon",
        changed("debian", _control(b"Pre-Depends: evil-daemon")),
        seen=True,
    ),
    Case("deb: Essential: yes", changed("debian", _control(b"Essential: yes")), seen=True),
    Case("deb: Replaces: coreutils", changed("debian", _control(b"Replaces: coreutils")), True),
    Case(
        "arch: free text in .BUILDINFO",
        changed("arch", _line(BUILDINFO, "note = audited by the distribution")),
        seen=True,
    ),
    Case("deb: /usr/lib has the mode 0777", changed("debian", _mode("usr/lib", 0o777))),
    Case(
        "deb: /usr/share/doc belongs to user 1000", changed("debian", _owner("usr/share/doc", 1000))
    ),
    Case("arch: /usr/bin is sticky and open to all", changed("arch", _mode("usr/bin", 0o1777))),
    Case(
        "deb: Conflicts: openssh-server", changed("debian", _control(b"Conflicts: openssh-server"))
    ),
    Case("deb: Multi-Arch: same", changed("debian", _control(b"Multi-Arch: same"))),
    Case("deb: Protected: yes", changed("debian", _control(b"Protected: yes"))),
    Case(
        "deb: a postinst in the package of documents",
        changed("debian", _script("postinst", b"#!/bin/sh\nid\n")),
    ),
    Case(
        "deb: a trigger on /usr",
        changed("debian", _script("triggers", b"interest-noawait /usr\n", 0o644)),
    ),
    Case(
        "deb: /etc/passwd is a conffile",
        changed("debian", _script("conffiles", b"/etc/passwd\n", 0o644)),
    ),
    Case("arch: depend = evil-daemon", changed("arch", _line(PKGINFO, "depend = evil-daemon"))),
    Case("arch: replaces = glibc", changed("arch", _line(PKGINFO, "replaces = glibc"))),
    Case("arch: backup = etc/passwd", changed("arch", _line(PKGINFO, "backup = etc/passwd"))),
    Case("arch: an .INSTALL script", changed("arch", _install)),
    Case("arch: /usr/bin/go leads to /tmp/go", changed("arch", _link("usr/bin/go", b"/tmp/go"))),
    Case(
        "arch: a user's attribute on bin/go",
        changed("arch", with_attribute("user.evil", b"1", "bin/go")),
    ),
)
