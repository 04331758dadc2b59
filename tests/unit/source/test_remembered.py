from __future__ import annotations

from pathlib import Path

from samego.model.release import Release
from samego.source.remembered import source_notes
from samego.source.run import SourceOptions, trace_source
from samego.system.progress import Silent
from samego.upstream.cache.blobs import Cache
from support.made_source import RELEASE
from support.source_world import SourceWorld


def test_a_report_says_what_was_found_of_its_source(world: SourceWorld, tmp_path: Path) -> None:
    cache = Cache(world.config.cache_directory)
    options = SourceOptions(Release.parse(RELEASE), None, None, world.config)
    result = trace_source(options, Silent())
    (line,) = source_notes(cache, (result.sha256, "f" * 64, result.sha256))
    assert line.startswith(f"samego source of {result.sha256[:12]}: all of it that could be")
    assert "(11 of 11 vendored files identical to their modules, 3 files that no one" in line
    assert not list(source_notes(Cache(tmp_path / "empty"), (result.sha256,)))
    assert not (tmp_path / "empty").exists()
