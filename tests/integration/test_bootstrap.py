"""A distro's own packages as the bootstrap: unpacked without root, and they run."""

from __future__ import annotations

import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from samego.config import Config
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.model.release import Release, Target
from samego.rebuild.find_bootstrap import Finder
from samego.system.progress import Silent
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles

pytestmark = pytest.mark.network


def test_debians_packages_become_a_go_that_compiles(
    trixie_go124_debs: list[Path], tmp_path: Path
) -> None:
    config = Config(offline=True, cache_directory=tmp_path / "cache")
    with closing(Spool()) as spool:
        opener = Opener(IndexCache(tmp_path / "index"), spool)
        with UpstreamFiles(config, index=opener.members) as upstream:
            finder = Finder(tmp_path / "r", config, upstream, opener, Target("linux", "amd64"))
            name = ",".join(str(path) for path in trixie_go124_debs[:2])
            found = finder.find(name, Release.parse("go1.26.10"), (), Silent())
    assert found.origin == "debian's golang-1.24-go 1.24.4-1, golang-1.24-src 1.24.4-1"
    assert found.version == Release.parse("go1.24.4")
    assert found.goroot is not None
    (tmp_path / "hello.go").write_text('package main\nfunc main() { println("hello") }\n', "utf-8")
    environment = {
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-p=1",
    }
    done = subprocess.run(
        [found.goroot / "bin/go", "run", "hello.go"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "hello\n"
