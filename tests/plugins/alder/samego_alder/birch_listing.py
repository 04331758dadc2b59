"""What Birch's suites hold."""

from __future__ import annotations

from collections.abc import Mapping

from samego.distro.interface import Request
from samego.distro.suites import Offer, names_in

from .birch import SCHEME, mirror


class BirchLister:
    """The core's Lister protocol."""

    def suites(self, options: Mapping[str, object]) -> tuple[str, ...]:
        return names_in(options, "birch", "suites", ("main",))

    def offers(self, suite: str, request: Request) -> tuple[Offer, ...]:  # noqa: ARG002 - the protocol's
        versions = [path.stem.removeprefix("go-") for path in (mirror() / suite).glob("*.alder")]
        return tuple(
            Offer("birch", suite, "go", version, "x86_64", f"{SCHEME}{suite}/go={version}")
            for version in sorted(versions)
        )


LISTER = BirchLister()
