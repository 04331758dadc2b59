"""The table of parsers: what runs, on which seeds, what it may raise, and the second reader."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from fuzz import oracles, readers
from fuzz.mutating import right_png, right_tar
from fuzz.readers import SMALL as _SMALL
from fuzz.seeds import DEBIAN_TAR, KEY, LOG, WITNESSES, Seeds
from fuzz.signed import SIGNER
from samego.attest import reading
from samego.compare.settings import causes_of
from samego.config import load_config
from samego.distro.shipment import parse_version_file
from samego.errors import SamegoError, VerificationError
from samego.formats.archive.compression import DECODE_ERRORS, open_decompressed
from samego.formats.archive.cpio import read_cpio
from samego.formats.archive.pkg import read_pkg
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import read_tar
from samego.formats.archive.zip import index_zip, read_zip
from samego.formats.executable import elf, macho
from samego.formats.executable.buildinfo import read_build_info
from samego.formats.executable.code_signature import SignatureError
from samego.formats.executable.elf_layout import check_nothing_hidden
from samego.formats.executable.elf_notes import gnu_build_id
from samego.formats.executable.elf_values import Elf
from samego.formats.executable.go_executable import read_go_executable
from samego.formats.executable.macho import MachoError
from samego.formats.executable.pclntab import read_function_table
from samego.integrations.hooks import block
from samego.integrations.rebuilderd import result as backend_result
from samego.integrations.rebuilderd import status
from samego.integrations.rebuilderd.client import RebuilderdClient
from samego.integrations.rebuilders import asking, envelopes
from samego.integrations.rebuilders.fetching import NetworkUse
from samego.leaks.find import find_candidates
from samego.model.fields import of_form
from samego.model.release import PostedName, Release, parse_module_version
from samego.model.release import Target as GoTarget
from samego.monitor.history.intake import rebuild_of, schema_of
from samego.quorum.policy import Rebuilder, RebuilderKind
from samego.quorum.policy_file import load_policy_file
from samego.report.load import loads
from samego.report.trackers import gorebuild
from samego.rules import patch_replay
from samego.rules.content import gzip_equal, png_equal, zip_members
from samego.rules.content.base import FormatError
from samego.upstream.channels.goproxy import parse_proxies
from samego.upstream.channels.gosettings import GoSetting, parse_env_file
from samego.upstream.channels.release_index import parse_index
from samego.upstream.sumdb.cosignature import Cosigner, cosignatures
from samego.upstream.sumdb.database import parse_gosumdb
from samego.upstream.sumdb.fork import Fork
from samego.upstream.sumdb.note import Verifier, open_note
from samego.upstream.sumdb.proof import parse_proof
from samego.upstream.sumdb.tiles import TileReader
from samego.upstream.sumdb.tlog import (
    Node,
    check_inclusion,
    inclusion_proof,
    parse_record,
    parse_tree,
    record_hash,
)
from samego.upstream.sumdb.witness_policy import WitnessPolicy
from samego_arch.archive import sync_database
from samego_arch.package import mtree, pkginfo
from samego_arch.package.buildinfo import parse_buildinfo
from samego_arch.package.package_file import ArchPackage
from samego_arch.recipe.replay.declared import parse_listed
from samego_arch.version import FileName
from samego_debian.package import manifest
from samego_debian.package.deb import Deb
from samego_debian.source import buildinfo as debian_record
from samego_debian.source import changelog, source_package
from samego_debian.version import DebianVersion
from samego_npm.package.manifest import read_manifest
from samego_pypi.wheel import field_table, record
from samego_pypi.wheel.headers import read_entry_points, read_headers
from samego_pypi.wheel.marshalled import MarshalError, canonical
from support import elf_files
from support.archives import stream_of
from support.rebuilders import PACKAGE, RELEASE

Repair = Callable[[bytes], bytes]
_METADATA = of_form(field_table.rows(), "METADATA")


@dataclass(frozen=True, slots=True)
class Target:
    """A parser: ``run`` reads an input, in a directory of its own for what wants a file.

    ``may_raise`` is what a refusal is, besides a SamegoError. ``oracle`` gets the input and
    what ``run`` gave, and says how a second reader's word differs; ``sample`` is how many of
    the accepted inputs it is asked about at most (0: all). ``share`` is how many of a
    thousand inputs it gets.
    """

    name: str
    run: Callable[[bytes, Path], Any]
    seeds: Callable[[Seeds], Sequence[bytes]]
    share: int
    may_raise: tuple[type[Exception], ...] = (SamegoError,)
    repair: Sequence[Repair] = ()
    oracle: Callable[[bytes, Any, Path], str] | None = None
    sample: int = 0


def _file(data: bytes, directory: Path, name: str) -> Path:
    path = directory / name
    path.write_bytes(data)
    return path


def _tar(data: bytes, _directory: Path) -> oracles.Contents:
    spool = Spool()
    try:
        return oracles.contents(read_tar(stream_of(data), name="t.tar", spool=spool, limits=_SMALL))
    finally:
        spool.close()


def _compressed(data: bytes, _directory: Path) -> bytes:
    with open_decompressed(io.BytesIO(data), name="t", limits=_SMALL) as stream:
        return stream.read()


def _zip(data: bytes, directory: Path) -> Any:  # noqa: ANN401 - what the reader gives
    path = _file(data, directory, "t.zip")
    members = index_zip(path, name="t.zip", limits=_SMALL)
    read_zip(path, members, name="t.zip", strip="golang.org/toolchain@v0.0.1/", limits=_SMALL)
    return members


def _cpio(data: bytes, _directory: Path) -> int:
    return sum(len(m.data) for m in read_cpio(io.BytesIO(data), name="t", limits=_SMALL))


def _pkg(data: bytes, directory: Path) -> int:
    spool = Spool()
    try:
        return len(read_pkg(_file(data, directory, "t.pkg"), name="t", spool=spool, limits=_SMALL))
    finally:
        spool.close()


_LINKED = elf_files.upstream_file(elf_files.Program())


def _elf(data: bytes, _directory: Path) -> Elf:
    found = elf.parse(data)
    read_build_info(found)
    read_function_table(found)
    read_go_executable(data)
    # Total: neither a stranger's executable nor one held against it may make it raise.
    release, target = Release.parse("go1.24.4"), GoTarget("linux", "amd64")
    find_candidates("bin/go", data, _LINKED, release, target)
    find_candidates("bin/go", _LINKED, data, release, target)
    gnu_build_id(found)
    with contextlib.suppress(SamegoError):
        check_nothing_hidden(found, "t")
    return found


def _deb(data: bytes, directory: Path) -> oracles.Contents:
    deb = Deb(_file(data, directory, "a_1-1_all.deb"))
    spool = Spool()
    try:
        return oracles.contents(deb.read(spool=spool, known=frozenset()))
    finally:
        deb.close()
        spool.close()


def _arch(data: bytes, directory: Path) -> oracles.Contents:
    spool = Spool()
    try:
        package = ArchPackage(_file(data, directory, "go-1-1-x86_64.pkg.tar.zst"), directory)
        return oracles.contents(package.read(spool=spool, known=frozenset()))
    finally:
        spool.close()


def _sums(data: bytes, directory: Path) -> None:
    """A lookup's answer, down to the proof from genuine tiles."""
    record, text, note = parse_record(data)
    head = parse_tree(open_note(note, [Verifier.parse(KEY.verifier)]).text)
    reader = TileReader(head, lambda path: LOG.tile(path) or b"", directory / "tiles")
    proof = inclusion_proof(record, head.size, reader.read)
    if not check_inclusion(proof, record, record_hash(text), head):
        raise VerificationError("another record", hint="")


def _tiles(data: bytes, directory: Path) -> None:
    """A tile, of the tree that a genuine head names."""
    head = parse_tree(open_note(LOG.head(), [Verifier.parse(KEY.verifier)]).text)
    reader = TileReader(head, lambda _path: data, directory / "other tiles")
    shutil.rmtree(directory / "other tiles", ignore_errors=True)
    reader.read([Node(0, place) for place in range(head.size)])


def _cosigned(data: bytes, _directory: Path) -> object:
    """A checkpoint with a cosignature of each kind."""
    keys = [Cosigner.parse(witness.vkey) for witness in WITNESSES]
    return cosignatures(data, {(key.name, key.key_hash): key for key in keys}, 2**62)


class _Answered(RebuilderdClient):
    """A rebuilderd that answers the same to all."""

    def __init__(self, body: bytes) -> None:
        super().__init__("http://localhost:1")
        self.body = body

    def _ask(self, path: str, query: object) -> bytes:
        del path, query
        return self.body


def _rebuilderd(data: bytes, _directory: Path) -> object:
    with _Answered(data) as client:
        return status.read_status(client)


def _asked(kind: RebuilderKind) -> Callable[[bytes, Path], object]:
    """Asks a rebuilder whose saved answer this is: it answers, or is unreadable."""

    def ask(data: bytes, directory: Path) -> object:
        saved = Rebuilder("t", "T", kind, file=_file(data, directory, "answer"))
        questions = (PACKAGE, RELEASE)
        return [asking._ask_one(saved, each, NetworkUse()) for each in questions]

    return ask


def _results(data: bytes, _directory: Path) -> object:
    return list(envelopes.read_results(data, "t", [SIGNER], PACKAGE))


def _log_proof(data: bytes, _directory: Path) -> object:
    proof = parse_proof(data)
    assert proof.encode() == data, "two spellings of one proof"
    return proof.check(LOG.texts[1], Verifier.parse(KEY.verifier))


def _quorum_policy(data: bytes, directory: Path) -> object:
    return load_policy_file(_file(data, directory, "policy.toml"))


def _config(data: bytes, directory: Path) -> object:
    return load_config({"SAMEGO_CONFIG": str(_file(data, directory, "config.toml"))})


def _names(data: bytes, _directory: Path) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for parse in (Release.parse, GoTarget.parse, PostedName.parse, parse_module_version):
        with contextlib.suppress(SamegoError):
            parse(text)
    FileName.parse(text)


def _record(data: bytes, directory: Path) -> object:
    path = _file(data, directory, "t.buildinfo")
    with contextlib.suppress(SamegoError):
        manifest.read_manifest(path)
    return debian_record.read_record(path)


def _changes(data: bytes, directory: Path) -> object:
    # What it lists must be there, with the digest of no bytes.
    _file(b"", directory, "golang-1.24-go_1.24.4-1_amd64.deb")
    return manifest.read_manifest(_file(data, directory, "t.changes"))


def _gosumdb(data: bytes, _directory: Path) -> object:
    return parse_gosumdb(GoSetting("GOSUMDB", data.decode("utf-8", "replace"), "a test"))


def _goproxy(data: bytes, _directory: Path) -> object:
    text = data.decode("utf-8", "replace")
    return parse_env_file(text), parse_proxies(text, "a test")


def _intake(data: bytes, _directory: Path) -> object:
    when = datetime(2026, 1, 1, tzinfo=timezone.utc)
    schema_of(data, name="t")
    with contextlib.suppress(SamegoError):
        rebuild_of(data, when, name="t")
    return loads(data, name="t")


def _source(data: bytes, directory: Path) -> object:
    _file(DEBIAN_TAR, directory, "golang-1.24_1.24.4-1.debian.tar")
    return source_package.open_source(_file(data, directory, "golang-1.24_1.24.4-1.dsc"))


def _debian_tar(data: bytes, directory: Path) -> object:
    place = directory / "alone"
    place.mkdir(exist_ok=True)
    return source_package.open_source(_file(data, place, "golang-1.24_1.24.4-1.debian.tar"))


def _changelog(data: bytes, _directory: Path) -> object:
    with contextlib.suppress(SamegoError):
        changelog.unpack(data, name="t")
    return changelog.read_top(data, name="t")


def _synced(data: bytes, directory: Path) -> object:
    return sync_database.find_package(_file(data, directory, "core.db"), "go", repository="core")


_TAR: Sequence[Repair] = (right_tar,)

TARGETS = (
    Target("tar", _tar, Seeds.tar, 130, repair=_TAR, oracle=oracles.same_tar, sample=4000),
    Target(
        "compression",
        _compressed,
        Seeds.compressed,
        60,
        (SamegoError, *DECODE_ERRORS),
        oracle=oracles.same_bytes,
    ),
    Target(
        "tar of dpkg-deb",
        readers.dpkg_tar,
        Seeds.dpkg_tar,
        50,
        repair=_TAR,
        oracle=oracles.same_installed,
    ),
    Target(
        "tar of makepkg",
        readers.makepkg_tar,
        Seeds.makepkg_tar,
        50,
        repair=_TAR,
        oracle=oracles.same_installed,
    ),
    Target(
        "one stream",
        readers.one_stream,
        Seeds.compressed,
        40,
        (SamegoError, *DECODE_ERRORS),
        oracle=oracles.same_bytes,
    ),
    Target("zip", _zip, Seeds.zip, 70, oracle=oracles.same_zip),
    Target("cpio", _cpio, Seeds.cpio, 40),
    Target("xar", _pkg, Seeds.xar, 10),
    Target("deb", _deb, Seeds.deb, 40, oracle=oracles.same_deb, sample=300),
    Target("arch package", _arch, Seeds.arch, 20, oracle=oracles.same_arch),
    Target("elf", _elf, Seeds.elf, 80, oracle=oracles.same_elf, sample=20000),
    Target(
        "mach-o", lambda data, _d: macho.parse(data), Seeds.macho, 60, (SamegoError, MachoError)
    ),
    Target(
        "mach-o signature",
        readers.signature,
        Seeds.macho_signed,
        30,
        (SamegoError, MachoError, SignatureError),
    ),
    Target("where it differs", readers.where, Seeds.differing, 20),
    Target("go source", readers.go_source, Seeds.go_source, 20),
    Target("cmd/dist", readers.cmd_dist, Seeds.cmd_dist, 15),
    Target(
        "gzip rule",
        lambda data, _d: gzip_equal.read_gzip(data).content,
        Seeds.gz,
        30,
        (FormatError,),
        oracle=oracles.same_gzip,
    ),
    Target("zip rule", lambda data, _d: zip_members.read_zip(data), Seeds.zip, 40, (FormatError,)),
    Target(
        "png rule",
        lambda data, _d: png_equal.read_png(data),
        Seeds.png,
        30,
        (FormatError,),
        (right_png,),
    ),
    Target(
        "patch",
        lambda data, _d: patch_replay.words(data),
        Seeds.patch,
        40,
    ),
    Target("sumdb note", _sums, Seeds.sumdb, 20),
    Target("sumdb tile", _tiles, Seeds.tile, 20),
    Target(
        "fork",
        lambda data, _d: Fork.open(data, Verifier.parse(KEY.verifier)),
        Seeds.fork,
        20,
    ),
    Target("log proof", _log_proof, Seeds.log_proof, 20),
    Target("cosigned checkpoint", _cosigned, Seeds.cosigned, 15),
    Target(
        "witness policy",
        lambda data, _d: WitnessPolicy.parse(data, "t"),
        Seeds.witness_policy,
        15,
    ),
    Target("GOSUMDB", _gosumdb, Seeds.gosumdb, 15),
    Target("GOPROXY and go.env", _goproxy, Seeds.goproxy, 15),
    Target(
        "release index",
        lambda data, _d: parse_index(data, origin="t"),
        Seeds.index,
        30,
        oracle=oracles.same_json,
    ),
    Target("report", _intake, Seeds.report, 4),
    Target(
        "rebuild result", lambda data, _d: gorebuild.read(data, name="t"), Seeds.rebuild_result, 8
    ),
    Target("rebuilderd", _rebuilderd, Seeds.rebuilderd, 8),
    Target(
        "backend result",
        lambda data, _d: backend_result.find(data.decode("utf-8", "replace")),
        Seeds.backend,
        20,
    ),
    Target("statement", lambda data, _d: reading.read(data), Seeds.statement, 8),
    Target("gorebuild's report", _asked(RebuilderKind.GO_DEV), Seeds.gorebuild, 15),
    Target("feed", _asked(RebuilderKind.SOURCE_SPOTTER), Seeds.feed, 15),
    Target("rebuilderd's list", _asked(RebuilderKind.REBUILDERD), Seeds.rebuilderd_list, 15),
    Target("signed results", _results, Seeds.signed_results, 8),
    Target("quorum policy", _quorum_policy, Seeds.quorum_policy, 15),
    Target("config", _config, Seeds.config, 10),
    Target("hook block", lambda data, _d: block.find(data, block.Marks("#", "x")), Seeds.block, 20),
    Target("names and versions", _names, Seeds.names, 40),
    Target(
        "Debian version",
        lambda data, _d: DebianVersion(data.decode("utf-8", "replace")),
        Seeds.debian_versions,
        20,
    ),
    Target("VERSION", lambda data, _d: parse_version_file(data, name="t"), Seeds.version, 20),
    Target(".buildinfo", _record, Seeds.buildinfo, 8),
    Target(".changes", _changes, Seeds.changes, 8),
    Target(".dsc", _source, Seeds.dsc, 8),
    Target("control file", readers.control, Seeds.control, 20),
    Target("debian.tar", _debian_tar, Seeds.debian_tar, 8, repair=_TAR),
    Target("changelog", _changelog, Seeds.changelog, 10),
    Target(".PKGINFO", lambda data, _d: pkginfo.parse_pkginfo(data, name="t"), Seeds.pkginfo, 30),
    Target(
        ".BUILDINFO", lambda data, _d: parse_buildinfo(data, name="t"), Seeds.arch_buildinfo, 30
    ),
    Target(".MTREE", lambda data, _d: mtree.parse_mtree(data, name="t"), Seeds.mtree, 40),
    Target(
        "what a PKGBUILD lists",
        lambda data, _d: parse_listed(data, "x86_64", name="t"),
        Seeds.listed,
        8,
    ),
    Target(
        "METADATA",
        lambda data, _d: read_headers(data, name="t", known=_METADATA),
        Seeds.metadata,
        30,
        oracle=oracles.same_metadata,
    ),
    Target(
        "entry_points.txt",
        lambda data, _d: read_entry_points(data, name="t"),
        Seeds.entry_points,
        20,
        oracle=oracles.same_entry_points,
    ),
    Target(
        "RECORD",
        lambda data, _d: record.listed(data, name="t"),
        Seeds.wheel_record,
        20,
        oracle=oracles.same_record,
    ),
    Target(
        "marshalled code",
        lambda data, _d: canonical(data),
        Seeds.marshalled,
        20,
        (MarshalError,),
    ),
    Target("package.json", lambda data, _d: read_manifest(data, name="t"), Seeds.manifest, 20),
    Target("go.env", lambda data, _d: causes_of("go.env", data, b""), Seeds.go_env, 10),
    Target("repository database", _synced, Seeds.database, 10, repair=_TAR),
)
