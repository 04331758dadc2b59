"""Debian's hooks: dpkg-buildpackage, sbuild and pbuilder, each called with a .changes; watching.

The files are templates beside this package (dpkg/, sbuild/, pbuilder/, watch/). What stands in them
follows dpkg-buildpackage(1) and dpkg's Dpkg::Conf, sbuild.conf(5), and pbuilder(8).
"""

from __future__ import annotations

from samego.distro.interface import Hook, HookFile
from samego.integrations.hooks.template import fill, read_template
from samego.monitor.watch.units import OptionsFile, cron, timer

_EXECUTABLE = 0o755
#: Where Debian keeps the options of services (Debian policy, 9.3.2).
_WATCH = OptionsFile("/etc/default/samego-watch", __file__, "files/watch/samego-watch.options")
_HOOK_DIRECTORY = "/usr/lib/pbuilder/hooks"


def _dpkg_buildpackage(command: str) -> tuple[HookFile, ...]:
    text = read_template(__file__, "files/dpkg/buildpackage.conf")
    # dpkg replaces what a percent sign begins.
    command = command.replace("%", "%%")
    return (
        HookFile(
            "/etc/dpkg/buildpackage.conf",
            fill(text, command),
            comment="#",
            # Of several lines the last one counts: another one would be overridden.
            exclusive=r"^\s*(?:--)?hook-done\b.*",
        ),
    )


def _sbuild(command: str) -> tuple[HookFile, ...]:
    text = read_template(__file__, "files/sbuild/sbuild.conf")
    # For sbuild, then for Perl between single quotes.
    command = command.replace("%", "%%").replace("\\", "\\\\").replace("'", "\\'")
    return (HookFile("/etc/sbuild/sbuild.conf", fill(text, command), comment="#"),)


def _pbuilder(command: str) -> tuple[HookFile, ...]:
    return (
        HookFile(
            f"{_HOOK_DIRECTORY}/I90samego",
            fill(read_template(__file__, "files/pbuilder/I90samego"), command),
            mode=_EXECUTABLE,
        ),
        HookFile(
            "/etc/pbuilderrc", read_template(__file__, "files/pbuilder/pbuilderrc"), comment="#"
        ),
    )


HOOKS = (
    Hook(
        "dpkg-buildpackage",
        "dpkg-buildpackage (hook-done in buildpackage.conf)",
        "checks the packages of each build when it is done",
        _dpkg_buildpackage,
        waivers="debian/samego.waivers",
    ),
    Hook(
        "sbuild",
        "sbuild (post-build-commands in sbuild.conf)",
        "checks the packages of each build, outside the chroot",
        _sbuild,
    ),
    Hook(
        "pbuilder",
        "pbuilder (an I hook in HOOKDIR)",
        "checks the packages of each build, in the chroot",
        _pbuilder,
    ),
    timer("debian", _WATCH),
    cron("debian", _WATCH),
)
