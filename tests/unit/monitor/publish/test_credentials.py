from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from samego.errors import ConfigError
from samego.monitor.publish.credentials import Credentials, find_credentials

SECRET = "s3cret-ä"


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = write(tmp_path / "f", 'token = "of-the-file"')
    environ = {"SAMEGO_PUBLISH_USER": "me", "SAMEGO_PUBLISH_PASSWORD": SECRET}
    assert find_credentials(environ, file).header == basic("me", SECRET)
    assert find_credentials({"SAMEGO_PUBLISH_TOKEN": "t0k"}, None).header == "Bearer t0k"
    assert find_credentials({"SAMEGO_PUBLISH_TOKEN": ""}, file).header == "Bearer of-the-file"
    assert find_credentials({}, None) == Credentials("")


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ('token = "abc"', "Bearer abc"),
        (f'user = "me"\npassword = "{SECRET}:x"', basic("me", f"{SECRET}:x")),
        ('user = "me"\npassword = "p"\ntoken = ""', basic("me", "p")),
    ],
)
def test_a_file(tmp_path: Path, text: str, header: str) -> None:
    assert find_credentials({}, write(tmp_path / "f", text)).header == header
    assert find_credentials({}, write(tmp_path / "f", text, 0o400)).header == header


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o602, 0o644, 0o610])
def test_a_file_that_others_can_use(tmp_path: Path, mode: int) -> None:
    file = write(tmp_path / "f", f'token = "{SECRET}"', mode)
    with pytest.raises(ConfigError, match=rf"is open to other users \(mode {mode:04o}\)") as caught:
        find_credentials({}, file)
    assert f"chmod 600 {file}" in caught.value.hint
    assert SECRET not in str(caught.value)


def test_a_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "f", 'token = "abc"')
    owner = os.geteuid()
    if owner == 0:
        os.chown(file, 12345, -1)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(ConfigError, match="belongs to another user"):
        find_credentials({}, file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'token = "{SECRET}', "is not TOML"),
        (f"{SECRET}", "is not TOML"),
        ('token = "a"\npasword = "b"', "other keys than token, user, password"),
        ("token = 7", "other values than text"),
        ("", "does not say who publishes"),
        ('user = "me"', "does not say who publishes"),
        ('password = "x"', "does not say who publishes"),
        ('token = "a"\nuser = "me"\npassword = "b"', "does not say who publishes"),
        (f'token = "{SECRET} b"', "cannot be sent"),
        (f'token = "{SECRET}\\n"', "cannot be sent"),
        (f'user = "a:b"\npassword = "{SECRET}"', "cannot be sent"),
        (f'user = "a"\npassword = "{SECRET}\\r\\nX: y"', "cannot be sent"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        find_credentials({}, write(tmp_path / "f", text))
    assert "s3cret" not in f"{caught.value}{caught.value.__cause__}"


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        find_credentials({}, tmp_path / "none")
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(ConfigError, match="is no file"):
        find_credentials({}, tmp_path / "pipe")


def test_a_repr_tells_nothing() -> None:
    assert SECRET not in repr(Credentials(f"Bearer {SECRET}"))
