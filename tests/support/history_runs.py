"""Runs for the tests of what is made from a history, without the reports behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta, timezone

from samego.model.proof import Standing
from samego.monitor.history.record import Run

BEGIN = datetime(2026, 11, 1, 12, 0, tzinfo=timezone.utc)
FIPS = "lib/fips140/v1.0.0.zip"


def run(
    version: str,
    verdict: Standing = Standing.EXPLAINED,
    *,
    hours: int = 0,
    breaking: Collection[str] = (),
    package: str = "golang-1.27",
    architecture: str = "amd64",
) -> Run:
    """A run of a package of Debian's, some hours after BEGIN."""
    about = f"{package} {version} {architecture} {hours}"
    return Run(
        digest=hashlib.sha256(about.encode()).hexdigest(),
        when=BEGIN + timedelta(hours=hours),
        distro="debian",
        package=package,
        version=version,
        architecture=architecture,
        release="go1.27.3",
        target=f"linux-{architecture}",
        verdict=verdict,
        passes=verdict.passes and not breaking,
        breaking=tuple(breaking),
        headline=about,
    )
