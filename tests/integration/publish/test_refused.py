"""Keys, passwords and files of credentials that are refused, and where the right ones show."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from support.cli import Samego
from support.publish_servers import NETWORK, make_key, sshd
from support.publishing import published, refused


def test_a_refused_key_and_an_unknown_host(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    with sshd(tmp_path / "server") as server:
        destination, environment = server.destination, dict(server.environment)
        other = {"SAMEGO_PUBLISH_SSH_KEY": str(make_key(tmp_path / "other key"))}
        line = refused(samego, sources[0], destination, {**environment, **other})
        assert line.startswith(f"{destination} refuses the key: add its public half to")
        lacking = {"SAMEGO_PUBLISH_SSH_KEY": str(tmp_path / "none")}
        line = refused(samego, sources[0], destination, {**environment, **lacking})
        assert line.startswith(f"there is no ssh key {tmp_path}/none: ")
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
        assert "has no directory for the pages" in line
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
