"""What a check of watch's own sees of the environment, and how long it may take."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import pytest

from samego.cli.watch import _limits
from samego.monitor.watch.pool import PROGRAM, Pool, PoolLimits
from samego.system import environment


def test_python_is_isolated() -> None:
    assert PROGRAM[:3] == (sys.executable, "-I", "-m")


def test_the_configuration_says_how_long_a_check_may_take() -> None:
    for memory in (None, "4 GiB"):
        limits = _limits(argparse.Namespace(jobs=2, memory=memory), 60.0, builds=False)
        assert limits.patience == 60.0


def test_a_check_gets_what_is_in_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "script.py"
    script.write_text("import json, os, sys\njson.dump(dict(os.environ), sys.stdout)\n", "utf-8")
    for name in ("PYTHONPATH", "PERL5LIB", "LD_LIBRARY_PATH", "BASH_ENV"):
        monkeypatch.setenv(name, str(tmp_path))
    pool = Pool(
        tmp_path / "pool",
        PoolLimits(1, 1 << 30),
        environment.cleaned(os.environ),
        program=(sys.executable, "-I", str(script)),
    )
    (ended,) = pool.run([("job", ())])
    seen = json.loads(ended.output)
    assert not {"PYTHONPATH", "PERL5LIB", "LD_LIBRARY_PATH", "BASH_ENV"} & seen.keys()
    assert seen["PATH"] == environment.PATH


@pytest.mark.parametrize("job", ["sleep", "spin"])
def test_one_that_does_not_end_is_ended_and_the_others_go_on(tmp_path: Path, job: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import signal, sys, time\n"
        "if sys.argv[3] == 'good': sys.exit(print('done'))\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "while True:\n    time.sleep(0 if sys.argv[3] == 'spin' else 60)\n",
        "utf-8",
    )
    pool = Pool(
        tmp_path / "pool",
        PoolLimits(1, 1 << 30, patience=0.5),
        environment.cleaned(os.environ),
        program=(sys.executable, "-I", str(script)),
    )
    ended = {each.job: each for each in pool.run([(name, (name,)) for name in (job, "good")])}
    assert ended[job].message == "did not end within 0.5 seconds"
    assert ended["good"].output == b"done\n"
