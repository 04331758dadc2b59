"""Where the settings of the go command are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import (
    ConfigError,
)
from samego.upstream.channels.goproxy import Proxies, Proxy
from samego.upstream.channels.gosettings import default_goroots, parse_env_file, read_settings


def urls(proxies: Proxies) -> list[str]:
    return [proxy.url for proxy in proxies.proxies]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


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


def test_an_installed_go_may_name_proxies_but_no_database(tmp_path: Path) -> None:
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
