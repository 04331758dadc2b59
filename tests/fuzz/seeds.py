"""Small real inputs to begin from, made at run time by the tools that make such files."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import marshal
import os
import shutil
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from fuzz.signed import SIGNER, signed_seeds
from samego.integrations.hooks import block
from samego.integrations.rebuilderd import result as backend_result
from samego.model.reproduction import Outcome
from samego.report import json as report_json
from samego.report.summary import Summary
from samego.upstream.sumdb.fork import Fork
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.proof import LogProof
from samego.upstream.sumdb.signed_head import SignedHead
from support import (
    elf_files,
    macho_files,
    npm_packages,
    patched_file,
    rebuild_results,
    rebuilders,
    reports,
    toy_go,
    wheels,
)
from support.arch_packages import ArchMaker
from support.arch_packages import tar as arch_tar
from support.debian_packages import DebMaker
from support.debian_packages import control as debian_control
from support.godev_server import file_row, release_row
from support.statements import every_statement
from support.sumdb_log import Key, Log
from support.sumdb_log import path as audit_path
from support.witness_key import WitnessKey
from support.xar import xar

_FILES = {"go/VERSION": b"go1.24.4\n", "go/src/a.go": b"package a\n", "go/bin/x": b"\x7fELF" * 9}
#: A key that is the same in every run: the same seed then makes the same inputs.
KEY = Key("sum.fuzz.test", Ed25519PrivateKey.from_private_bytes(b"\1" * 32))
LOG = Log(5, KEY)
WITNESSES = (
    WitnessKey("old.fuzz.test", Ed25519PrivateKey.from_private_bytes(b"\2" * 32)),
    WitnessKey("new.fuzz.test", MLDSA44PrivateKey.from_seed_bytes(b"\2" * 32)),
)
_ZIP64 = "golang.org/toolchain@v0.0.1/go/a"
#: Without what differs from run to run.
_PAX_OPTION = "--pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f"
_WHEN = 1_760_000_000
_BUILT = f"Checksums-Sha256:\n {'0' * 64} 10 golang-1.24-go_1.24.4-1_amd64.deb\n"
_EMPTY = _BUILT.replace("0" * 64, hashlib.sha256(b"").hexdigest()).replace(" 10 ", " 0 ")
_CHANGELOG = (
    b"golang-1.24 (1.24.4-1) unstable; urgency=medium\n\n  * New.\n\n"
    b" -- A B <a@b.org>  Mon, 16 Jun 2025 11:34:00 +0200\n"
)
#: A debian directory, in a tar that is not compressed.
DEBIAN_TAR = arch_tar(
    {
        "debian": None,
        "debian/changelog": _CHANGELOG,
        "debian/copyright": b"somebody\n",
        "debian/rules": b"#!/usr/bin/make -f\n",
        "debian/helpers": None,
        "debian/helpers/goenv.sh": b"export GO386=softfloat\n",
        "debian/patches": None,
        "debian/patches/series": b"a.patch\n",
        "debian/patches/a.patch": b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
    }
)
_FIXTURES = Path(__file__).parents[2] / "fixtures"


class Seeds:
    """The inputs of each format; ``directory`` takes what the tools write."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.tree = directory / "tree"
        for path, data in _FILES.items():
            file = self.tree / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        (self.tree / "go/link").symlink_to("src/a.go")
        (self.tree / ("go/" + "long" * 30)).write_bytes(b"x")
        _date(self.tree)

    def _run(self, *command: str | Path) -> bytes:
        environ = os.environ | {"SOURCE_DATE_EPOCH": str(_WHEN)}
        done = subprocess.run(command, cwd=self.tree, env=environ, check=True, capture_output=True)
        return done.stdout

    def tar(self) -> list[bytes]:
        """GNU tar's, bsdtar's and Python's."""
        made = [
            self._run("tar", "--format=gnu", "--owner=0", "--group=0", "-cf", "-", "go"),
            self._run("tar", "--format=pax", _PAX_OPTION, "-cf", "-", "go"),
            self._run("tar", "--format=ustar", "-cf", "-", "go/src", "go/bin"),
            self._run("bsdtar", "--uid", "0", "--gid", "0", "-cf", "-", "go"),
            self._run("bsdtar", "--format=ustar", "-cf", "-", "go/src"),
            arch_tar({"usr": None, "usr/a": b"x" * 700, "usr/l": "a"}),
        ]
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            info = tarfile.TarInfo("go/\u00e4")
            info.pax_headers = {"SCHILY.xattr.user.x": "1", "mtime": "1.5"}
            archive.addfile(info)
        return [*made, out.getvalue()]

    def dpkg_tar(self) -> list[bytes]:
        """What dpkg-deb packs: long names, links and directories."""
        self.deb()
        root = self.directory / "long"
        if not root.exists():
            shutil.copytree(self.directory / "deb", root)
            (root / "usr" / ("long" * 30)).write_bytes(b"x")
            (root / "usr/link").symlink_to("../" * 40 + "a")
            _date(root)
        target = self.directory / "long.deb"
        self._run("dpkg-deb", "--root-owner-group", "-Znone", "-b", root, target)
        return [self._run("dpkg-deb", "--fsys-tarfile", target)]

    def makepkg_tar(self) -> list[bytes]:
        """What makepkg packs, and with long names."""
        return [
            arch_tar({"usr": None, "usr/a": b"x" * 700, "usr/l": "a"}),
            arch_tar({"usr": None, "usr/" + "long" * 40: b"x", "usr/l": "../" * 50 + "a"}),
        ]

    def compressed(self) -> list[bytes]:
        """Each compression over a tar, as the command line tools write it."""
        plain = self.tar()[0]
        named = self.directory / "plain.tar"
        named.write_bytes(plain)
        _date(named)
        made = [self._run(tool, "-c", named) for tool in ("gzip", "xz")]
        made += [self._run("zstd", "-q", "-c", named)] if _has("zstd") else []
        return [
            *made,
            plain,
            gzip.compress(plain, mtime=0),
            bz2.compress(plain),
            lzma.compress(plain, check=lzma.CHECK_CRC32),
            zstandard.ZstdCompressor(write_checksum=True).compress(plain),
        ]

    def gz(self) -> list[bytes]:
        """gzip's and Python's."""
        return [
            self._run("gzip", "-9", "-n", "-c", "go/VERSION"),
            gzip.compress(b"a" * 99, mtime=5),
        ]

    def zip(self) -> list[bytes]:
        """A module's, and one with all that Python can put in."""
        made = []
        for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", method) as archive:
                for path, data in _FILES.items():
                    archive.writestr(zipfile.ZipInfo(f"golang.org/toolchain@v0.0.1/{path}"), data)
                archive.comment = b"x" if method else b""
            made.append(out.getvalue())
        out = io.BytesIO()
        whole = zipfile.ZipFile(out, "w")
        with whole as archive, archive.open(_ZIP64, "w", force_zip64=True) as file:
            file.write(b"x" * 99)
        return [*made, out.getvalue()]

    def png(self) -> list[bytes]:
        """One pixel, with a time."""

        def chunk(kind: bytes, body: bytes) -> bytes:
            crc = struct.pack(">I", zlib.crc32(kind + body))
            return struct.pack(">I", len(body)) + kind + body + crc

        head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        end = chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
        return [head + end, head + chunk(b"tIME", b"\x07\xe9\x01\x01\0\0\0") + end]

    def xar(self) -> list[bytes]:
        """A xar around a component with a gzip'd cpio, as in upstream's .pkg."""
        return [xar({"org.golang.go.pkg/Payload": gzip.compress(self.cpio()[0], mtime=0)})]

    def cpio(self) -> list[bytes]:
        """bsdtar's portable cpio."""
        return [self._run("bsdtar", "--format", "odc", "-cf", "-", "go")]

    def elf(self) -> list[bytes]:
        """Small Go executables of every form, and a real one."""
        made = [elf_files.stripped_file(program) for program in elf_files.EVERY_FORM.values()]
        made += [elf_files.upstream_file(program) for program in elf_files.EVERY_FORM.values()]
        return [*made, (_FIXTURES / "elf/tiny").read_bytes()]

    def macho(self) -> list[bytes]:
        """Signed and not."""
        return [
            macho_files.executable(),
            macho_files.executable(signature=macho_files.signature_blob(64)),
            macho_files.signed(team="EQHXZ8M8AV"),
        ]

    def macho_signed(self) -> list[bytes]:
        """Signed ad hoc and by a team."""
        return [macho_files.signed(), macho_files.signed(team="EQHXZ8M8AV")]

    def differing(self) -> list[bytes]:
        """One of each kind that differences are told of."""
        return [
            self.elf()[0], self.elf()[-1], *self.macho_signed(), self.zip()[0], self.gz()[1],
            self.png()[1], self.tar()[0], gzip.compress(self.tar()[0], mtime=0), b"a text\nof",
        ]  # fmt: skip

    def go_source(self) -> list[bytes]:
        """Sources with a build constraint, and one of cmd/dist's with settings."""
        return [
            b"// A.\n\n//go:build (linux && !amd64) || go1.25 || boringcrypto\n\npackage a\n",
            b"//go:build !(unix || windows) && (386 || arm64.v8)\n\npackage a\n",
            b'package buildcfg\n\nconst DefaultGO386 = `sse2`\nconst defaultGOARM = "7"\n',
        ]

    def cmd_dist(self) -> list[bytes]:
        """cmd/dist's build.go, as short as it can be."""
        return [toy_go.BUILD_GO.encode()]

    def control(self) -> list[bytes]:
        """dpkg-gencontrol's, and dpkg's own of what is installed."""
        made = debian_control("golang-1.24-go", "1.24.4-1", "amd64")
        return [made, made + b"Status: install ok installed\n"]

    def rebuild_result(self) -> list[bytes]:
        """What ``samego rebuild --format json`` writes."""
        some = rebuild_results.result(
            rebuild_results.target(
                "linux-amd64", rebuild_results.file("go1.24.4.linux-amd64.tar.gz")
            )
        )
        return [json.dumps(some, indent=1).encode()]

    def deb(self) -> list[bytes]:
        """dpkg-deb's, with each compression, and the tests' own."""
        root = self.directory / "deb"
        if not root.exists():
            (root / "DEBIAN").mkdir(parents=True)
            (root / "usr").mkdir()
            (root / "usr/a").write_bytes(b"x" * 700)
            text = (
                "Package: a\nVersion: 1-1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: a\n"
            )
            (root / "DEBIAN/control").write_text(text)
            _date(root)
        made = []
        for kind in ("gzip", "xz", "zstd", "none"):
            target = self.directory / f"{kind}.deb"
            self._run("dpkg-deb", "--root-owner-group", f"-Z{kind}", "-b", root, target)
            made.append(target.read_bytes())
        house = self.directory / "house"
        house.mkdir(exist_ok=True)
        return [*made, DebMaker(house).write("go").read_bytes()]

    def arch(self) -> list[bytes]:
        """A tiny package."""
        return [ArchMaker(self.directory).write().read_bytes()]

    def metadata(self) -> list[bytes]:
        """hatchling's METADATA."""
        return [wheels.METADATA.encode()]

    def entry_points(self) -> list[bytes]:
        """hatchling's entry_points.txt, with a comment and a group of plugins."""
        text = f"{wheels.ENTRY_POINTS}\n# more\n[x.plugins]\na-b = c.d\n"
        return [text.encode(), wheels.ENTRY_POINTS.encode()]

    def wheel_record(self) -> list[bytes]:
        """hatchling's RECORD."""
        return [wheels.record_of(wheels.wheel_files())]

    def marshalled(self) -> list[bytes]:
        """Python's own, of a small module."""
        text = "import os\nX = (1, 2.5, 'a', b'b', None, ...)\ndef f(a, *b):\n    return a + X[0]\n"
        return [marshal.dumps(compile(text, "/x/go/__init__.py", "exec"))]

    def manifest(self) -> list[bytes]:
        """A package.json as npm's users write it."""
        return [json.dumps(npm_packages.MANIFEST, indent=2).encode()]

    def go_env(self) -> list[bytes]:
        """As upstream's and a distro's."""
        return [b"# x\n\nGOPROXY=https://a.test,direct\nGOSUMDB=off\nGOTOOLCHAIN=local\n"]

    def pkginfo(self) -> list[bytes]:
        """makepkg's .PKGINFO."""
        return [ArchMaker(self.directory).metadata()[".PKGINFO"]]

    def arch_buildinfo(self) -> list[bytes]:
        """makepkg's .BUILDINFO."""
        return [ArchMaker(self.directory).metadata()[".BUILDINFO"]]

    def mtree(self) -> list[bytes]:
        """makepkg's .MTREE, packed and as it reads (which makepkg never leaves so)."""
        packed = ArchMaker(self.directory).metadata()[".MTREE"]
        return [packed, gzip.decompress(packed), gzip.decompress(packed)]

    def listed(self) -> list[bytes]:
        """What bash says that a PKGBUILD lists: names, counts, values."""
        values = {
            "pkgname": ["go"],
            "pkgver": ["1.24.9"],
            "pkgrel": ["1"],
            "epoch": ["2"],
            "source": ["https://go.dev/dl/go1.24.9.src.tar.gz", "own::fix.patch"],
            "sha256sums": ["SKIP", "ab" * 32],
            "source_x86_64": [],
        }
        words = [word for name, found in values.items() for word in (name, len(found), *found)]
        return ["".join(f"{word}\0" for word in words).encode()]

    def patch(self) -> list[bytes]:
        """A distro's patches, and diff's."""
        return [
            *patched_file.PATCHES.values(),
            b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
        ]

    def report(self) -> list[bytes]:
        """Reports of each sort."""
        some = (reports.trixie(), reports.sid(), reports.clean())
        return [report_json.render(Summary(report)).encode() for report in some]

    def index(self) -> list[bytes]:
        """go.dev/dl's JSON."""
        rows = [file_row(f"go1.24.4.{name}", b"x") for name in ("src.tar.gz", "linux-amd64.tar.gz")]
        return [json.dumps([release_row("go1.24.4", *rows)], indent=1).encode()]

    def sumdb(self) -> list[bytes]:
        """A log's answers to a lookup."""
        return [LOG.lookup(number) for number in range(3)]

    def tile(self) -> list[bytes]:
        """Its one tile."""
        tile = LOG.tile("tile/8/0/000.p/5")
        assert tile is not None
        return [tile]

    def fork(self) -> list[bytes]:
        """Proofs that a log was forked."""
        other = Log(5, KEY, fork_at=1)
        verifier = Verifier.parse(KEY.verifier)
        newer = SignedHead.open(LOG.head(), verifier)
        forks = [
            Fork.between(
                SignedHead.open(other.head(size), verifier),
                newer,
                lambda nodes: [LOG.node(node.level, node.place) for node in nodes],
            )
            for size in (2, 3, 5)
        ]
        return [fork.encode() for fork in forks if fork is not None]

    def log_proof(self) -> list[bytes]:
        """Proofs of its records, with and without more data."""
        proofs = [
            LogProof(number, tuple(audit_path(number, LOG.leaves)), LOG.head(), extra)
            for number, extra in ((1, None), (4, None), (1, b"more"))
        ]
        return [proof.encode() for proof in proofs]

    def cosigned(self) -> list[bytes]:
        """Checkpoints that witnesses cosigned."""
        old, new = WITNESSES
        return [old.cosign(LOG.head()), new.cosign(LOG.head()), new.cosign(old.cosign(LOG.head()))]

    def witness_policy(self) -> list[bytes]:
        """A trust policy, with all that it may say."""
        old, new = WITNESSES
        lines = [f"log {KEY.verifier}", f"witness a {old.vkey} https://a.test", "# more"]
        lines += [f"\twitness b {new.vkey}", "group both all a b", "group one 1 both"]
        return ["\n".join([*lines, "quorum one", ""]).encode(), b"quorum none\n"]

    def gosumdb(self) -> list[bytes]:
        """What GOSUMDB may be."""
        key = KEY.verifier
        return [key.encode(), f"{key} https://sum.example.test".encode(), b"sum.golang.org"]

    def goproxy(self) -> list[bytes]:
        """What GOPROXY and the lines of a go.env may be."""
        return [
            b"https://proxy.example.test,https://other.example.test|direct",
            b"file:///srv/go,off",
        ]

    def rebuilderd(self) -> list[bytes]:
        """Answers of rebuilderd's API, v0 and v1."""
        row = {
            "id": 1,
            "name": "go",
            "version": "1.24.4",
            "status": "GOOD",
            "architecture": "amd64",
        }
        row |= {"distro": "golang", "suite": "dl", "url": "https://example.test", "build_id": 2}
        page = {"records": [row, row | {"id": 2, "status": "BAD"}], "total": 2}
        return [json.dumps(value).encode() for value in (page, [row], {"rebuilds": {"good": 1}})]

    def gorebuild(self) -> list[bytes]:
        """gorebuild's report."""
        log = {"Name": "", "Messages": None, "Status": "PASS"}
        told = f"FAIL: rebuilt SHA256 {'a' * 64} does not match public download SHA256 {'b' * 64}"
        bad = {"Messages": [{"Time": "2026-07-23T07:59:19Z", "Text": told}], "Status": "FAIL"}
        names = ((rebuilders.ARCHIVE, log), (rebuilders.ZIP, bad))
        files = [{"Name": name, "GOOS": "linux", "SHA256": "", "Log": each} for name, each in names]
        report = {"End": "2026-07-23T07:59:19-07:00", "Releases": [{"Files": files}]}
        return [json.dumps(report).encode()]

    def feed(self) -> list[bytes]:
        """Source Spotter's toolchains.csv and sources.csv."""
        version = rebuilders.ZIP.removesuffix(".zip")
        source = "go1.24.4,https://go.dev/dl/go1.24.4.src.tar.gz"
        time = "2026-07-24T15:15:33.786155Z"
        return [
            f'Version,Status,Message,Build Time\r\n{version},equal,"a,b",{time}\r\n'.encode(),
            f"Version,URL,SHA256,Download time\r\n{source},{'a' * 64},{time}\r\n".encode(),
        ]

    def rebuilderd_list(self) -> list[bytes]:
        """What a daemon's /api/v0/pkgs/list answers."""
        rows = [rebuilders.row_v0("GOOD"), rebuilders.row_v0("UNKWN", 2)]
        return [json.dumps(rows).encode()]

    def signed_results(self) -> list[bytes]:
        """An envelope, a bundle and rebuilderd's attestation, that a known key has signed."""
        return signed_seeds()

    def quorum_policy(self) -> list[bytes]:
        """Whom to ask."""
        [key] = SIGNER.keys
        rows = (
            ("a", "rebuilderd", 'url = "https://a.example"\nmax-age = "2 weeks"'),
            ("b", "envelope", f'keys = ["""{key.pem}"""]'),
        )
        text = "".join(
            f'[[rebuilder]]\nname = "{name}"\noperator = "{name}"\nkind = "{kind}"\n{more}\n'
            for name, kind, more in rows
        )
        return [f"threshold = 2\n{text}".encode()]

    def backend(self) -> list[bytes]:
        """A build's log with a result in it."""
        found = backend_result.BackendResult("go", "a.tar.gz", next(iter(Outcome)))
        marker = "0" * 32
        lines = (backend_result.opening(marker), "building", backend_result.line(found, marker))
        return ["\n".join(lines).encode()]

    def statement(self) -> list[bytes]:
        """What attest signs."""
        return [each.payload for each in every_statement()]

    def config(self) -> list[bytes]:
        """A configuration."""
        return [
            b'channel = "module"\noffline = false\n[cache]\nlimit = "1 GiB"\n',
            b'[debian]\nsuites = ["sid"]\n',
        ]

    def block(self) -> list[bytes]:
        """A configuration file with a hook's block."""
        marks = block.Marks("#", "x")
        return [block.add(b"A=1\n", marks, "B=2\n"), b"A=1\n"]

    def names(self) -> list[bytes]:
        """Releases, targets, file names and versions."""
        return [
            b"go1.24.4", b"go1.25rc1", b"linux-amd64", b"go1.24.4.linux-amd64.tar.gz",
            b"go1.24.4.src.tar.gz", b"v0.0.1-go1.24.4.linux-amd64", b"2:1.24.4-1~bpo12+1+b1",
            b"go-2:1.24.9-1-x86_64.pkg.tar.zst", b"1.24~rc1-1",
        ]  # fmt: skip

    def version(self) -> list[bytes]:
        """VERSION."""
        return [b"go1.24.4\ntime 2025-05-29T19:37:36Z\n"]

    def database(self) -> list[bytes]:
        """A repository's database, as repo-add writes it."""
        desc = b"%FILENAME%\ngo-2:1.24.9-1-x86_64.pkg.tar.zst\n\n%NAME%\ngo\n\n"
        desc += b"%VERSION%\n2:1.24.9-1\n\n"
        desc += b"%CSIZE%\n10\n\n%ISIZE%\n10\n\n%SHA256SUM%\n" + b"0" * 64 + b"\n\n%ARCH%\nx86_64\n"
        return [arch_tar({"go-2:1.24.9-1": None, "go-2:1.24.9-1/desc": desc})]

    def dsc(self) -> list[bytes]:
        """As dpkg-source writes it, and signed."""
        digest = hashlib.sha256(DEBIAN_TAR).hexdigest()
        rows = f"{digest} {len(DEBIAN_TAR)} golang-1.24_1.24.4-1.debian.tar"
        text = (
            "Format: 3.0 (quilt)\nSource: golang-1.24\nBinary: golang-1.24-go\n"
            "Architecture: any all\nVersion: 1.24.4-1\nMaintainer: a <a@b>\n"
            f"Checksums-Sha256:\n {'0' * 64} 10 golang-1.24_1.24.4.orig.tar.gz\n {rows}\n"
        )
        signed = (
            f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{text}\n"
            "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n"
        )
        return [text.encode(), signed.encode()]

    def buildinfo(self) -> list[bytes]:
        """As dpkg-genbuildinfo writes it."""
        text = (
            "Format: 1.0\nSource: golang-1.24\nBinary: golang-1.24-go\nArchitecture: amd64\n"
            f"Version: 1.24.4-1\n{_BUILT}Build-Origin: Debian\nBuild-Architecture: amd64\n"
            "Build-Date: Mon, 16 Jun 2025 11:34:00 +0000\nBuild-Path: /build\n"
            'Installed-Build-Depends:\n dpkg (= 1.22)\nEnvironment:\n LANG="C"\n'
        )
        return [text.encode()]

    def changes(self) -> list[bytes]:
        """As dpkg-genchanges writes it."""
        text = (
            "Format: 1.8\nDate: Mon, 16 Jun 2025 11:34:00 +0000\nSource: golang-1.24\n"
            "Binary: golang-1.24-go\nArchitecture: amd64\nVersion: 1.24.4-1\n"
            f"Distribution: unstable\n{_EMPTY}Files:\n"
            f" {'0' * 32} 0 devel optional golang-1.24-go_1.24.4-1_amd64.deb\n"
        )
        return [text.encode()]

    def debian_tar(self) -> list[bytes]:
        """A debian directory."""
        return [DEBIAN_TAR]

    def debian_versions(self) -> list[bytes]:
        """Versions of packages."""
        return [b"1.24.4-1", b"2:1.24.4-1~bpo12+1+b1", b"1.24~rc1-1", b"1.23.5+really1.22-1"]

    def changelog(self) -> list[bytes]:
        """As dch writes it."""
        older = _CHANGELOG.replace(b"1.24.4-1", b"1.24.3-1").replace(b"16 Jun", b"9 Jun")
        return [_CHANGELOG + b"\n" + older]


def _date(place: Path) -> None:
    """Give a directory and all in it one date: the same seed then makes the same inputs."""
    for path in (*place.rglob("*"), place):
        os.utime(path, (_WHEN, _WHEN), follow_symlinks=False)


def _has(program: str) -> bool:
    return subprocess.run(["which", program], capture_output=True, check=False).returncode == 0
