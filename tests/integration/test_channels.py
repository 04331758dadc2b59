"""The module channel through the machine's own module proxy and checksum database."""

from __future__ import annotations

import dataclasses
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from samego.config import Config
from samego.errors import NotPostedError, VerificationError
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.model.release import Release, Target
from samego.upstream.checksums.verify_file import Decision, verify_file
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles
from support.cli import Samego

pytestmark = pytest.mark.network

RELEASE = Release.parse("go1.24.4")
AMD64 = Target.parse("linux-amd64")
#: As go.sum files in the wild have it.
H1 = "h1:nm4Il5pypT+vEB1UPY4e+r1p/0HoRr/2jjj+dwb8KhA="
SHA256 = "a44b3b07ab40a14e785eb421dc6b09cf6a136eb46c9c8a334f8b752184875866"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that the tests of this module share: the zip is fetched once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def config(directory: Path) -> Config:
    return Config(cache_directory=directory, godev_url="https://go.dev/dl")


@contextmanager
def connect(config: Config) -> Iterator[UpstreamFiles]:
    with closing(Spool()) as spool:
        opener = Opener(IndexCache(config.cache_directory / "index"), spool)
        with UpstreamFiles(config, index=opener.members) as upstream:
            yield upstream


@pytest.fixture
def upstream(config: Config) -> Iterator[UpstreamFiles]:
    with connect(dataclasses.replace(config, channel="module")) as upstream:
        yield upstream


def test_a_real_module_zip_has_the_h1_of_the_checksum_database(upstream: UpstreamFiles) -> None:
    got = upstream.fetch(RELEASE, AMD64).posted
    assert (got.sha256, got.expected_h1) == (SHA256, H1)
    assert any("inclusion proof" in item.how for item in got.verified)


def test_the_second_time_needs_no_network(upstream: UpstreamFiles, config: Config) -> None:
    first = upstream.fetch(RELEASE, AMD64).posted
    with connect(dataclasses.replace(config, channel="module", offline=True)) as offline:
        assert offline.fetch(RELEASE, AMD64).posted == first


def test_a_version_that_the_proxy_refuses_is_not_posted(upstream: UpstreamFiles) -> None:
    with pytest.raises(NotPostedError, match=r"answers 403: \w+"):
        upstream.fetch(RELEASE, Target.parse("darwin-arm64"))


def test_the_list_names_what_is_posted(upstream: UpstreamFiles) -> None:
    rows = list(upstream.channels[0].listing())
    assert sum(row.target == AMD64 for row in rows) > 100
    assert rows[0].release > rows[-1].release


def test_go_dev_out_of_reach_falls_through_to_the_module_form(config: Config) -> None:
    # A port where nobody listens stands for a go.dev that does not answer.
    with connect(dataclasses.replace(config, godev_url="http://127.0.0.1:1/dl")) as upstream:
        selection = upstream.fetch(RELEASE, AMD64)
    assert selection.posted.channel == "module"
    (note,) = selection.notes
    assert note.startswith("go.dev/dl: ")
    assert note.endswith(", taking the module form")


def test_one_more_member_in_a_real_zip_is_refused(upstream: UpstreamFiles, tmp_path: Path) -> None:
    forged = tmp_path / "forged.zip"
    shutil.copyfile(upstream.fetch(RELEASE, AMD64).posted.path, forged)
    with zipfile.ZipFile(forged, "a") as archive:
        archive.writestr(f"golang.org/toolchain@v0.0.1-{RELEASE}.{AMD64}/src/extra.go", b"")
    with pytest.raises(VerificationError) as caught:
        upstream.take_file(forged, RELEASE, AMD64)
    assert H1 in str(caught.value)
    assert str(caught.value).count("h1:") == 2


def test_the_distro_s_orig_tarball_is_upstream_s_source(
    upstream: UpstreamFiles, go124_source: Path
) -> None:
    (orig,) = go124_source.glob("*.orig.tar.gz")
    search = upstream.fetch_source(RELEASE, [orig])
    assert search.posted is not None
    assert search.posted.path == orig
    answer = verify_file(orig, upstream.authorities, upstream.verifier)
    assert (answer.decision, answer.name) == (Decision.POSTED, "go1.24.4.src.tar.gz")


def test_the_command_line_verifies_and_fetches(
    samego: Samego, go1244_module_zip: Path, tmp_path: Path
) -> None:
    result = samego("upstream", "verify", str(go1244_module_zip))
    assert (result.status, H1 in result.stdout) == (0, True)
    other = tmp_path / "go1.24.4.linux-amd64.tar.gz"
    other.write_bytes(os.urandom(100))
    assert samego("upstream", "verify", str(other)).status == 1
    assert samego("upstream", "verify", "/dev/null").status == 2
