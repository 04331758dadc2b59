"""A headless Chromium, the accessibility checker axe-core, and a server of static pages."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

#: Nothing but what a test asks for leaves the browser.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Every rule of axe's but those that are experiments.
_RUN = "() => axe.run(document, {resultTypes: ['violations'], elementRef: false})"
#: Visible elements that a keyboard must reach: those that act, and those that scroll.
_ACTING = """() => [...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')]
    .filter(e => e.checkVisibility({visibilityProperty: true}))
    .map(e => {e.dataset.test = String(window.counted = (window.counted || 0) + 1);
               return e.dataset.test})"""
_SCROLLING = """() => [...document.querySelectorAll('body *')].filter(e =>
    e.scrollWidth > e.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
    && e.tabIndex !== 0).map(e => e.outerHTML.slice(0, 200))"""


def chromium() -> str:
    """Where Debian's or Arch's Chromium is. Raises RuntimeError without one."""
    found = shutil.which("chromium")
    if found is None:
        raise RuntimeError("the tests of pages need the package chromium (see docs/development.md)")
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium with a profile of its own."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(_FLAGS))
        try:
            yield started
        finally:
            started.close()


@contextmanager
def opened(
    using: Browser, url: str, *, width: int = 1280, scheme: str = "light", scripts: bool = True
) -> Iterator[Page]:
    """A page as it is with that width (pixels), colour scheme, and with scripts or without."""
    context = using.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
        # The tests' own scripts; the pages' policy itself is looked at by a test of its own.
        bypass_csp=True,
    )
    try:
        page = context.new_page()
        page.goto(url)
        yield page
    finally:
        context.close()


@functools.cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def violations(page: Page) -> list[str]:
    """What axe-core objects to: the rule, and the elements that break it."""
    page.evaluate(_axe())
    found: dict[str, Any] = page.evaluate(_RUN)
    return [
        f"{each['id']}: {json.dumps([node['html'] for node in each['nodes'][:3]])}"
        for each in found["violations"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    wider: int = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider


def out_of_reach(page: Page) -> list[str]:
    """What acts or scrolls and is not reached with the Tab key."""
    wanted: list[str] = page.evaluate(_ACTING)
    reached = set()
    for _ in range(len(wanted) + 1):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.dataset.test"))
    missing = [number for number in wanted if number not in reached]
    scrolling: list[str] = page.evaluate(_SCROLLING)
    return scrolling + [
        str(page.evaluate(f"() => document.querySelector('[data-test=\"{number}\"]').outerHTML"))
        for number in missing
    ]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """The URL of a directory's files on the loopback, with a slash at its end."""
    handler = functools.partial(_Quiet, directory=str(directory))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
