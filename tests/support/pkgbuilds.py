"""Arch packages with the PKGBUILD that they were built from."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from samego.distro.interface import Request, Shipment
from samego_arch import DISTRO
from support.arch_packages import ArchMaker

PATCH = b"--- a/src/main.go\n+++ b/src/main.go\n@@ -1 +1 @@\n-package main\n+package other\n"
DIGEST = hashlib.sha256(PATCH).hexdigest()


def recipe(extra: str = "", *, digest: str = DIGEST, version: str = "1.24.9") -> bytes:
    """A PKGBUILD of Go; ``extra`` is a line of its build()."""
    return (
        f"pkgname=go\nepoch=2\npkgver={version}\npkgrel=1\narch=(x86_64)\n"
        f"source=(https://go.dev/dl/go{version}.src.tar.gz a.patch)\nsha256sums=(SKIP {digest})\n"
        "prepare() {\n  cd go\n  patch -p1 -i ../a.patch\n}\n"
        f"build() {{\n  export GOEXPERIMENT=nodwarf5\n  {extra}\n  cd go/src\n  ./make.bash\n}}\n"
        "package() { :; }\n"
    ).encode()


def written(maker: ArchMaker, data: bytes, where: Path | None = None) -> Path:
    """A package that was built from this recipe, which lies beside it or elsewhere."""
    place = where or maker.directory
    place.mkdir(exist_ok=True)
    (place / "PKGBUILD").write_bytes(data)
    (place / "a.patch").write_bytes(PATCH)
    return replace(maker, pkgbuild_sha256=hashlib.sha256(data).hexdigest()).write()


def opened(request: Request) -> Shipment:
    """What the plugin makes of it."""
    with DISTRO.open(request) as shipment:
        return shipment
