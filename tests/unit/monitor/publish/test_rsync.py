from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from samego.errors import (
    ConfigError,
    DiskFullError,
    InputError,
    NetworkError,
    SamegoError,
    ToolError,
)
from samego.monitor.publish.destination import Rsync
from samego.monitor.publish.retrying import LostError
from samego.monitor.publish.rsync import Publisher
from samego.monitor.publish.rsync_command import RsyncCommand
from samego.monitor.publish.rsync_errors import meaning
from samego.system.progress import Silent

A = "a" * 64


# What each program writes: rsync 3.5.0 and OpenSSH 9.2, as seen, and what their sources say.
@pytest.mark.parametrize(
    ("status", "stderr", "kind", "said"),
    [
        (
            255,
            "me@h: Permission denied (publickey).\r\nrsync: connection unexpectedly closed",
            ConfigError,
            "refuses the key",
        ),
        (255, "me@h: Permission denied (publickey,password).", ConfigError, "refuses the key"),
        (255, "Host key verification failed.\r", ConfigError, "does not know"),
        (
            255,
            "REMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key verification failed.",
            ConfigError,
            "shows another host key",
        ),
        (
            255,
            "ssh: Could not resolve hostname h: Name or service not known\r",
            NetworkError,
            "is unknown",
        ),
        (
            255,
            "ssh: connect to host h port 22: Connection refused\r",
            LostError,
            "(connect to host h port 22: Connection refused)",
        ),
        (255, "ssh: connect to host h port 22: No route to host", LostError, "cannot be reached"),
        (255, "Connection to h closed by remote host.", LostError, "was lost"),
        (
            12,
            "rsync: connection unexpectedly closed [sender]\nrsync error: (code 12)",
            LostError,
            "(connection unexpectedly closed",
        ),
        (30, "rsync error: timeout in data send/receive (code 30)", LostError, "was lost"),
        (
            10,
            "rsync: [sender] failed to connect to h: Connection timed out (110)",
            LostError,
            "was lost",
        ),
        (-15, "", LostError, "was lost"),
        (
            11,
            'rsync: [receiver] write failed on "/srv/x": No space left on device (28)',
            DiskFullError,
            "is full",
        ),
        (
            23,
            'rsync: [receiver] mkstemp "/srv/x" failed: Disk quota exceeded (122)',
            DiskFullError,
            "is full",
        ),
        (
            127,
            "bash: line 1: rsync: command not found\nrsync: connection unexpectedly closed",
            ToolError,
            "no rsync at",
        ),
        (127, "sh: 1: rsync: not found\n", ToolError, "no rsync at"),
        (
            23,
            'rsync: [sender] change_dir "/srv/none" failed: No such file or directory (2)',
            InputError,
            "has no directory",
        ),
        (
            3,
            'rsync: [Receiver] mkdir "/none/x" failed: No such file or directory (2)',
            InputError,
            "has no directory",
        ),
        (
            11,
            'rsync: [generator] mkdir "/x" failed: Permission denied (13)',
            InputError,
            "denies this user write",
        ),
        (5, "@ERROR: auth failed on module pages", ConfigError, "refuses the user or password"),
        (5, "rsync: did not see server greeting", LostError, "was lost"),
        (5, "@ERROR: Unknown module 'x'", InputError, "no such module"),
        (1, "ERROR: module is read only", InputError, "is read-only"),
        (
            23,
            'rsync: [receiver] rename "/x" -> "y" failed: No such file or directory (2)',
            LostError,
            "lost a file",
        ),
        (
            23,
            'rsync: [generator] stat "/x/.3.bd3y" (in p) failed: No such file or directory (2)',
            LostError,
            "lost a file",
        ),
        (
            2,
            "protocol version mismatch -- is your shell clean?",
            ToolError,
            "does not answer as rsync",
        ),
        (
            255,
            'Load key "/k": error in libcrypto\nme@h: Permission denied (publickey).',
            ConfigError,
            "refuses the key",
        ),
        (
            4,
            "Welcome!\nrsync: --chmod: unknown option\n",
            ToolError,
            "ended with status 4 (--chmod: unknown option)",
        ),
        (11, "", DiskFullError, "could not write the files; its disk is probably full"),
        (14, "", ToolError, "ended with status 14"),
    ],
)
def test_what_a_failure_means(status: int, stderr: str, kind: type[SamegoError], said: str) -> None:
    error = meaning("h:/srv/go", status, stderr)
    assert type(error) is kind
    assert said in error.message
    assert "h:/srv/go" in error.message or "ssh cannot" in error.message
    assert error.hint
    assert str(error).isprintable()


@pytest.mark.parametrize(
    ("given", "key", "shell"),
    [
        (None, None, "ssh -oBatchMode=yes"),
        ("ssh -p 22", None, "ssh -p 22 -oBatchMode=yes"),
        ("/usr/bin/ssh", None, "/usr/bin/ssh -oBatchMode=yes"),
        ("rsh", "key", "rsh"),
    ],
)
def test_the_remote_shell_is_the_users(given: str | None, key: str | None, shell: str) -> None:
    environ = {} if given is None else {"RSYNC_RSH": given}
    command = RsyncCommand("h", Path(key) if key else None, 60, environ)
    assert command.remote_shell().startswith(shell)
    assert ("BatchMode" in command.remote_shell()) == (given != "rsh")


@pytest.mark.parametrize(
    ("name", "end"), [("key", "-i {}/key"), ("my key", '-i "{}/my key"'), ("a'b", '-i "{}/a\'b"')]
)
def test_a_key_is_quoted_as_rsync_reads_it(tmp_path: Path, name: str, end: str) -> None:
    (tmp_path / name).touch()
    shell = RsyncCommand("h", tmp_path / name, 60, {}).remote_shell()
    assert shell.endswith(end.format(tmp_path))
    assert "-oIdentitiesOnly=yes" in shell


def test_a_key_that_cannot_be_named(tmp_path: Path) -> None:
    (tmp_path / 'a"b').touch()
    with pytest.raises(ConfigError, match="rsync cannot pass the name"):
        RsyncCommand("h", tmp_path / 'a"b', 60, {}).remote_shell()
    with pytest.raises(ConfigError, match="there is no ssh key"):
        RsyncCommand("h", tmp_path / "none", 60, {}).remote_shell()


def test_without_rsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="there is no rsync on this machine"):
        RsyncCommand("h", None, 60, {"PATH": str(tmp_path)}).run(["--version"], print)


def find_place(lines: str, name: str = "go") -> Callable[[], object]:
    class Listing(RsyncCommand):
        def run(self, arguments: Sequence[str], line: Callable[[str], None]) -> None:
            assert "--list-only" in arguments
            for text in lines.splitlines():
                line(text)

    return Publisher(Rsync("h:", "", name), Listing("h:go", None, 60, {}), Silent()).find_place


def test_what_there_is() -> None:
    place = find_place(
        "drwxr-xr-x          4,096 2026/11/25 22:43:10 .\n"
        f"lrwxrwxrwx             16 2026/11/25 22:43:10 go -> .go.releases/{A}\n"
        "drwxr-xr-x          4,096 2026/11/25 22:43:10 .go.releases\n"
        "drwxr-xr-x          4,096 2026/11/25 22:43:10 .go.releases/other\n"
        f"drwxr-xr-x          4,096 2026/11/25 22:43:10 .go.releases/{A}\n"
    )()
    when = calendar.timegm((2026, 11, 25, 22, 43, 10))
    assert (place.shown, place.releases) == (A, {A: when})  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "line",
    [
        "drwxr-xr-x          4,096 2026/11/25 22:43:10 go",
        "-rw-r--r--             16 2026/11/25 22:43:10 go",
        "lrwxrwxrwx             16 2026/11/25 22:43:10 go -> /srv/other",
        f"-rw-r--r--             16 2026/11/25 22:43:10 go -> .go.releases/{A}",
    ],
)
def test_what_somebody_else_made(line: str) -> None:
    with pytest.raises(InputError, match="that samego did not make"):
        find_place(line)()
