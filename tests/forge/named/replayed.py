"""What a distro's build declares: patches, settings, recipes, versions; and what it does."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from forge.bench import Bench, Names
from forge.named.stage import Case, Played, Stage, changed
from forge.packed import BUILDINFO, PKGINFO, Deb
from support.makepkg import FIXTURES

_SMTP, _FMT = "src/net/smtp/auth.go", "src/fmt/print.go"
_SETTINGS = "src/internal/buildcfg/zbootstrap.go"
_CC = "src/cmd/go/internal/cfg/zdefaultcc.go"
_OLD, _NEW = b'return "PLAIN", resp, nil', b'return "PLAIN", nil, nil'


def _patch(path: str, before: bytes, after: bytes) -> bytes:
    """A unified diff of one line, with its neighbours."""
    lines = before.splitlines(keepends=True)
    changed_lines = after.splitlines(keepends=True)
    (at,) = [n for n, line in enumerate(lines) if line != changed_lines[n]]
    old = [b" " + line for line in lines[at - 3 : at]]
    new = [b" " + line for line in lines[at + 1 : at + 4]]
    head = f"--- a/{path}\n+++ b/{path}\n@@ -{at - 2},7 +{at - 2},7 @@\n".encode()
    return head + b"".join([*old, b"-" + lines[at], b"+" + changed_lines[at], *new])


def _undone(patch: bytes) -> bytes:
    """The patch and, indented by two blanks, its reverse: patch(1) takes both."""
    swapped = re.sub(rb"(?m)^([-+])(?=[^-+])", lambda m: b"+" if m[1] == b"-" else b"-", patch)
    lines = swapped.splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line[:1] == b"+" and line[:3] != b"+++")
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return patch + b"".join(b"  " + line for line in lines)


_INIT = b"\nfunc init() { panic(1) }\n"


def _initialised(bench: Bench) -> Names:
    """An init() in package fmt, which every executable has in it."""
    part, member = bench.at(_FMT)
    return bench.put(part, member, member.data + _INIT)


def _init_patch(bench: Bench) -> Mapping[str, bytes]:
    lines = bench.at(_FMT)[1].data.splitlines(keepends=True)
    at, count = len(lines) - 2, 3 + _INIT.count(b"\n")
    head = f"--- a/{_FMT}\n+++ b/{_FMT}\n@@ -{at},3 +{at},{count} @@\n".encode()
    more = b"".join(b"+" + line for line in _INIT.splitlines(keepends=True))
    return {"fix.patch": head + b"".join(b" " + line for line in lines[-3:]) + more}


def _compiler(bench: Bench) -> Names:
    """What cmd/dist writes where CC is set: no case for the systems that have clang."""
    part, member = bench.at(_CC)
    data = re.sub(rb"(?s)\tswitch goos \{.*?\n\t\}\n", b"", member.data, count=1)
    return bench.put(part, member, data.replace(b'return "gcc"', b'return "evil-gcc"', 1))


def _leaking(bench: Bench) -> tuple[Names, bytes, bytes]:
    """Change a source of net/smtp in the package; the names, and the bytes before and after."""
    part, member = bench.at(_SMTP)
    after = member.data.replace(_OLD, _NEW)
    return bench.put(part, member, after), member.data, after


def _debian(stage: Stage, files: Mapping[str, bytes | None]) -> Path:
    """Debian's source package, unpacked, with other files below debian/ (none: taken out)."""
    (archive,) = Path(stage.world("debian").arguments[1]).parent.glob("*.debian.tar.*")
    place = stage.place()
    with tarfile.open(archive) as tar:
        for info in tar:
            if info.isfile() and (file := tar.extractfile(info)):
                path = place / info.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.read())
    for name, data in files.items():
        path = place / "debian" / name
        if data is None:
            path.unlink()
        else:
            path.write_bytes(data)
    return place


def _series(stage: Stage, bench: Bench, patch: bytes) -> tuple[str | Path, ...]:
    """The arguments for a source package that has one patch more."""
    series = (_debian(stage, {}) / "debian/patches/series").read_bytes()
    more = {"patches/series": series + b"fix.patch\n", "patches/fix.patch": patch}
    assert bench.packages
    return ("--source", _debian(stage, more))


def _patched(made: Callable[[bytes], bytes], *, passes: bool = False) -> Callable[[Stage], Played]:
    """A source of net/smtp changed, and a patch in Debian's series made from the true one."""

    def play(stage: Stage) -> Played:
        bench = stage.bench("debian")
        names, before, after = _leaking(bench)
        patch = made(_patch(_SMTP, before, after))
        done = stage.check(bench, names, *_series(stage, bench, patch))
        return replace(done, good=done.status == 0) if passes else done

    return play


def patched_source(stage: Stage) -> tuple[Bench, Path]:
    """Packages with a changed net/smtp, and the source package that has the patch for it."""
    bench = stage.bench("debian")
    _, before, after = _leaking(bench)
    return bench, Path(_series(stage, bench, _patch(_SMTP, before, after))[1])


def unsigned_before_signed(stage: Stage) -> Played:
    """A paragraph before the signed text: a reader of paragraphs takes that one."""
    bench = stage.bench("debian")
    names, before, after = _leaking(bench)
    place = stage.place()
    dsc = Path(stage.world("debian").arguments[1])
    archive = next(dsc.parent.glob("*.debian.tar.*"))
    source = Path(_series(stage, bench, _patch(_SMTP, before, after))[1])
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:xz", preset=0) as tar:
        tar.add(source / "debian", "debian")
    data = out.getvalue()
    (place / archive.name).write_bytes(data)
    text = dsc.read_bytes()
    signed = text.partition(b"Hash: SHA512\n\n")[2].partition(b"\n-----BEGIN PGP SIGN")[0]
    old = archive.read_bytes()
    for kind in ("md5", "sha1", "sha256"):
        mine, other = (hashlib.new(kind, d, usedforsecurity=False).hexdigest() for d in (old, data))
        signed = signed.replace(f"{mine} {len(old)}".encode(), f"{other} {len(data)}".encode())
    (place / dsc.name).write_bytes(signed.rstrip(b"\n") + b"\n\n" + text)
    return stage.check(bench, (*names, dsc.name), "--source", place / dsc.name)


def _recipe(
    edit: Callable[[str, Mapping[str, bytes]], str],
    change: Callable[[Bench], Names],
    sources: Callable[[Bench], Mapping[str, bytes]] = lambda _bench: {},
) -> Callable[[Stage], Played]:
    """A package of Arch, changed, whose own PKGBUILD declares the change or seems to."""

    def play(stage: Stage) -> Played:
        bench = stage.bench("arch")
        files = sources(bench)
        names = change(bench)
        text = edit((FIXTURES / "go-1.24.9/PKGBUILD").read_text("utf-8"), files)
        place = stage.place()
        (place / "PKGBUILD").write_text(text, "utf-8")
        for name, data in files.items():
            (place / name).write_bytes(data)
        pkg = bench.pkg
        digest = hashlib.sha256(text.encode()).hexdigest()
        pkg.rewrite(
            BUILDINFO,
            re.sub(
                r"(?m)^pkgbuild_sha256sum = .*$",
                f"pkgbuild_sha256sum = {digest}",
                pkg.text(BUILDINFO),
            ),
        )
        return stage.check(bench, names, "--source", place / "PKGBUILD")

    return play


def _arch_patch(bench: Bench) -> Mapping[str, bytes]:
    data = bench.at(_SMTP)[1].data
    return {"fix.patch": _patch(_SMTP, data, data.replace(_OLD, _NEW))}


def _arch_leak(bench: Bench) -> Names:
    return _leaking(bench)[0]


def _prepare(body: str) -> Callable[[str, Mapping[str, bytes]], str]:
    """The recipe with a patch among its sources and this prepare()."""

    def edit(text: str, files: Mapping[str, bytes]) -> str:
        digest = hashlib.sha256(files["fix.patch"]).hexdigest()
        text = text.replace('.src.tar.gz")', '.src.tar.gz" fix.patch)')
        text = re.sub(r"sha256sums=\((\w+)\)", rf"sha256sums=(\1 {digest})", text)
        return text.replace("build() {", f"prepare() {{\n{body}\n}}\n\nbuild() {{", 1)

    return edit


def _build(line: str) -> Callable[[str, Mapping[str, bytes]], str]:
    """The recipe with this line before make.bash."""
    return lambda text, _files: text.replace("  cd go/src\n", f"{line}\n  cd go/src\n", 1)


def _setting(old: bytes, new: bytes, path: str = _SETTINGS) -> Callable[[Bench], Names]:
    def change(bench: Bench) -> Names:
        part, member = bench.at(path)
        assert old in member.data, member.data
        return bench.put(part, member, member.data.replace(old, new, 1))

    return change


_EVIL_386 = "sse2`\n\nfunc init() { panic(1) }\n\nconst other = `x"
_EXPERIMENT = (b"GOEXPERIMENT = ``", b"GOEXPERIMENT = `boringcrypto`")


def _everywhere(old: str, new: str) -> Callable[[Bench], Names]:
    """Another version in every package, and in the names of their files."""

    def change(bench: Bench) -> Names:
        for deb in bench.packages:
            if isinstance(deb, Deb):
                control = deb.control["control"]
                text = control.data.replace(old.encode(), new.encode())
                deb.control.swap("control", control.with_data(text))
            else:
                for name in (PKGINFO, BUILDINFO):
                    deb.rewrite(name, deb.text(name).replace(old, new))
            deb.name = deb.name.replace(old, new)
        return (new, "Version", "pkgver")

    return change


def _another_line(bench: Bench) -> Names:
    _everywhere("1.24.4-1", "1.25.9-1")(bench)
    return _everywhere("golang-1.24", "golang-1.25")(bench)


CASES: tuple[Case, ...] = (
    Case(
        "deb: a patch that is what it seems (must pass)", _patched(lambda patch: patch, passes=True)
    ),
    Case(
        "deb: a patch that explains net/smtp takes itself back, indented", _patched(_undone), True
    ),
    Case("deb: an unsigned paragraph before the signed .dsc", unsigned_before_signed, seen=True),
    Case(
        "arch: patch stands behind 'false &&' in prepare()",
        _recipe(
            _prepare("  cd go; false && patch -p1 -i ../fix.patch || :"), _arch_leak, _arch_patch
        ),
    ),
    Case(
        "arch: patch stands in a here-document",
        _recipe(_prepare("  cd go; : <<X\npatch -p1 -i ../fix.patch\nX"), _arch_leak, _arch_patch),
    ),
    Case(
        "arch: patch stands behind 'return'",
        _recipe(
            _prepare("  return 0\n  cd go; patch -p1 -i ../fix.patch"), _arch_leak, _arch_patch
        ),
        seen=True,
    ),
    Case(
        "arch: prepare() is defined again, without the patch",
        _recipe(
            lambda text, files: (
                _prepare("  cd go; patch -p1 -i ../fix.patch")(text, files)
                + "\nif true; then prepare() { :; }; fi\n"
            ),
            _arch_leak,
            _arch_patch,
        ),
        seen=True,
    ),
    Case(
        "arch: a setting that bash never comes to, behind 'false &&'",
        _recipe(_build("  false && export GO386=softfloat"), _setting(b"sse2", b"softfloat")),
    ),
    Case(
        "arch: a setting that an 'if' sets back",
        _recipe(
            _build("  export GO386=softfloat\n  if true; then export GO386=sse2; fi"),
            _setting(b"sse2", b"softfloat"),
        ),
        seen=True,
    ),
    Case(
        "arch: GO386 with a quote, a newline and a function",
        _recipe(_build(f"  export GO386='{_EVIL_386}'"), _setting(b"sse2", _EVIL_386.encode())),
        seen=True,
    ),
    Case(
        "arch: GOEXPERIMENT=boringcrypto is declared, the executables are upstream's",
        _recipe(_build("  export GOEXPERIMENT=boringcrypto"), _setting(*_EXPERIMENT)),
        seen=True,
    ),
    Case(
        "arch: CC is declared, the executables are upstream's",
        _recipe(_build("  export CC=evil-gcc"), _compiler),
        seen=True,
    ),
    Case(
        "arch: an init() is patched into fmt, the executables are upstream's",
        _recipe(_prepare("  cd go; patch -p1 -i ../fix.patch"), _initialised, _init_patch),
        seen=True,
    ),
    Case(
        "arch: go1.24.9 as 2:1.25.9-1",
        changed("arch", _everywhere("2:1.24.9-1", "2:1.25.9-1")),
        True,
    ),
    Case("deb: go1.24.4 as golang-1.25 1.25.9-1", changed("debian", _another_line), seen=True),
    Case(
        "deb: go1.24.4 as 2:1.25.9-1",
        changed("debian", _everywhere("1.24.4-1", "2:1.25.9-1")),
        True,
    ),
    Case(
        "arch: go1.24.9 as 2:1.24.10-1", changed("arch", _everywhere("2:1.24.9-1", "2:1.24.10-1"))
    ),
    Case(
        "arch: go1.24.9 as 2:20250101-1", changed("arch", _everywhere("2:1.24.9-1", "2:20250101-1"))
    ),
    Case("deb: go1.24.4 as 1.24.5-1", changed("debian", _everywhere("1.24.4-1", "1.24.5-1"))),
    Case(
        "deb: a patch that does not reach the file",
        _patched(lambda patch: patch.replace(b"net/smtp", b"net/smtq")),
    ),
    Case(
        "deb: a patch with -p0 in the series",
        _patched(lambda patch: patch.replace(b"a/src", b"src").replace(b"b/src", b"src")),
    ),
    Case(
        "deb: a patch with one line of another", _patched(lambda p: p.replace(_NEW, _NEW + b" //"))
    ),
    Case(
        "deb: a patch in ed's language",
        _patched(lambda _p: b"1,1c\npackage smtp\n.\nw\n"),
    ),
    Case(
        "deb: a patch in git's form that only renames",
        _patched(
            lambda _p: (
                f"diff --git a/{_SMTP} b/{_SMTP}x\nsimilarity index 100%\n"
                f"rename from {_SMTP}\nrename to {_SMTP}x\n".encode()
            )
        ),
    ),
    Case(
        "arch: patch runs in a function that nobody calls",
        _recipe(_prepare("  fix() { cd go; patch -p1 -i ../fix.patch; }"), _arch_leak, _arch_patch),
    ),
    Case(
        "arch: patch is run dry",
        _recipe(_prepare("  cd go; patch --dry-run -p1 -i ../fix.patch"), _arch_leak, _arch_patch),
    ),
    Case(
        "arch: an alias stands for patch",
        _recipe(
            _prepare("  patch() { :; }\n  cd go; patch -p1 -i ../fix.patch"),
            _arch_leak,
            _arch_patch,
        ),
    ),
    Case(
        "arch: a setting in a comment",
        _recipe(_build("  # export GO386=softfloat"), _setting(b"sse2", b"softfloat")),
    ),
    Case(
        "arch: a setting in a subshell",
        _recipe(_build("  (export GO386=softfloat)"), _setting(b"sse2", b"softfloat")),
    ),
)
