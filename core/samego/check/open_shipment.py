"""The distro's side of a check: which plugin opens what the user named, and as what."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from samego.check.options import CheckOptions
from samego.config import Config
from samego.distro import interface as plugins
from samego.distro.interface import Request, Shipment
from samego.distro.unpackaged import open_unpackaged
from samego.errors import InputError
from samego.model import tree
from samego.model.subject import Subject
from samego.model.tree import Tree
from samego.system.progress import Progress


def request_for(options: CheckOptions, work: Path, progress: Progress) -> Request:
    """What a plugin is asked to open, with a directory that is removed when the run ends."""
    config = options.config
    return Request(
        options.what,
        work,
        config.cache_directory,
        offline=config.offline,
        installed=options.installed,
        source=options.source,
        source_places=options.source_places,
        tree=options.tree,
        release=options.release,
        target=options.target,
        say=progress.stage,
        options=config.plugins.get(options.distro, {}),
    )


def plugins_for(options: CheckOptions) -> tuple[plugins.Distro, ...]:
    """The plugins that are asked: all, or the one that the user named.

    Raises ConfigError, and InputError for a distro without one.
    """
    found = plugins.distros()
    options.config.check_plugins([plugin.name for plugin in found])
    if not options.distro:
        return found
    named = tuple(plugin for plugin in found if plugin.name == options.distro)
    if not named:
        names = ", ".join(plugin.name for plugin in found)
        raise InputError(
            f"no plugin for the distro {options.distro!r} is installed",
            hint=f"name one of {names}" if names else "install its plugin",
        )
    return named


def open_shipment(
    request: Request, options: CheckOptions, config: Config
) -> AbstractContextManager[Shipment]:
    """Open what the user named by the plugin that recognises it, or as an unpackaged toolchain.

    Raises InputError where no plugin has the distro, or the system has no package manager that a
    plugin knows; ConfigError.
    """
    plugin = plugins.recognise(request, plugins_for(options))
    if plugin is not None:
        return plugin.open(replace(request, options=config.plugins.get(plugin.name, {})))
    if options.installed:
        raise InputError(
            "no installed plugin knows what this system has installed",
            hint="name the packages or the GOROOT directory instead",
        )
    return open_unpackaged(request)


def subject_of(subject: Subject, options: CheckOptions) -> Subject:
    """The subject, with the release and target that the user wants it compared with."""
    return replace(
        subject,
        release=options.release or subject.release,
        target=options.target or subject.target,
    )


def with_payload(subject: Subject, payload: Tree) -> Subject:
    """The subject with a digest of its files, where no package's digest stands for them."""
    if all(package.sha256 for package in subject.packages):
        return subject
    return replace(subject, payload=tree.digest(payload))
