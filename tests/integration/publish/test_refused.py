"""Keys, passwords and files of credentials that are refused, and where the right ones show."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from support.cli import Samego
from support.publish_servers import NETWORK, TOKEN, make_key, nginx, sshd
from support.publishing import command_lines, published, refused


def test_a_refused_key_and_an_unknown_host(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    with sshd(tmp_path / "server") as server:
        destination, environment = server.destination, dict(server.environment)
        other = {"SAMEGO_PUBLISH_SSH_KEY": str(make_key(tmp_path / "other key"))}
        line = refused(samego, sources[0], destination, {**environment, **other})
        assert line.startswith(f"samego: {destination} refuses the key: add its public half to")
        lacking = {"SAMEGO_PUBLISH_SSH_KEY": str(tmp_path / "none")}
        line = refused(samego, sources[0], destination, {**environment, **lacking})
        assert line.startswith(f"samego: there is no ssh key {tmp_path}/none: ")
        known = tmp_path / "server" / "known_hosts"
        right = known.read_text("utf-8")
        known.write_text("", "utf-8")
        line = refused(samego, sources[0], destination, {**environment})
        assert "ssh does not know" in line
        known.write_text(f"target {(tmp_path / 'other key.pub').read_text('utf-8')}", "utf-8")
        line = refused(samego, sources[0], destination, {**environment})
        assert "shows another host key than ssh knows" in line
        known.write_text(right, "utf-8")
        line = refused(samego, sources[0], f"{destination}/deep/er", {**environment})
        assert "lacks the directory that is to hold the pages" in line
        published(samego, sources[0], server)


def test_a_key_whose_name_has_spaces_is_used(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    with sshd(tmp_path / "server") as server:
        spaced = Path(server.environment["SAMEGO_PUBLISH_SSH_KEY"]).rename(tmp_path / "my 'key'")
        environment = {**server.environment, "SAMEGO_PUBLISH_SSH_KEY": str(spaced)}
        result = samego("publish", sources[0], server.destination, environment=environment)
        assert result.status == 0, result.stderr


@pytest.mark.parametrize(
    ("transport", "wrong", "said"),
    [
        ("daemon", {"RSYNC_PASSWORD": "no"}, "refuses the user or password"),
        ("daemon", {"RSYNC_PASSWORD": None}, "refuses the user or password"),
        ("http", {"SAMEGO_PUBLISH_PASSWORD": "no"}, "wants other credentials (401)"),
        ("http", {"SAMEGO_PUBLISH_PASSWORD": None}, "does not say who publishes"),
    ],
)
def test_a_wrong_password(
    samego: Samego,
    sources: tuple[Path, Path],
    tmp_path: Path,
    transport: str,
    wrong: dict[str, str | None],
    said: str,
) -> None:
    with NETWORK[transport](tmp_path / "server") as server:
        began = time.monotonic()
        environment = {**server.environment, **wrong}
        assert said in refused(samego, sources[0], server.destination, environment)
        # Nobody tries a wrong password five times.
        assert time.monotonic() - began < 5


def test_credentials_stand_in_a_file_and_nowhere_else(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    file = tmp_path / "publish.toml"
    file.write_text(f'token = "{TOKEN}"\n', "utf-8")
    file.chmod(0o640)
    environment: dict[str, str | None] = {"SAMEGO_PUBLISH_CREDENTIALS": str(file)}
    with nginx(tmp_path / "server", bearer=True) as server:
        line = refused(samego, sources[0], server.destination, environment)
        assert "is open to other users (mode 0640)" in line
        file.chmod(0o600)
        server.relay.rate = 200_000.0
        process = samego.start(("publish", sources[0], server.destination), environment=environment)
        assert server.relay.wait(100_000)
        assert command_lines()
        assert not [words for words in command_lines() if TOKEN.encode() in words]
        server.relay.rate = None
        stdout, stderr = process.communicate(timeout=60)
        assert process.returncode == 0, stderr
        assert TOKEN not in stdout + stderr
        logged = (tmp_path / "server" / "access.log").read_text("utf-8")
        assert TOKEN not in logged
        assert not [
            p for p in server.root.rglob("*") if p.is_file() and TOKEN.encode() in p.read_bytes()
        ]
