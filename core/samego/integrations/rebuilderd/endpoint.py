"""Which rebuilderd daemon is meant where none is named, looked up as rebuildctl does.

The order is that of rebuilderd 0.28: ``[http] endpoint`` in the user's
rebuilderd.conf, then in /etc/rebuilderd.conf, then the daemon of this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import platformdirs

from samego.model.toml_text import parse_toml

DEFAULT_ENDPOINT = "http://127.0.0.1:8484"
_LARGEST = 1 << 20


def default_endpoint(files: Sequence[Path] | None = None) -> str:
    """The daemon's URL, from the first of ``files`` (rebuildctl's own) that names one.

    Raises ConfigError for a file that is not TOML.
    """
    own = (platformdirs.user_config_path() / "rebuilderd.conf", Path("/etc/rebuilderd.conf"))
    return next(filter(None, map(_named, own if files is None else files)), DEFAULT_ENDPOINT)


def _named(path: Path) -> str:
    """The endpoint that a configuration file names; empty where there is none."""
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""
    table = parse_toml(text, name=str(path)).get("http")
    value = table.get("endpoint") if isinstance(table, dict) else None
    return value if isinstance(value, str) else ""
