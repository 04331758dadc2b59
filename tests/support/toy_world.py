"""A whole world for ``samego rebuild``: a go.dev, a toy release, bootstraps and a cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from samego.config import Config
from samego.model.release import Release, Target
from samego.rebuild.results import Rebuild
from samego.rebuild.run import RebuildOptions, rebuild
from samego.system.progress import Progress, Silent
from support.godev_server import GoDev, file_row, release_row
from support.toy_go import toy_bootstrap, toy_source_archive

#: A release that nobody announced: the toy's sums cannot contradict anybody's.
NAME = "go1.24.99"
RELEASE = Release.parse(NAME)
LINUX, WINDOWS = Target("linux", "amd64"), Target("windows", "amd64")
DARWIN = Target("darwin", "arm64")


class World:
    """A go.dev of one's own, a source archive, bootstraps and a cache."""

    def __init__(self, directory: Path, godev: GoDev) -> None:
        self.directory = directory
        self.godev = godev
        self.source = toy_source_archive(directory, NAME)
        self.bootstrap = toy_bootstrap(directory / "bootstrap")
        self.posted: dict[str, bytes] = {}
        self.post(self.source.name, self.source.read_bytes())

    def post(self, name: str, data: bytes) -> None:
        """Post a file: its bytes and its row in the index."""
        self.posted[name] = data
        self.godev.post(name, data)
        rows = [file_row(each, content) for each, content in self.posted.items()]
        self.godev.set_index(release_row(NAME, *rows))

    def config(self) -> Config:
        """The settings that lead to this go.dev and cache."""
        return Config(godev_url=f"{self.godev.url}/dl", cache_directory=self.directory / "cache")

    def rebuild(self, progress: Progress | None = None, **changed: Any) -> Rebuild:  # noqa: ANN401 - any option
        """Rebuild the release from its source archive."""
        given: dict[str, Any] = {
            "source": str(self.source),
            "bootstraps": (str(self.bootstrap),),
            "config": self.config(),
        }
        return rebuild(RebuildOptions(RELEASE, **{**given, **changed}), progress or Silent())

    def post_what_is_built(self, *targets: Target) -> None:
        """Post the archives that a rebuild gives, as upstream that builds the same would."""
        for target in self.rebuild(targets=targets).bootstraps[0].targets:
            assert target.products is not None
            for name, product in target.products.files.items():
                if name.endswith((".tar.gz", f"{target.target}.zip")) and "v0" not in name:
                    self.post(name, product.path.read_bytes())


def outcomes(result: Rebuild) -> dict[str, str]:
    """What came of each file, by its name."""
    return {
        file.name: file.outcome.value
        for target in result.bootstraps[0].targets
        for file in target.files
    }
