"""``python -m golden``: write what the commands say now over what is kept (make golden)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from golden.cases import CASES
from golden.scene import scene
from golden.text import DIRECTORY, kept, rendered
from support.inputs import Inputs, cache_directory


def main() -> int:
    """Write every file anew; those of no case go."""
    with (
        tempfile.TemporaryDirectory(prefix="samego-golden-") as name,
        scene(Inputs(cache_directory()), Path(name)) as made,
    ):
        texts = {kept(case): rendered(case, made.run(case)) for case in CASES}
    DIRECTORY.mkdir(exist_ok=True)
    for path in set(DIRECTORY.glob("*.txt")) - set(texts):
        path.unlink()
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    sys.stdout.write(f"{len(texts)} texts in {DIRECTORY}: see 'git diff' for what changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
