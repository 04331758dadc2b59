"""GOROOT in what the user named: all packages of a toolchain, some of them, or an installation."""

from __future__ import annotations

from samego.distro.interface import Shipment
from samego.formats.tree.goroot import GorootView, goroot_view
from samego.model.subject import Subject
from samego.model.tree import Tree


def names_given(subject: Subject) -> frozenset[str]:
    """The names of the packages that the user named; empty for anything but packages."""
    return frozenset(package.name for package in subject.packages)


def view_given(shipment: Shipment, payload: Tree) -> GorootView:
    """Walk GOROOT in a shipment's payload, also where another package has its links.

    Raises what :func:`goroot_view` raises.
    """
    given = names_given(shipment.subject)
    links = shipment.policy.absent_links(given, shipment.withheld)
    return goroot_view(payload, shipment.subject.goroot, assumed=links)
