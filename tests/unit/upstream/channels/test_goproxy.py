from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
from samego.upstream.channels.gosettings import default_goroots, parse_env_file, read_settings
from samego.upstream.transport.http import ForbiddenError

GONE = NotPostedError("answers 404", hint="hint")
REFUSED = ForbiddenError("answers 403", hint="hint")
BROKEN = NetworkError("broke off", hint="hint")


def parse(value: str) -> Proxies:
    return parse_proxies(value, "the test")


def urls(proxies: Proxies) -> list[str]:
    return [proxy.url for proxy in proxies.proxies]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


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


def test_the_environment_comes_first_and_empty_is_unset(tmp_path: Path) -> None:
    write(tmp_path / "go/env", "GOPROXY=https://user\nGOSUMDB=off\nGOPRIVATE=private\n")
    environ = {"XDG_CONFIG_HOME": str(tmp_path), "GOPROXY": "https://env", "GOSUMDB": ""}
    found = read_settings(environ, goroots=())
    assert urls(found.proxies) == ["https://env"]
    assert found.proxies.origin == "the GOPROXY environment variable"
    assert (found.gosumdb.value, found.gosumdb.origin) == ("off", "go env (the user's go/env file)")
    assert (found.gonosumdb.name, found.gonosumdb.value) == ("GOPRIVATE", "private")
    assert found.skips_sumdb("private/module")
    assert not found.skips_sumdb("golang.org/toolchain")


def test_gonosumdb_comes_before_goprivate() -> None:
    found = read_settings({"GONOSUMDB": "a", "GOPRIVATE": "b"}, goroots=())
    assert (found.skips_sumdb("a"), found.skips_sumdb("b")) == (True, False)


@pytest.mark.parametrize(
    ("environ", "read"),
    [
        pytest.param({"HOME": "{home}"}, True, id="home"),
        pytest.param({"HOME": "{home}", "XDG_CONFIG_HOME": "{home}/.config"}, True, id="XDG"),
        pytest.param({"GOENV": "{home}/.config/go/env"}, True, id="GOENV"),
        pytest.param({"HOME": "{home}", "GOENV": "off"}, False, id="GOENV=off"),
        pytest.param({"HOME": "{home}", "GOENV": "/none"}, False, id="GOENV elsewhere"),
        pytest.param({"HOME": "{home}", "XDG_CONFIG_HOME": ".config"}, False, id="relative XDG"),
        pytest.param({"HOME": "{home}", "XDG_CONFIG_HOME": "/none"}, False, id="XDG elsewhere"),
        pytest.param({"GOENV": "{home}"}, False, id="a directory"),
        pytest.param({"GOENV": "a\0b"}, False, id="no file name"),
        pytest.param({"GOENV": "x" * 300}, False, id="too long a file name"),
        pytest.param({}, False, id="no home"),
    ],
)
def test_where_the_users_file_is(environ: dict[str, str], read: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a table of cases
    write(tmp_path / ".config/go/env", "GOPROXY=https://user\n")
    values = {name: value.replace("{home}", str(tmp_path)) for name, value in environ.items()}
    assert urls(read_settings(values, goroots=()).proxies) == (["https://user"] if read else [])


def test_an_installed_go_may_name_proxies_but_no_witness(tmp_path: Path) -> None:
    write(tmp_path / "one/go.env", "GOTOOLCHAIN=local\n")
    write(tmp_path / "two/go.env", "GOPROXY=http://corp|direct\nGOSUMDB=off\nGOPRIVATE=*\n")
    found = read_settings({}, goroots=[tmp_path / name for name in ("none", "one", "two")])
    assert urls(found.proxies) == ["http://corp"]
    assert found.proxies.origin == f"the go.env of the Go in {tmp_path / 'two'}"
    assert found.gosumdb.value == "sum.golang.org"
    assert not found.skips_sumdb("golang.org/toolchain")


def test_the_toolchain_under_check_comes_last_and_names_https_alone(tmp_path: Path) -> None:
    text = "GOPROXY=http://a|https://b,file:///c,ftp://d,word,https://e|direct,https://f\nGOSUMDB=off\n"
    found = read_settings({}, toolchain_env=text, goroots=())
    assert found.proxies.proxies == (
        Proxy("https://b"),
        Proxy("https://e", on_any_error=True),
    )
    assert found.proxies.end == "direct"
    assert found.proxies.origin == "the go.env of the toolchain under check"
    assert found.gosumdb.value == "sum.golang.org"
    write(tmp_path / "go.env", "GOPROXY=https://installed\n")
    installed = read_settings({}, toolchain_env=text, goroots=[tmp_path])
    assert urls(installed.proxies) == ["https://installed"]


def test_a_bad_value_of_the_users_is_an_error() -> None:
    with pytest.raises(ConfigError, match="the GOPROXY environment variable"):
        read_settings({"GOPROXY": "word"}, goroots=())


def test_env_files_are_lines_of_names_and_values() -> None:
    text = "# GOPROXY=no\n\nGOPROXY=a=b\nlower=no\nBROKEN\n A=no\nGOPROXY=last \r\n"
    assert parse_env_file(text) == {"GOPROXY": "last \r"}


def test_installed_gos_are_found(tmp_path: Path) -> None:
    command = write(tmp_path / "lib/go-1.24/bin/go", "")
    command.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/go").symlink_to(command)
    roots = default_goroots({"GOROOT": "/chosen", "PATH": str(tmp_path / "bin")})
    assert roots[:2] == [Path("/chosen"), tmp_path / "lib/go-1.24"]
    assert default_goroots({})[:1] != [Path("/chosen")]
