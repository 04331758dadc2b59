from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from samego.distro import module_cache
from samego.distro.interface import Request
from samego.distro.unpackaged import Unpackaged, open_unpackaged
from samego.formats.archive.dirhash import hash1
from samego.model.tree import Tree
from samego.system.hashing import sha256_file
from support.words import cause_of

VERSION = "v0.0.1-go1.26.10.linux-amd64"
FILES = {
    "VERSION": b"go1.26.10\n",
    "bin/go": b"the go command",
    "lib/wasm/go_js_wasm_exec": b"#!/bin/sh\n",
    "pkg/tool/linux_amd64/vet": b"vet",
    "src/_go.mod": b"module std\n",
    "src/a.go": b"package a\n",
    "src/make.bash": b"#!/bin/bash\n",
}


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in files.items():
            archive.writestr(f"golang.org/toolchain@{VERSION}/{path}", data)
    return out.getvalue()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """GOMODCACHE as the go command leaves it; the directory of the toolchain."""
    directory = tmp_path / f"golang.org/toolchain@{VERSION}"
    for path, data in {**FILES, "src/go.mod": FILES["src/_go.mod"]}.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(0o555 if path.startswith(("bin/", "pkg/")) else 0o444)
    below = tmp_path / "cache/download/golang.org/toolchain/@v"
    below.mkdir(parents=True)
    (below / f"{VERSION}.zip").write_bytes(zipped(FILES))
    names = [(f"golang.org/toolchain@{VERSION}/{path}", path) for path in FILES]
    digests = [(name, sha256_file(directory / path)) for name, path in names]
    (below / f"{VERSION}.ziphash").write_text(hash1(digests))
    return directory


def opened(directory: Path) -> Unpackaged:
    work = directory.parents[1] / "work"
    work.mkdir(exist_ok=True)
    with open_unpackaged(Request((str(directory),), work, work)) as shipment:
        return shipment


def modes(tree: Tree) -> dict[str, int | None]:
    return {path: entry.mode for path, entry in tree.items()}


def test_it_reads_as_what_upstream_posts(cache: Path) -> None:
    shipment = opened(cache)
    tree = shipment.read(frozenset())
    assert "src/_go.mod" not in tree
    assert modes(tree)["src/go.mod"] == 0o644
    assert modes(tree)["bin/go"] == 0o755
    assert modes(tree)["lib/wasm/go_js_wasm_exec"] == 0o755
    assert modes(tree)["src/make.bash"] == 0o755
    assert modes(tree)["src"] == 0o755
    assert shipment.notes == (module_cache.NOTE,)
    assert shipment.self_description.remarks == ()
    assert shipment.policy.find("left_out", "test/a.go") is not None


@pytest.mark.parametrize("mode", [0o4555, 0o644, 0o666, 0o755, 0o777])
@pytest.mark.parametrize("path", ["src/a.go", "bin/go"])
def test_a_mode_that_gives_more_stays(cache: Path, path: str, mode: int) -> None:
    (cache / path).chmod(mode)
    assert modes(opened(cache).read(frozenset()))[path] == mode


def test_a_umask_may_take_bits_away(cache: Path) -> None:
    (cache / "src/a.go").chmod(0o400)
    assert modes(opened(cache).read(frozenset()))["src/a.go"] == 0o644


def test_a_kept_go_mod_that_is_another_stays(cache: Path) -> None:
    (cache / "src/_go.mod").chmod(0o644)
    (cache / "src/_go.mod").write_bytes(b"module evil\n")
    assert "src/_go.mod" in opened(cache).read(frozenset())


def remarks(directory: Path) -> dict[str, str]:
    return {remark.path: cause_of(remark) for remark in opened(directory).self_description.remarks}


def test_a_zip_that_gives_other_files_is_a_finding(cache: Path) -> None:
    archive = cache.parents[1] / f"cache/download/golang.org/toolchain/@v/{VERSION}.zip"
    archive.write_bytes(zipped({**FILES, "bin/go": b"another go command"}))
    found = remarks(cache)
    assert found[f"/{VERSION}.zip"] == "its contents differ from what was unpacked (bin/go)"
    assert "the zip's hash is h1:" in found[f"/{VERSION}.ziphash"]
    archive.write_bytes(b"PK\x03\x04 nonsense")
    assert "it cannot be read" in remarks(cache)[f"/{VERSION}.zip"]
    archive.unlink()
    assert remarks(cache) == {}


def test_a_hash_that_is_not_the_zips_is_a_finding(cache: Path) -> None:
    below = cache.parents[1] / "cache/download/golang.org/toolchain/@v"
    (below / f"{VERSION}.ziphash").write_text(f"h1:{'A' * 43}=")
    assert list(remarks(cache)) == [f"/{VERSION}.ziphash"]


def test_a_directory_that_a_link_names_is_read(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "go").symlink_to(cache)
    with open_unpackaged(Request((str(tmp_path / "go"),), tmp_path, tmp_path)) as shipment:
        assert str(shipment.subject.release) == "go1.26.10"
        assert shipment.notes == (module_cache.NOTE,)
