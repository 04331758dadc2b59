from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from samego.errors import HostileArchiveError, InputError, SamegoError, VerificationError
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.image.image import is_image, open_image
from samego.formats.image.image_root import ImageRoot
from samego.formats.image.limits import IMAGE_LIMITS, ImageLimits
from samego.formats.tree.directory import read_directory
from samego.model.tree import Kind
from support.images import Maker, directory, layer, link, member

LOWER = (
    directory("usr"),
    directory("usr/local/go", 0o775),
    member("usr/local/go/VERSION", b"go1.24.4\n"),
    member("usr/local/go/bin/go", b"\x7fELF", 0o755),
    member("usr/local/go/src/a.go", b"package a\n"),
    link("usr/local/go/src/b.go", "usr/local/go/src/a.go", hard=True),
    link("go", "/usr/local/go"),
    link("out", "../../../../etc/passwd"),
    member("etc/passwd", b"of the image\n"),
    member("etc/odd\\name", b""),
    member("dev/null", type=tarfile.CHRTYPE),
)


@contextmanager
def root_of(
    path: Path, work: Path, limits: ImageLimits = IMAGE_LIMITS, number: int = 0
) -> Iterator[ImageRoot]:
    with open_image(path, limits) as image, image.root(image.manifests[number], work) as root:
        yield root


Made = Callable[..., Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def make(*layers: Sequence[tuple[Any, bytes]]) -> Path:
        maker = Maker()
        maker.image([layer(members) for members in layers])
        return maker.archive(tmp_path / "image.tar")

    return make


def files(root: ImageRoot) -> dict[str, bytes]:
    tree = read_directory(root, name="image")
    return {path: tree.read(path) for path, entry in tree.items() if entry.kind is Kind.FILE}


@pytest.mark.parametrize("compress", ["", "gzip", "zstd"])
@pytest.mark.parametrize("form", ["layout", "oci", "docker", "both"])
def test_each_form_gives_the_files_of_the_layers(form: str, compress: str, tmp_path: Path) -> None:
    maker = Maker(compress)
    usr_go = ("usr/local/go/" + name for name in ("VERSION", "bin/go", "src/a.go", "src/b.go"))
    maker.image([layer(m for m in LOWER if m[0].name != "dev/null")], env=["PATH=/usr/bin"])
    path = tmp_path / "image"
    if form == "layout":
        maker.layout(path)
    else:
        maker.archive(path, oci=form != "docker", docker=form != "oci")
    assert is_image(path)
    with open_image(path) as image:
        (manifest,) = image.manifests
        assert (manifest.platform, manifest.variables) == ("linux-amd64", {"PATH": "/usr/bin"})
        with image.root(manifest, tmp_path) as root:
            found = files(root)
            assert set(found) == {*usr_go, "etc/passwd", "etc/odd\\name"}
            assert found["usr/local/go/src/b.go"] == b"package a\n"
            assert root.real("go/bin/go") == "usr/local/go/bin/go"
            assert root.read("out", 100) == b"of the image\n"
            assert root.passed_through("go").mode == 0o775
            assert root.names("go") == ["VERSION", "bin", "src"]
            assert list(root.toolchains()) == ["usr/local/go"]
            entry = root.take("usr/local/go/bin/go", DEFAULT_LIMITS)
            assert (entry.mode, entry.owner, entry.size) == (0o755, (0, 0), 4)


@pytest.mark.parametrize("compress", ["", "gzip"])
def test_many_threads_read_at_a_time(compress: str, tmp_path: Path) -> None:
    data = {f"f{n}": bytes([n]) * 30_000 for n in range(60)}
    maker = Maker(compress)
    maker.image([layer(member(name, content) for name, content in data.items())])
    with root_of(maker.archive(tmp_path / "image.tar"), tmp_path) as root:
        tree = read_directory(root, name="image")
        with ThreadPoolExecutor(8) as pool:
            assert dict(zip(data, pool.map(tree.read, data), strict=True)) == data


def test_a_time_as_python_writes_it(made: Made, tmp_path: Path) -> None:
    with root_of(made([member("f", b"1", mtime=1748547456.0)]), tmp_path) as root:
        assert files(root) == {"f": b"1"}


def test_what_is_no_file_is_refused_when_it_is_read(made: Made, tmp_path: Path) -> None:
    with root_of(made(LOWER), tmp_path) as root:
        status = root.lstat("dev/null")
        assert status is not None
        assert status.kind is None
        with pytest.raises(HostileArchiveError, match="a device"):
            root.take("dev/null", DEFAULT_LIMITS)
        for path in ("nothing", "etc/passwd/x", "etc"):
            with pytest.raises(FileNotFoundError):
                root.read(path, 10)
        with pytest.raises(HostileArchiveError, match="larger"):
            root.read("etc/passwd", 3)


@pytest.mark.parametrize(
    ("upper", "changes"),
    [
        pytest.param([member("a/f", b"2")], {"a/f": b"2"}, id="changed"),
        pytest.param([member("a/.wh.f")], {"a/f": None}, id="removed"),
        pytest.param([member(".wh.a")], {"a/f": None, "a/b/g": None}, id="tree removed"),
        pytest.param(
            [member(".wh.a"), directory("a"), member("a/n", b"n")],
            {"a/f": None, "a/b/g": None, "a/n": b"n"},
            id="removed and made anew",
        ),
        pytest.param(
            [directory("a"), member("a/n", b"n"), member("a/.wh..wh..opq")],
            {"a/f": None, "a/b/g": None, "a/n": b"n"},
            id="opaque, after what it keeps",
        ),
        pytest.param([link("a", "c")], {"a/f": None, "a/b/g": None}, id="a link for a directory"),
        pytest.param([directory("l"), member("l/f", b"l")], {"l/f": b"l"}, id="and back"),
        pytest.param([member("a/.wh.none")], {}, id="nothing to remove"),
        pytest.param([directory("a", 0o700)], {}, id="a directory again"),
        pytest.param([directory("c"), directory("c")], {}, id="a directory twice"),
        pytest.param([member("c/f", b"x")], {"c/f": b"x"}, id="another name of a file"),
    ],
)
def test_layers_change_those_below(
    upper: list[tuple[Any, bytes]], changes: dict[str, bytes | None], made: Made, tmp_path: Path
) -> None:
    lower = [
        member("a/f", b"1"),
        member("a/b/g", b"1"),
        link("c/f", "a/f", hard=True),
        link("l", "c"),
    ]
    before = {"a/f": b"1", "a/b/g": b"1", "c/f": b"1"}
    with root_of(made(lower, upper), tmp_path) as root:
        expected = {path: data for path, data in (before | changes).items() if data is not None}
        assert files(root) == expected


HOSTILE = {
    "climbs": ([member("../etc/passwd", b"x")], "named '../etc/passwd'"),
    "climbs inside": ([member("a/../../x", b"x")], "named 'a/../../x'"),
    "absolute": ([member("/etc/passwd", b"x")], "named '/etc/passwd'"),
    "empty part": ([member("a//b", b"x")], "named 'a//b'"),
    "below a link of its own": ([link("l", "/etc"), member("l/x", b"x")], "below 'l'"),
    "below a link of a lower layer": ([member("low/x", b"x")], "below 'low', which is a link"),
    "below a file": ([member("file/x", b"x")], "below 'file', which is no directory"),
    "a whiteout below a link": ([member("low/.wh.x")], "below 'low'"),
    "an opaque link": ([member("low/.wh..wh..opq")], "below 'low'"),
    "a whiteout of the parent": ([member("a/.wh...")], "whiteout of no file"),
    "a whiteout of nothing": ([member("a/.wh.")], "whiteout of no file"),
    "aufs": ([member(".wh..wh.plnk/x")], "below a whiteout"),
    "a whiteout with bytes": ([member(".wh.x", b"x")], "no empty file"),
    "a whiteout that is a directory": ([directory(".wh.x")], "no empty file"),
    "a whiteout behind its file": ([member("x", b""), member(".wh.x")], "some would remove"),
    "behind its tree": ([member("x/y", b""), member(".wh.x")], "some would remove"),
    "a whiteout twice": ([member(".wh.x"), member(".wh.x")], "twice"),
    "twice": ([member("x", b"1"), member("x", b"2")], "'x' twice"),
    "twice under other names": ([member("x", b"1"), member("./x", b"2")], "'x' twice"),
    "a hard link out": ([link("x", "../../etc/passwd", hard=True)], "named"),
    "a hard link to another layer": ([link("x", "file", hard=True)], "hard link to nothing"),
    "a hard link to a link": ([link("y", "z"), link("x", "y", hard=True)], "hard link to nothing"),
    "a root that is a file": ([link("./", "etc")], "root that is no directory"),
    "a long name": ([member("x" * 5000, b"")], "member name of 5000"),
}


@pytest.mark.parametrize(("upper", "words"), HOSTILE.values(), ids=HOSTILE)
def test_what_unpackers_read_in_two_ways_is_refused_by_its_name(
    upper: list[tuple[Any, bytes]], words: str, made: Made, tmp_path: Path
) -> None:
    image = made([link("low", "/usr"), member("file", b"")], upper)
    with (
        pytest.raises(SamegoError, match=r"layer 2 \(blobs/sha256/") as caught,
        root_of(image, tmp_path),
    ):
        pass
    assert words in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["image.tar"]


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        pytest.param(replace(IMAGE_LIMITS, total_bytes=4096), "larger than", id="unpacked"),
        pytest.param(replace(IMAGE_LIMITS, entries=3), "over 3 members", id="members"),
        pytest.param(replace(IMAGE_LIMITS, layers=1), "has 2 layers", id="layers"),
        pytest.param(replace(IMAGE_LIMITS, manifests=0), "over 0 manifests", id="manifests"),
        pytest.param(replace(IMAGE_LIMITS, document_bytes=10), "index.json has", id="document"),
        pytest.param(replace(IMAGE_LIMITS, members=2), "over 2 members", id="files of the image"),
    ],
)
def test_sizes_are_bounded(limits: ImageLimits, words: str, made: Made, tmp_path: Path) -> None:
    image = made([member(f"f{n}", b"x" * 600) for n in range(5)], [])
    with pytest.raises(HostileArchiveError, match=words), root_of(image, tmp_path, limits):
        pass


def test_a_file_larger_than_any_of_a_toolchain_is_only_passed_over(
    made: Made, tmp_path: Path
) -> None:
    limits = replace(IMAGE_LIMITS, file_bytes=1000)
    image = made([member("model", b"x" * 5000), member("small", b"s")])
    with root_of(image, tmp_path, limits) as root:
        assert root.read("small", 10) == b"s"
        with pytest.raises(HostileArchiveError, match="larger"):
            root.take("model", DEFAULT_LIMITS)


def changed(maker: Maker, kind: str, data: bytes) -> None:
    """Give the blobs of a kind other bytes under their old names."""
    for name, before in list(maker.blobs.items()):
        found = "layer" if before.startswith(b"\x1f\x8b") else "json"
        if found == kind:
            maker.blobs[name] = data


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        pytest.param("layer", gzip.compress(layer(LOWER)), "has the sha256", id="layer"),
        pytest.param("json", b"{}", "has the sha256", id="manifest"),
        pytest.param("layer", b"\x1f\x8b\x08", "truncated", id="truncated"),
    ],
)
def test_other_bytes_than_the_digest_says_are_refused(
    kind: str, data: bytes, words: str, tmp_path: Path
) -> None:
    maker = Maker()
    maker.image([layer([member("f", b"1")])])
    changed(maker, kind, data)
    path = maker.archive(tmp_path / "image.tar")
    with (
        pytest.raises((VerificationError, InputError), match=words),
        root_of(path, tmp_path),
    ):
        pass


def test_a_layer_that_the_configuration_does_not_name_is_refused(tmp_path: Path) -> None:
    maker = Maker()
    other = {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}
    maker.image([layer([member("f", b"1")])], rootfs=other)
    with (
        pytest.raises(VerificationError, match="unpacks to a tar with the sha256"),
        root_of(maker.archive(tmp_path / "i.tar"), tmp_path),
    ):
        pass


def document(tmp_path: Path, change: Callable[[Maker], None]) -> Path:
    maker = Maker()
    maker.image([layer([member("f", b"1")])])
    change(maker)
    return maker.layout(tmp_path / "layout")


def nested(maker: Maker) -> None:
    row = maker.manifests[0]
    for _ in range(6):
        row = maker.index([row])
    maker.manifests[:] = [row]


def both_at_once(maker: Maker) -> None:
    row = maker.manifests[0]
    manifest = json.loads(maker.blobs[row["digest"][7:]])
    data = json.dumps(manifest | {"manifests": []}).encode()
    maker.manifests[:] = [maker.blob(data, row["mediaType"])]


def a_key_twice(maker: Maker) -> None:
    row = maker.manifests[0]
    data = maker.blobs[row["digest"][7:]].replace(b"{", b'{"layers": [], ', 1)
    maker.manifests[:] = [maker.blob(data, row["mediaType"])]


def another_platform(maker: Maker) -> None:
    maker.manifests[0]["platform"]["architecture"] = "arm64"


def another_kind(maker: Maker) -> None:
    maker.manifests[:] = [maker.blob(b'{"x": 1}', "text/html")]


def a_weak_digest(maker: Maker) -> None:
    maker.manifests[0]["digest"] = "sha1:" + "0" * 40


def a_path_for_a_digest(maker: Maker) -> None:
    maker.manifests[0]["digest"] = "sha256:../../../etc/passwd"


def no_json(maker: Maker) -> None:
    maker.manifests[:] = [maker.blob(b"{", "")]


def a_lost_blob(maker: Maker) -> None:
    maker.blobs.pop(maker.manifests[0]["digest"][7:])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (nested, "indexes in indexes"),
        (both_at_once, "is not a manifest"),
        (a_key_twice, "a key twice"),
        (another_platform, "says 'arm64' of"),
        (another_kind, "an index or a manifest, but 'text/html'"),
        (a_weak_digest, "sha256 digest"),
        (a_path_for_a_digest, "sha256 digest"),
        (no_json, "is not a document"),
        (a_lost_blob, "has no file blobs/sha256"),
    ],
)
def test_documents_are_read_strictly(
    change: Callable[[Maker], None], words: str, tmp_path: Path
) -> None:
    with (
        pytest.raises(InputError, match=words),
        open_image(document(tmp_path, change)),
    ):
        pass


def test_an_index_in_an_index_and_a_statement_about_an_image(tmp_path: Path) -> None:
    maker = Maker()
    one = maker.image([layer([member("f", b"1")])])
    other = maker.image([layer([member("f", b"2")])], platform=("linux", "arm64"))
    about = maker.blob(b"{}", "application/vnd.oci.image.manifest.v1+json")
    about["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
    maker.manifests[:] = [maker.index([one, other, about])]
    path = maker.archive(tmp_path / "image.tar")
    with open_image(path) as image:
        assert [m.platform for m in image.manifests] == ["linux-amd64", "linux-arm64"]
    with root_of(path, tmp_path, number=1) as root:
        assert files(root) == {"f": b"2"}


def test_two_lists_of_layers_that_differ_are_two_images(tmp_path: Path) -> None:
    maker = Maker()
    maker.image([layer([member("f", b"1")])])
    hidden = Maker()
    hidden.image([layer([member("f", b"2")])])
    maker.blobs.update(hidden.blobs)
    maker.saved[:] = hidden.saved
    with (
        pytest.raises(HostileArchiveError, match="is two images"),
        open_image(maker.archive(tmp_path / "image.tar", docker=True)),
    ):
        pass


def test_no_link_in_a_layout_leads_out_of_it(tmp_path: Path) -> None:
    maker = Maker()
    row = maker.image([layer([member("f", b"1")])])
    layout = maker.layout(tmp_path / "layout")
    blob = layout / "blobs/sha256" / row["digest"][7:]
    blob.rename(tmp_path / "outside")
    blob.symlink_to(tmp_path / "outside")
    with pytest.raises(InputError, match="has no file"), open_image(layout):
        pass


@pytest.mark.parametrize("name", ["f.tar", "f.txt", "none", "dir"])
def test_what_is_no_image(name: str, tmp_path: Path) -> None:
    (tmp_path / "f.tar").write_bytes(layer([member("VERSION", b"go1.24.4\n")]))
    (tmp_path / "f.txt").write_bytes(b"x" * 600)
    (tmp_path / "dir").mkdir()
    assert not is_image(tmp_path / name)
