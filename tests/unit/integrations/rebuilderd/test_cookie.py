from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import ConfigError
from samego.integrations.rebuilderd.cookie import (
    DEFAULT_ENDPOINT,
    Places,
    default_endpoint,
    find_cookie,
)

URL = "https://rebuilder.example.org"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(
        tmp_path / "user.conf",
        tmp_path / "system.conf",
        tmp_path / "system-cookie",
        tmp_path / "user-cookie",
    )


def test_the_order_is_rebuildctls(places: Places, tmp_path: Path) -> None:
    assert places.user_cookie is not None
    places.user_cookie.write_text("fifth\n")
    assert find_cookie("", {}, places) == "fifth"
    places.system_cookie.write_text("fourth\n")
    assert find_cookie("", {}, places) == "fourth"
    places.system_config.write_text('[auth]\ncookie = "third"\n')
    assert find_cookie("", {}, places) == "third"
    places.user_config.write_text('[auth]\ncookie = "second"\n')
    assert find_cookie("", {}, places) == "second"
    named = tmp_path / "named"
    named.write_text("  first\n")
    assert find_cookie("", {"REBUILDERD_COOKIE_PATH": str(named)}, places) == "first"
    assert find_cookie(URL, {"REBUILDERD_COOKIE_PATH": str(named)}, places) == "first"


def test_an_endpoint_that_was_named_gets_no_other_ones_cookie(places: Places) -> None:
    places.system_cookie.write_text("the local daemon's")
    places.system_config.write_text(f'[endpoints."{URL}"]\ncookie = "theirs"\n')
    assert find_cookie(URL, {}, places) == "theirs"
    with pytest.raises(ConfigError, match="no cookie for https://other"):
        find_cookie("https://other.example.org", {}, places)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[auth\n", "is not TOML"),
        ('[auth]\ncookie = "a\\nb"\n', "no cookie that can be sent"),
        ("[auth]\ncookie = 7\n", "no cookie for rebuilderd was found"),
        ("auth = 7\n", "no cookie for rebuilderd was found"),
    ],
)
def test_what_is_no_cookie(places: Places, text: str, words: str) -> None:
    places.system_config.write_text(text)
    with pytest.raises(ConfigError, match=words):
        find_cookie("", {}, places)


def test_a_named_file_that_is_not_there(places: Places) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        find_cookie("", {"REBUILDERD_COOKIE_PATH": "/nonexistent/cookie"}, places)


def test_the_default_endpoint(places: Places) -> None:
    assert default_endpoint(places) == DEFAULT_ENDPOINT
    places.system_config.write_text(f'[http]\nendpoint = "{URL}/a"\n')
    assert default_endpoint(places) == f"{URL}/a"
    places.user_config.write_text(f'[http]\nendpoint = "{URL}/b"\n')
    assert default_endpoint(places) == f"{URL}/b"
