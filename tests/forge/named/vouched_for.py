"""What upstream's truth is taken from: a proxy, a checksum database, the cache."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from forge.bench import Bench, Names
from forge.named.stage import Case, Played, Stage, played
from forge.upstream import serve_below
from support.macho_files import signed
from support.sumdb_log import MODULE
from support.web import body, serve

_SOURCE = "src/fmt/print.go"
_PASSWORD = "s3cr3t-pass"
_DARWIN = "v0.0.1-go1.24.99.darwin-arm64"


def _forged(bench: Bench) -> Names:
    """Another line in a source of the package."""
    part, member = bench.at(_SOURCE)
    return bench.put(part, member, member.data + b"\nfunc init() { panic(1) }\n")


def _setuid(bench: Bench) -> Names:
    part, member = bench.at("bin/gofmt")
    part.swap(member.path, member.with_mode(0o4755))
    return bench.names(member.path)


def _proxy(stage: Stage) -> Path:
    """The directory of Debian's world that its GOPROXY names."""
    return Path(stage.world("debian").environment["GOPROXY"].removeprefix("file://"))


def _module(stage: Stage) -> tuple[str, bytes]:
    """The version and the zip that the proxy serves."""
    (file,) = (_proxy(stage) / MODULE / "@v").glob("*.zip")
    return file.stem, file.read_bytes()


def _rewritten(
    data: bytes,
    edit: Callable[[zipfile.ZipInfo, bytes], bytes],
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """A zip with the same members, their headers or bytes edited, and more of them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = edit(info, old.read(info))
            new.writestr(info, content, zipfile.ZIP_DEFLATED, 1)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def _moded(mode: Callable[[str], int]) -> Callable[[zipfile.ZipInfo, bytes], bytes]:
    def edit(info: zipfile.ZipInfo, data: bytes) -> bytes:
        info.create_system = 3
        info.external_attr = (0o100000 | mode(info.filename)) << 16
        return data

    return edit


def _served(stage: Stage, zipped: bytes) -> Mapping[str, str]:
    """The world's environment, but for a proxy that gives this zip: the log stays the world's."""
    world = stage.world("debian")
    version, _ = _module(stage)
    place = stage.place() / "proxy"
    serve_below(place, version, zipped)
    for name in ("sumdb",):
        (place / name).rename(place / "own")
        (place / name).symlink_to(_proxy(stage) / name)
    return {**world.environment, "GOPROXY": place.as_uri()}


def _behind(
    zipped: Callable[[bytes], bytes], change: Callable[[Bench], Names] | None, *words: str
) -> Callable[[Stage], Played]:
    """A package behind a proxy that gives another zip.

    Without a change it is the genuine one, and has to pass.
    """

    def play(stage: Stage) -> Played:
        bench = stage.bench("debian")
        names = change(bench) if change else ()
        environment = _served(stage, zipped(_module(stage)[1]))
        run = stage.runner(environment, stage.place().name)
        done = stage.check(bench, [*names, *words], runner=run)
        if change is None and not words:
            return Played(done.status, done.said, done.status == 0)
        return done

    return play


def foreign_database(stage: Stage) -> Played:
    """One run with another checksum database, and a later one without it, in one cache."""
    world = stage.world("debian")
    version, genuine = _module(stage)
    bench = stage.bench("debian")
    names = _forged(bench)

    def edit(info: zipfile.ZipInfo, data: bytes) -> bytes:
        return data + b"\nfunc init() { panic(1) }\n" if info.filename.endswith(_SOURCE) else data

    other = serve_below(stage.place() / "proxy", version, _rewritten(genuine, edit))
    home = stage.place().name
    first = stage.check(bench, names, runner=stage.runner(other, home))
    assert first.status == 0, first
    return stage.check(bench, names, runner=stage.runner(world.environment, home))


def _in_the_cache(edit: Callable[[Path, Stage], int]) -> Callable[[Stage], Played]:
    """A genuine run fills a cache, somebody edits it, and a forged package is checked with it."""

    def play(stage: Stage) -> Played:
        world = stage.world("debian")
        home = stage.place().name
        run = stage.runner(world.environment, home)
        stage.check(stage.bench("debian"), (), runner=run)
        assert edit(stage.directory / "homes" / home / "cache", stage)
        bench = stage.bench("debian")
        names = _forged(bench)
        return stage.check(bench, names, runner=run)

    return play


def _edit_index(cache: Path, stage: Stage) -> int:
    """Put the forged source's digest into each index that has the genuine one's."""
    bench = stage.bench("debian")
    _, member = bench.at(_SOURCE)
    old = hashlib.sha256(member.data).hexdigest().encode()
    _forged(bench)
    data = bench.at(_SOURCE)[1].data
    new = hashlib.sha256(data).hexdigest().encode()
    edited = 0
    for file in cache.rglob("*.index"):
        text = file.read_bytes()
        edited += old in text
        file.write_bytes(text.replace(old, new))
    return edited


def _swap_blob(cache: Path, stage: Stage) -> int:
    """Put a forged zip under the genuine one's name."""

    def edit(info: zipfile.ZipInfo, data: bytes) -> bytes:
        return data + b"\nfunc init() { panic(1) }\n" if info.filename.endswith(_SOURCE) else data

    genuine = _module(stage)[1]
    swapped = 0
    for file in (path for path in cache.rglob("*") if path.is_file()):
        if file.read_bytes() == genuine:
            file.write_bytes(_rewritten(genuine, edit))
            swapped += 1
    for file in cache.rglob("*.index"):
        file.unlink()
    return swapped


def _unvouched(setting: str, value: str) -> Callable[[Stage], Played]:
    """Nobody vouches: a forged zip beside a package forged alike must not pass."""

    def play(stage: Stage) -> Played:
        def edit(info: zipfile.ZipInfo, data: bytes) -> bytes:
            return (
                data + b"\nfunc init() { panic(1) }\n" if info.filename.endswith(_SOURCE) else data
            )

        bench = stage.bench("debian")
        _forged(bench)
        environment = _served(stage, _rewritten(_module(stage)[1], edit))
        run = stage.runner({**environment, setting: value}, stage.place().name)
        done = stage.check(bench, ("vouch", "checksum", "GOSUMDB", setting), runner=run)
        return Played(done.status, done.said, done.status in {1, 2} and "bug" not in done.said)

    return play


def password(stage: Stage) -> Played:
    """A proxy's password is in nothing that a check writes."""
    world = stage.world("debian")
    place = _proxy(stage)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        file = place / handler.path.lstrip("/")
        found = file.is_file()
        body(file.read_bytes() if found else b"", status=200 if found else 404)(handler)

    bench = stage.bench("debian")
    _forged(bench)
    said = ""
    with serve() as web:
        web.fallback = answer
        proxy = web.url.replace("://", f"://user:{_PASSWORD}@")
        run = stage.runner({**world.environment, "GOPROXY": proxy}, stage.place().name)
        paths = stage.pack(bench)
        for form in ("json", "text", "markdown"):
            ran = run("check", "-q", "--format", form, *paths, *world.arguments)
            said += ran.stdout + ran.stderr
    shown = "the password is shown" if _PASSWORD in said else "no password is shown"
    return Played(ran.status, shown, _PASSWORD not in said and ran.status == 1)


def _apple(edit: Callable[[bytes], bytes], *, passes: bool = False) -> Callable[[Stage], Played]:
    """A GOROOT for macOS whose bin/go is signed otherwise than upstream's."""

    def play(stage: Stage) -> Played:
        ours = signed(team="TEAM123456", identifier="go")
        theirs = signed()
        version_file = b"go1.24.99\ntime 2025-05-29T19:37:36Z\n"
        prefix = f"{MODULE}@{_DARWIN}"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as module:
            module.writestr(f"{prefix}/VERSION", version_file)
            module.writestr(f"{prefix}/bin/go", theirs)
            module.writestr(f"{prefix}/src/main.go", b"package main\n")
        place = stage.place()
        environment = serve_below(place / "proxy", _DARWIN, out.getvalue())
        root = place / "go"
        for name, data in {
            "VERSION": version_file,
            "bin/go": edit(ours),
            "src/main.go": b"package main\n",
        }.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        (root / "bin/go").chmod(0o755)
        run = stage.runner(environment, place.name)
        ran = run("check", "-q", "--format", "json", root, "--target", "darwin-arm64")
        if passes:
            return Played(ran.status, ran.stderr or "passes", ran.status == 0)
        return played(ran, ("bin/go",))

    return play


def _broken_page(data: bytes) -> bytes:
    """Another bit in the last page hash: macOS would kill what is signed so."""
    directory = data.index(b"\xfa\xde\x0c\x02")
    at = directory + int.from_bytes(data[directory + 4 : directory + 8], "big") - 1
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _flipped(text: bytes, back: int = 0) -> Callable[[bytes], bytes]:
    """One bit of the byte that stands so far before the last place of these bytes."""

    def edit(data: bytes) -> bytes:
        at = data.rindex(text) - back
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    return edit


def _added(bench: Bench) -> Names:
    return bench.add(bench.new_file("usr/share/go-1.24/src/fmt/zz.go", b"package fmt\n"))


CASES: tuple[Case, ...] = (
    Case(
        "a proxy's zip gives bin/gofmt the mode 4755, as the package does",
        _behind(
            lambda z: _rewritten(z, _moded(lambda n: 0o4755 if n.endswith("/gofmt") else 0o644)),
            _setuid,
        ),
        seen=True,
    ),
    Case(
        "a proxy's zip gives no file a permission, the package is genuine (must pass)",
        _behind(lambda z: _rewritten(z, _moded(lambda _n: 0)), None),
        seen=True,
    ),
    Case(
        "one run with another GOSUMDB, then one without, in one cache", foreign_database, seen=True
    ),
    Case("macOS: a page hash of the signature does not fit", _apple(_broken_page), seen=True),
    Case("the proxy's password in JSON, text and Markdown", password, seen=True),
    Case("the index in the cache is edited", _in_the_cache(_edit_index)),
    Case("the zip in the cache is another", _in_the_cache(_swap_blob)),
    Case(
        "a proxy's zip has one file more than its h1, the package too",
        _behind(
            lambda z: _rewritten(
                z,
                lambda _i, d: d,
                {f"{MODULE}@v0.0.1-go1.24.4.linux-amd64/src/fmt/zz.go": b"package fmt\n"},
            ),
            _added,
            "sum",
            "hash",
        ),
    ),
    Case(
        "a proxy's zip has a source of its own, the package the same",
        _behind(
            lambda z: _rewritten(
                z,
                lambda i, d: (
                    d + b"\nfunc init() { panic(1) }\n" if i.filename.endswith(_SOURCE) else d
                ),
            ),
            _forged,
            "sum",
            "hash",
        ),
    ),
    Case("GOSUMDB=off, and a zip and package forged alike", _unvouched("GOSUMDB", "off")),
    Case(
        "GONOSUMDB names the toolchain, and both are forged alike",
        _unvouched("GONOSUMDB", "golang.org/*"),
    ),
    Case(
        "macOS: a signature of codesign's that fits (must pass)", _apple(lambda d: d, passes=True)
    ),
    Case("macOS: a byte of the code is another", _apple(_flipped(b"\x90"))),
)
