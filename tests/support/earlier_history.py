"""Make a history of the version that the installed samego has (fixtures/history/README.md)."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from samego.monitor.history.rows import moment
from samego.monitor.history.store import DATABASE, open_history
from samego.report.json import render
from samego.report.summary import Summary
from support import rebuild_results, reports

WHEN = moment(1_790_000_000)


def main(destination: Path) -> None:
    """Write the database there."""
    result = rebuild_results.result(
        rebuild_results.target("linux-amd64", rebuild_results.file("go1.24.4.linux-amd64.tar.gz")),
        rebuild_results.target("linux-arm64", error="no room"),
    )
    with tempfile.TemporaryDirectory() as name:
        with open_history(Path(name)) as history:
            for text in (
                render(Summary(reports.trixie())),
                render(Summary(reports.sid())),
                json.dumps(result),
            ):
                history.add_report(text.encode(), WHEN, name="fixture")
            history.connection.execute("PRAGMA journal_mode = DELETE")
        shutil.copyfile(Path(name) / DATABASE, destination)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
