"""Where the tests' reference builds stay between runs: minutes of compiling, done once.

The directory's name stands for the code that builds them. A reference build that other code has
built is never taken: it would hide that the code under test cannot build.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import samego

_CODE = (
    "rebuild/*.py",
    "rules/source_inputs.py",
    "rules/generated_settings.py",
    "rules/generated/*.py",
    "reference/*.py",
)
#: How many versions of that code keep their reference builds (a gigabyte each).
_KEPT = 2


def reference_cache(cache: Path) -> Path:
    """A cache directory for samego below the tests' own, for the code as it is now."""
    root = Path(samego.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(file for pattern in _CODE for file in root.glob(pattern)):
        digest.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes())
    directory = cache / "reference" / digest.hexdigest()[:32]
    directory.mkdir(parents=True, exist_ok=True)
    directory.touch()
    others = sorted(directory.parent.iterdir(), key=lambda path: path.stat().st_mtime)
    for old in others[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return directory
