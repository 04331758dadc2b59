"""The real checksum database, through the module proxy that this machine is set up for."""

from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import NetworkError, NotPostedError
from samego.upstream.channels.gosettings import GoSettings, read_settings
from samego.upstream.sumdb.client import SumDatabase
from samego.upstream.transport.http import Http
from support.inputs import Inputs

pytestmark = pytest.mark.network

MODULE = "golang.org/toolchain"
VERSION = "v0.0.1-go1.24.4.linux-amd64"
#: What the record has said since go1.24.4 was posted in June 2025.
ZIP_H1 = "h1:nm4Il5pypT+vEB1UPY4e+r1p/0HoRr/2jjj+dwb8KhA="
MOD_H1 = "h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0="


@pytest.fixture(scope="module")
def settings(inputs: Inputs) -> GoSettings:
    """This machine's module proxy, and the database that Go itself would believe."""
    return read_settings({"GOPROXY": inputs.proxy()}, goroots=())


def test_the_toolchains_hash_is_proven_and_then_known_offline(
    settings: GoSettings, tmp_path: Path
) -> None:
    with Http() as http:
        found = SumDatabase(http, settings, tmp_path).lookup(MODULE, VERSION)
    assert (found.zip_h1, found.mod_h1) == (ZIP_H1, MOD_H1)
    assert found.record == 38532769
    assert [way.how for way in found.verifications] == [
        "signed tree note of sum.golang.org",
        f"inclusion proof of record 38532769 in the tree of {found.tree_size} records",
    ]
    with Http(offline=True) as offline:
        again = SumDatabase(offline, settings, tmp_path).lookup(MODULE, VERSION)
    assert again.zip_h1 == ZIP_H1
    assert again.verifications[:2] == found.verifications


def test_two_lookups_are_of_one_history(settings: GoSettings, tmp_path: Path) -> None:
    with Http() as http:
        database = SumDatabase(http, settings, tmp_path)
        database.lookup(MODULE, VERSION)
        found = database.lookup(MODULE, "v0.0.1-go1.23.9.linux-amd64")
    assert found.zip_h1 == "h1:FoLXNJOUupHF4UFyn+kjbY08+tsAt88ZUgJVFJzU0dk="
    assert found.verifications[2].how.startswith("consistency with the tree of ")


def test_a_release_that_nobody_posted(settings: GoSettings, tmp_path: Path) -> None:
    with Http() as http, pytest.raises(NotPostedError, match=r"go1\.24\.99"):
        SumDatabase(http, settings, tmp_path).lookup(MODULE, "v0.0.1-go1.24.99.linux-amd64")


def test_a_tampered_cache_is_repaired_online_and_refused_offline(
    settings: GoSettings, tmp_path: Path
) -> None:
    with Http() as http:
        SumDatabase(http, settings, tmp_path).lookup(MODULE, VERSION)
        kept = tmp_path / "sum.golang.org" / "lookup" / f"{MODULE}@{VERSION}"
        good = kept.read_bytes()
        wrong = good.replace(b"nm4Il5", b"nm4Il6")
        kept.write_bytes(wrong)
        with Http(offline=True) as offline, pytest.raises(NetworkError, match="invalid"):
            SumDatabase(offline, settings, tmp_path).lookup(MODULE, VERSION)
        assert SumDatabase(http, settings, tmp_path).lookup(MODULE, VERSION).zip_h1 == ZIP_H1
        assert kept.read_bytes() == good
        for tile in (tmp_path / "sum.golang.org" / "tile").rglob("*"):
            if tile.is_file():
                tile.write_bytes(bytes(tile.stat().st_size))
        with Http(offline=True) as offline, pytest.raises(NetworkError):
            SumDatabase(offline, settings, tmp_path).lookup(MODULE, VERSION)
        assert SumDatabase(http, settings, tmp_path).lookup(MODULE, VERSION).zip_h1 == ZIP_H1
