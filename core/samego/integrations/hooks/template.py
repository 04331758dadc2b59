"""The files that hooks install, as templates in the plugin's own folder.

``@SAMEGO@`` in one stands for the command line that starts samego.
"""

from __future__ import annotations

from pathlib import Path

_COMMAND = "@SAMEGO@"


def read_template(module: str, name: str) -> str:
    """A template by its path below the folder of ``module`` (the caller's ``__file__``)."""
    return Path(module).parent.joinpath(name).read_text("utf-8")


def fill(template: str, command: str) -> str:
    """The template with the command line, which the caller has quoted for its place."""
    return template.replace(_COMMAND, command)
