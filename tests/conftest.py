"""What every test runs under: no setting of the developer's own reaches samego."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# How long an example takes says nothing: other tests run beside it.
settings.register_profile("samego", deadline=None)
settings.load_profile("samego")

# Else each run would rewrite and compile every module of tests, and each samego that one starts
# would compile itself.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Who starts the tests in the background, or under nohup, has them ignore what ends a run; so
# would every process that they start.
for _number, _usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)


@pytest.fixture(autouse=True, scope="session")
def no_personal_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Take samego's own variables out of the environment, and keep out of the user's history."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    for name in [name for name in os.environ if name.startswith("SAMEGO_")]:
        if not name.startswith("SAMEGO_TEST_"):
            patch.delenv(name)
    # No test depends on what a mirror serves today, but for those that ask for it.
    patch.setenv("SAMEGO_DEBIAN_SOURCES", "beside tree")
    yield
    patch.undo()
