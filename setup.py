"""Where the packages are: setup.cfg can look for them in one folder only. All else is there."""

from setuptools import find_packages, setup

#: Folder to import package.
ROOTS = {
    "core": "samego",
    "plugins/debian": "samego_debian",
    "plugins/arch": "samego_arch",
    "plugins/pypi": "samego_pypi",
    "plugins/npm": "samego_npm",
}

setup(
    packages=[package for folder in ROOTS for package in find_packages(folder)],
    package_dir={package: f"{folder}/{package}" for folder, package in ROOTS.items()},
)
