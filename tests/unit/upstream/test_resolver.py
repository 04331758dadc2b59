from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from samego.config import Config
from samego.errors import (
    ConfigError,
    InputError,
    NetworkError,
    NotPostedError,
    SamegoError,
    VerificationError,
)
from samego.formats.archive.zip import ZipMember
from samego.model.release import Release, Target
from samego.model.verification import Verification
from samego.upstream.channels.interface import Listing, Posted
from samego.upstream.channels.mirror import INDEX_NAME
from samego.upstream.checksums.authorities import UnverifiedError
from samego.upstream.resolver import REBUILT, UpstreamFiles, first_that_has
from support.godev_server import GoDev, file_row, release_row, toolchain_archive

RELEASE = Release.parse("go1.99.0")
TARGET = Target.parse("linux-amd64")
NAME = "go1.99.0.linux-amd64.tar.gz"
ARCHIVE = toolchain_archive("go1.99.0")


class Gives:
    """A channel that gives a file, or one error."""

    def __init__(self, name: str, error: SamegoError | None = None) -> None:
        self.name = name
        self.error = error
        self.asked = 0

    def listing(self) -> Iterable[Listing]:
        return ()

    def fetch(self, release: Release, target: Target) -> Posted:
        self.asked += 1
        if self.error is not None:
            raise self.error
        verified = (Verification("x", "y"),)
        return Posted(self.name, "archive", release, target, "u", Path("p"), "s", verified)

    def fetch_source(self, release: Release) -> Posted:
        return self.fetch(release, TARGET)


def select(*channels: Gives) -> tuple[str, tuple[str, ...]]:
    chosen = first_that_has(NAME, channels, lambda channel: channel.fetch(RELEASE, TARGET))
    return chosen.posted.channel, chosen.notes


def test_the_first_that_has_it_gives_it() -> None:
    second = Gives("module")
    assert select(Gives("go.dev/dl"), second) == ("go.dev/dl", ())
    assert second.asked == 0


@pytest.mark.parametrize("kind", [NetworkError, NotPostedError])
def test_one_line_says_why_another_channel_was_taken(kind: type[SamegoError]) -> None:
    error = kind("go.dev cannot be reached", hint="")
    assert select(Gives("go.dev/dl", error), Gives("module")) == (
        "module",
        ("go.dev/dl: go.dev cannot be reached, taking the module form",),
    )


@pytest.mark.parametrize("kind", [VerificationError, UnverifiedError, ConfigError, InputError])
def test_a_contradiction_is_never_passed_over(kind: type[SamegoError]) -> None:
    second = Gives("module")
    with pytest.raises(kind, match="contradiction"):
        select(Gives("go.dev/dl", kind("contradiction", hint="")), second)
    assert second.asked == 0


def test_when_nobody_could_be_asked_every_cause_is_told() -> None:
    errors = NetworkError("no route", hint=""), NotPostedError("not here", hint="")
    with pytest.raises(NetworkError, match=r"go\.dev/dl: no route; module: not here"):
        select(Gives("go.dev/dl", errors[0]), Gives("module", errors[1]))


def test_when_everybody_lacks_it_it_is_not_posted() -> None:
    error = NotPostedError("not here", hint="")
    with pytest.raises(NotPostedError, match=rf"no channel has {NAME}"):
        select(Gives("go.dev/dl", error), Gives("module", error))


def test_a_single_channel_s_own_error_is_raised() -> None:
    error = NotPostedError("not here", hint="")
    with pytest.raises(NotPostedError) as caught:
        select(Gives("go.dev/dl", error))
    assert caught.value is error


def nothing(_path: Path, _sha256: str, _h1: str) -> dict[str, ZipMember]:
    return {}


def config(tmp_path: Path, godev: GoDev, **changes: str) -> Config:
    return Config(
        cache_directory=tmp_path / "cache",
        godev_url=f"{godev.url}/dl",
        channel=changes.get("channel", ""),
        mirror=Path(changes["mirror"]) if "mirror" in changes else None,
    )


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOPROXY", "off")


def test_the_default_order_is_go_dev_then_the_module_form(tmp_path: Path, godev: GoDev) -> None:
    with UpstreamFiles(config(tmp_path, godev), index=nothing) as upstream:
        assert [channel.name for channel in upstream.channels] == ["go.dev/dl", "module"]


def test_a_mirror_that_is_named_comes_first(tmp_path: Path, godev: GoDev) -> None:
    chosen = config(tmp_path, godev, mirror=str(tmp_path))
    with UpstreamFiles(chosen, index=nothing) as upstream:
        assert [channel.name for channel in upstream.channels] == [
            "mirror",
            "go.dev/dl",
            "module",
        ]


@pytest.mark.parametrize("name", ["go.dev/dl", "module"])
def test_a_channel_that_is_chosen_is_the_only_one(tmp_path: Path, godev: GoDev, name: str) -> None:
    with UpstreamFiles(config(tmp_path, godev, channel=name), index=nothing) as upstream:
        assert [channel.name for channel in upstream.channels] == [name]


@pytest.mark.parametrize(("name", "says"), [("mirror", "no mirror"), ("ftp", "not a channel")])
def test_a_channel_that_is_not_there_is_a_config_error(
    tmp_path: Path, godev: GoDev, name: str, says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        UpstreamFiles(config(tmp_path, godev, channel=name), index=nothing)


def test_everything_together_fetches_from_a_server_that_speaks_go_dev(
    tmp_path: Path, godev: GoDev
) -> None:
    godev.post(NAME, ARCHIVE)
    godev.post("go1.99.0.src.tar.gz", b"source")
    rows = file_row(NAME, ARCHIVE), file_row("go1.99.0.src.tar.gz", b"source")
    godev.set_index(release_row("go1.99.0", *rows))
    with UpstreamFiles(config(tmp_path, godev), index=nothing) as upstream:
        got = upstream.fetch(RELEASE, TARGET)
        assert (got.posted.path.read_bytes(), got.notes) == (ARCHIVE, ())
        source = upstream.fetch_source(RELEASE).posted
        assert source is not None
        assert source.path.read_bytes() == b"source"


def rebuilt_here(tmp_path: Path, content: bytes) -> None:
    directory = tmp_path / "cache" / REBUILT
    directory.mkdir(parents=True)
    (directory / NAME).write_bytes(content)
    index = json.dumps([release_row("go1.99.0", file_row(NAME, ARCHIVE))])
    (directory / INDEX_NAME).write_text(index)


def test_what_no_channel_has_may_have_been_rebuilt_here(tmp_path: Path, godev: GoDev) -> None:
    godev.set_index()
    rebuilt_here(tmp_path, ARCHIVE)
    with UpstreamFiles(config(tmp_path, godev), index=nothing) as upstream:
        got = upstream.fetch(RELEASE, TARGET)
        assert (got.posted.channel, got.posted.path.read_bytes()) == ("rebuild", ARCHIVE)
        assert len(got.notes) == 2
        assert "rebuild" not in [channel.name for channel in upstream.channels]
    with (
        UpstreamFiles(config(tmp_path, godev, channel="module"), index=nothing) as upstream,
        pytest.raises(SamegoError, match="GOPROXY"),
    ):
        upstream.fetch(RELEASE, TARGET)


def test_what_was_rebuilt_here_is_vouched_for_like_any_other(tmp_path: Path, godev: GoDev) -> None:
    godev.set_index()
    rebuilt_here(tmp_path, ARCHIVE[:-1] + bytes([ARCHIVE[-1] ^ 1]))
    with (
        UpstreamFiles(config(tmp_path, godev), index=nothing) as upstream,
        pytest.raises(VerificationError),
    ):
        upstream.fetch(RELEASE, TARGET)


def test_a_file_that_the_user_names_is_known_by_its_bytes(tmp_path: Path, godev: GoDev) -> None:
    godev.set_index(release_row("go1.99.0", file_row(NAME, ARCHIVE)))
    path = tmp_path / "whatever.bin"
    path.write_bytes(ARCHIVE)
    with UpstreamFiles(config(tmp_path, godev), index=nothing) as upstream:
        got = upstream.take_file(path, RELEASE, TARGET)
        assert (got.channel, got.form, got.target) == ("file", "archive", TARGET)
        assert len(got.verified) == 1
        with pytest.raises(InputError, match=r"not go1\.98\.0"):
            upstream.take_file(path, Release.parse("go1.98.0"), TARGET)


@pytest.mark.parametrize("name", [NAME, "whatever.bin"])
def test_a_file_that_nobody_knows_is_refused(tmp_path: Path, godev: GoDev, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(ARCHIVE)
    with (
        UpstreamFiles(config(tmp_path, godev), index=nothing) as upstream,
        pytest.raises(UnverifiedError, match="no known checksum source"),
    ):
        upstream.take_file(path, RELEASE, TARGET)


def test_a_file_that_nobody_knows_is_what_its_name_says_when_that_is_allowed(
    tmp_path: Path, godev: GoDev
) -> None:
    path = tmp_path / NAME
    path.write_bytes(ARCHIVE)
    with UpstreamFiles(config(tmp_path, godev), index=nothing, allow_unverified=True) as upstream:
        assert upstream.take_file(path, RELEASE, TARGET).verified == ()
        with pytest.raises(InputError, match="cannot identify"):
            upstream.take_file(path.rename(tmp_path / "x"), RELEASE, TARGET)


def test_an_installer_is_no_archive(tmp_path: Path, godev: GoDev) -> None:
    path = tmp_path / "go1.99.0.darwin-arm64.pkg"
    path.write_bytes(b"xar!")
    with (
        UpstreamFiles(config(tmp_path, godev), index=nothing, allow_unverified=True) as upstream,
        pytest.raises(InputError, match="installer"),
    ):
        upstream.take_file(path, RELEASE, Target.parse("darwin-arm64"))
