"""Programs that try to get out of the sandbox, in the real one (bubblewrap)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from samego import sandbox
from samego.errors import HostileArchiveError, SandboxError
from samego.sandbox import Ending, Finished, SandboxLimits, collect, ways
from support.other_user import becoming

#: Makes a directory in a directory so many times; much faster than a shell does.
DEEP = 'exec /usr/bin/python3 -c \'import os\nfor _ in range({}): os.mkdir("d"); os.chdir("d")\''
SECRET = "the-secret-of-this-machine"


@pytest.fixture
def inside() -> Iterator[Path]:
    with collect.scratch() as directory:
        yield directory


def sh(
    script: str, directory: Path, *, limits: SandboxLimits | None = None, **environment: str
) -> Finished:
    return sandbox.run(
        ["bash", "-c", script], writable=directory, limits=limits, environment=environment
    )


def test_a_sandbox_can_be_had_here() -> None:
    assert sandbox.available()
    assert sandbox.unavailable_because() == ""
    sandbox.require()


def test_a_program_does_its_work(inside: Path) -> None:
    (inside / "in").write_text("given\n")
    done = sh('cat in > out; echo said; echo warned >&2; pwd; exit "$STATUS"', inside, STATUS="7")
    assert (done.status, done.ended, done.ok) == (7, None, False)
    assert done.stdout == b"said\n/build\n"
    assert done.stderr == b"warned\n"
    assert collect.read_file(inside, "out", limit=100) == b"given\n"
    assert sh("true", inside).ok


def test_its_cpu_time_is_told(inside: Path) -> None:
    done = sh("i=0; while ((i < 100000)); do ((i += 1)); done", inside)
    assert 0 < done.cpu <= done.wall + 0.1


@pytest.mark.parametrize(
    "path", ["/root", "/home", "/etc/shadow", "/etc/hostname", "/var", "/run", "/sys", "/mnt"]
)
def test_nothing_but_the_system_is_seen(inside: Path, path: str) -> None:
    assert not sh(f"ls {path} || cat {path}", inside).ok


def test_home_cache_and_checkout_are_not_seen(inside: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    for path in (tmp_path, Path.home(), cache, Path(sandbox.__file__).parent, Path(sys.prefix)):
        assert not sh(f"ls -d '{path}'", inside).ok
    assert not sh(f"cat '{tmp_path}/secret'", inside).ok


@pytest.mark.parametrize(
    "path", ["/usr/bin/x", "/x", "/etc/x", "/etc/passwd", "/dev/x", "/proc/sys/kernel/hostname"]
)
def test_nothing_outside_is_written(inside: Path, path: str) -> None:
    assert not sh(f"echo x > {path}", inside).ok
    assert not sh(f"rm {path} && touch {path}", inside).ok


def test_given_directories_are_read_only(inside: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "given").write_text("given\n")
    script = (
        "cat /given/given && ! (echo x > /given/given) && ! rm /given/given && ! touch /given/x"
    )
    done = sandbox.run(["bash", "-c", script], writable=inside, readonly={"/given": tmp_path})
    assert done.ok, done
    assert done.stdout == b"given\n"
    assert [path.name for path in tmp_path.iterdir()] == ["given"]


def test_the_machines_programs_are_neither_seen_nor_ended(inside: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            done = sh(
                f"kill -9 {process.pid}; kill -9 -1; ls -d /proc/[0-9]*; cat /proc/[0-9]*/cmdline",
                inside,
            )
            assert b"sleep" not in done.stdout
            assert process.poll() is None
        finally:
            process.kill()


def test_the_network_is_not_reached(inside: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        port = server.getsockname()[1]
        for address in ("127.0.0.1", "localhost"):
            assert not sh(f"exec 3<>/dev/tcp/{address}/{port}", inside).ok
        with pytest.raises(BlockingIOError):
            server.accept()
    links = sh("cut -d: -f1 /proc/net/dev | tail -n +3", inside)
    assert links.stdout.split() == [b"lo"]


def test_sockets_of_the_machine_are_not_reached(inside: Path, tmp_path: Path) -> None:
    named, abstract = str(tmp_path / "s"), "\0samego-test-sandbox"
    script = (
        "import socket, sys\n"
        "for name in (sys.argv[1], '\\0' + sys.argv[2]):\n"
        "    try: socket.socket(socket.AF_UNIX).connect(name)\n"
        "    except OSError: continue\n"
        "    sys.exit(1)\n"
    )
    with socket.socket(socket.AF_UNIX) as one, socket.socket(socket.AF_UNIX) as two:
        for listening, name in ((one, named), (two, abstract)):
            listening.bind(name)
            listening.listen()
        command = ["/usr/bin/python3", "-c", script, named, abstract[1:]]
        done = sandbox.run(command, writable=inside)
    assert done.ok, done


def test_the_environment_is_made_from_nothing(
    inside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMEGO_SECRET", SECRET)
    done = sh("/usr/bin/env; cat /proc/*/environ", inside, GIVEN="yes")
    assert SECRET.encode() not in done.stdout
    names = {line.partition(b"=")[0] for line in done.stdout.split(b"\0")[0].splitlines()}
    assert names <= {b"PATH", b"HOME", b"TMPDIR", b"LC_ALL", b"GIVEN", b"PWD", b"SHLVL", b"_"}


def test_open_files_are_not_inherited(inside: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    descriptor = os.open(secret, os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    try:
        done = sh("ls /proc/self/fd; cat /proc/[0-9]*/fd/[3-9]*", inside)
        assert done.stdout.split() == [b"0", b"1", b"2", b"3"]  # 3 is ls's own directory
    finally:
        os.close(descriptor)


def test_it_has_no_rights_and_gets_none(inside: Path) -> None:
    done = sh("grep -E '^(Cap|NoNewPrivs)' /proc/self/status; id -un; su -c id; mount", inside)
    values = dict(line.split() for line in done.stdout.splitlines() if line.startswith(b"Cap"))
    assert set(values.values()) == {b"0000000000000000"}
    assert b"NoNewPrivs:\t1" in done.stdout
    assert b"nobody" in done.stdout
    assert b"uid=0" not in done.stdout


def test_nobody_it_is_for_the_machine_too(inside: Path) -> None:
    assert sh("echo x > written", inside).ok
    if os.geteuid() == 0:
        assert (inside / "written").stat().st_uid != 0


@pytest.mark.parametrize(
    ("script", "limits", "ending"),
    [
        ("sleep 100", SandboxLimits(seconds=0.5), Ending.TIME),
        ("trap '' TERM INT HUP; while :; do :; done", SandboxLimits(seconds=0.5), Ending.TIME),
        ("yes", SandboxLimits(), Ending.OUTPUT),
        ("yes >&2 & sleep 100", SandboxLimits(), Ending.OUTPUT),
        (
            "while :; do ((i += 1)); head -c 10M /dev/zero > x$i; done",
            SandboxLimits(written=100 << 20),
            Ending.SPACE,
        ),
        (
            "mkdir x; while :; do ((i += 1)); : > x/$i; done",
            SandboxLimits(entries=1000),
            Ending.SPACE,
        ),
        (DEEP.format(10**6), SandboxLimits(), Ending.SPACE),
    ],
    ids=["time", "no-signals", "output", "errors", "disk", "files", "depth"],
)
def test_what_takes_too_much_is_ended(
    inside: Path, script: str, limits: SandboxLimits, ending: Ending
) -> None:
    done = sh(script, inside, limits=limits)
    assert done.ended is ending, done
    assert not done.ok
    assert done.status == ways.KILLED
    assert len(done.stdout) <= limits.output
    assert done.wall < 30


@pytest.mark.parametrize(
    ("script", "limits"),
    [
        ("head -c 10M /dev/zero > x", SandboxLimits(file=1 << 20)),
        ("head -c 100M /dev/zero > /tmp/x", SandboxLimits(temporary=1 << 20)),
        ("head -c 100M /dev/zero > /dev/shm/x", SandboxLimits(temporary=1 << 20)),
        ("while :; do :; done", SandboxLimits(cpu=1)),
        ("x=$(head -c 500M /dev/zero | tr '\\0' x)", SandboxLimits(memory=200 << 20)),
        ("ulimit -n 4000", SandboxLimits()),
        ("ulimit -u 4000", SandboxLimits()),
    ],
    ids=["file", "tmp", "shm", "cpu", "memory", "raise-files", "raise-processes"],
)
def test_what_one_process_may_take(inside: Path, script: str, limits: SandboxLimits) -> None:
    done = sh(script, inside, limits=limits)
    assert done.ended is None
    assert done.status != 0


def test_a_fork_bomb_ends(inside: Path) -> None:
    done = sh(
        "bomb() { bomb | bomb & }; bomb; sleep 1; ls -d /proc/[0-9]* | wc -l",
        inside,
        limits=SandboxLimits(seconds=3, processes=40),
    )
    assert done.ended in (Ending.TIME, None)
    assert b"Resource temporarily unavailable" in done.stderr


def test_what_it_leaves_running_is_gone(inside: Path) -> None:
    mark = f"86{os.getpid()}"
    script = f"(trap '' TERM HUP; exec >/dev/null 2>&1; setsid sleep {mark}) & sleep 0.2"
    assert sh(script, inside).ok
    assert not _running(["sleep", mark])


def test_it_is_ended_from_another_thread(inside: Path) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    done = sandbox.run(["sleep", "100"], writable=inside, stop=stop)
    assert done.ended is Ending.STOPPED


def test_it_ends_with_samego(inside: Path) -> None:
    mark = f"87{os.getpid()}"
    script = (
        "from pathlib import Path; from samego import sandbox; "
        f"sandbox.run(['sleep', '{mark}'], writable=Path({str(inside)!r}))"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as process:
        assert _soon(lambda: _running(["sleep", mark]))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert _soon(lambda: not _running(["sleep", mark]))


def test_links_and_devices_that_it_leaves_are_not_read(inside: Path) -> None:
    script = (
        "mkdir d; echo real > d/file; ln -s /etc/shadow link; ln -s /etc out; ln -s d inner;"
        "mkfifo pipe; mkdir locked; echo x > locked/x; chmod 755 locked"
    )
    assert sh(script, inside).ok
    assert collect.files(inside, entries=20) == ("d/file", "locked/x")
    assert collect.read_file(inside, "d/file", limit=5) == b"real\n"
    for path in ("link", "out/passwd", "inner/file", "pipe", "d", "../x", "d//file", "", "none"):
        assert collect.read_file(inside, path, limit=100) is None
    with pytest.raises(HostileArchiveError):
        collect.read_file(inside, "d/file", limit=4)
    with pytest.raises(HostileArchiveError):
        collect.files(inside, entries=5)


def test_a_locked_and_deep_directory_is_removed(inside: Path) -> None:
    sh(f"({DEEP.format(3000)}); touch d/d/x; chmod 0 d/d/d d/d d", inside)
    assert any(inside.iterdir())
    collect.remove(inside)
    assert not inside.exists()


def test_a_user_gets_the_same_sandbox(inside: Path) -> None:
    """As root the tests above run in the other way to a sandbox."""
    if os.geteuid() != 0:
        pytest.skip("the tests above ran as a user")
    inside.chmod(0o777)
    script = (
        "import sys; from pathlib import Path; from samego import sandbox\n"
        "from samego.sandbox import SandboxLimits\n"
        "done = sandbox.run(['bash', '-c', sys.argv[2]], writable=Path(sys.argv[1]),"
        " limits=SandboxLimits(seconds=5))\n"
        "print(done.status, done.ended, done.stdout, done.stderr)\n"
        "sys.exit(done.status)\n"
    )
    tries = (
        "id -un; echo x > written; ! ls /home /root && ! touch /usr/x && ! unshare -U true"
        " && ! touch /x && test $(ls -d /proc/[0-9]* | wc -l) -lt 9"
        " && ! exec 3<>/dev/tcp/127.0.0.1/22"
    )
    command = [*becoming(54321), sys.executable, "-B", "-c", script, str(inside), tries]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done
    assert "nobody" in done.stdout
    assert (inside / "written").stat().st_uid == 54321


def test_without_bubblewrap_a_sentence_says_so(
    inside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ways._chosen.cache_clear()
    try:
        assert not sandbox.available()
        with pytest.raises(SandboxError, match="bwrap is not installed") as caught:
            sandbox.run(["true"], writable=inside)
        assert "install bubblewrap" in caught.value.hint
    finally:
        ways._chosen.cache_clear()


def test_where_the_kernel_refuses_its_words_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = tmp_path / "bwrap"
    refusing.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    ways._chosen.cache_clear()
    try:
        assert sandbox.unavailable_because() == "bwrap: No permissions to create new namespace"
        with pytest.raises(SandboxError, match="No permissions"):
            sandbox.require()
    finally:
        ways._chosen.cache_clear()


def test_a_sandbox_that_cannot_be_made_is_no_result(inside: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(SandboxError, match="could not be made"):
        sandbox.run(["true"], writable=inside, readonly={"/usr/not-there/x": tmp_path})


def _running(command: Sequence[str]) -> bool:
    return any(_command_of(path) == list(command) for path in Path("/proc").glob("[0-9]*"))


def _command_of(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_bytes().decode().split("\0")[:-1]
    except OSError:
        return []


def _soon(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False
