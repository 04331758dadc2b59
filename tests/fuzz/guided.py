"""``python -m fuzz.guided NAME [libFuzzer's options]``: one parser, led by coverage (atheris).

atheris keeps what reaches new lines, which blind mutation seldom does; what it tries depends
on what it has seen. ``pip install '.[fuzz]'`` brings it, where it has a wheel.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["samego", "samego_arch", "samego_debian"]):
    from fuzz.running import LoudHandler
    from fuzz.seeds import Seeds
    from fuzz.targets import TARGETS


def main() -> None:
    """Fuzz until libFuzzer's limits (``-runs=``, ``-max_total_time=``) or a finding end it."""
    name, options = sys.argv[1], sys.argv[2:]
    target = next(target for target in TARGETS if target.name == name)
    directory = Path(tempfile.mkdtemp(prefix="samego-fuzz-"))
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
    main()
