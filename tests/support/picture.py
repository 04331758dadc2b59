"""A picture of a report's page, as a browser shows it: ``make picture`` makes docs/report.png.

usage: PYTHONPATH=tests python -m support.picture PAGE PICTURE
"""

from __future__ import annotations

import sys
from pathlib import Path

from support.browser import browser, served

#: Of the page, in CSS pixels: what a reader of a README takes in.
_WIDTH, _HEIGHT = 1000, 900


def take(page: Path, picture: Path) -> None:
    """Write the first screen of a page of HTML to a PNG file."""
    with served(page.parent) as url, browser() as chromium:
        shown = chromium.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        shown.emulate_media(color_scheme="light", reduced_motion="reduce")
        shown.goto(f"{url}{page.name}")
        shown.screenshot(path=picture)


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
