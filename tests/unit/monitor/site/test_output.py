"""Only what changed is written, and a run that was killed anywhere is made good by the next."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from samego.errors import InputError
from samego.monitor.site import output
from samego.monitor.site.output import MANIFEST


def bring(directory: Path, files: Mapping[str, tuple[str, bytes]], *, until: int = 99) -> list[str]:
    """Write files (a key and bytes for each path); those that were made. Ends after some."""
    with output.open_output(directory) as out:
        stale = out.stale({path: key for path, (key, _data) in files.items()})
        out.begin(stale)
        for path in stale[:until]:
            key, data = files[path]
            digest = output.write(directory, path, data, out.sha256(path))
            out.note(path, key, digest.removeprefix("+"))
        if len(stale) > until:
            return stale[:until]  # as a killed process: nothing more is noted
        out.finish(files)
    return stale


ONE = {"index.html": ("k1", b"one"), "a/b.html": ("k2", b"two")}


def test_what_was_made_of_the_same_is_left_alone(tmp_path: Path) -> None:
    site = tmp_path / "new/site"
    assert bring(site, ONE) == ["index.html", "a/b.html"]
    before = (site / "a/b.html").stat()
    assert bring(site, {**ONE, "index.html": ("k3", b"three")}) == ["index.html"]
    assert (site / "index.html").read_bytes() == b"three"
    assert (site / "a/b.html").stat() == before
    assert bring(site, {**ONE, "index.html": ("k3", b"three")}) == []


def test_what_gives_the_same_bytes_is_made_and_not_written(tmp_path: Path) -> None:
    bring(tmp_path, ONE)
    before = (tmp_path / "index.html").stat()
    assert bring(tmp_path, {**ONE, "index.html": ("k9", b"one")}) == ["index.html"]
    assert (tmp_path / "index.html").stat() == before


def test_what_is_no_more_is_removed_with_its_directory(tmp_path: Path) -> None:
    bring(tmp_path, ONE)
    (tmp_path / "robots.txt").write_text("mine")
    bring(tmp_path, {"index.html": ONE["index.html"]})
    assert sorted(item.name for item in tmp_path.iterdir()) == [
        MANIFEST,
        output.LOCK,
        "index.html",
        "robots.txt",
    ]


def test_a_file_that_was_lost_is_made_again(tmp_path: Path) -> None:
    bring(tmp_path, ONE)
    (tmp_path / "a/b.html").unlink()
    assert bring(tmp_path, ONE) == ["a/b.html"]
    assert (tmp_path / "a/b.html").read_bytes() == b"two"


@pytest.mark.parametrize("until", [0, 1, 2, 3])
def test_a_killed_run_is_made_good(tmp_path: Path, until: int) -> None:
    bring(tmp_path, ONE)
    two = {path: (f"{key}'", data + b"!") for path, (key, data) in ONE.items()}
    two["c.html"] = ("k4", b"four")
    bring(tmp_path, two, until=until)
    bring(tmp_path, two)
    for path, (_key, data) in two.items():
        assert (tmp_path / path).read_bytes() == data


def test_going_back_after_a_killed_run_leaves_nothing_of_it(tmp_path: Path) -> None:
    bring(tmp_path, ONE)
    two = {path: (f"{key}'", data + b"!") for path, (key, data) in ONE.items()}
    two["c.html"] = ("k4", b"four")
    bring(tmp_path, two, until=2)
    # What it had begun is made of the old data again: the old keys must not be believed.
    bring(tmp_path, ONE)
    assert {path: (tmp_path / path).read_bytes() for path in ONE} == {
        path: data for path, (_key, data) in ONE.items()
    }
    assert not (tmp_path / "c.html").exists()


def test_parts_of_a_killed_run_are_swept(tmp_path: Path) -> None:
    (tmp_path / ".samego-0123.part").write_bytes(b"half a manifest")
    bring(tmp_path, ONE)
    (tmp_path / ".samego-4567.part").write_bytes(b"half a page")
    bring(tmp_path, ONE)
    assert list(tmp_path.glob("*.part")) == list(tmp_path.glob(".*.part")) == []


def test_a_directory_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="not a site of samego's"):
        bring(tmp_path, ONE)
    assert [item.name for item in tmp_path.iterdir()] == ["thesis.tex"]


def test_somebody_elses_file_is_not_written_over(tmp_path: Path) -> None:
    bring(tmp_path, ONE)
    (tmp_path / "c.html").write_text("mine")
    with pytest.raises(InputError, match="in the way"):
        bring(tmp_path, {**ONE, "index.html": ("new", b"new"), "c.html": ("k", b"site's")})
    assert (tmp_path / "c.html").read_text() == "mine"
    assert (tmp_path / "index.html").read_bytes() == b"one"


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    site, other = tmp_path / "site", tmp_path / "other"
    bring(site, ONE)
    other.write_text("elsewhere")
    (site / "index.html").unlink()
    (site / "index.html").symlink_to(other)
    bring(site, ONE)
    assert other.read_text() == "elsewhere"
    assert not (site / "index.html").is_symlink()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'{"format": 1}',
        b'{"format": 1, "files": {"../x": ["k", "s"]}}',
        b'{"format": 1, "files": {"/etc/x": ["k", "s"]}}',
        b'{"format": 1, "files": {"x": 3}}',
        b"\xff",
    ],
)
def test_a_damaged_manifest_is_refused_and_removes_nothing(tmp_path: Path, text: bytes) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (tmp_path / "x").write_text("outside")
    (site / MANIFEST).write_bytes(text)
    with pytest.raises(InputError, match="damaged"):
        bring(site, ONE)
    assert (tmp_path / "x").read_text() == "outside"


def test_another_versions_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps({"format": 99, "files": {}}))
    with pytest.raises(InputError, match="another version"):
        bring(tmp_path, ONE)


def test_two_runs_do_not_write_at_once(tmp_path: Path) -> None:
    with output.open_output(tmp_path), pytest.raises(InputError, match="another samego"):
        bring(tmp_path, ONE)
    bring(tmp_path, ONE)


def test_a_file_in_the_place_of_the_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("")
    for path in (tmp_path / "f", tmp_path / "f/below"):
        with pytest.raises(InputError, match="cannot be used as a directory"):
            bring(path, ONE)


def test_a_write_says_whether_it_wrote(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    assert output.write(tmp_path, "a/x", b"x", "") == f"+{digest}"
    assert output.write(tmp_path, "a/x", b"x", digest) == digest


def test_nothing_is_left_of_a_write_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        output.write(tmp_path, "x", b"x", "")
    assert list(tmp_path.iterdir()) == []


def test_who_can_read_the_directory_cannot_hold_the_site(tmp_path: Path) -> None:
    bring(tmp_path / "site", ONE)
    handle = os.open(tmp_path / "site", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert bring(tmp_path / "site", ONE) == []
    finally:
        os.close(handle)
    assert stat.S_IMODE((tmp_path / "site" / output.LOCK).stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o1777])
def test_a_directory_that_others_may_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    site = tmp_path / "site"
    site.mkdir()
    site.chmod(mode)
    with pytest.raises(InputError, match="other users may write"):
        bring(site, ONE)
    assert list(site.iterdir()) == []


def test_a_link_that_others_may_have_planted_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o1777)
    (tmp_path / "open/site").symlink_to(tmp_path / "mine")
    with pytest.raises(InputError, match="is a link"):
        bring(tmp_path / "open/site", ONE)
    assert list((tmp_path / "mine").iterdir()) == []


def test_nobody_else_may_write_to_its_directories_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        bring(tmp_path / "a/site", ONE)
    finally:
        os.umask(before)
    made = [tmp_path / "a", *(path for path in (tmp_path / "a").rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o755}
