"""What samego reads of a package is what dpkg and pacman install of it (a part of make oracle)."""

from __future__ import annotations

import os
import random
from pathlib import Path
from types import ModuleType

import pytest

from oracle import arch, debian
from oracle.__main__ import campaign
from samego_debian.package.deb import Deb

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="dpkg and pacman install as root alone")


@pytest.mark.parametrize("side", [debian, arch], ids=["dpkg", "pacman"])
def test_what_is_accepted_is_installed_as_it_was_read(side: ModuleType) -> None:
    tally = campaign(side, 120, seed=7)
    assert tally.differences == []
    assert 3 < tally.accepted < tally.made


def test_the_oracle_sees_a_reader_that_overlooks_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that takes setuid files for plain ones is found out."""
    read = Deb.read_all

    def careless(self: Deb, **named: object) -> object:
        tree = read(self, **named)  # type: ignore[arg-type]  # handed on as it came
        for entry in tree.values():
            object.__setattr__(entry, "mode", None if entry.mode is None else entry.mode & 0o777)
        return tree

    monkeypatch.setattr(Deb, "read_all", careless)
    seen: list[str] = []
    for number in range(8):
        place = tmp_path / str(number)
        place.mkdir()
        data = debian.original(place, random.Random(number))  # noqa: S311 - no secret
        seen += debian.compared(data, place) or []
    assert any("samego ('file', 493" in line and "installed ('file', 25" in line for line in seen)
