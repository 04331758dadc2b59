"""Every file of data beside the code is packed with it: an installed samego reads it too."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
#: What lies beside the code and is no part of what is installed.
_NOT_PACKED = (".py", ".pyc", ".pyi")


def data_files() -> Iterator[tuple[str, str]]:
    """Each file that is no code, as its package and its path in it."""
    roots = [REPOSITORY / "core/samego", *(REPOSITORY / "plugins").glob("*/samego_*")]
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_dir() or path.suffix in _NOT_PACKED:
                continue
            package = next(parent for parent in path.parents if (parent / "__init__.py").is_file())
            name = ".".join(package.relative_to(root.parent).parts)
            yield name, path.relative_to(package).as_posix()


def test_all_data_is_packed() -> None:
    settings = configparser.ConfigParser()
    settings.read(REPOSITORY / "setup.cfg", encoding="utf-8")
    packed = {
        package: [glob.strip() for glob in globs.split(",")]
        for package, globs in settings["options.package_data"].items()
    }
    missing = [
        f"{package}: {path}"
        for package, path in data_files()
        if not any(
            fnmatch(path, glob) and path.count("/") == glob.count("/")
            for glob in packed.get(package, ())
        )
    ]
    assert missing == []
