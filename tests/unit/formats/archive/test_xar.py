"""xar archives: another writer's, and tables of contents that nobody honest writes."""

from __future__ import annotations

import base64
import io
import struct
import tracemalloc
import zlib

import pytest

from samego.errors import HostileArchiveError, InputError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.xar import Xar, XarMember
from support.xar import with_table, xar

#: What `bsdtar --format xar` of libarchive 3.6.2 wrote; later ones may be built without.
WRITTEN_BY_BSDTAR = base64.b64decode("""
eGFyIQAcAAEAAAAAAAACbAAAAAAAAAeFAAAAAXic3VVNb6MwEL33VyDu1F/Y4Mqll9We99C97M34g1glEAGpkv76NQ4kpEk2
7XUlhMcz47F58/wQL7t1Hb2brndt8xyjRxhHplGtdk31HP9+/Znk8UvxIHayKx4iMbTKD5FQnZGDX5EMbm0KDDFLEEpw/orx
EyFPaSbAeUpYtDLqrd+uo37Y1+Y57lcSxWMkEq21vRkKKMBkBW/vPsbiAgRjLAHmGmFmXW0ip/2xpzKN9Fv9cP3QuXI7bi5A
cIXgsN+YYlwiQDCD0zWtNgWCmOacpQIc5iGkzbtTpmkLRiH2oeM8RNdjHmSpD6yPS7ZOj98wDod5b7qia9vB+0YzOKtDUjUn
VV273UxZBzu41S1o/3gUZkz9OeY0mEDkn1cIn8Lj09anNPmPNHlK03KQwYpEbZpqWBUECTCZB//UIHzeq7lZ5NQs75uZNHdc
bja1U4EWYJdUH24TgylVdmrl3o1OrrPEwhJpmULEyxxiQnhqoaUGcgmlVAZCBjU2lvmv+VxoPstu6KQabu6Q4bRUJSN5ltMs
lzzXFHKeElUamWusZEYsIpALcFnpAB6Y0RNgpNk5RfGSom1XPVZtLZtxeNy8VRc81a4zami7/U2ykm+TNaP0vyLrEVsSTz0O
IP6S+7qVegHp9bv/CU+6xPMOoNev/wWk1zG9APUWql+F9au4fhXYpQycdICf68BRCCg6F4JJCShfKsF3pOCuFkhoLc84Ihnm
jMHMvxhlFmUQSURJLlOWUQ3Lm1pwXww0x4ZITlhZQszT1CLPAupJwrhEKU05ZJnJsb0pBgs1WMrBbHkajn9SAcJ/9S8Ioi1v
HPPCQL9nDrG8A0VaYHr1Ck189it4nLPJzCsuSczJSS3STS/N1C1OLsosKNG3AwBqlQiseJwrSKzMyU9MUUgsVkgqTilJLFIo
SEzOTk1RyCzRgTJx0QB7yRTUeJzdVU1vozAQvfdXIO7UX9jgyqU=
""")
FILES = {"top": b"first", "sub/inner": b"second " * 40, "sub/empty": b""}


def read(archive: bytes, limits: ArchiveLimits | None = None) -> dict[str, bytes]:
    opened = Xar(io.BytesIO(archive), name="a.pkg", limits=limits or ArchiveLimits())
    return {each.path: opened.read(each) for each in opened.members if each.kind == "file"}


def read_first(archive: bytes) -> bytes:
    """The bytes of the first member, whatever it is."""
    opened = Xar(io.BytesIO(archive), name="a.pkg", limits=ArchiveLimits())
    return opened.read(opened.members[0])


def members(table: bytes) -> tuple[XarMember, ...]:
    """Of an archive with this table and an empty heap."""
    packed = zlib.compress(table)
    header = struct.pack(">4sHHQQI", b"xar!", 28, 1, len(packed), len(table), 0)
    return Xar(io.BytesIO(header + packed), name="a.pkg", limits=ArchiveLimits()).members


def test_files_are_read_by_path() -> None:
    assert read(xar(FILES)) == FILES


def test_what_bsdtar_wrote_is_read() -> None:
    assert read(WRITTEN_BY_BSDTAR) == {
        "Distribution": b"<installer-gui-script/>",
        "org.golang.go.pkg/Payload": b"payload as bsdtar packed it" + b", packed" * 4,
    }


def test_a_directory_comes_before_what_lies_in_it() -> None:
    opened = Xar(io.BytesIO(xar(FILES)), name="a.pkg", limits=ArchiveLimits())
    assert [(each.path, each.kind) for each in opened.members] == [
        ("top", "file"),
        ("sub", "directory"),
        ("sub/inner", "file"),
        ("sub/empty", "file"),
    ]


def test_bytes_that_are_stored_as_they_are_are_read() -> None:
    archive = with_table(
        xar({"f": b"some bytes"}),
        # What is stored is the zlib stream itself.
        lambda table: (
            table.replace("application/x-gzip", "application/octet-stream")
            .replace("<size>10</size>", "<size>18</size>")
            .replace("extracted-checksum", "unread")
        ),
    )
    assert read(archive)["f"].startswith(b"x\x9c")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<name>inner</name>", "<name>../../x</name>", "a member named"),
        ("<name>inner</name>", "<name>..</name>", "a member named"),
        ("<name>inner</name>", "<name></name>", "a member named"),
        ("<name>top</name>", "<name>/etc/passwd</name>", "a member named"),
        ("<name>inner</name>", '<name enctype="base64">aW5uZXI=</name>', "a member named"),
        ("<name>inner</name>", "<name>empty</name>", "'sub/empty' twice"),
        ("<name>top</name>", "<name>sub/empty</name>", "a member named"),
        ("<name>top</name>", "<name>./top</name>", "a member named"),
        ("<name>top</name>", "<name>top/</name>", "a member named"),
        ("<type>file</type>", '<type link="3">hardlink</type>', "'top', which is no file"),
        ("<type>file</type>", "<type>symlink</type>", "'top', which is no file"),
        ("<type>directory</type>", "<type>symlink</type>", "which is no directory"),
        ("<xar><toc>", "<xar><toc><subdoc><file/></subdoc>", "a file where"),
        ("<xar><toc>", '<xar><toc><n:file xmlns:n="n"/>', "a file where"),
        ("<xar><toc>", "<xar><file><name>Payload</name></file><toc>", "a file where"),
        # xar reads on behind the table, and lists what it finds there first.
        ("</toc>", "</toc><file><name>Payload</name><type>file</type></file>", "a file where"),
        ("</toc>", "</toc><more><toc><file/></toc></more>", "a file where"),
    ],
)
def test_hostile_tables_are_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(HostileArchiveError, match=said):
        read_first(with_table(xar(FILES), lambda table: table.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<xar>", '<!DOCTYPE xar [<!ENTITY a "b">]><xar>', "more than elements and text"),
        ("<xar>", '<!DOCTYPE xar SYSTEM "file:///etc/passwd"><xar>', "more than elements and text"),
        ("<name>top</name>", "<name>to<!-- -->p</name>", "more than elements and text"),
        ("<name>top</name>", "<name>to<![CDATA[p]]></name>", "more than elements and text"),
        ("<name>top</name>", "<name>to<?x?>p</name>", "more than elements and text"),
        ("<name>top</name>", '<n:name xmlns:n="n">a</n:name><name>top</name>', "2 'name'"),
        ("<type>file</type>", '<n:type xmlns:n="n">file</n:type>', "'type' in a namespace"),
        # Elements begin in UTF-7 where text is in UTF-8.
        ('"UTF-8"?>\n<xar>', '"UTF-7"?>+ADw-xar+AD4-', "is in 'UTF-7'"),
        ('encoding="UTF-8"', 'encoding="ISO-8859-1"', "is in 'ISO-8859-1'"),
        ("<xar><toc>", "<xar><toc/><toc>", "2 'toc'"),
        ("<xar>", "<xar", "is truncated or damaged"),
        ("</toc>", "", "is truncated or damaged"),
        ("<name>top</name>", "<name>a</name><name>top</name>", "2 'name'"),
        ("<name>top</name>", "<name>a<b/>top</name>", "elements in a 'name'"),
        ("<type>file</type>", "", "0 'type'"),
        ("<data>", "<data/><data>", "2 'data'"),
        ("application/x-gzip", "application/x-bzip2", "which samego cannot read"),
        ("application/x-gzip", "application/octet-stream", "and should have 5"),
        ("<size>5</size>", "<size>6</size>", "does not unpack to 6 bytes"),
        ("<size>5</size>", "<size>4</size>", "does not unpack to 4 bytes"),
        ("<size>5</size>", "<size>-5</size>", "'-5' as 'size'"),
        ("<size>5</size>", "<size> 5</size>", "' 5' as 'size'"),
        ("<size>5</size>", "<size>" + "5" * 19 + "</size>", "as 'size'"),
        ("<offset>20</offset>", "<offset>" + "9" * 18 + "</offset>", "it ends before byte"),
        # xar takes this for 16.
        ("<offset>20</offset>", "<offset>020</offset>", "'020' as 'offset'"),
        ("<offset>20</offset>", "<offset>0x14</offset>", "'0x14' as 'offset'"),
        ("<offset>20</offset>", "<offset>21</offset>", "truncated or damaged"),
        ('archived-checksum style="sha1">', 'archived-checksum style="sha1">0', "does not fit"),
        ('extracted-checksum style="sha1">', 'extracted-checksum style="sha1">0', "does not fit"),
        ('archived-checksum style="sha1">', 'archived-checksum style="x">', "cannot check"),
        ('<checksum style="sha1">', '<checksum style="sha256">', "does not fit"),
        ('<checksum style="sha1">', "<checksum>", "cannot check"),
        ("<encoding style", '<encoding xmlns:n="n" n:style="x" style', "of 2 styles"),
        ("</data>", '<archived-checksum style="sha1">0</archived-checksum></data>', "2 'archived"),
        ("</data>", '<extracted-checksum style="sha1">0</extracted-checksum></data>', "2 'extract"),
        # Each would be computed over the whole: many of them take hours.
        ("</toc>", '<checksum style="sha1"></checksum></toc>', "2 'checksum' in a 'toc'"),
    ],
)
def test_damaged_tables_are_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(with_table(xar(FILES), lambda table: table.replace(old, new, 1)))


def test_the_table_is_held_against_its_checksum() -> None:
    archive = bytearray(xar(FILES))
    packed = int.from_bytes(archive[8:16], "big")
    archive[28 + packed] ^= 1
    with pytest.raises(InputError, match="does not fit"):
        read(bytes(archive))


@pytest.mark.parametrize("place", [4, 5, 8, 15, 16, 23])
def test_a_header_that_does_not_fit_is_refused(place: int) -> None:
    archive = bytearray(xar(FILES))
    archive[place] ^= 8
    with pytest.raises(InputError, match=r"truncated or damaged|table of contents"):
        read(bytes(archive))


def test_what_is_beyond_the_limits_is_refused() -> None:
    archive = xar(FILES)
    for limits in (ArchiveLimits(entries=3), ArchiveLimits(file_bytes=100)):
        with pytest.raises(HostileArchiveError, match="larger than any Go toolchain"):
            read(archive, limits)


def test_every_truncation_is_refused() -> None:
    archive = xar({"f": b"some bytes"})
    for size in range(len(archive)):
        with pytest.raises(InputError):
            read(archive[:size])


def test_a_table_in_another_encoding_is_refused() -> None:
    text = "<xar><toc><file><name>f</name><type>directory</type></file></toc></xar>"
    assert [each.path for each in members(text.encode())] == ["f"]
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        with pytest.raises(InputError, match=r"no UTF-8|truncated or damaged"):
            members(text.encode(encoding))


def test_a_long_namespace_is_not_repeated_for_each_element() -> None:
    elements = "".join(f"<n:a{number}/>" for number in range(400))
    table = f'<xar><toc xmlns:n="{"x" * 200_000}">{elements}</toc></xar>'.encode()
    tracemalloc.start()
    try:
        assert members(table) == ()
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("tag", ["toc", "file", "name"])
def test_an_error_does_not_repeat_a_long_namespace(tag: str) -> None:
    parts = {each: each for each in ("toc", "file", "name")} | {tag: f"n:{tag}"}
    toc, file, name = parts.values()
    table = (
        f'<xar xmlns:n="{"x" * 10_000}"><{toc}><{file}><{name}><b/></{name}></{file}></{toc}></xar>'
    )
    with pytest.raises(InputError) as caught:
        members(table.encode())
    assert len(str(caught.value)) < 200
