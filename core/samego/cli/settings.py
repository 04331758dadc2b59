"""The configuration of a run: the file, the environment, and above both the command line."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from samego.compare.waiver_file import read_waivers
from samego.config import Config, load_config
from samego.model.waiver import Waiver


def settings(args: argparse.Namespace) -> Config:
    """The configuration, with what the command line says above it."""
    environ = dict(os.environ)
    if args.config is not None:
        environ["SAMEGO_CONFIG"] = str(args.config)
    config = load_config(environ)
    return replace(
        config,
        offline=args.offline or config.offline,
        channel=getattr(args, "channel", None) or config.channel,
        cache_directory=args.cache.absolute() if args.cache else config.cache_directory,
    )


def waivers_of(named: Path | None, config: Config) -> tuple[Waiver, ...]:
    """The waivers of the file that is named, else of the configuration's. Raises InputError."""
    path = named if named is not None else config.waivers
    return read_waivers(path) if path is not None else ()
