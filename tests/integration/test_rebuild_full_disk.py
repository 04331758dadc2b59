"""A rebuild whose build fills the disk: a small file system of its own, and a toy release."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.cli import Samego, the_error
from support.godev_server import file_row, release_row
from support.toy_go import GO_SH, MAKE_BASH, toy_bootstrap, toy_source_archive

NAME = "go1.24.99"
ROOM = "6m"
#: Writes more than there is room for.
_FILL = "head -c 30000000 /dev/zero > "
#: Mounts the file system, runs samego there, and lists what it left. The estimate, which would
#: refuse so small a disk before anything is built, is taken out.
_CHILD = """
import subprocess, sys
from pathlib import Path
cache = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", sys.argv[2], "tmpfs", str(cache)], check=True)
from samego.cli.main import main
from samego.rebuild import estimate
estimate._HOST_BYTES = estimate._TARGET_BYTES = estimate._KEPT_BYTES = 0
status = main(["--offline", "--cache", str(cache), "-q", "rebuild", *sys.argv[3:]])
left = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
print(status, left, *sorted(path.name for path in (cache / "rebuild").iterdir()))
"""


@pytest.fixture
def namespace() -> list[str]:
    """A command prefix with which a file system may be mounted."""
    prefix = ["unshare", "--user", "--map-root-user", "--mount", "--"]
    if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode:
        pytest.skip("the kernel lets nobody mount here; tests/unit writes to /dev/full")
    return prefix


@pytest.mark.parametrize("where", ["make_bash", "go_sh"])
def test_its_files_go_and_the_error_is_clear(
    tmp_path: Path, namespace: list[str], where: str
) -> None:
    changed = {
        "make_bash": MAKE_BASH + _FILL + "pkg/obj/big\n",
        "go_sh": GO_SH.replace("install)", f'install) {_FILL} "$root/bin/big"'),
    }
    mirror, cache = tmp_path / "mirror", tmp_path / "cache"
    archive = toy_source_archive(mirror, NAME, **{where: changed[where]})
    row = release_row(NAME, file_row(archive.name, archive.read_bytes()))
    (mirror / "index.json").write_text(json.dumps([row]), "utf-8")
    bootstrap = toy_bootstrap(tmp_path / "bootstrap")
    cache.mkdir()
    samego = Samego(tmp_path, {"SAMEGO_MIRROR": str(mirror), "GOPROXY": "off", "GOSUMDB": "off"})
    arguments = [NAME, "--bootstrap", str(bootstrap), "--target", "windows-amd64"]
    done = subprocess.run(
        [*namespace, sys.executable, "-c", _CHILD, str(cache), f"size={ROOM}", *arguments],
        env=samego.environ({}),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    status, left, *names = done.stdout.split()
    assert status == "2"
    line = the_error(done.stderr)
    assert line.startswith("the build ran out of disk in ")
    assert "free some gigabytes there or set SAMEGO_CACHE" in line
    assert int(left) < 1_000_000
    # What was finished before stays, and the log of what was not.
    finished = {"make_bash": [], "go_sh": ["hosts"]}[where]
    assert [name for name in names if not name.endswith(".log")] == finished
