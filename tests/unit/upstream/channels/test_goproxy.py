from __future__ import annotations

from collections.abc import Callable

import pytest

from samego.errors import (
    ConfigError,
    InputError,
    NetworkError,
    NotPostedError,
    SamegoError,
    VerificationError,
)
from samego.upstream.channels.goproxy import Proxies, Proxy, is_absence, parse_proxies
from samego.upstream.channels.gosettings import read_settings
from samego.upstream.transport.http import ForbiddenError

GONE = NotPostedError("answers 404", hint="hint")
REFUSED = ForbiddenError("answers 403", hint="hint")
BROKEN = NetworkError("broke off", hint="hint")


def parse(value: str) -> Proxies:
    return parse_proxies(value, "the test")


def urls(proxies: Proxies) -> list[str]:
    return [proxy.url for proxy in proxies.proxies]


def test_commas_and_pipes() -> None:
    proxies = parse(" https://a/ , http://b|file:///c,, d.test/e|f:80/g,direct,https://never")
    assert proxies.proxies == (
        Proxy("https://a/"),
        Proxy("http://b", on_any_error=True),
        Proxy("file:///c"),
        Proxy("https://d.test/e", on_any_error=True),
        Proxy("https://f:80/g"),
    )
    assert (proxies.end, proxies.origin) == ("direct", "the test")
    assert parse("off,https://a").end == "off"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(",", id="no entry"),
        pytest.param(" | ", id="blanks"),
        pytest.param("proxy", id="a word"),
        pytest.param("/dir", id="a path"),
        pytest.param("ftp://a", id="another scheme"),
        pytest.param("https://", id="no host"),
        pytest.param("https://[", id="broken host"),
        pytest.param("https://a:b", id="port"),
        pytest.param("https://a/?q", id="query"),
        pytest.param("https://a/#f", id="fragment"),
        pytest.param("file://host/dir", id="file of a host"),
        pytest.param("https://a/\x1bb", id="control character"),
    ],
)
def test_what_is_no_proxy_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match="the test"):
        parse(value)


def test_a_refused_entry_is_told_without_its_password() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("ftp://me:secret@host/")
    assert "secret" not in str(caught.value)


def test_paths_are_joined_as_urls_need_it() -> None:
    proxy = Proxy("https://a/b/")
    assert proxy.join("golang.org/x/@v/v1+m.zip") == "https://a/b/golang.org/x/@v/v1+m.zip"
    assert proxy.join("!a/ü ?") == "https://a/b/!a/%C3%BC%20%3F"
    assert [Proxy(url).allow_http for url in ("http://a", "https://a", "file:///a")] == [
        True,
        False,
        False,
    ]
    assert str(Proxy("https://me:secret@a")) == "https://a"


def answering(**answers: str | SamegoError) -> Callable[[Proxy], str]:
    def fetch(proxy: Proxy) -> str:
        answer = answers[proxy.url.removeprefix("https://")]
        if isinstance(answer, SamegoError):
            raise answer
        return answer

    return fetch


@pytest.mark.parametrize(
    ("value", "first", "goes_on"),
    [
        ("https://a,https://b", GONE, True),
        ("https://a,https://b", REFUSED, False),
        ("https://a,https://b", BROKEN, False),
        ("https://a|https://b", GONE, True),
        ("https://a|https://b", REFUSED, True),
        ("https://a|https://b", BROKEN, True),
        ("https://a|https://b", VerificationError("wrong", hint=""), False),
        ("https://a,off,https://b", GONE, False),
        ("https://a|direct,https://b", BROKEN, False),
    ],
)
def test_who_is_asked_after_a_failure(value: str, first: SamegoError, goes_on: bool) -> None:  # noqa: FBT001 - a table of cases
    fetch = answering(a=first, b="b's answer")
    if goes_on:
        assert parse(value).try_each(fetch) == "b's answer"
    else:
        with pytest.raises(type(first)) as caught:
            parse(value).try_each(fetch)
        assert caught.value is first


def test_when_all_lack_it_every_cause_is_told() -> None:
    other = NotPostedError("answers 410", hint="other")
    with pytest.raises(NotPostedError) as caught:
        parse("https://a,https://b,direct").try_each(answering(a=GONE, b=other))
    assert not isinstance(caught.value, ForbiddenError)
    assert caught.value.cause == (
        "no module proxy has the file (answers 404; answers 410; then GOPROXY is direct)"
    )


def test_when_one_could_not_be_asked_it_is_a_network_error() -> None:
    with pytest.raises(NetworkError, match="broke off; answers 404"):
        parse("https://a|https://b").try_each(answering(a=BROKEN, b=GONE))


@pytest.mark.parametrize(
    ("value", "cause", "called"),
    [
        ("https://a", GONE, True),
        ("https://a,off", GONE, True),
        ("https://a,direct", GONE, True),
        ("https://a|direct", BROKEN, True),
        ("https://a,direct", BROKEN, False),
        ("https://a,direct", REFUSED, False),
        ("https://a|off", BROKEN, False),
    ],
)
def test_when_the_go_command_does_without_a_proxy(
    value: str,
    cause: SamegoError,
    called: bool,  # noqa: FBT001 - a table of cases
) -> None:
    fetch = answering(a=cause)
    if called:
        assert parse(value).try_each(fetch, otherwise=lambda: "own") == "own"
    else:
        with pytest.raises(type(cause)):
            parse(value).try_each(fetch, otherwise=lambda: "own")


@pytest.mark.parametrize(
    ("proxies", "why"),
    [
        (parse("off"), r"GOPROXY is off \(the test\)"),
        (parse("direct"), r"GOPROXY is direct \(the test\)"),
        (read_settings({}, goroots=()).proxies, "GOPROXY is set nowhere"),
    ],
)
def test_nobody_to_ask_is_told_with_the_reason(proxies: Proxies, why: str) -> None:
    with pytest.raises(NotPostedError, match=why) as caught:
        proxies.try_each(answering())
    assert "set GOPROXY" in caught.value.hint


def test_absence_is_not_refusal() -> None:
    assert is_absence(GONE)
    assert not is_absence(REFUSED)
    assert not is_absence(BROKEN)
    assert not is_absence(InputError("x", hint=""))
