"""The configuration of a run: the file, the environment, and above both the command line."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace

from samego.config import Config, load_config


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
