from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from samego.integrations.rebuilders import source_spotter
from samego.integrations.rebuilders.fetching import NetworkUse, UnreadableError
from samego.quorum.policy import RebuilderKind
from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice
from support.rebuilders import MINE, RELEASE, ZIP, one
from support.web import Web, body, serve

SOURCE = "go1.24.4.src.tar.gz"
HEADER = "Version,Status,Message,Build Time\r\n"
SOURCES = "Version,URL,SHA256,Download time\r\n"
TIME = "2026-07-24T15:15:33.786155Z"


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., list[Voice]]:
    def ask(text: str, about: Question = RELEASE) -> list[Voice]:
        path = tmp_path / "feed.csv"
        path.write_bytes(text.encode())
        rebuilder = one("SSLMate", RebuilderKind.SOURCE_SPOTTER, file=path)
        return list(source_spotter.ask(rebuilder, about, NetworkUse()))

    return ask


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("equal", Heard.AGREES),
        ("unequal", Heard.DIFFERS),
        ("failed", Heard.FAILED),
        ("skipped", Heard.SILENT),
        ("", Heard.SILENT),
    ],
)
def test_each_status(asked: Callable[..., list[Voice]], status: str, says: Heard) -> None:
    version = ZIP.removesuffix(".zip")
    others = "v0.0.1-go1.24.3.linux-amd64,unequal,,\r\n"
    row = f'{version},{status},"a ""message"",\r\nof two lines",{TIME}\r\n'
    [voice] = asked(HEADER + others + row)
    assert (voice.says, voice.about) == (says, ZIP)
    assert voice.when is not None
    assert voice.reason.startswith('a "message",')


def test_it_speaks_of_modules_and_not_of_archives(asked: Callable[..., list[Voice]]) -> None:
    row = f"{ZIP.removesuffix('.zip')},equal,,{TIME}\r\n"
    assert asked(HEADER + row, replace(RELEASE, files=RELEASE.files[:1])) == []
    [voice] = asked(HEADER + row, replace(RELEASE, files=RELEASE.files[1:]))
    assert (voice.says, voice.sha256) == (Heard.AGREES, "")


def test_a_source_archive_is_the_same_for_others(asked: Callable[..., list[Voice]]) -> None:
    about = replace(RELEASE, files=(SOURCE,))
    row = f"go1.24.4,https://go.dev/dl/{SOURCE},{{}},{TIME}\r\n"
    [voice] = asked(SOURCES + row.format(MINE), about)
    assert (voice.says, voice.sha256) == (Heard.AGREES, MINE)
    [voice] = asked(SOURCES + row.format(""), about)
    assert (voice.says, voice.sha256) == (Heard.SILENT, "")
    assert asked(SOURCES + row.format(MINE)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "Version,Status\r\n",
        HEADER + "v1,equal\r\n",
        HEADER + "v1,EQUAL,,\r\n",
        HEADER + 'v1,equal,"open,\r\n',
        HEADER + f"v1,equal,{'x' * (1 << 21)},\r\n",
    ],
)
def test_what_is_no_feed(asked: Callable[..., list[Voice]], text: str) -> None:
    with pytest.raises(UnreadableError, match="does not answer as Source Spotter does"):
        asked(text)


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as running:
        yield running


def test_the_feed_is_chosen_by_what_is_asked(web: Web) -> None:
    web.routes["/toolchain/toolchains.csv"] = body(
        f"{HEADER}{ZIP.removesuffix('.zip')},equal,,{TIME}\r\n".encode()
    )
    web.routes["/toolchain/sources.csv"] = body(
        f"{SOURCES}go1.24.4,https://go.dev/dl/{SOURCE},{MINE},{TIME}\r\n".encode()
    )
    spotter = one("SSLMate", RebuilderKind.SOURCE_SPOTTER, url=f"{web.url}/toolchain")
    [module] = source_spotter.ask(spotter, RELEASE, NetworkUse())
    [source] = source_spotter.ask(spotter, replace(RELEASE, files=(SOURCE,)), NetworkUse())
    assert (module.link, source.link) == tuple(f"{web.url}{path}" for path in web.asked)
