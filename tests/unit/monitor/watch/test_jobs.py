"""What a row of the queue is run with, and what the command line makes of memory."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from samego.cli import watch
from samego.cli.options import DEFAULTS, Parser
from samego.config import Config
from samego.errors import ConfigError, InputError
from samego.model.release import Release
from samego.monitor.history.rows import moment
from samego.monitor.watch.jobs import JobSettings, Where, arguments, of_name, of_release
from samego.monitor.watch.pool import PoolLimits

NOW = moment(1_764_000_000)
SETTINGS = JobSettings(Config(cache_directory=Path("/c")))


def options(*words: str) -> Any:  # noqa: ANN401 - the options of a pass
    parser = Parser(prog="samego")
    watch.configure(parser.add_subparsers())
    return watch.options_from(parser.parse_args(["watch", *words], argparse.Namespace(**DEFAULTS)))


def test_a_check_and_a_rebuild() -> None:
    common = ("--quiet", "--cache", "/c")
    row = of_name("-x", NOW)
    assert arguments(row, SETTINGS) == ("check", *common, "--format", "json", "--", "-x")
    release = of_release(Release.parse("go1.24.4"), Where.HERE, NOW)
    assert arguments(release, SETTINGS) == ("rebuild", *common, "--format", "json", "go1.24.4")
    offline = replace(SETTINGS.config, offline=True)
    settings = JobSettings(offline, config_file=Path("/f"), rebuild=True)
    assert arguments(row, settings) == (
        *("check", *common, "--config", "/f", "--offline", "--rebuild"),
        *("--format", "json", "--", "-x"),
    )


@pytest.mark.parametrize(
    ("words", "limits"),
    [
        ((), PoolLimits(1, 1 << 30)),
        (("--jobs", "4"), PoolLimits(4, 1 << 30)),
        (("--jobs", "4", "--memory", "2GiB"), PoolLimits(4, 1 << 29)),
        (("--rebuild",), PoolLimits(1, 4 << 30)),
        (("--rebuild-releases", "here"), PoolLimits(1, 4 << 30)),
        (("--rebuild-releases", "rebuilderd"), PoolLimits(1, 1 << 30)),
        (("--sweep", "go1.24.4"), PoolLimits(1, 4 << 30)),
        (("--sweep", "go1.24.4", "--rebuild-releases", "rebuilderd"), PoolLimits(1, 1 << 30)),
    ],
)
def test_each_run_has_an_equal_share(words: tuple[str, ...], limits: PoolLimits) -> None:
    assert options(*words).limits == limits


@pytest.mark.parametrize("words", [("--jobs", "0"), ("--jobs", "65"), ("--memory", "255MiB")])
def test_what_cannot_be_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(InputError):
        options(*words)


def test_a_size_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"--memory is 'much'"):
        options("--memory", "much")
