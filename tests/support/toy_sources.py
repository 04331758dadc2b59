"""The toy release's files as verified sources, for the parts of a rebuild."""

from __future__ import annotations

from pathlib import Path

from samego.model.release import Release, Target
from samego.model.verification import Verification
from samego.rebuild.source import ReleaseSource, open_source
from samego.upstream.channels.interface import Posted
from samego.upstream.open_tree import Opener
from support.toy_go import sha256, toy_module, toy_source_archive

HOST = Target("linux", "amd64")
VERIFIED = (Verification("sha256", "this test"),)


def posted(
    path: Path, form: str, release: str = "go1.24.4", target: Target | None = None
) -> Posted:
    """A file as a channel would give it."""
    name = Release.parse(release)
    return Posted("test", form, name, target, path.as_uri(), path, sha256(path), VERIFIED)


def archive_source(directory: Path, opener: Opener, **changed: str) -> ReleaseSource:
    """The toy release's source archive, opened."""
    directory.mkdir(parents=True, exist_ok=True)
    return open_source(posted(toy_source_archive(directory, **changed), "source"), opener)


def module_source(directory: Path, opener: Opener) -> ReleaseSource:
    """The toy release's module form, opened as a source."""
    directory.mkdir(parents=True, exist_ok=True)
    return open_source(posted(toy_module(directory), "module", target=HOST), opener)
