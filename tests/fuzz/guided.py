"""``python -m fuzz.guided NAME [libFuzzer's options]``: one parser, led by coverage (atheris).

atheris keeps what reaches new lines, which blind mutation seldom does; what it tries depends
on what it has seen. ``pip install '.[fuzz]'`` brings it, where it has a wheel.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["samego", "samego_arch", "samego_debian"]):
    from fuzz.running import LoudHandler
    from fuzz.seeds import Seeds
    from fuzz.targets import TARGETS


def main() -> int:
    """Fuzz until libFuzzer's limits (``-runs=``, ``-max_total_time=``) or a finding end it."""
    with tempfile.TemporaryDirectory(prefix="samego-fuzz-") as directory:
        # libFuzzer ends its process itself, and would leave the directory.
        child = os.fork()
        if child == 0:
            try:
                _fuzz(sys.argv[1], sys.argv[2:], Path(directory))
            except BaseException:  # noqa: BLE001 - nothing may get out of this process
                traceback.print_exc()
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _fuzz(name: str, options: Sequence[str], directory: Path) -> None:
    target = next(target for target in TARGETS if target.name == name)
    corpus, scratch = directory / "corpus", directory / "scratch"
    for place in (corpus, scratch):
        place.mkdir()
    for number, seed in enumerate(target.seeds(Seeds(directory))):
        (corpus / str(number)).write_bytes(seed)
    warnings.simplefilter("error")
    logging.getLogger().addHandler(LoudHandler())

    def one(data: bytes) -> None:
        try:
            given = target.run(data, scratch)
        except target.may_raise:
            return
        if target.oracle is not None and not target.sample:
            wrong = target.oracle(data, given, scratch)
            assert not wrong, wrong

    limits = ["-timeout=5", "-rss_limit_mb=1536", "-max_len=65536"]
    atheris.Setup([sys.argv[0], *limits, *options, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
