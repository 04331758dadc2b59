from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import pytest

from samego.errors import InputError
from samego.monitor.publish.snapshot import take


def fill(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def test_files_by_path_size_and_digest(tmp_path: Path) -> None:
    root = fill(tmp_path / "pages", index_html="hello", b__c_json="{}", b__d__e="")
    snapshot = take(root)
    assert list(snapshot.items) == ["b/c.json", "b/d/e", "index.html"]
    item = snapshot.items["index.html"]
    assert (item.size, item.sha256) == (5, hashlib.sha256(b"hello").hexdigest())
    assert snapshot.read("index.html") == b"hello"


def test_a_digest_names_the_content_alone(tmp_path: Path) -> None:
    one = take(fill(tmp_path / "1", a="1", b="2"))
    other = fill(tmp_path / "2", b="2", a="1")
    (other / "a").chmod(0o600)
    (other / "empty").mkdir()
    os.utime(other / "b", (1, 1))
    assert take(other).digest == one.digest
    assert take(fill(tmp_path / "3", a="1", c="2")).digest != one.digest
    assert take(fill(tmp_path / "4", a="1", b="3")).digest != one.digest


def test_dots_at_the_top_stay_here(tmp_path: Path) -> None:
    root = fill(tmp_path / "pages", a="1", _samego="x", b__c="2")
    (root / ".hidden").mkdir()
    (root / ".hidden" / "link").symlink_to("/etc/passwd")
    (root / "b" / ".well-known").write_text("y", "utf-8")
    assert list(take(root).items) == ["a", "b/.well-known", "b/c"]


@pytest.mark.parametrize(
    "name", ["a\nb", "a\x7fb", "a\\b", "x" * 200 + "/" + "y" * 250 + "/zz" * 30]
)
def test_names_that_not_every_server_keeps(tmp_path: Path, name: str) -> None:
    path = tmp_path / "pages" / name
    path.parent.mkdir(parents=True)
    path.write_text("1", "utf-8")
    with pytest.raises(InputError, match="has a name that not every server keeps") as caught:
        take(tmp_path / "pages")
    assert "\n" not in str(caught.value)


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "pages") + b"/\xff")).write_text("1", "utf-8")
    with pytest.raises(InputError, match=r"\\udcff has a name"):
        take(tmp_path / "pages")


@pytest.mark.parametrize("kind", ["link", "dangling", "directory link", "pipe", "socket"])
def test_what_is_no_file(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fill(tmp_path / "pages", a="1")
    odd = root / "odd"
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "socket":
        monkeypatch.chdir(root)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("odd")
    else:
        odd.symlink_to({"link": "a", "dangling": "none", "directory link": "."}[kind])
    with pytest.raises(InputError, match="odd is neither a file nor a directory"):
        take(root)


def test_nothing_to_publish(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a directory"):
        take(tmp_path / "none")
    (tmp_path / "empty" / "below").mkdir(parents=True)
    (tmp_path / "empty" / ".hidden").write_text("1", "utf-8")
    with pytest.raises(InputError, match="holds nothing to publish"):
        take(tmp_path / "empty")


def test_a_change_is_seen(tmp_path: Path) -> None:
    root = fill(tmp_path / "pages", a="1", b="2")
    snapshot = take(root)
    snapshot.check()
    before = (root / "a").stat()
    (root / "a").write_text("3", "utf-8")
    os.utime(root / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(InputError, match="changed while it was published"):
        snapshot.check()
    with pytest.raises(InputError, match="changed while it was published"):
        snapshot.read("a")
    again = take(root)
    fill(root, c="new")
    with pytest.raises(InputError, match="changed while it was published"):
        again.check()
