from __future__ import annotations

import re

import pytest

from samego.model.release import PostedName, Release
from samego.upstream.checksums.announced import announced_name, announced_sum, load

GO1244 = "77e5da33bb72aeaef1ba4418b6fe511bc4d041873cbf82e5aa6318740df98717"


def test_a_known_archive_has_its_sum() -> None:
    assert announced_sum("go1.24.4.linux-amd64.tar.gz") == GO1244


def test_a_sum_leads_back_to_the_name() -> None:
    assert announced_name(GO1244.upper()) == "go1.24.4.linux-amd64.tar.gz"


@pytest.mark.parametrize("name", ["", "go1.24.4", "go1.99.0.linux-amd64.tar.gz"])
def test_what_nobody_announced_has_no_sum(name: str) -> None:
    assert announced_sum(name) is None


def test_an_unknown_sum_has_no_name() -> None:
    assert announced_name("0" * 64) is None


def test_every_entry_is_a_posted_name_of_its_release_and_a_sum() -> None:
    for release, files in load().releases.items():
        for name, digest in files.items():
            posted = PostedName.parse(name)
            assert (posted.release, str(posted)) == (Release.parse(release), name)
            assert re.fullmatch(r"[0-9a-f]{64}", digest), name


def test_no_two_files_share_a_sum() -> None:
    data = load()
    assert len(data.sums) == len(data.names) == sum(map(len, data.releases.values())) > 4000


def test_the_data_names_its_sources() -> None:
    data = load()
    assert any("docker-library/golang" in source for source in data.sources)
    assert data.thin <= data.releases.keys()
