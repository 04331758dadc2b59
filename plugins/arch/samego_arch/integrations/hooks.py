"""Where Arch's tools call samego, and what calls it every day.

makepkg calls it before it packs, pacman after it has installed. What is installed lies in files/.
"""

from __future__ import annotations

from samego.distro.interface import Hook, HookFile, PluginCommand
from samego.integrations.hooks.template import fill, read_template
from samego.monitor.watch.units import OptionsFile, cron, timer

#: Where Arch's packages keep the options of services.
_WATCH = OptionsFile("/etc/conf.d/samego-watch", __file__, "files/watch/samego-watch.options")


def _template(name: str, command: str) -> str:
    return fill(read_template(__file__, f"files/{name}"), command)


def _makepkg(command: str) -> tuple[HookFile, ...]:
    """Where makepkg looks: its lint_package.sh sources every file of this directory."""
    return (
        HookFile(
            "/usr/share/makepkg/lint_package/samego.sh", _template("makepkg/samego.sh", command)
        ),
    )


def _alpm(command: str) -> tuple[HookFile, ...]:
    """Where pacman looks: HookDir of pacman.conf(5), which is the administrator's own."""
    return (HookFile("/etc/pacman.d/hooks/samego.hook", _template("alpm/samego.hook", command)),)


HOOKS: tuple[Hook, ...] = (
    Hook(
        "makepkg",
        "makepkg",
        "compare the package go before it is packed, as fakeroot shows it",
        _makepkg,
    ),
    Hook("alpm", "pacman", "compare the installed go after each installation and upgrade", _alpm),
    timer("arch", _WATCH),
    cron("arch", _WATCH),
)

COMMANDS: tuple[PluginCommand, ...] = (
    PluginCommand(
        "makepkg",
        "run makepkg, then check the package that it made",
        "samego_arch.integrations.makepkg",
    ),
    PluginCommand(
        "repro",
        "rebuild a package with archlinux-repro and compare it with the shipped one",
        "samego_arch.integrations.repro",
    ),
    PluginCommand(
        "arch",
        "run rebuilderd-worker's own backend, then check what it built of the package go",
        "samego_arch.integrations.rebuilderd_backend",
        backend=True,
    ),
)
