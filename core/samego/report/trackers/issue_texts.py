"""The texts and weights of issues, as ``issues.toml`` has them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import tomli

from samego.report.trackers.issues import IssueKind


@dataclass(frozen=True, slots=True)
class IssueText:
    """What a kind of issue is called, means and asks for.

    ``level`` is SARIF's word for how bad it is, ``severity`` GitLab's.
    """

    level: str
    severity: str
    title: str
    meaning: str
    remedy: str


@functools.cache
def issue_texts() -> Mapping[IssueKind, IssueText]:
    """The texts of every kind."""
    text = files("samego.report.trackers").joinpath("issues.toml").read_text("utf-8")
    table = tomli.loads(text)
    return {kind: IssueText(**table[kind.value]) for kind in IssueKind}
