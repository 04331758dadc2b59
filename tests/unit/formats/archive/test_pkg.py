"""macOS packages: real ones in small, and what nobody honest makes."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import libarchive
import pytest

from samego.errors import HostileArchiveError, InputError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.pkg import read_pkg
from samego.formats.archive.spool import Spool
from samego.model.tree import Kind, Tree
from support.installers import cpio, macos_members, macos_pkg, pkg
from support.xar import xar

FILES = {"VERSION": b"go1.24.4\n", "bin/go": b"program", "test/\u00defoo.go": b"package a\n"}
FILE = 0o100644


@pytest.fixture
def spool() -> Iterator[Spool]:
    spool = Spool()
    yield spool
    spool.close()


def read(path: Path, spool: Spool, limits: ArchiveLimits | None = None) -> Tree:
    return read_pkg(path, name="go.pkg", spool=spool, limits=limits or ArchiveLimits())


def test_what_is_installed_is_read_with_modes(tmp_path: Path, spool: Spool) -> None:
    tree = read(macos_pkg(tmp_path / "go.pkg", FILES), spool)
    files = {path: tree.read(path) for path in tree if tree[path].kind is Kind.FILE}
    whole = {f"usr/local/go/{path}": data for path, data in FILES.items()}
    assert files == {**whole, "etc/paths.d/go": b"/usr/local/go/bin\n"}
    assert tree["usr/local/go/bin/go"].mode == 0o755
    assert tree["usr/local/go/VERSION"].mode == 0o644
    assert tree["usr/local/go/bin"].kind is Kind.DIRECTORY


def test_a_known_file_is_not_kept_and_read_again(tmp_path: Path, spool: Spool) -> None:
    path = macos_pkg(tmp_path / "go.pkg", FILES)
    known = {entry.sha256 for entry in read(path, spool).values()}
    with_known = Spool()
    tree = read_pkg(path, name="go.pkg", spool=with_known, known=known)
    assert "go.pkg:usr/local/go/VERSION" not in with_known
    assert tree.read("usr/local/go/VERSION") == FILES["VERSION"]
    with_known.close()


def test_a_payload_that_bsdtar_wrote_is_read(tmp_path: Path, spool: Spool) -> None:
    (tmp_path / "root/usr/local/go").mkdir(parents=True)
    (tmp_path / "root/usr/local/go/VERSION").write_bytes(b"go1.24.4\n")
    with libarchive.file_writer(str(tmp_path / "payload"), "cpio") as archive:
        archive.add_file_from_memory("./usr/local/go/VERSION", 9, b"go1.24.4\n")
    tree = read(pkg(tmp_path / "go.pkg", (tmp_path / "payload").read_bytes()), spool)
    assert tree.read("usr/local/go/VERSION") == b"go1.24.4\n"


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_names_do_not_depend_on_the_locale(tmp_path: Path, locale: str) -> None:
    path = macos_pkg(tmp_path / "go.pkg", FILES)
    code = (
        "import sys; from pathlib import Path; from samego.formats.archive.pkg import read_pkg\n"
        "from samego.formats.archive.spool import Spool\n"
        "tree = read_pkg(Path(sys.argv[1]), name='x', spool=Spool())\n"
        "print(ascii([each for each in tree if 'foo' in each]))\n"
    )
    environment = {"LC_ALL": locale, "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, path],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "['usr/local/go/test/\\xdefoo.go']\n"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([("../../etc/passwd", FILE, b"")], "a member named"),
        ([("/etc/passwd", FILE, b"")], "a member named"),
        ([("./a", FILE, b"1"), ("a", FILE, b"2")], "'a' twice"),
        ([("a", 0o020666, b"")], "a device"),
        ([("a", 0o120777, b"/etc"), ("a/b", FILE, b"")], "below 'a', which is a link"),
        ([(".", 0o040777, b"")], "has / with mode 40777"),
        ([("./", 0o120755, b"/etc")], "has / with mode 120755"),
        ([("a" * 2000, FILE, b"")], "a member name of 2001 bytes"),
        ([("big", FILE, bytes(5000))], "'big' has 5000 bytes"),
        ([(str(number), FILE, b"") for number in range(30)], "over 20 members"),
        ([(str(number), FILE, bytes(4000)) for number in range(15)], "unpacks to over"),
    ],
)
def test_hostile_payloads_are_refused(
    tmp_path: Path, spool: Spool, members: list[tuple[str, int, bytes]], said: str
) -> None:
    limits = ArchiveLimits(entries=20, total_bytes=50_000, file_bytes=4096)
    path = pkg(tmp_path / "go.pkg", cpio(members))
    with pytest.raises(HostileArchiveError, match=said):
        read(path, spool, limits)


def test_a_second_name_of_a_file_is_refused(tmp_path: Path, spool: Spool) -> None:
    payload = cpio([("a", FILE, b"1"), ("b", FILE, b"2")])
    # The header of each: magic, dev, ino, mode, uid, gid, nlink.
    once, twice = b"%06o" % 1, b"%06o" % 2
    starts = [0, payload.index(b"070707", 6)]

    def changed(inodes: tuple[int, int], links: bytes) -> bytes:
        out = bytearray(payload)
        for start, inode in zip(starts, inodes, strict=True):
            out[start + 12 : start + 18] = b"%06o" % inode
            out[start + 36 : start + 42] = links
        return bytes(out)

    with pytest.raises(HostileArchiveError, match="'b', which is a hard link"):
        read(pkg(tmp_path / "a.pkg", changed((7, 7), twice)), spool)
    # Two files may have one number where it was cut to its last digits.
    for inodes, links in (((7, 8), twice), ((7, 7), once)):
        assert read(pkg(tmp_path / "b.pkg", changed(inodes, links)), spool).read("b") == b"2"


def test_data_after_the_end_is_refused(tmp_path: Path, spool: Spool) -> None:
    members = macos_members(FILES)
    assert "usr" in read(pkg(tmp_path / "a.pkg", cpio(members, end=bytes(300))), spool)
    with pytest.raises(HostileArchiveError, match="after the end"):
        read(pkg(tmp_path / "b.pkg", cpio(members, end=bytes(300) + b"x")), spool)


@pytest.mark.parametrize("name", ["org.evil.pkg/Payload", "Payload"])
def test_a_second_payload_is_refused(tmp_path: Path, spool: Spool, name: str) -> None:
    more = {name: gzip.compress(cpio([("evil", FILE, b"")]))}
    path = pkg(tmp_path / "go.pkg", cpio(macos_members(FILES)), more=more)
    with pytest.raises(HostileArchiveError, match="installed as well"):
        read(path, spool)


def test_a_package_without_a_payload_is_none(tmp_path: Path, spool: Spool) -> None:
    (tmp_path / "go.pkg").write_bytes(xar({"Distribution": b"x"}))
    with pytest.raises(InputError, match=r"has no org\.golang\.go\.pkg/Payload"):
        read(tmp_path / "go.pkg", spool)


def test_a_truncated_package_is_an_error_or_has_its_payload(tmp_path: Path, spool: Spool) -> None:
    path = pkg(tmp_path / "go.pkg", cpio(macos_members(FILES)), more={"Resources/x": bytes(999)})
    whole, tree = path.read_bytes(), dict(read(path, spool))
    results = []
    for size in [*range(0, len(whole) - 1, 23), len(whole) - 1]:
        path.write_bytes(whole[:size])
        try:
            results.append(dict(read(path, spool)) == tree)
        except InputError:
            results.append(False)
    assert results == sorted(results)  # nothing but what follows the payload can be missed
    assert results.count(False) > len(results) / 2


def test_a_truncated_payload_is_an_error_wherever_it_ends(tmp_path: Path, spool: Spool) -> None:
    payload = cpio(macos_members(FILES))
    for size in range(0, len(payload), 53):
        path = pkg(tmp_path / "go.pkg", payload[:size])
        with pytest.raises(InputError, match=r"truncated|not a readable cpio"):
            read(path, spool)


def test_a_changed_byte_is_seen_or_refused(tmp_path: Path, spool: Spool) -> None:
    payload = cpio(macos_members(FILES))
    spot = payload.index(b"program")
    changed = payload[:spot] + b"q" + payload[spot + 1 :]
    tree = read(pkg(tmp_path / "go.pkg", changed), spool)
    assert tree.read("usr/local/go/bin/go") == b"qrogram"


def test_another_cpio_format_is_refused(tmp_path: Path, spool: Spool) -> None:
    payload = b"070701" + cpio(macos_members(FILES))[6:]
    with pytest.raises(InputError, match="something that is no member"):
        read(pkg(tmp_path / "go.pkg", payload), spool)


def test_a_table_of_contents_that_would_fill_the_memory_is_refused(
    tmp_path: Path, spool: Spool
) -> None:
    path = macos_pkg(tmp_path / "go.pkg", FILES)
    data = bytearray(path.read_bytes())
    data[16:24] = (1 << 40).to_bytes(8, "big")
    path.write_bytes(data)
    with pytest.raises(HostileArchiveError, match="table of contents"):
        read(path, spool)


def test_what_is_no_xar_is_told(tmp_path: Path, spool: Spool) -> None:
    path = tmp_path / "go.pkg"
    path.write_bytes(b"PK\3\4" + bytes(100))
    with pytest.raises(InputError, match="not a macOS installer"):
        read(path, spool)
