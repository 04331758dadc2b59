from __future__ import annotations

import pytest

from samego.errors import ConfigError
from samego.upstream.channels.gosettings import GoSetting
from samego.upstream.sumdb.database import KNOWN_KEYS, Database, parse_gosumdb
from support.sumdb_log import Key

KEY = Key()


def parse(value: str) -> Database:
    return parse_gosumdb(GoSetting("GOSUMDB", value, "the test"))


@pytest.mark.parametrize(
    ("value", "name", "url", "given"),
    [
        ("sum.golang.org", "sum.golang.org", "https://sum.golang.org", False),
        ("sum.golang.google.cn", "sum.golang.org", "https://sum.golang.google.cn", True),
        (KNOWN_KEYS["sum.golang.org"], "sum.golang.org", "https://sum.golang.org", False),
        ("sum.golang.org http://127.0.0.1:1/x/", "sum.golang.org", "http://127.0.0.1:1/x", True),
        (KEY.verifier, "sum.example.test", "https://sum.example.test", False),
        (f"{KEY.verifier}  https://a.test", "sum.example.test", "https://a.test", True),
    ],
    ids=["name", "google.cn", "known key", "name and URL", "key", "key and URL"],
)
def test_the_forms_of_gosumdb(value: str, name: str, url: str, given: bool) -> None:  # noqa: FBT001 - a table of cases
    database = parse(value)
    assert (database.name, database.url, database.url_given) == (name, url, given)
    assert database.origin == "the test"


def test_a_name_with_a_path_is_one_directory() -> None:
    assert parse(Key("host.test/sum").verifier).directory.startswith("host.test%2Fsum+")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param("off", "switched off by GOSUMDB=off", id="off"),
        pytest.param("", "at most a URL", id="empty"),
        pytest.param("a b c", "at most a URL", id="three fields"),
        pytest.param("sum.example.test", "malformed", id="unknown name"),
        pytest.param("sum.golang.org ftp://x", "is not a URL", id="scheme"),
        pytest.param("sum.golang.org https://", "is not a URL", id="no host"),
        pytest.param("sum.golang.org https://[", "is not a URL", id="broken host"),
        pytest.param("sum.golang.org https://x/?q", "is not a URL", id="query"),
        pytest.param(Key("../up").verifier, "HOST or HOST/PATH", id="path upwards"),
        pytest.param(Key("host/").verifier, "HOST or HOST/PATH", id="slash at the end"),
        pytest.param(Key("user@host").verifier, "HOST or HOST/PATH", id="user"),
    ],
)
def test_what_gosumdb_may_not_be(value: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        parse(value)


def test_what_a_refused_setting_may_carry_is_not_shown() -> None:
    with pytest.raises(ConfigError) as refused:
        parse("sum.golang.org https://me:hunter2@host.test/db?token=abc123")
    assert "host.test" in refused.value.message
    assert "hunter2" not in str(refused.value)
    assert "abc123" not in str(refused.value)
    with pytest.raises(ConfigError, match=r"GOSUMDB 'a b c' \(the test\)"):
        parse("a b c")
