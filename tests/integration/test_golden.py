"""What samego writes for people is what fixtures/golden keeps; ``make golden`` writes it anew.

Each command that a report prints runs as it stands, pasted into a shell.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from golden.cases import CASES, Case
from golden.scene import Scene, scene
from golden.text import DIRECTORY, folded, kept, rendered
from support.cli import PROGRAM
from support.inputs import Inputs

pytestmark = pytest.mark.network

_HOME = "/tmp"  # noqa: S108 - inside, where it is empty
#: A Go on the PATH that must not be called.
_ANOTHER = "#!/bin/sh\necho another Go was called: $0 $* >&2\nexit 99\n"


@pytest.fixture(scope="module")
def made(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(inputs, tmp_path_factory.mktemp("golden")) as ready:
        yield ready


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_text_is_what_was_kept(case: Case, made: Scene) -> None:
    text = rendered(case, made.run(case))
    assert folded(text) == folded(kept(case).read_text("utf-8"))


def test_every_kept_text_is_of_a_case() -> None:
    assert sorted(DIRECTORY.glob("*.txt")) == sorted(kept(case) for case in CASES)


def case_of(name: str) -> Case:
    (found,) = (case for case in CASES if case.name == name)
    return found


def printed(text: str) -> tuple[list[str], list[str]]:
    """The commands of a report: those that show something, and the steps to raise the verdict."""
    shown, _, steps = text.partition("To raise the verdict:\n")
    return tuple(re.findall(r"^ +\$ (.+)$", part, re.MULTILINE) for part in (shown, steps))  # type: ignore[return-value]  # of two


def pasted(made: Scene, case: Case, command: str, place: Path) -> subprocess.CompletedProcess[str]:
    """A command in a shell, in a copy of where the report was made."""
    environment = made.samego.environ(made.environments.get(case.place, {}))
    environment["PATH"] = f"{PROGRAM.parent}:{environment['PATH']}"
    return subprocess.run(
        ["bash", "-c", command],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("check-passing", []),
        ("check-unproven", ["--rebuild"]),
        ("check-unexplained", ["explain report.json src/fmt/print.go"]),
        ("check-breaking", ["--format debian-bug", "--waive"]),
        ("check-waived", []),
        ("check-waived-in-part", ["--format debian-bug", "--waive"]),
        ("error-a-part", ["apt-get source", "--source", "explain report.json"]),
    ],
)
def test_each_step_to_raise_a_verdict_runs(
    name: str, wanted: Sequence[str], made: Scene, tmp_path: Path
) -> None:
    case = case_of(name)
    result = made.run(case)
    _shown, steps = printed(result.stdout)
    assert len(steps) == len(wanted)
    place = tmp_path / "place"
    shutil.copytree(made.directory / case.place, place)
    for command, part in zip(steps, wanted, strict=True):
        assert part in command
        if "--rebuild" in command or command.startswith("apt-get"):
            continue  # a build takes minutes (test_reference_build); apt needs sources of its own
        if "--source golang-1.24_1.24.4-1.dsc" in command:
            command = f"cp source/* . && {command}"  # noqa: PLW2901 - as apt-get leaves it
        done = pasted(made, case, command, place)
        assert done.returncode in {0, 1}, (command, done.stderr)
        assert "error:" not in done.stderr
        if "debian-bug" in command:
            assert done.stdout.startswith("To: submit@bugs.debian.org\nSubject: golang-1.27: 'GO")
        if "--waive " in command:
            assert done.returncode == 0
            assert "passes" in done.stdout.splitlines()[0]
        if "explain" in command:
            # The source package, once it is there, accounts for it.
            standing = "explained" if name == "error-a-part" else "unexplained"
            assert f"standing     {standing}:" in done.stdout


def installed(debs: Sequence[Path], directory: Path) -> list[str]:
    """A command that runs another where these packages are installed, beside another Go."""
    root = directory / "root"
    for deb in debs:
        subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
    other = directory / "bin/go"
    other.parent.mkdir()
    other.write_text(_ANOTHER, "utf-8")
    other.chmod(0o755)
    words = ["bwrap", "--proc", "/proc", "--dev", "/dev", "--tmpfs", _HOME]
    for place in ("lib", "share"):
        inside = {each.name: each for each in Path("/usr", place).iterdir() if each.is_dir()}
        inside.update({each.name: each for each in (root / "usr" / place).glob("go-1.*")})
        for name, path in inside.items():
            words += ["--ro-bind", str(path), f"/usr/{place}/{name}"]
    words += ["--ro-bind", "/usr/bin", "/usr/bin", "--ro-bind", str(directory / "bin"), "/bin2"]
    for top in ("bin", "lib", "lib64"):
        words += ["--ro-bind", f"/{top}", f"/{top}"] if not Path("/", top).is_symlink() else []
        words += ["--symlink", f"usr/{top}", f"/{top}"] if Path("/", top).is_symlink() else []
    if Path("/usr/lib64").is_dir():
        words += ["--ro-bind", "/usr/lib64", "/usr/lib64"]
    words += ["--clearenv", "--setenv", "PATH", "/bin2:/usr/bin:/bin"]
    return [*words, "--setenv", "HOME", _HOME]


def test_what_shows_a_bug_calls_the_packages_own_go(
    made: Scene, inputs: Inputs, tmp_path: Path
) -> None:
    shown, _steps = printed(made.run(case_of("check-breaking")).stdout)
    (command,) = shown
    box = installed(inputs.debs("sid/1.27/amd64"), tmp_path)
    found = subprocess.run([*box, "sh", "-c", "go"], capture_output=True, text=True, check=False)
    assert found.returncode == 99, found.stderr
    done = subprocess.run(
        [*box, "bash", "-c", command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("go: unpacking GOFIPS140=v1.0.0-c2097c7c: SHA-256 hash of")
    assert "(from /usr/lib/go-1.27/lib/fips140/fips140.sum)" in done.stderr


def test_what_shows_something_latent_reads_the_packages_own_files(
    made: Scene, inputs: Inputs, tmp_path: Path
) -> None:
    shown, _steps = printed(made.run(case_of("check-passing")).stdout)
    (command,) = shown
    box = installed(inputs.debs("trixie/1.24/amd64"), tmp_path)
    done = subprocess.run(
        [*box, "bash", "-c", command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    pinned, actual = done.stdout.splitlines()
    assert pinned.split()[0] == actual.split()[1] == "v1.0.0.zip"
    assert pinned.split()[1] != actual.split()[0]
