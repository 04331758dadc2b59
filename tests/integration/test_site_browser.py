"""The site as readers have it: in Chromium, narrow and wide, light and dark, with axe-core."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from samego.monitor.history.store import open_history
from samego.monitor.site.build import write_site
from samego.monitor.site.pages import Site
from samego.system.progress import Silent
from support.browser import browser, opened, out_of_reach, overflow, served, violations
from support.site_history import NASTY, fill, fill_wide

KINDS = (
    *("index", "package", "arch", "changes", "rebuilds", "rebuild", "sources", "source", "report"),
    *("passing", "empty"),
)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    fill(place / "history")
    with open_history(place / "history") as history:
        site = Site(f"Go {NASTY}", "https://go.example.org")
        write_site(history, place / "www", site, Silent())
    with open_history(place / "nothing") as history:
        write_site(history, place / "www/empty", Site(), Silent())
    return place / "www"


@pytest.fixture(scope="module")
def pages(directory: Path) -> Iterator[dict[str, str]]:
    """The URL of a page of each kind."""
    with served(directory) as url:
        found = {
            "index": "index.html",
            "package": "packages/debian/golang-1.27.html",
            "arch": "packages/arch/go.html",
            "changes": "changes.html",
            "rebuilds": "rebuilds.html",
            "rebuild": "rebuilds/go1.27.3.html",
            "sources": "sources.html",
            "source": f"sources/go1.24.4-{'a' * 12}.html",
            "empty": "empty/index.html",
        }
        for kind, title in (("report", "unexplained: golang-1.27"), ("passing", "golang-1.23")):
            found[kind] = next(
                str(file.relative_to(directory))
                for file in sorted(directory.glob("reports/*.html"))
                if title in (re.search("<title>(.*?)</title>", file.read_text("utf-8")) or "")[1]
            )
        yield {kind: f"{url}{path}" for kind, path in found.items()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (320, "light"),
        (1280, "dark"),
        # Each width and each scheme is above: what is left is how they go together.
        pytest.param(320, "dark", marks=pytest.mark.long),
        pytest.param(1280, "light", marks=pytest.mark.long),
    ],
)
def test_axe_finds_nothing(
    chrome: Browser, pages: dict[str, str], kind: str, width: int, scheme: str
) -> None:
    with opened(chrome, pages[kind], width=width, scheme=scheme) as page:
        for closed in page.query_selector_all("details:not([open])"):
            closed.evaluate("each => { each.open = true }")
        assert violations(page) == []


def test_axe_finds_what_is_planted(chrome: Browser, pages: dict[str, str]) -> None:
    with opened(chrome, pages["index"]) as page:
        page.evaluate("document.querySelector('main').append(document.createElement('img'))")
        page.evaluate("document.querySelector('.aside').style.color = '#ccc'")
        found = {each.partition(":")[0] for each in violations(page)}
    assert found == {"image-alt", "color-contrast"}


@pytest.mark.parametrize(
    "scripts",
    # Without scripts less is shown: fields and buttons alone are missing (see below).
    [True, pytest.param(False, marks=pytest.mark.long)],
)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_a_phone(
    chrome: Browser, pages: dict[str, str], kind: str, *, scripts: bool
) -> None:
    with opened(chrome, pages[kind], width=320, scripts=scripts) as page:
        assert overflow(page) == 0


def test_what_is_too_wide_would_be_seen(chrome: Browser, pages: dict[str, str]) -> None:
    with opened(chrome, pages["index"], width=320) as page:
        page.evaluate("document.querySelector('h1').style.width = '400px'")
        assert overflow(page) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_keyboard_reaches_everything(chrome: Browser, pages: dict[str, str], kind: str) -> None:
    with opened(chrome, pages[kind], width=320) as page:
        assert out_of_reach(page) == []


def test_what_the_keyboard_does_not_reach_would_be_seen(
    chrome: Browser, pages: dict[str, str]
) -> None:
    with opened(chrome, pages["index"]) as page:
        page.evaluate("document.querySelector('nav a').tabIndex = -1")
        assert len(out_of_reach(page)) == 1


def test_the_skip_link_comes_first_and_is_seen_then(chrome: Browser, pages: dict[str, str]) -> None:
    with opened(chrome, pages["index"]) as page:
        page.keyboard.press("Tab")
        box = page.locator(".skip").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def rows(page: Page, column: int) -> list[str]:
    """The column of the first package matrix, as far as rows are shown."""
    cells = page.locator(f".matrix >> nth=0 >> tbody tr:visible > :nth-child({column})")
    return [text.strip() for text in cells.all_inner_texts()]


def test_the_keyboard_sorts(chrome: Browser, pages: dict[str, str]) -> None:
    with opened(chrome, pages["index"]) as page:
        debian = page.locator("table.matrix", has_text="golang-1.27")
        header = debian.locator("th", has_text="Package").first
        packages = debian.locator("tbody th")
        assert header.get_attribute("aria-sort") is None
        before = packages.all_inner_texts()
        assert before[0] == "golang-1.27"
        header.locator("button").focus()
        page.keyboard.press("Enter")
        assert header.get_attribute("aria-sort") == "ascending"
        # Numbers in names count as numbers.
        assert packages.all_inner_texts() == sorted(before)
        page.keyboard.press("Space")
        assert header.get_attribute("aria-sort") == "descending"
        assert packages.all_inner_texts() == sorted(before, reverse=True)
        other = debian.locator("th", has_text="amd64")
        other.locator("button").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        assert header.get_attribute("aria-sort") is None
        assert packages.first.inner_text() == "golang-1.27"
        assert "breaks" in debian.locator("tbody tr").first.inner_text()


def test_typing_filters(chrome: Browser, pages: dict[str, str]) -> None:
    with opened(chrome, pages["index"]) as page:
        debian = page.locator("table.matrix", has_text="golang-1.27")
        page.get_by_label("Filter debian's packages").focus()
        page.keyboard.type("SID not")
        shown = debian.locator("tbody tr:visible")
        assert ["golang-1.25" in text for text in shown.all_inner_texts()] == [True]
        said = page.locator(".filter", has_text="debian").locator("output")
        assert said.inner_text() == f"1 of {debian.locator('tbody tr').count()} rows"
        assert violations(page) == []
        page.get_by_label("Filter debian's packages").fill("")
        assert shown.count() == debian.locator("tbody tr").count()
        assert said.inner_text() == ""


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_missing_without_scripts(
    chrome: Browser, pages: dict[str, str], kind: str
) -> None:
    with opened(chrome, pages[kind], scripts=False) as page:
        bare = page.locator("main").inner_text()
        assert page.locator("button, input").count() == 0
    with opened(chrome, pages[kind]) as page:
        page.evaluate(
            "for (const each of document.querySelectorAll('.filter')) each.remove();"
            "for (const each of document.querySelectorAll('th button'))"
            "  each.replaceWith(...each.childNodes)"
        )
        assert page.locator("main").inner_text() == bare


@pytest.mark.parametrize("kind", KINDS)
def test_the_policy_of_the_page_lets_nothing_else_in(
    chrome: Browser, pages: dict[str, str], kind: str
) -> None:
    context = chrome.new_context()
    told: list[str] = []
    asked: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: told.append(message.text))
    page.on("dialog", lambda dialog: told.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[kind])
    assert told == []
    top = re.sub(r"/(empty/)?[^/]*(/[^/]*)*$", "", pages[kind].removeprefix("http://"))
    assert all(url.startswith(f"http://{top}") for url in asked)
    refused = page.evaluate(
        """() => new Promise(done => {
            document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective));
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
        })"""
    )
    assert refused.startswith("script-src")
    assert page.evaluate("() => window.ran") is None
    context.close()


#: Links that show nothing: what is left of their text without what only screen readers get.
_BARE = """() => [...document.querySelectorAll('a')].filter(link => {
    const seen = link.cloneNode(true);
    for (const each of seen.querySelectorAll('.hidden, [aria-hidden]')) each.remove();
    return !seen.textContent.trim();
}).map(link => link.outerHTML)"""
#: Tables with a column that has no heading: an empty one, or a row with more cells than there are.
_UNNAMED = """() => [...document.querySelectorAll('table')].filter(table => {
    const headings = [...table.tHead.rows[0].cells];
    return headings.some(each => !each.textContent.trim())
        || [...table.tBodies[0].rows].some(row => row.cells.length !== headings.length);
}).map(table => table.outerHTML.slice(0, 300))"""
#: Digests that are not wholly within the window, whether or not one can scroll to them.
_CUT = """() => [...document.querySelectorAll('.sum')].filter(each =>
    [...each.getClientRects()].some(box => box.left < 0 || box.right > innerWidth))
    .map(each => each.textContent)"""


@pytest.mark.parametrize("kind", KINDS)
def test_each_link_shows_something_and_each_column_has_a_heading(
    chrome: Browser, pages: dict[str, str], kind: str
) -> None:
    with opened(chrome, pages[kind], width=390) as page:
        assert page.evaluate(_BARE) == []
        assert page.evaluate(_UNNAMED) == []
        assert page.evaluate(_CUT) == []


def test_what_is_not_shown_would_be_seen(chrome: Browser, pages: dict[str, str]) -> None:
    with opened(chrome, pages["index"], width=390) as page:
        page.evaluate("document.querySelector('.need a').innerHTML = '<span class=hidden>x</span>'")
        page.evaluate("document.querySelector('.matrix thead th:last-child').textContent = ' '")
        page.evaluate("document.querySelector('.sum').style.marginLeft = '300px'")
        page.evaluate("document.querySelector('.sum').style.whiteSpace = 'nowrap'")
        assert [len(page.evaluate(each)) for each in (_BARE, _UNNAMED, _CUT)] == [1, 1, 1]


def test_the_wide_history_fits_a_phone_and_a_screen(
    chrome: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nine packages on three architectures, of which one got worse."""
    place = tmp_path_factory.mktemp("wide")
    fill_wide(place / "history")
    with open_history(place / "history") as history:
        write_site(history, place / "www", Site("Go"), Silent())
    with served(place / "www") as url:
        for name in ("index.html", "packages/debian/golang-1.27.html", "changes.html"):
            for width, scheme in ((390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")):
                with opened(chrome, f"{url}{name}", width=width, scheme=scheme) as page:
                    assert (overflow(page), violations(page)) == (0, []), (name, width, scheme)
                    assert page.evaluate(_BARE) == page.evaluate(_UNNAMED) == []
        with opened(chrome, f"{url}index.html") as page:
            sums = page.locator(".sums li").all_inner_texts()
            assert [text.split()[0] for text in sums] == ["9", "1", "2", "6"]
            assert page.locator(".matrix thead th").count() == 7
            # Two changes of one day are told apart by their time.
            times = page.locator(".changes .when").all_inner_texts()
            assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", each) for each in times)
            assert len(set(times)) == 2
