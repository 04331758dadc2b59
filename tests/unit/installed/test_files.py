from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from installed.files import File, files
from samego.integrations.hooks.registry import hooks

COMMAND = "/usr/bin/python3 -I /usr/bin/samego"
UNITS = "usr/lib/systemd/system/"


def by_path(distro: str) -> dict[str, File]:
    written = list(files(distro, COMMAND))
    found = {str(file.path): file for file in written}
    assert len(found) == len(written)
    return found


@pytest.mark.parametrize("distro", ["debian", "arch"])
def test_each_hook_is_there_and_none_acts_unasked(distro: str) -> None:
    found = by_path(distro)
    for registered in hooks():
        for file in registered.hook.files(COMMAND):
            kept = f"usr/share/samego/hooks/{registered.hook.name}{file.path}"
            own_unit = registered.hook.name == f"{distro}-timer"
            assert (kept in found) is not own_unit
            if not own_unit:
                assert found[kept].data.decode() == file.text
                assert found[kept].mode == file.mode
    active = {path for path in found if not path.startswith("usr/share/samego/")}
    options = {"debian": "etc/default/samego-watch", "arch": "etc/conf.d/samego-watch"}
    assert active == {
        options[distro],
        f"{UNITS}samego-watch.service",
        f"{UNITS}samego-watch.timer",
        "usr/libexec/samego/rebuilder-archlinux-samego.sh",
        "usr/libexec/samego/rebuilder-debian-samego.sh",
        "usr/libexec/samego/rebuilder-go.sh",
    }


def test_the_unit_starts_the_installed_samego() -> None:
    unit = by_path("debian")[f"{UNITS}samego-watch.service"].data.decode()
    assert f"\nExecStart={COMMAND} watch --quiet " in unit
    assert "\nEnvironmentFile=-/etc/default/samego-watch\n" in unit
    assert "@" not in unit


def test_workers_find_their_backends() -> None:
    found = by_path("arch")
    for name in ("go", "debian", "arch"):
        worker = found[f"usr/share/samego/rebuilderd/{name}/rebuilderd-worker.conf"].data.decode()
        (line,) = [each for each in worker.splitlines() if each.startswith("path = ")]
        backend = PurePosixPath(line.split('"')[1]).relative_to("/")
        assert found[str(backend)].mode == 0o755
        assert found[str(backend)].data.startswith(b"#!/bin/sh\n")
