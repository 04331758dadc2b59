from __future__ import annotations

from pathlib import Path

import pytest

from samego.config import CHANNELS, Config, load_config
from samego.errors import ConfigError
from samego.model.written import parse_size


def load(tmp_path: Path, text: str, **environ: str) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return load_config({"SAMEGO_CONFIG": str(path), **environ})


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    config = load_config({"XDG_CONFIG_HOME": str(tmp_path)})
    assert config == Config()
    assert (config.channel, config.offline, config.mirror) == ("", False, None)
    assert config.cache_directory.name == "samego"


def test_the_file_of_the_configuration_directory_is_read(tmp_path: Path) -> None:
    (tmp_path / "samego").mkdir()
    (tmp_path / "samego" / "config.toml").write_text("offline = true\n")
    assert load_config({"XDG_CONFIG_HOME": str(tmp_path)}).offline


def test_every_key_is_understood(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        channel = "mirror"
        offline = true
        [upstream]
        godev_url = "https://mirror.example/dl/"
        mirror = "/srv/go"
        keyring = "/etc/go.gpg"
        timeout = 5
        [cache]
        directory = "/var/cache/samego"
        limit = "2 GiB"
        [debian]
        suites = ["trixie"]
        """,
    )
    assert config == Config(
        channel="mirror",
        offline=True,
        godev_url="https://mirror.example/dl",
        mirror=Path("/srv/go"),
        keyring=Path("/etc/go.gpg"),
        timeout=5.0,
        cache_directory=Path("/var/cache/samego"),
        cache_limit=2 << 30,
        plugins={"debian": {"suites": ["trixie"]}},
        origin=str(tmp_path / "config.toml"),
    )


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        'channel = "module"\noffline = true\n[cache]\nlimit = 5\n',
        SAMEGO_CHANNEL="go.dev/dl",
        SAMEGO_OFFLINE="0",
        SAMEGO_GODEV_URL="http://127.0.0.1:8080/dl",
        SAMEGO_MIRROR="/m",
        SAMEGO_KEYRING="/k",
        SAMEGO_TIMEOUT="1.5",
        SAMEGO_CACHE="/c",
        SAMEGO_CACHE_LIMIT="3 KiB",
    )
    assert (config.channel, config.offline, config.timeout) == ("go.dev/dl", False, 1.5)
    assert config.godev_url == "http://127.0.0.1:8080/dl"
    assert (config.mirror, config.keyring) == (Path("/m"), Path("/k"))
    assert (config.cache_directory, config.cache_limit) == (Path("/c"), 3072)


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert load(tmp_path, "offline = true", SAMEGO_OFFLINE="").offline


def test_a_home_is_written_with_a_tilde(tmp_path: Path) -> None:
    config = load(tmp_path, '[cache]\ndirectory = "~/cache"')
    assert config.cache_directory == Path.home() / "cache"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("offline = ", "not TOML"),
        ("\x00", "not TOML"),
        ("chanel = 'module'", "'chanel'"),
        ("channel = 'mod'", "channel is 'mod'"),
        ("channel = 3", "channel is 3"),
        ("[channel]\na = 1", "channel is"),
        ("offline = 'perhaps'", "offline is 'perhaps'"),
        ("offline = 1", "offline is 1"),
        ("upstream = 1", "upstream is 1"),
        ("[upstream]\nmirrors = '/srv'", "'mirrors' in [upstream]"),
        ("[upstream]\nmirror = 'srv'", "upstream.mirror is 'srv'"),
        ("[upstream]\nmirror = '~nobody-of-that-name/x'", "upstream.mirror"),
        ("[upstream]\ngodev_url = 'ftp://x/'", "upstream.godev_url"),
        ("[upstream]\ngodev_url = ['https://x']", "upstream.godev_url"),
        ("[upstream]\ntimeout = 0", "upstream.timeout is 0"),
        ("[upstream]\ntimeout = true", "upstream.timeout is True"),
        ("[upstream]\ntimeout = 'soon'", "upstream.timeout is 'soon'"),
        ("[cache]\nlimit = '10 GB'", "cache.limit is '10 GB'"),
        ("[cache]\nlimit = -1", "cache.limit is -1"),
        ("[cache]\nlimit = true", "cache.limit is True"),
        ("[cache]\nlimit = '0'", "cache.limit is '0'"),
    ],
)
def test_what_does_not_hold_is_named(tmp_path: Path, text: str, names: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert names in caught.value.message


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SAMEGO_CHANNEL", "nowhere"),
        ("SAMEGO_OFFLINE", "maybe"),
        ("SAMEGO_TIMEOUT", "nan"),
        ("SAMEGO_TIMEOUT", "inf"),
        ("SAMEGO_CACHE", "relative"),
        ("SAMEGO_CACHE_LIMIT", "many"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        load(tmp_path, "", **{variable: value})


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no configuration file"):
        load_config({"SAMEGO_CONFIG": str(tmp_path / "absent.toml")})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config({"SAMEGO_CONFIG": str(tmp_path)})


def test_a_table_that_no_plugin_knows_is_refused_when_asked(tmp_path: Path) -> None:
    config = load(tmp_path, "[debian]\n[debain]\n")
    with pytest.raises(ConfigError, match="debain"):
        config.check_plugins(("arch", "debian"))
    load(tmp_path, "[debian]").check_plugins(("debian",))


def test_sizes_have_binary_units() -> None:
    assert parse_size("10 GiB", "x") == parse_size(10 << 30, "x") == 10 << 30


@pytest.mark.parametrize("name", CHANNELS)
def test_every_channel_can_be_chosen(name: str) -> None:
    assert load_config({"XDG_CONFIG_HOME": "/nowhere", "SAMEGO_CHANNEL": name}).channel == name
