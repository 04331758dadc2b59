from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from samego.errors import InputError, NetworkError, NotPostedError
from samego.model.release import Release, Target
from samego.rebuild.source import find_source, open_source
from samego.upstream.channels.interface import Listing, Posted
from samego.upstream.open_tree import Opener
from support.toy_go import toy_module, toy_source_archive
from support.toy_sources import HOST, archive_source, module_source, posted

RELEASE = Release.parse("go1.24.4")


class Channel:
    """A channel that has what a test gives it."""

    def __init__(
        self, name: str, *, source: Posted | None = None, binary: Posted | None = None
    ) -> None:
        self.name = name
        self._source = source
        self._binary = binary

    def listing(self) -> Iterable[Listing]:
        return ()

    def fetch(self, release: Release, target: Target) -> Posted:
        if self._binary is None or self._binary.target != target:
            raise NotPostedError(f"{self.name} lacks {release} {target}", hint="")
        return self._binary

    def fetch_source(self, release: Release) -> Posted:
        if self._source is None:
            raise NotPostedError(f"{self.name} lacks the source of {release}", hint="")
        return self._source


class Unreachable(Channel):
    def fetch_source(self, release: Release) -> Posted:
        raise NetworkError(f"{self.name} does not answer for {release}", hint="")

    def fetch(self, release: Release, target: Target) -> Posted:
        raise NetworkError(f"{self.name} does not answer for {release} {target}", hint="")


def test_a_source_archive_is_complete(tmp_path: Path, opener: Opener) -> None:
    source = archive_source(tmp_path, opener)
    assert source.complete
    assert source.note == ""
    assert source.tree["src/make.bash"].mode == 0o755


def test_the_module_form_is_a_source_without_what_was_built(tmp_path: Path, opener: Opener) -> None:
    source = module_source(tmp_path, opener)
    assert not source.complete
    assert "only the module form" in source.note
    assert "bin/go" not in source.tree
    assert source.tree["src/make.bash"].mode == 0o755


def test_source_archives_come_before_binary_forms(tmp_path: Path, opener: Opener) -> None:
    archive = posted(toy_source_archive(tmp_path), "source")
    module = posted(toy_module(tmp_path), "module", target=HOST)
    channels = [Channel("one", binary=module), Channel("two", source=archive)]
    source, notes = find_source(RELEASE, channels, [HOST], opener)
    assert source.complete
    assert notes == ("one lacks the source of go1.24.4",)


def test_the_module_form_is_taken_where_no_archive_is(tmp_path: Path, opener: Opener) -> None:
    module = posted(toy_module(tmp_path), "module", target=HOST)
    channels = [Unreachable("far"), Channel("one", binary=module)]
    source, notes = find_source(RELEASE, channels, [Target("linux", "arm"), HOST], opener)
    assert not source.complete
    assert "far does not answer for go1.24.4" in notes


@pytest.mark.parametrize(
    ("channels", "kind"),
    [([Channel("one")], NotPostedError), ([Channel("one"), Unreachable("far")], NetworkError)],
    ids=["not posted", "not reached"],
)
def test_a_source_that_is_not_to_be_had_is_named(
    channels: list[Channel], kind: type[Exception], opener: Opener
) -> None:
    with pytest.raises(kind, match=r"source of go1\.24\.4 \(one lacks"):
        find_source(RELEASE, channels, [HOST], opener)


def test_a_file_without_the_source_is_refused(tmp_path: Path, opener: Opener) -> None:
    archive = toy_source_archive(tmp_path, version="go1.24.5\n")
    with pytest.raises(InputError, match=r"VERSION says 'go1\.24\.5'"):
        open_source(posted(archive, "source"), opener)
