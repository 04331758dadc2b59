from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from samego.distro.interface import Request, distros, recognise
from samego.errors import InputError
from samego_debian import DISTRO
from support.debian_packages import DebMaker

Requests = Callable[..., Request]


def test_the_entry_point_names_the_plugin() -> None:
    assert DISTRO in distros()


def test_what_is_recognised(maker: DebMaker, request_for: Requests, tmp_path: Path) -> None:
    plain = tmp_path / "no-extension"
    plain.write_bytes(maker.write("go").read_bytes())
    text = tmp_path / "notes.txt"
    text.write_text("!<arch>\n")
    expected = {
        "debian:trixie/golang-1.24": True,
        "missing.deb": True,
        "x_amd64.changes": True,
        "x_amd64.buildinfo": True,
        str(plain): True,
        str(text): False,
        str(tmp_path): False,
        "missing": False,
        "go1.24.4.linux-amd64.tar.gz": False,
    }
    found = {what: DISTRO.recognises(request_for(what)) for what in expected}
    assert found == expected


def test_all_that_is_named_must_be_debians(request_for: Requests) -> None:
    assert not DISTRO.recognises(request_for("a.deb", "a.pkg.tar.zst"))
    assert not DISTRO.recognises(request_for())
    assert recognise(request_for("a.deb"), [DISTRO]) is DISTRO


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (["missing.deb"], "there is no file missing.deb"),
        (["missing.changes"], "there is no file missing.changes"),
        (["debian:trixie/golang-1.24", "a.deb"], "cannot be combined"),
        (["DEB", "debian:trixie/golang-1.24"], "cannot be combined"),
        (["debian:trixie"], "does not name a Debian toolchain"),
        (["debian:trixie/bash"], "does not name a Debian toolchain"),
        (["debian:../x/golang-1.24"], "does not name a Debian toolchain"),
        (["debian:trixie/golang-1.24="], "does not name a Debian toolchain"),
        (["debian:trixie/golang-1.24:"], "does not name a Debian toolchain"),
        (["debian:trixie/golang-1.24:hppa"], "not a Debian architecture"),
    ],
)
def test_names_that_cannot_be_opened(
    maker: DebMaker, request_for: Requests, what: list[str], words: str
) -> None:
    named = [str(maker.write("go")) if item == "DEB" else item for item in what]
    with pytest.raises(InputError, match=words), DISTRO.open(request_for(*named)):
        pass


def test_records_and_packages_may_be_mixed(maker: DebMaker, request_for: Requests) -> None:
    with DISTRO.open(request_for(*maker.write_all())) as shipment:
        assert len(shipment.subject.packages) == 3
