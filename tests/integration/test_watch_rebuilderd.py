"""``samego watch`` hands rebuilds to a real rebuilderd, and tells what its worker found."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from support import rebuilderd
from support.cli import PROGRAM, Samego
from support.godev_server import GoDev, serve
from support.inputs import cache_directory
from support.rebuilderd import Sysroot, Worker, waited_for
from support.toy_world import LINUX, NAME, WINDOWS, World

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(bool(rebuilderd.cannot_run()), reason=rebuilderd.cannot_run() or "-"),
]


def test_a_sweep_is_handed_over_and_a_later_pass_tells_its_end(tmp_path: Path) -> None:
    with (
        serve(GoDev()) as godev,
        rebuilderd.daemon(Sysroot.get(cache_directory()), tmp_path / "daemon") as daemon,
    ):
        world = World(tmp_path / "world", godev)
        world.post_what_is_built(LINUX, WINDOWS)
        zip_name = f"{NAME}.windows-amd64.zip"
        godev.post(zip_name, world.posted[zip_name] + b"\0")  # what the index does not say
        config = tmp_path / "config.toml"
        config.write_text("[debian]\nsuites = []\n[arch]\nsuites = []\n")
        environment = {
            "SAMEGO_GODEV_URL": f"{godev.url}/dl",
            "SAMEGO_CHANNEL": "go.dev/dl",
            "SAMEGO_CONFIG": str(config),
            "SAMEGO_HISTORY": str(tmp_path / "history"),
            **daemon.administrator,
        }
        samego = Samego(tmp_path, environment)
        words = ("--sweep", NAME, "--rebuild-releases", "rebuilderd", "--endpoint", daemon.url)
        submitted = samego("watch", "-q", *words)
        assert submitted.status == 0, submitted.stdout + submitted.stderr
        assert "1 submitted to rebuilderd" in submitted.stdout
        backend = [str(PROGRAM), "rebuilderd", "backend", "go", "--bootstrap", str(world.bootstrap)]
        settings = {
            "SAMEGO_GODEV_URL": f"{godev.url}/dl",
            "SAMEGO_CACHE": str(tmp_path / "worker-cache"),
            "SAMEGO_SPOOL": str(tmp_path / "spool"),
            "GOPROXY": "off",
            "GOSUMDB": "off",
        }
        script = {"go": f'exec {shlex.join(backend)} "$1"'}
        with Worker(daemon, tmp_path / "worker", script, settings).running():
            waited_for(
                lambda: len(daemon.get("/api/v1/builds").json()["records"]) >= 2 or None, "builds"
            )
        notified = samego("watch", "-q", "--format", "json")
        assert notified.status == 1, notified.stdout + notified.stderr
        items = [item for item in json.loads(notified.stdout)["news"] if item["kind"] == "rebuilt"]
        assert [(item["sentence"], item["bad"]) for item in items] == [
            ("rebuilderd calls go.windows-amd64 of go1.24.99 BAD", True),
            ("rebuilderd calls go.linux-amd64 of go1.24.99 GOOD", False),
        ]
        again = samego("watch", "-q")
        assert (again.status, again.stdout.count("rebuilderd calls")) == (0, 0)
